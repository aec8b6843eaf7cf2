/* A text that is built twice: to measure it, and to write it where it fits. */
#ifndef RIG_HTTP_SINK_H
#define RIG_HTTP_SINK_H

#include <stdint.h>
#include <string.h>

#include <stackrig/base.h>

struct rig_sink {
    char *out;   /* NULL: only measures */
    size_t size; /* of what was put; SIZE_MAX: no memory could hold it, and so it stays */
};

static inline void rig_sink_put(struct rig_sink *sink, const void *data, size_t size)
{
    if (sink->out && size > 0) {
        memcpy(sink->out + sink->size, data, size);
    }
    sink->size = size < SIZE_MAX - sink->size ? sink->size + size : SIZE_MAX;
}

static inline void rig_sink_text(struct rig_sink *sink, const char *text)
{
    rig_sink_put(sink, text, strlen(text));
}

void rig_sink_number(struct rig_sink *sink, uint64_t number); /* in decimal digits */
/* As rig_percent_encode writes it. */
void rig_sink_encoded(struct rig_sink *sink, const void *data, size_t size);

#endif
