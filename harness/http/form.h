/* Building application/x-www-form-urlencoded bodies and queries. */
#ifndef RIG_HTTP_FORM_H
#define RIG_HTTP_FORM_H

#include <stddef.h>

#include <stackrig/base.h>

/* The size of "a=1&b=2". Writes it only if it fits out_size; out NULL with 0 measures. No final zero byte. A field with
 * value NULL is left out; a NULL name ends the list. */
size_t rig_form_build(const struct rig_field *fields, size_t count, char *out, size_t out_size);

#endif
