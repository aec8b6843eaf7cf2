/* How a request's bytes come to the server: cut off where the client goes away, and as slowly as it sends them. */
#include "harness/client/connected.h"

#include "harness/http/wire.h"

#include <errno.h>

/* ---- the head on the wire, as the env tells it ---- */

static const struct rig_entry *find(const struct rig_run *run, const char *name)
{
    for (uint32_t i = 0; i < run->env->count; i++) {
        const struct rig_entry *entry = &run->env->entries[i];
        if (entry->state == RIG_ENTRY_STRING && strcmp(entry->name, name) == 0) {
            return entry;
        }
    }
    return NULL;
}

/* "HTTP_X_NAME" and "CONTENT_TYPE" as "X-Name" and "Content-Type". */
static int add_name(struct rig_buffer *head, const char *name, size_t size)
{
    unsigned char *room = rig_buffer_room(head, size);
    bool begins = true;
    if (!room) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < size; i++) {
        room[i] = (unsigned char)(name[i] == '_' ? '-' : begins ? name[i] : rig_char_lower(name[i]));
        begins = name[i] == '_';
    }
    head->size += size;
    return 0;
}

static int add_field(struct rig_buffer *head, const struct rig_entry *entry)
{
    bool http = entry->name_size > 5 && memcmp(entry->name, "HTTP_", 5) == 0;
    bool content = strcmp(entry->name, "CONTENT_TYPE") == 0 || strcmp(entry->name, "CONTENT_LENGTH") == 0;
    if (entry->state != RIG_ENTRY_STRING || !(http || content)) {
        return 0;
    }
    int error = add_name(head, entry->name + (http ? 5 : 0), entry->name_size - (http ? 5U : 0U));
    error = error ? error : rig_buffer_append(head, ": ", 2);
    error = error ? error : rig_buffer_append(head, entry->value, entry->value_size);
    return error ? error : rig_buffer_append(head, "\r\n", 2);
}

