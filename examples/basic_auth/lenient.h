/* Base64 as many decoders take it, made into what RFC 4648 calls base64. */
#ifndef BASIC_AUTH_LENIENT_H
#define BASIC_AUTH_LENIENT_H

#include <stddef.h>

/* In place, as Ruby's decoder reads it: what is not of the alphabet is skipped ('-' and '_' of the URL-safe one too), a
 * '=' ends it behind two digits of four, bits left over are dropped. Returns the new size, padding included, at most
 * size + 3: text needs room for that. */
size_t base64_tidy(char *text, size_t size);

#endif
