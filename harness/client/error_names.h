/* Errors by the names that errno.h gives them. */
#ifndef STACKRIG_CLIENT_ERROR_NAMES_H
#define STACKRIG_CLIENT_ERROR_NAMES_H

#include <stddef.h>

struct rig_text;
struct rig_stack;

/* "EIO" of -EIO; NULL: POSIX has no name for it. */
const char *rig_error_name(int error);
/* -EIO of "EIO"; 0: there is no such error. */
int rig_error_named(const char *name, size_t size);
/* "-5 (EIO)", or "-5" of an error without a name; 0: "none". */
void rig_text_error(struct rig_text *text, int error);
/* "auth.c:42: rig_use was given ...; the stack's build function returned -22 (EINVAL)". stack NULL: there was no
 * memory for it. */
void rig_text_build_error(struct rig_text *text, const struct rig_stack *stack, int returned);

#endif
