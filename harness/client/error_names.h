/* Errors by the names that errno.h gives them. */
#ifndef STACKRIG_CLIENT_ERROR_NAMES_H
#define STACKRIG_CLIENT_ERROR_NAMES_H

#include <stddef.h>

/* "EIO" of -EIO; NULL: POSIX has no name for it. */
const char *rig_error_name(int error);
/* -EIO of "EIO"; 0: there is no such error. */
int rig_error_named(const char *name, size_t size);

#endif
