/* The request body, and the ledger of who read it. */
#include "harness/core/foreign.h"
#include "harness/http/rare.h"

#include <errno.h>

#define RETRIES 100
#define DRAIN_PIECE 4096
#define MEASURED_MOST ((uint64_t)64 << 20) /* a body without an end is not measured to its end */

uint64_t rig_input_left_below(const struct rig_input *input)
{
    const struct rig_input *next = input;
    while (next) {
        input = next;
        next = input->under ? input->under : input->bytes ? NULL : rig_input_below(input);
    }
    return input->size_known ? input->size - input->at : input->ended ? 0 : UINT64_MAX;
}

/* At the end, where no layer can notice: a source that was read to its .source_size has nothing more to give. */
static void expect_no_more(struct rig_run *run, const struct rig_input *input)
{
    unsigned char more;
    bool all_read = !rig_input_broke(input) && (input->bytes || input->at == input->size);
    if (all_read && input->source.read(input->source.self, &more, 1) == 1) {
        (void)rig_misuse(run, RIG_MISUSE_REQUEST_LENGTH, run->site,
                         "the body's source gives more than the %llu bytes announced (.source_size, Content-Length)",
                         (unsigned long long)input->size);
    }
}

void rig_input_end(struct rig_run *run, struct rig_input *input)
{
    if (input->sized) {
        expect_no_more(run, input);
    }
    if (input->source.close) {
        void (*close)(void *) = input->source.close;
        input->source.close = NULL;
        close(input->source.self);
    }
}

void rig_input_measure(struct rig_input *input)
{
    unsigned char scratch[DRAIN_PIECE];
    uint64_t rest = 0;
    int64_t got;
    if (input->size_known || input->ended || rig_input_broke(input) || !input->source.read) {
        return;
    }
    do {
        got = input->source.read(input->source.self, scratch, sizeof scratch);
        rest += got > 0 && got <= DRAIN_PIECE ? (uint64_t)got : 0;
    } while (got > 0 && got <= DRAIN_PIECE && rest < MEASURED_MOST);
    input->size = input->at + rest;
    input->size_known = true;
}

/* ---- pulling bytes ---- */

/* From the source, which stands at byte `at`. */
static int64_t pull_source(struct rig_run *run, const struct rig_input *input, uint64_t at, void *buffer, size_t size)
{
    if (input->size_known && size > input->size - at) {
        size = (size_t)(input->size - at); /* what is beyond Content-Length is not this body's */
    }
    if (size == 0) {
        return 0;
    }
    int64_t got = input->source.read(input->source.self, buffer, size);
    if (!rig_is_read(got, size)) {
        (void)rig_misuse(run, RIG_MISUSE_BAD_RETURN, input->replaced ? NULL : run->site,
                         got > 0 ? "a request body's read gave %lld bytes where %zu were asked for"
                                 : "a request body's read returned %lld, which is no -errno, for %zu bytes",
                         (long long)got, size);
        return -EIO;
    }
    if (got == 0 && input->size_known) {
        (void)rig_misuse(run, RIG_MISUSE_REQUEST_LENGTH, run->site,
                         "the body's source ended after %llu of the %llu bytes of .source_size", (unsigned long long)at,
                         (unsigned long long)input->size);
        return -ECONNRESET;
    }
    return got;
}

static int buffer_all(struct rig_run *run, struct rig_input *input)
{
    struct rig_buffer whole = {.arena = &run->arena};
    for (unsigned patience = RETRIES;;) {
        unsigned char *room = rig_buffer_room(&whole, DRAIN_PIECE);
        int64_t got = room ? pull_source(run, input, whole.size, room, DRAIN_PIECE) : -ENOMEM;
        if (got == -EINTR || got == -EAGAIN) { /* a server that buffers tries again, but not for ever */
            if (patience-- == 0) {
                return -EIO;
            }
            continue;
        }
        if (got < 0) {
            return (int)got;
        }
        if (got == 0) {
            break;
        }
        whole.size += (size_t)got;
    }
    input->bytes = whole.data;
    input->size = input->furthest = whole.size;
    input->size_known = !input->cut;
    input->ended = true;
    return 0;
}

int rig_input_buffer(struct rig_run *run, struct rig_input *input)
{
    if (input->failed == 0 && input->source.read && !input->bytes) {
        input->failed = buffer_all(run, input);
    }
    return input->failed;
}

