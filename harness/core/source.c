/* For layers that hold a whole body, or a line of it: to read it, and to give it to the layers below once more. */
#include "harness/core/run.h"

#include <errno.h>

#define PIECE 4096

/* ---- bytes as a source ---- */

struct held {
    const char *bytes;
    size_t size, at;
};

static int64_t held_read(void *self, void *buffer, size_t size)
{
    struct held *held = self;
    size_t left = held->size - held->at;
    size = size < left ? size : left;
    if (size > 0) {
        memcpy(buffer, held->bytes + held->at, size);
        held->at += size;
    }
    return (int64_t)size;
}

static int held_rewind(void *self)
{
    ((struct held *)self)->at = 0;
    return 0;
}

struct rig_source rig_env_source_at(const char *site, struct rig_env *env, const void *data, size_t size)
{
    const struct rig_source failed = {.read = NULL};
    struct rig_run *run = rig_live(site, env ? &env->handle : NULL, RIG_HANDLE_ENV, "rig_env_source");
    if (!run) {
        return failed;
    }
    if (!data && size > 0) {
        (void)rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_env_source was given NULL data");
        return failed;
    }
    struct held *held = rig_arena_alloc(&run->arena, sizeof *held);
    char *copy = held ? rig_arena_copy(&run->arena, data, size) : NULL;
    if (!copy) {
        return failed;
    }
    *held = (struct held){.bytes = copy, .size = size};
    return (struct rig_source){.read = held_read, .rewind = held_rewind, .self = held};
}

/* ---- a body as a source ---- */

struct tapped {
    struct rig_input *input;
    const char *site;
};

static int64_t tapped_read(void *self, void *buffer, size_t size)
{
    const struct tapped *tapped = self;
    return rig_input_read_at(tapped->site, tapped->input, buffer, size);
}

static int tapped_rewind(void *self)
{
    const struct tapped *tapped = self;
    return rig_input_rewind_at(tapped->site, tapped->input);
}

struct rig_source rig_input_source_at(const char *site, struct rig_input *input)
{
    struct rig_run *run = rig_live(site, input ? &input->handle : NULL, RIG_HANDLE_INPUT, "rig_input_source");
    struct tapped *tapped = run ? rig_arena_alloc(&run->arena, sizeof *tapped) : NULL;
    if (!tapped) {
        return (struct rig_source){.read = NULL};
    }
    *tapped = (struct tapped){.input = input, .site = site};
    return (struct rig_source){.read = tapped_read, .rewind = tapped_rewind, .self = tapped};
}

/* ---- the whole body ---- */

/* Reads as a layer would, so that the ledger and the checks see no difference. */
static int read_all(const char *site, struct rig_input *input, uint64_t max, struct rig_buffer *whole)
{
    for (;;) {
        uint64_t allowed = max - whole->size;
        size_t wanted = allowed < PIECE ? (size_t)allowed + 1 : PIECE;
        unsigned char *room = rig_buffer_room(whole, wanted);
        int64_t got = room ? rig_input_read_at(site, input, room, wanted) : -ENOMEM;
        if (got <= 0) {
            return (int)got;
        }
        whole->size += (size_t)got;
        if (whole->size > max) {
            return -EFBIG;
        }
    }
}

int rig_input_all_at(const char *site, struct rig_input *input, uint64_t max, struct rig_bytes *all)
{
    struct rig_run *run = rig_live(site, input ? &input->handle : NULL, RIG_HANDLE_INPUT, "rig_input_all");
    if (all) {
        *all = (struct rig_bytes){NULL, 0};
    }
    if (!run) {
        return rig_live_error(input ? &input->handle : NULL);
    }
    if (!all) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_input_all was given a NULL place for the bytes");
    }
    struct rig_buffer whole = {.arena = &run->arena};
    int error = read_all(site, input, max, &whole);
    if (error == 0) {
        whole.data[whole.size] = '\0';
        *all = (struct rig_bytes){whole.data, whole.size};
    }
    return error;
}

/* ---- line by line ---- */

/* One line, however long up to max, with a zero byte after it: 0 or -errno; of size 0 at the end. */
static int read_line(const char *site, struct rig_input *input, uint64_t max, struct rig_buffer *line)
{
    int64_t got;
    line->size = 0;
    do {
        uint64_t allowed = max - line->size;
        size_t wanted = (allowed < PIECE ? (size_t)allowed + 1 : PIECE) + 1;
        char *room = (char *)rig_buffer_room(line, wanted);
        got = room ? rig_input_line_at(site, input, room, wanted) : -ENOMEM;
        if (got < 0) {
            return (int)got;
        }
        line->size += (size_t)got;
        if (line->size > max) {
            return -EFBIG;
        }
    } while (got > 0 && line->data[line->size - 1] != '\n');
    return 0;
}

int rig_input_each_at(const char *site, struct rig_input *input, uint64_t max, rig_line_fn *visit, void *closure)
{
    struct rig_run *run = rig_live(site, input ? &input->handle : NULL, RIG_HANDLE_INPUT, "rig_input_each");
    if (!run) {
        return rig_live_error(input ? &input->handle : NULL);
    }
    if (!visit) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_input_each was given a NULL function");
    }
    struct rig_buffer line = {.arena = &run->arena};
    for (;;) {
        int error = read_line(site, input, max, &line);
        if (error != 0 || line.size == 0) {
            return error;
        }
        error = visit(closure, (const char *)line.data, line.size);
        if (error != 0) {
            return error;
        }
    }
}
