#define _GNU_SOURCE

#include "tests/unit/preload_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Puts a value before what the variable has. */
static void prepend(const char *variable, const char *value, const char *separator)
{
    char text[8192];
    const char *old = getenv(variable);
    int size = snprintf(text, sizeof text, "%s%s%s", value, old && *old ? separator : "", old ? old : "");
    if (size > 0 && (size_t)size < sizeof text) {
        (void)setenv(variable, text, 1);
    }
}

/* build/tests/unit/test_x: build/lib is three up. */
void rig_test_preload(char **arguments, const char *name)
{
    char path[4096], program[4096];
    const char *loaded = getenv("LD_PRELOAD");
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    if (size <= 0 || (loaded && strstr(loaded, name))) {
        return;
    }
    program[size] = '\0';
    (void)snprintf(path, sizeof path, "%s", program);
    for (int i = 0; i < 3 && strchr(path, '/'); i++) {
        *strrchr(path, '/') = '\0';
    }
    size = (ssize_t)strlen(path);
    (void)snprintf(path + size, sizeof path - (size_t)size, "/lib/%s", name);
    if (access(path, R_OK) == 0) {
        prepend("LD_PRELOAD", path, ":");
        prepend("ASAN_OPTIONS", "verify_asan_link_order=0", ":");
        (void)execv(program, arguments);
    }
}