static size_t limit_to_piece(struct rig_input *input, size_t size)
{
    if (input->piece_count == 0) {
        return size;
    }
    while (input->piece_left == 0) {
        input->piece_left = input->pieces[input->piece];
        input->piece += input->piece + 1 < input->piece_count;
    }
    return size < input->piece_left ? size : (size_t)input->piece_left;
}

/* Bytes of a body in memory from `at` on. */
static inline size_t copy_out(struct rig_input *input, uint64_t at, void *buffer, size_t size)
{
    uint64_t left = input->size - at;
    size_t got = size < left ? size : (size_t)left;
    if (got > 0) {
        memcpy(buffer, input->bytes + at, got);
    }
    return got;
}

/* A body in memory, as most are: nothing to ask but how much is left. */
static inline bool is_simple(const struct rig_input *input)
{
    return input->bytes && !input->under && !input->buffers_all && input->failed == 0;
}

static inline int64_t pull_simple(struct rig_input *input, void *buffer, size_t size)
{
    size_t got = copy_out(input, input->at, buffer, limit_to_piece(input, size));
    if (got == 0) {
        input->ended = true;
        return 0;
    }
    input->piece_left -= input->piece_count > 0 ? got : 0;
    input->at += got;
    input->furthest = input->at > input->furthest ? input->at : input->furthest;
    return (int64_t)got;
}

/* The bytes from `at` on, in the sizes in which they arrive; a failure stays. */
static int64_t pull_at(struct rig_run *run, struct rig_input *input, uint64_t at, void *buffer, size_t size)
{
    /* A buffering server takes the whole body off the connection at the first read. */
    int failed = input->buffers_all ? rig_input_buffer(run, input) : input->failed;
    if (failed != 0) {
        return failed;
    }
    size = limit_to_piece(input, size);
    int64_t got;
    if (input->source.read && !input->bytes) {
        got = pull_source(run, input, at, buffer, size);
    } else {
        got = (int64_t)copy_out(input, at, buffer, size);
    }
    if (got < 0) {
        input->failed = got == -EINTR || got == -EAGAIN ? 0 : (int)got; /* after these a read may go on */
        return got;
    }
    input->piece_left -= input->piece_count > 0 ? (uint64_t)got : 0;
    return got;
}

static void move_on(struct rig_input *input, int64_t got)
{
    input->ended = input->ended || got == 0;
    input->at += (uint64_t)got;
    input->furthest = input->at > input->furthest ? input->at : input->furthest;
    if (input->buffers_all) {
        input->furthest = input->size;
        input->ended = true;
    }
}

__attribute__((noinline)) int64_t rig_input_pull(struct rig_run *run, struct rig_input *input, void *buffer,
                                                 size_t size)
{
    input = rig_input_body(input);
    int64_t got = pull_at(run, input, input->at, buffer, size);
    if (got >= 0) {
        move_on(input, got);
    }
    return got;
}

/* ---- the ledger ---- */

static struct rig_ledger *ledger_of(struct rig_run *run)
{
    struct rig_hop *hop = rig_run_hop(run);
    return hop ? &hop->body : NULL;
}

static inline struct rig_run *live(const char *site, const struct rig_input *input, const char *call)
{
    return input && input->handle.run ? input->handle.run
                                      : rig_live(site, input ? &input->handle : NULL, RIG_HANDLE_INPUT, call);
}

static inline bool has_ended(struct rig_input *input)
{
    const struct rig_input *body = rig_input_body(input);
    return body->ended && rig_input_left(body) == 0;
}

/* An end: the layer may have had less than the connection's whole body, and that may be less than was announced. */
static inline uint32_t note_end(const struct rig_run *run, struct rig_input *input, uint64_t had)
{
    const struct rig_input *wire = run->wire_input;
    bool cut = !wire->size_known && wire->cut && rig_input_body(input) == wire;
    return (had < (wire->size_known ? wire->size : wire->at) ? RIG_FACT_SHORT : 0) | (cut ? RIG_FACT_CUT : 0);
}