int rig_travel_head(struct rig_run *run, const struct rig_sent *sent, struct rig_bytes *head)
{
    struct rig_buffer out = {.arena = &run->arena};
    const struct rig_entry *uri = find(run, "REQUEST_URI");
    int error = rig_buffer_append(&out, sent->method.data, sent->method.size);
    error = error ? error : rig_buffer_append(&out, " ", 1);
    error = error || !uri ? error : rig_buffer_append(&out, uri->value, uri->value_size);
    error = error ? error : rig_buffer_append(&out, sent->minor ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n", 11);
    for (uint32_t i = 0; i < run->env->count && error == 0; i++) {
        error = add_field(&out, &run->env->entries[i]);
    }
    error = error ? error : rig_buffer_append(&out, "\r\n", 2);
    *head = (struct rig_bytes){out.data, out.size};
    return error;
}

/* ---- how much of the body ---- */

/* Of the line before a chunk: its size in hexadecimal digits. */
static unsigned line_size(uint64_t size)
{
    unsigned line = sizeof "0\r\n" - 1;
    for (uint64_t left = size >> 4; left > 0; left >>= 4) {
        line++;
    }
    return line;
}

/* The bytes of the body on the wire; *coming: the bytes of content among the first `most` of them. */
static uint64_t chunked_size(const struct rig_sent *sent, uint64_t most, uint64_t *coming)
{
    uint64_t wire = 0, content = 0;
    *coming = 0;
    for (size_t piece = 0; content < sent->size; piece += piece + 1 < sent->piece_count) {
        uint64_t left = sent->size - content, size = sent->piece_count > 0 ? sent->pieces[piece] : left;
        size = size < left ? size : left;
        wire += line_size(size);
        uint64_t room = most > wire ? most - wire : 0;
        *coming += room < size ? room : size;
        wire += size + 2;
        content += size;
    }
    return wire + 5; /* the last chunk */
}

/* Where the client goes away. */
static void measure(struct rig_travel *travel, const struct rig_sent *sent)
{
    uint64_t after = travel->sending->disconnect_after, head = travel->head.size;
    uint64_t most = after == 0 ? UINT64_MAX : after > head ? after - head : 0, body;
    if (sent->source.read && !sent->size_known) { /* framing is not counted */
        travel->size = UINT64_MAX;
        travel->coming = most;
        travel->cut = after != 0 && most != UINT64_MAX;
        return;
    }
    if (sent->chunked) {
        body = chunked_size(sent, most, &travel->coming);
    } else {
        body = sent->has_body ? sent->size : 0;
        travel->coming = most < body ? most : body;
    }
    travel->size = head + body;
    travel->cut = after != 0 && after < travel->size;
}

/* ---- its bytes ---- */

void rig_travel_wait(struct rig_travel *travel, uint64_t bytes)
{
    const struct rig_sending *sending = travel->sending;
    if (sending->pace == 0 || bytes == 0) {
        return;
    }
    uint64_t lumps = (travel->before + bytes - 1) / sending->pace + 1;
    if (lumps > travel->lumps) {
        struct rig_runner *runner = travel->run->runner;
        int64_t every = sending->pace_every > 0 ? sending->pace_every : RIG_SECOND;
        runner->now = rig_clock_after(runner->now, every, lumps - travel->lumps);
        travel->lumps = lumps;
    }
}

/* At most what has come by the time the next byte is there. */
static size_t wait_for_next(struct rig_travel *travel, size_t size)
{
    uint64_t head = travel->head.size, pace = travel->sending->pace;
    rig_travel_wait(travel, head + travel->at + 1);
    if (pace == 0 || travel->lumps > UINT64_MAX / pace) {
        return size;
    }
    uint64_t there = travel->lumps * pace - travel->before - head - travel->at;
    return size < there ? size : (size_t)there;
}

static int64_t goes_away(struct rig_travel *travel)
{
    if (travel->sending->early_end) {
        travel->run->wire_input->cut = travel->announced;
        return 0;
    }
    travel->reader.gone = !travel->sending->half_close;
    return -ECONNRESET;
}

static int64_t read_travelling(void *self, void *buffer, size_t size)
{
    struct rig_travel *travel = self;
    uint64_t left = travel->coming - travel->at;
    if (left == 0) {
        return travel->cut ? goes_away(travel) : 0;
    }
    size = wait_for_next(travel, size < left ? size : (size_t)left);
    int64_t got = (int64_t)size;
    if (travel->under.read) {
        got = travel->under.read(travel->under.self, buffer, size);
    } else if (size > 0) {
        memcpy(buffer, travel->bytes + travel->at, size);
    }
    travel->at += got > 0 && (uint64_t)got <= size ? (uint64_t)got : 0;
    return got;
}

/* What was read once has come. */
static int rewind_travelling(void *self)
{
    struct rig_travel *travel = self;
    int error = !travel->under.read ? 0 : travel->under.rewind ? travel->under.rewind(travel->under.self) : -ESPIPE;
    travel->at = error == 0 ? 0 : travel->at;
    return error;
}

static void close_travelling(void *self)
{
    const struct rig_travel *travel = self;
    if (travel->under.close) {
        travel->under.close(travel->under.self);
    }
}

static void carry(struct rig_travel *travel, struct rig_sent *sent)
{
    travel->under = sent->source;
    travel->bytes = sent->source.read ? NULL : sent->bytes;
    travel->announced = sent->size_known && !sent->chunked;
    sent->size_known = sent->size_known && !(travel->cut && (sent->chunked || travel->sending->early_end));
    sent->bytes = NULL;
    sent->source = (struct rig_source){
        .read = read_travelling, .rewind = rewind_travelling, .close = close_travelling, .self = travel};
}

void rig_travel_begin(struct rig_travel *travel, struct rig_sent *sent)
{
    measure(travel, sent);
    rig_travel_wait(travel, travel->head.size);
    if (sent->has_body && rig_travel_differs(travel)) {
        carry(travel, sent);
    }
}

void rig_travel_carry(struct rig_travel *travel, struct rig_sent *sent, uint64_t content, bool cut)
{
    travel->cut = cut;
    travel->coming = content;
    travel->at = 0;
    rig_travel_wait(travel, travel->head.size);
    if (sent->has_body && rig_travel_differs(travel)) {
        carry(travel, sent);
    }
}

/* ---- the answer ---- */

void rig_travel_watch(struct rig_travel *travel, struct rig_run *run)
{
    const struct rig_sending *sending = travel->sending;
    travel->run = run;
    uint64_t room = sending->disconnect_after_response ? sending->disconnect_after_response : UINT64_MAX;
    travel->reader.room = sending->disconnect_after > 0 && !sending->half_close ? 0 : room;
    travel->reader.pace = sending->response_pace;
    travel->reader.every = sending->pace_every > 0 ? sending->pace_every : RIG_SECOND;
    run->reader = &travel->reader;
}

void rig_travel_end(struct rig_travel *travel)
{
    travel->run->reader = NULL;
}
