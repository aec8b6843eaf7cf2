/* Lines, and a source over them that counts. */
#ifndef TESTS_UNIT_TEXT_SOURCE_H
#define TESTS_UNIT_TEXT_SOURCE_H

#include "tests/unit/core_test.h"

static const char text[] = "one\n\ntwo\r\nthree, which is longer than the rest\nfour";
#define SIZE (sizeof text - 1)

/* A source over that text, in pieces of at most `most`. */
struct text_source {
    size_t at, most;
    unsigned closes;
};

static inline int64_t text_read(void *self, void *buffer, size_t size)
{
    struct text_source *source = self;
    size_t left = SIZE - source->at;
    size = size < left ? size : left;
    size = size < source->most ? size : source->most;
    memcpy(buffer, text + source->at, size);
    source->at += size;
    return (int64_t)size;
}

static inline void text_close(void *self)
{
    ((struct text_source *)self)->closes++;
}

static inline struct rig_source source_of_text(struct text_source *source)
{
    return (struct rig_source){.read = text_read, .close = text_close, .self = source};
}

#endif