/* The facts of a read. */
static inline uint32_t note_read(struct rig_run *run, struct rig_input *input, const char *site, bool was_ended,
                                 int64_t got)
{
    struct rig_ledger *ledger = ledger_of(run);
    uint32_t facts = RIG_FACT_ALWAYS | (got < 0 ? RIG_FACT_ERROR : 0);
    if (RIG_RARE(!ledger)) {
        return facts;
    }
    ledger->reads++;
    ledger->read += got > 0 ? (uint64_t)got : 0;
    ledger->read_at = site;
    ledger->reads_after_end += was_ended;
    ledger->reads_after_answer += run->hops[run->current_hop].answered;
    run->tally.body_reads++;
    return got == 0 ? facts | note_end(run, input, ledger->read + ledger->drained) : facts;
}

/* Not RIG_COLD: gcc then takes all that leads here for cold, and every read does. */
static RIG_APART void emit_wanted(struct rig_run *run, enum rig_event_kind kind, uint32_t facts, const char *site,
                                  int64_t number)
{
    rig_emit(run, &(struct rig_event){.kind = kind, .facts = facts, .site = site, .number = number});
}

static inline void emit(struct rig_run *run, enum rig_event_kind kind, uint32_t facts, const char *site, int64_t number)
{
    if (rig_is_wanted(run, kind, facts)) {
        emit_wanted(run, kind, facts, site, number);
    }
}

/* What a read comes to that is not simple. */
static int64_t pull_told(struct rig_run *run, const char *site, struct rig_input *input, void *buffer, size_t size)
{
    const struct rig_input *body = rig_input_body(input);
    return body->closed ? rig_input_used(run, site, body, "rig_input_read")
           : size == 0  ? 0
                        : rig_input_pull(run, input, buffer, size);
}

/* A negative number that was made a size_t: no buffer has so much room. */
static RIG_COLD int refuse_size(struct rig_run *run, const char *site, const char *call, size_t size)
{
    return rig_misuse(run, RIG_MISUSE_READ_NEGATIVE, site, "%s was asked for %lld bytes", call, (long long)size);
}

int64_t rig_input_read_at(const char *site, struct rig_input *input, void *buffer, size_t size)
{
    struct rig_run *run = live(site, input, "rig_input_read");
    if (!run) {
        return rig_live_error(input ? &input->handle : NULL);
    }
    if (!buffer && size > 0) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_input_read was given a NULL buffer");
    }
    if (RIG_RARE((int64_t)size <= 0)) {
        return size == 0 ? pull_told(run, site, input, buffer, 0) : refuse_size(run, site, "rig_input_read", size);
    }
    bool was_ended;
    int64_t got;
    if (RIG_LIKELY(is_simple(input))) {
        was_ended = input->ended && input->at == input->size;
        got = pull_simple(input, buffer, size);
    } else {
        was_ended = has_ended(input);
        got = pull_told(run, site, input, buffer, size);
    }
    emit(run, RIG_EVENT_INPUT_READ, note_read(run, input, site, was_ended, got), site, got);
    return got;
}

/* Up to the newline of a body in memory; byte by byte from a source, which must not be read ahead. */
static int64_t pull_line(struct rig_run *run, struct rig_input *input, char *buffer, size_t most)
{
    size_t size = 0;
    while (size < most) {
        size_t wanted = 1;
        if (input->bytes) {
            const unsigned char *from = input->bytes + input->at;
            uint64_t left = input->size - input->at;
            size_t reach = left < most - size ? (size_t)left : most - size;
            const unsigned char *newline = reach > 0 ? memchr(from, '\n', reach) : NULL;
            wanted = newline ? (size_t)(newline - from) + 1 : reach > 0 ? reach : 1;
        }
        int64_t got = rig_input_pull(run, input, buffer + size, wanted);
        if (got < 0) {
            return got;
        }
        size += (size_t)got;
        if (got == 0 || buffer[size - 1] == '\n') {
            break;
        }
    }
    return (int64_t)size;
}

int64_t rig_input_line_at(const char *site, struct rig_input *input, char *buffer, size_t size)
{
    struct rig_run *run = live(site, input, "rig_input_line");
    if (!run) {
        return rig_live_error(input ? &input->handle : NULL);
    }
    if (!buffer || size < 2) {
        return rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, site,
                          "rig_input_line needs a buffer of at least 2 bytes: one for the end");
    }
    if ((int64_t)size < 0) {
        return refuse_size(run, site, "rig_input_line", size);
    }
    bool was_ended = has_ended(input);
    struct rig_input *body = rig_input_body(input);
    int64_t got =
        body->closed ? rig_input_used(run, site, body, "rig_input_line") : pull_line(run, body, buffer, size - 1);
    buffer[got > 0 ? got : 0] = '\0';
    emit(run, RIG_EVENT_INPUT_READ, note_read(run, body, site, was_ended, got), site, got);
    return got;
}

