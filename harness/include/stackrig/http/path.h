/* Paths. */
#ifndef STACKRIG_HTTP_PATH_H
#define STACKRIG_HTTP_PATH_H

#include <stackrig/base.h>

RIG_BEGIN_DECLS
/* The size of the path without ".", "..", empty segments and a slash at its end: "/a/./b//../c/" is "/a/c"; ".." above the
 * first segment is dropped; an empty path is "/". Decode it before: "%2e" is no dot here. Writes it only if it fits
 * out_size; out NULL with 0 measures; no final zero byte. Never more than size, or 1. out must not be path itself, nor
 * any part of it. */
size_t rig_path_clean(const char *path, size_t size, char *out, size_t out_size);
/* Can it name a file: UTF-8 without a zero byte? */
bool rig_path_is_valid(const char *path, size_t size);
RIG_END_DECLS

#endif
