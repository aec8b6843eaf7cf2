/* Pieces of somebody else's text, cut into smaller ones. */
#ifndef RIG_HTTP_SLICE_H
#define RIG_HTTP_SLICE_H

#include <string.h>

#include <stackrig/base.h>

static inline struct rig_slice rig_slice_of(const char *text)
{
    return (struct rig_slice){text, strlen(text)};
}

/* Without its first size bytes. */
static inline struct rig_slice rig_slice_after(struct rig_slice text, size_t size)
{
    return (struct rig_slice){text.data + size, text.size - size};
}

/* What stands before the first c, or all; *rest: what stands behind it, data NULL if there is no c. */
static inline struct rig_slice rig_slice_cut(struct rig_slice text, char c, struct rig_slice *rest)
{
    const char *at = text.size > 0 ? (const char *)memchr(text.data, c, text.size) : NULL;
    size_t size = at ? (size_t)(at - text.data) : text.size;
    *rest = at ? rig_slice_after(text, size + 1) : (struct rig_slice){NULL, 0};
    return (struct rig_slice){text.data, size};
}

/* Is it that text, byte by byte? */
static inline bool rig_slice_is(struct rig_slice slice, const char *text)
{
    return slice.size == strlen(text) && (slice.size == 0 || memcmp(slice.data, text, slice.size) == 0);
}

#endif
