#include <stackrig/http/path.h>

#include <string.h>

/* ---- without dots ---- */

/* The last segment that stays, when read from the end: each ".." takes away the one before it, so that nothing need be
 * remembered but their count. */
struct reader {
    const char *path;
    size_t end, ups;
};

static bool previous(struct reader *reader, struct rig_slice *segment)
{
    while (reader->end > 0) {
        size_t end = reader->end, start = end;
        while (start > 0 && reader->path[start - 1] != '/') {
            start--;
        }
        *segment = (struct rig_slice){reader->path + start, end - start};
        reader->end = start > 0 ? start - 1 : 0;
        if (segment->size == 0 || (segment->size == 1 && segment->data[0] == '.')) {
            continue;
        }
        if (segment->size == 2 && memcmp(segment->data, "..", 2) == 0) {
            reader->ups++;
        } else if (reader->ups > 0) {
            reader->ups--;
        } else {
            return true;
        }
    }
    return false;
}

size_t rig_path_clean(const char *path, size_t size, char *out, size_t out_size)
{
    struct reader reader = {.path = path, .end = size};
    struct rig_slice segment;
    bool absolute = size == 0 || path[0] == '/';
    size_t need = 0;
    while (previous(&reader, &segment)) {
        need += segment.size + 1;
    }
    need = absolute ? need + (need == 0) : need - (need > 0);
    if (!out || need > out_size) {
        return need;
    }
    reader = (struct reader){.path = path, .end = size};
    char *at = out + need;
    while (previous(&reader, &segment)) {
        at -= segment.size;
        memcpy(at, segment.data, segment.size);
        if (at > out) {
            *--at = '/';
        }
    }
    if (at > out) {
        *out = '/';
    }
    return need;
}

/* ---- UTF-8, RFC 3629 section 4 ---- */

/* How many bytes follow this one, and between which bounds the first of them is; -1: it begins nothing. */
static int followers(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    *high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (lead < 0x80) {
        return 0;
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return -1;
    }
    return lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
}

bool rig_path_is_valid(const char *path, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)path;
    for (size_t i = 0; i < size; i++) {
        unsigned char low, high;
        int count = bytes[i] == 0 ? -1 : followers(bytes[i], &low, &high);
        if (count < 0 || size - i <= (size_t)count) {
            return false;
        }
        for (; count > 0; count--) {
            i++;
            if (bytes[i] < low || bytes[i] > high) {
                return false;
            }
            low = 0x80;
            high = 0xbf;
        }
    }
    return true;
}