static int rewind_input(struct rig_run *run, const char *site, struct rig_input *input)
{
    if (!input->rewindable) {
        return -ESPIPE;
    }
    if (input->closed) {
        return rig_input_used(run, site, input, "rig_input_rewind");
    }
    if (rig_input_below(input)) {
        int failed = rig_input_buffer(run, input); /* its first byte is where it stands at its first use */
        if (failed != 0) {
            return failed;
        }
    }
    if (input->source.read && !input->bytes) {
        int failed = input->at == 0 ? 0 : input->source.rewind ? input->source.rewind(input->source.self) : -ESPIPE;
        if (failed != 0) {
            return failed;
        }
    }
    input->at = 0;
    input->ended = false;
    input->piece = 0;
    input->piece_left = 0;
    return 0;
}

int rig_input_rewind_at(const char *site, struct rig_input *input)
{
    struct rig_run *run = live(site, input, "rig_input_rewind");
    if (!run) {
        return rig_live_error(input ? &input->handle : NULL);
    }
    int rewound = rewind_input(run, site, rig_input_body(input));
    struct rig_ledger *ledger = ledger_of(run);
    if (ledger) {
        ledger->rewinds++;
    }
    emit(run, RIG_EVENT_INPUT_REWIND, RIG_FACT_ALWAYS | (rewound ? RIG_FACT_ERROR : 0), site, rewound);
    return rewound;
}

static int64_t drain(struct rig_run *run, struct rig_input *input, uint64_t max, uint64_t *dropped)
{
    unsigned char scratch[DRAIN_PIECE];
    for (;;) {
        uint64_t allowed = max - *dropped;
        size_t wanted = allowed < sizeof scratch ? (size_t)allowed : sizeof scratch;
        int64_t got = rig_input_pull(run, input, scratch, wanted > 0 ? wanted : 1);
        if (got <= 0) {
            return got;
        }
        *dropped += (uint64_t)got;
        if (*dropped > max) {
            return -EFBIG;
        }
    }
}

int64_t rig_input_drain_at(const char *site, struct rig_input *input, uint64_t max)
{
    struct rig_run *run = live(site, input, "rig_input_drain");
    if (!run) {
        return rig_live_error(input ? &input->handle : NULL);
    }
    struct rig_input *body = rig_input_body(input);
    uint64_t dropped = 0;
    int64_t failed =
        body->closed ? rig_input_used(run, site, body, "rig_input_drain") : drain(run, body, max, &dropped);
    if (failed == -EFBIG && body->failed == -EFBIG && rig_input_below(body)) {
        dropped = rig_rewindable_spilt(body); /* too much to keep is not too much to drop */
        failed = dropped > max ? -EFBIG : drain(run, rig_input_below(body), max, &dropped);
    }
    int64_t result = failed < 0 ? failed : (int64_t)dropped;
    struct rig_ledger *ledger = ledger_of(run);
    if (ledger) {
        ledger->drained += dropped;
        ledger->read_at = site;
    }
    run->tally.body_reads++;
    emit(run, RIG_EVENT_INPUT_DRAIN, RIG_FACT_ALWAYS | (failed < 0 ? RIG_FACT_ERROR : 0), site, result);
    return result;
}

/* ---- a foreign server's buffer ---- */

int64_t rig_input_ahead(struct rig_run *run, struct rig_input *input, void *buffer, size_t size)
{
    input = rig_input_body(input);
    if (input->closed) {
        return -EBADF;
    }
    int64_t got = pull_at(run, input, input->at + input->ahead, buffer, size);
    input->ahead += got > 0 ? (uint64_t)got : 0;
    return got;
}

int rig_input_took(struct rig_run *run, const char *site, struct rig_input *input, uint64_t size)
{
    struct rig_input *body = rig_input_body(input);
    if (size > body->ahead) {
        return rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, site,
                          "rig_foreign_read: %llu bytes were read where %llu had been read ahead",
                          (unsigned long long)size, (unsigned long long)body->ahead);
    }
    bool was_ended = has_ended(input);
    body->ahead -= size;
    move_on(body, (int64_t)size);
    emit(run, RIG_EVENT_INPUT_READ, note_read(run, body, site, was_ended, (int64_t)size), site, (int64_t)size);
    return 0;
}
