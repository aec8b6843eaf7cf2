/* The client at the other end of an answer, where it does not simply read it: it goes away, or is slow. */
#ifndef STACKRIG_CORE_READER_H
#define STACKRIG_CORE_READER_H

#include "harness/core/run.h"

struct rig_reader {
    uint64_t room;  /* bytes of the answer, head and body, that it takes before it goes away; UINT64_MAX: all */
    uint64_t pace;  /* bytes that it takes in `every` ns; 0: at once */
    int64_t every;  /* more than 0 */
    uint64_t head;  /* told: bytes of the answer's head */
    uint64_t taken; /* told: of the answer */
    uint64_t lumps; /* of pace bytes, that were taken so far */
    bool gone;      /* told: the server knows that nobody reads */
};

/* The answer is about to go out: its head. */
void rig_reader_begin(struct rig_reader *reader, const struct rig_response *response);
/* A piece of its body goes out; false: the client is gone, there need be no other. */
bool rig_reader_take(struct rig_run *run, uint64_t size);
/* All of the answer is out. true: the client went away before it had it. */
bool rig_reader_left(struct rig_run *run);
/* now + every * times, at most the end of time. */
int64_t rig_clock_after(int64_t now, int64_t every, uint64_t times);

#endif
