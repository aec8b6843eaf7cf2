/* What the broken and the mended stack share: an upload of text, line by line. */
#ifndef TRUNCATED_BODY_API_H
#define TRUNCATED_BODY_API_H

#include <stackrig/stackrig.h>

enum { UPLOAD_MAX = 4096 };

/* An upload in the making; a real app would write to a file. */
struct upload {
    char bytes[UPLOAD_MAX];
    size_t size;
};

/* Stores it: how many lines there are now, as text. */
const char *store(const struct upload *upload, char *text, size_t size);

#endif
