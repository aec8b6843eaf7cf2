/* memcpy of what is mostly short, as names are: a call costs more than the bytes. */
#ifndef RIG_HTTP_COPY_H
#define RIG_HTTP_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* At most 16 bytes: two pieces that overlap. */
static inline void rig_copy_few(void *to, const void *from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;
    if (size >= 8) {
        uint64_t first, last;
        memcpy(&first, in, 8);
        memcpy(&last, in + size - 8, 8);
        memcpy(out, &first, 8);
        memcpy(out + size - 8, &last, 8);
    } else if (size >= 4) {
        uint32_t first, last;
        memcpy(&first, in, 4);
        memcpy(&last, in + size - 4, 4);
        memcpy(out, &first, 4);
        memcpy(out + size - 4, &last, 4);
    } else if (size > 0) {
        unsigned char first = in[0], middle = in[size / 2], last = in[size - 1];
        out[0] = first;
        out[size / 2] = middle;
        out[size - 1] = last;
    }
}

static inline void rig_copy_short(void *to, const void *from, size_t size)
{
    if (size <= 16) {
        rig_copy_few(to, from, size);
    } else {
        memcpy(to, from, size);
    }
}

#endif
