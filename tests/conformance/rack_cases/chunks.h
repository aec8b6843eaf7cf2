/* Bodies that an app answers with piece by piece. */
#ifndef RACK_CASES_CHUNKS_H
#define RACK_CASES_CHUNKS_H

#include "tests/conformance/rack_cases/driver.h"

/* A list of pieces, read one by one: those that are empty say nothing here. */
struct rack_chunks {
    struct rack_case *rack;
    const json_t *list;
    size_t index, at;
};

/* The read of a struct rig_source whose self is a struct rack_chunks. */
int64_t rack_chunks_read(void *self, void *buffer, size_t size);

#endif
