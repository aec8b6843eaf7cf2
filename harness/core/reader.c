#include "harness/core/reader.h"

#include <stackrig/http/status.h>

int64_t rig_clock_after(int64_t now, int64_t every, uint64_t times)
{
    int64_t passed, after;
    bool past = times > INT64_MAX || __builtin_mul_overflow(every, (int64_t)times, &passed) ||
                __builtin_add_overflow(now, passed, &after);
    return past ? INT64_MAX : after;
}

void rig_reader_begin(struct rig_reader *reader, const struct rig_response *response)
{
    const char *reason = rig_status_reason(response->status);
    reader->head = sizeof "HTTP/1.1 200 \r\n\r\n" - 1 + (reason ? strlen(reason) : 0);
    for (uint32_t i = 0; i < response->header_count; i++) {
        reader->head += response->headers[i].name_size + response->headers[i].value_size + sizeof ": \r\n" - 1;
    }
    reader->taken = reader->head < reader->room ? reader->head : reader->room;
}

static void wait_for(struct rig_run *run, struct rig_reader *reader)
{
    uint64_t lumps = reader->taken / reader->pace + (reader->taken % reader->pace != 0);
    if (lumps > reader->lumps) {
        run->runner->now = rig_clock_after(run->runner->now, reader->every, lumps - reader->lumps);
        reader->lumps = lumps;
    }
}

bool rig_reader_take(struct rig_run *run, uint64_t size)
{
    struct rig_reader *reader = run->reader;
    uint64_t left = reader->room - reader->taken;
    reader->gone = reader->gone || size > left;
    reader->taken += size < left ? size : left;
    if (reader->pace > 0) {
        wait_for(run, reader);
    }
    return !reader->gone;
}

bool rig_reader_left(struct rig_run *run)
{
    struct rig_reader *reader = run->reader;
    uint64_t answer = run->wire.head_request ? 0 : run->wire.answer_size;
    if (!run->response->stream) {
        rig_reader_begin(reader, run->response);
        uint64_t left = reader->room - reader->taken;
        reader->taken += answer < left ? answer : left;
        reader->gone = reader->gone || answer > left;
    }
    return reader->gone || reader->taken == reader->room;
}
