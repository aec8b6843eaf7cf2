/* A reader that spoils another's reads, and an allocator that runs out. */
#include <stackrig/faults.h>

#include <errno.h>
#include <string.h>

#define PATIENCE 1000 /* a layer that tries again for ever would hang */

static const char *const names[RIG_FAULT_COUNT] = {"none",
                                                   "one_byte",
                                                   "half",
                                                   "slow",
                                                   "eintr",
                                                   "eagain",
                                                   "error",
                                                   "data_and_error",
                                                   "gone",
                                                   "early_end",
                                                   "endless",
                                                   "chunks",
                                                   "more_than_announced",
                                                   "pool",
                                                   "malloc"};

const char *rig_fault_name(enum rig_fault_kind kind)
{
    return (unsigned)kind < RIG_FAULT_COUNT ? names[kind] : "?";
}

/* ---- bytes ---- */

static int64_t read_memory(void *self, void *buffer, size_t size)
{
    struct rig_memory_reader *reader = self;
    size_t left = reader->bytes.size - reader->at;
    size = size < left ? size : left;
    if (size > 0) {
        memcpy(buffer, (const char *)reader->bytes.data + reader->at, size);
    }
    reader->at += size;
    return (int64_t)size;
}

static int rewind_memory(void *self)
{
    ((struct rig_memory_reader *)self)->at = 0;
    return 0;
}

struct rig_source rig_memory_source(struct rig_memory_reader *reader)
{
    return (struct rig_source){.read = read_memory, .rewind = rewind_memory, .self = reader};
}

/* ---- faults ---- */

static bool comes_up(const struct rig_faulty *it)
{
    if (it->kind == RIG_FAULT_POOL || it->kind == RIG_FAULT_MALLOC) {
        return false;
    }
    if (it->chance == 0) {
        return it->always ? it->given >= it->offset : it->given == it->offset && it->fired == 0;
    }
    return it->always ? it->reads >= it->chance : it->reads == it->chance;
}

static int64_t read_under(struct rig_faulty *it, void *buffer, size_t size)
{
    int64_t got = it->under.read(it->under.self, buffer, size);
    it->given += got > 0 ? (uint64_t)got : 0;
    return got;
}

static void move_clock(struct rig_faulty *it)
{
    if (it->client) {
        rig_client_set_now(it->client, rig_client_now(it->client) + (it->delay ? it->delay : 1000000000));
    }
}

static int64_t endless(struct rig_faulty *it, void *buffer, size_t size)
{
    int64_t got = read_under(it, buffer, size);
    if (got != 0) {
        return got;
    }
    if (it->extra > 0 && it->made_up >= it->extra) {
        return it->broken = -ECONNRESET;
    }
    if (it->extra > 0 && size > it->extra - it->made_up) {
        size = (size_t)(it->extra - it->made_up);
    }
    memset(buffer, 0, size);
    it->made_up += size;
    return (int64_t)size;
}

static int64_t more(struct rig_faulty *it, void *buffer, size_t size)
{
    int64_t got = read_under(it, buffer, size);
    uint64_t left = (it->extra ? it->extra : 1) - it->made_up;
    if (got != 0 || left == 0) {
        return got;
    }
    size = size < left ? size : (size_t)left;
    memset(buffer, 'x', size);
    it->made_up += size;
    return (int64_t)size;
}

static int64_t one_chunk(struct rig_faulty *it, void *buffer, size_t size)
{
    uint64_t at = it->fired - 1;
    size_t chunk = it->chunk_count == 0 ? 1 : it->chunks[at < it->chunk_count ? at : it->chunk_count - 1];
    chunk = chunk > 0 ? chunk : 1;
    return read_under(it, buffer, chunk < size ? chunk : size);
}

static int64_t data_and_error(struct rig_faulty *it, void *buffer, size_t size)
{
    int64_t got = size > 1 ? read_under(it, buffer, size / 2) : 0;
    it->broken = -EIO;
    return got > 0 ? got : -EIO; /* no data to come with it */
}

static int64_t spoiled(struct rig_faulty *it, void *buffer, size_t size)
{
    switch (it->kind) {
    case RIG_FAULT_ONE_BYTE:
        return read_under(it, buffer, 1);
    case RIG_FAULT_HALF:
        return read_under(it, buffer, size / 2 + size % 2);
    case RIG_FAULT_SLOW:
        move_clock(it);
        return read_under(it, buffer, size);
    case RIG_FAULT_EINTR:
    case RIG_FAULT_EAGAIN:
        return it->fired > PATIENCE ? (it->broken = -EIO) : it->kind == RIG_FAULT_EINTR ? -EINTR : -EAGAIN;
    case RIG_FAULT_ERROR:
        return it->broken = -EIO;
    case RIG_FAULT_GONE:
        return it->broken = -ECONNRESET;
    case RIG_FAULT_EARLY_END:
        it->ended = true;
        return 0;
    case RIG_FAULT_DATA_AND_ERROR:
        return data_and_error(it, buffer, size);
    case RIG_FAULT_ENDLESS:
        return endless(it, buffer, size);
    case RIG_FAULT_CHUNKS:
        return one_chunk(it, buffer, size);
    case RIG_FAULT_MORE:
        return more(it, buffer, size);
    case RIG_FAULT_NONE:
    case RIG_FAULT_POOL:
    case RIG_FAULT_MALLOC:
    case RIG_FAULT_COUNT:
        break;
    }
    return read_under(it, buffer, size);
}

static int64_t read_faulty(void *self, void *buffer, size_t size)
{
    struct rig_faulty *it = self;
    it->reads++;
    if (it->broken != 0 || it->ended) {
        return it->broken;
    }
    if (comes_up(it)) {
        it->fired_after = it->fired == 0 ? it->given : it->fired_after;
        it->fired++;
        return spoiled(it, buffer, size);
    }
    if (it->chance == 0 && it->given < it->offset && size > it->offset - it->given) {
        size = (size_t)(it->offset - it->given);
    }
    return read_under(it, buffer, size);
}

static int rewind_faulty(void *self)
{
    struct rig_faulty *it = self;
    return it->broken ? it->broken : it->under.rewind ? it->under.rewind(it->under.self) : -ESPIPE;
}

static void close_faulty(void *self)
{
    struct rig_faulty *it = self;
    if (it->under.close) {
        it->under.close(it->under.self);
    }
}

struct rig_source rig_faulty_source(struct rig_faulty *faulty)
{
    return (struct rig_source){read_faulty, rewind_faulty, close_faulty, faulty};
}

/* ---- memory ---- */

static bool admit(void *self, size_t size)
{
    struct rig_allocation_fault *fault = self;
    (void)size;
    fault->asked++;
    bool fails = fault->nth > 0 && (fault->always ? fault->asked >= fault->nth : fault->asked == fault->nth);
    fault->fired += fails;
    return !fails;
}

struct rig_allocator rig_allocation_fault_allocator(struct rig_allocation_fault *fault)
{
    return (struct rig_allocator){.admit = admit, .self = fault};
}
