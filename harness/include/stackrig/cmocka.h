/* Assertions that fail as cmocka's own do, at the test's line. Include it instead of stackrig/expect.h.
 * cmocka.h itself needs its four headers first; they are included here in the right order. */
#ifndef STACKRIG_CMOCKA_H
#define STACKRIG_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka.h does not say so itself. */
#ifdef __cplusplus
extern "C" {
#endif
#include <cmocka.h>
#ifdef __cplusplus
}
#endif

/* site is "file.c:42": cmocka wants the two apart. */
static inline void rig_cmocka_fail_(const char *site, const char *message)
{
    char file[256];
    const char *colon = strrchr(site, ':');
    size_t size = colon ? (size_t)(colon - site) : strlen(site);
    if (size >= sizeof file) {
        size = sizeof file - 1;
    }
    memcpy(file, site, size);
    file[size] = '\0';
    print_error("%s\n", message);
    _fail(file, colon ? atoi(colon + 1) : 0);
}

#ifndef RIG_FAIL
#define RIG_FAIL(site_, message_) rig_cmocka_fail_(site_, message_)
#endif

#include <stackrig/expect.h>

#endif
