/* A request whose body goes wrong on purpose, and a server that waits for all of a body and does not get it. */
#include "harness/client/client.h"
#include "harness/client/connected.h"

#include <stackrig/faults.h>

#include <errno.h>

/* ---- what goes wrong ---- */

struct rig_spoiled {
    struct rig_faulty faulty;
    struct rig_memory_reader reader;
    struct rig_run *run;
    uint64_t size; /* that CONTENT_LENGTH says; 0: it says nothing */
};

static int64_t read_spoiled(void *self, void *buffer, size_t size)
{
    struct rig_spoiled *spoiled = self;
    struct rig_source source = rig_faulty_source(&spoiled->faulty);
    int64_t got = source.read(source.self, buffer, size);
    spoiled->run->wire_input->cut = spoiled->faulty.ended && spoiled->faulty.given < spoiled->size;
    return got;
}

static int rewind_spoiled(void *self)
{
    struct rig_source source = rig_faulty_source(&((struct rig_spoiled *)self)->faulty);
    return source.rewind(source.self);
}

static void close_spoiled(void *self)
{
    struct rig_source source = rig_faulty_source(&((struct rig_spoiled *)self)->faulty);
    source.close(source.self);
}

static int check(struct rig_run *run, const struct rig_request *request, const struct rig_sent *sent)
{
    enum rig_fault_kind kind = request->fault->kind;
    if (kind <= RIG_FAULT_NONE || kind >= RIG_FAULT_POOL) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site,
                                 "name what a read does; memory that runs out is for rig_each_fault",
                                 "the request's .fault is of kind %s, which is none of a body's", rig_fault_name(kind));
    }
    if (!sent->has_body) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site, "give the request a body",
                                 "the request has a .fault and no body that could have it");
    }
    return 0;
}

int rig_request_spoil(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                      const struct rig_sent *sent)
{
    struct rig_input *input = run->wire_input;
    int error = check(run, request, sent);
    struct rig_spoiled *spoiled = error ? NULL : rig_arena_zeroed(&run->arena, sizeof *spoiled);
    if (!spoiled) {
        return error ? error : -ENOMEM;
    }
    bool announced = sent->size_known && !sent->chunked;
    spoiled->run = run;
    spoiled->size = announced ? sent->size : 0;
    spoiled->reader = (struct rig_memory_reader){.bytes = {input->bytes, (size_t)input->size}};
    spoiled->faulty = *request->fault;
    spoiled->faulty.client = client;
    spoiled->faulty.under = input->bytes ? rig_memory_source(&spoiled->reader) : input->source;
    input->bytes = NULL;
    /* a source that ends before a known size is a mistake of the test's */
    input->size_known = announced && request->fault->kind != RIG_FAULT_EARLY_END;
    input->source = (struct rig_source){read_spoiled, rewind_spoiled, close_spoiled, spoiled};
    return 0;
}

/* ---- a server that waits ---- */

#define AHEAD_MAX ((size_t)1 << 20) /* of a larger body the rest is read as the layers do: memory stays flat */
#define PIECE ((size_t)16 * 1024)
#define PATIENCE 1000

/* What the server has of the body before the stack runs. */
struct ahead {
    struct rig_buffer have;
    size_t at;
    bool whole;
    struct rig_source rest;
};

static int64_t read_ahead(void *self, void *buffer, size_t size)
{
    struct ahead *ahead = self;
    size_t left = ahead->have.size - ahead->at;
    if (left == 0) {
        return ahead->whole ? 0 : ahead->rest.read(ahead->rest.self, buffer, size);
    }
    size = size < left ? size : left;
    memcpy(buffer, ahead->have.data + ahead->at, size);
    ahead->at += size;
    return (int64_t)size;
}

static int rewind_ahead(void *self)
{
    struct ahead *ahead = self;
    int error = ahead->whole ? 0 : ahead->rest.rewind ? ahead->rest.rewind(ahead->rest.self) : -ESPIPE;
    if (error == 0) {
        ahead->at = 0;
        ahead->have.size = ahead->whole ? ahead->have.size : 0;
    }
    return error;
}

static void close_ahead(void *self)
{
    struct ahead *ahead = self;
    if (ahead->rest.close) {
        ahead->rest.close(ahead->rest.self);
    }
}

/* -errno: it broke off. */
static int64_t fill(struct ahead *ahead)
{
    unsigned char piece[PIECE];
    int64_t got = 1;
    for (unsigned tries = 0; got > 0 && ahead->have.size < AHEAD_MAX;) {
        got = ahead->rest.read(ahead->rest.self, piece, sizeof piece);
        if ((got == -EINTR || got == -EAGAIN) && ++tries < PATIENCE) {
            got = 1;
        } else if (got > 0 &&
                   (got > (int64_t)sizeof piece || rig_buffer_append(&ahead->have, piece, (size_t)got) != 0)) {
            got = got > (int64_t)sizeof piece ? -EINVAL : -ENOMEM;
        }
    }
    ahead->whole = got == 0;
    return got;
}

static bool breaks_off(enum rig_fault_kind kind)
{
    return kind == RIG_FAULT_ERROR || kind == RIG_FAULT_DATA_AND_ERROR || kind == RIG_FAULT_GONE ||
           kind == RIG_FAULT_EARLY_END || kind == RIG_FAULT_ENDLESS;
}

int rig_request_arrives(struct rig_run *run, const struct rig_request *request)
{
    struct rig_input *input = run->wire_input;
    bool waits = run->server->reads_first && input->source.read && request->fault && breaks_off(request->fault->kind);
    struct ahead *ahead = waits ? rig_arena_zeroed(&run->arena, sizeof *ahead) : NULL;
    if (!ahead) {
        return waits ? -ENOMEM : 0;
    }
    ahead->have.arena = &run->arena;
    ahead->rest = input->source;
    int64_t got = fill(ahead);
    if (got == -ENOMEM) {
        return -ENOMEM;
    }
    if (got < 0 || input->cut) {
        rig_result_refuse(run, &run->exchanges[0], 0, RIG_GONE_IN_BODY);
        run->report->result.delivery.outcome = RIG_GONE;
        return RIG_REQUEST_REFUSED;
    }
    input->source = (struct rig_source){read_ahead, rewind_ahead, close_ahead, ahead};
    return 0;
}
