#define _GNU_SOURCE

#include "harness/cli/run/preload.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stackrig/preload.h>

#include "harness/cli/ui/cli.h"
#include "harness/core/arena.h"

#define BEFORE "STACKRIG_LD_PRELOAD" /* what LD_PRELOAD was; there in the command that was started again */

char **rig_preload_arguments(int count, char **arguments)
{
    char **copy = rig_must_alloc((size_t)count + 2, sizeof *copy);
    copy[0] = rig_must_copy(program_invocation_name);
    for (int i = 0; i < count; i++) {
        copy[i + 1] = rig_must_copy(arguments[i]);
    }
    return copy;
}

void rig_preload_arguments_free(char **arguments)
{
    for (size_t i = 0; arguments[i]; i++) {
        free(arguments[i]);
    }
    free(arguments);
}

/* The folder that the command's folder is in. */
static bool find_prefix(char *prefix)
{
    ssize_t size = readlink("/proc/self/exe", prefix, PATH_MAX - 1);
    prefix[size > 0 ? size : 0] = '\0';
    for (int i = 0; i < 2 && strchr(prefix, '/'); i++) {
        *strrchr(prefix, '/') = '\0';
    }
    if (size <= 0) {
        rig_complain("/proc/self/exe: %s", strerror(errno));
    }
    return size > 0;
}

/* What LD_PRELOAD had before, a sanitizer's runtime most likely, now comes second. A later word of the user's counts. */
static void let_it_come_second(const char *before)
{
    char options[4096];
    const char *own = getenv("ASAN_OPTIONS");
    if (before && *before) {
        (void)snprintf(options, sizeof options, "verify_asan_link_order=0%s%s", own ? ":" : "", own ? own : "");
        setenv("ASAN_OPTIONS", options, 1);
    }
}

bool rig_library_path(char *path, size_t size, const char *name)
{
    char prefix[PATH_MAX];
    bool found = find_prefix(prefix);
    (void)snprintf(path, size, "%s/lib/%s", found ? prefix : "", name);
    return found;
}

bool rig_preload_add(struct rig_text *list, const char *name)
{
    char path[PATH_MAX + 64];
    if (!rig_library_path(path, sizeof path, name)) {
        return false;
    }
    if (access(path, R_OK) != 0) {
        rig_complain("%s: %s", path, strerror(errno));
        return false;
    }
    if (strpbrk(path, " :")) {
        rig_complain("%s cannot be preloaded: blanks and colons divide the names in LD_PRELOAD", path);
        return false;
    }
    rig_text_add(list, path);
    rig_text_add(list, ":");
    return true;
}

/* What layers start is to run as ever. */
static void restore(const char *before)
{
    if (*before) {
        setenv("LD_PRELOAD", before, 1);
    } else {
        unsetenv("LD_PRELOAD");
    }
    unsetenv(BEFORE);
}

static bool start_again(bool clock, bool malloc, char **arguments)
{
    char value[4 * PATH_MAX];
    struct rig_text list;
    const char *before = getenv("LD_PRELOAD");
    rig_text_start(&list, value, sizeof value);
    if ((clock && !rig_preload_add(&list, "libstackrig-clock.so")) ||
        (malloc && !rig_preload_add(&list, "libstackrig-malloc.so"))) {
        return false;
    }
    rig_text_add(&list, before ? before : "");
    let_it_come_second(before);
    setenv(BEFORE, before ? before : "", 1);
    setenv("LD_PRELOAD", value, 1);
    execv("/proc/self/exe", arguments);
    rig_complain("cannot start the command again: %s", strerror(errno));
    restore(before ? before : "");
    return false;
}

/* Is it there beside the command? ASan wants to stand first: nothing is forced on it for a wish. */
static bool can_wish(const char *name)
{
    char path[PATH_MAX + 64];
    return rig_library_path(path, sizeof path, name) && !rig_asan_present() && access(path, R_OK) == 0 &&
           !strpbrk(path, " :");
}

void rig_preload_clock(int count, char **arguments)
{
    const char *before = getenv(BEFORE);
    if (before) {
        restore(before);
    } else if (!rig_clock_is_preloaded() && can_wish("libstackrig-clock.so")) {
        char **copy = rig_preload_arguments(count, arguments);
        (void)start_again(true, false, copy);
        rig_preload_arguments_free(copy);
    }
}

bool rig_preload(bool clock, bool malloc, bool leaks, char **arguments)
{
    const char *before = getenv(BEFORE);
    bool there = (!clock || rig_clock_is_preloaded()) && (!malloc || rig_malloc_can_fail());
    bool wish = leaks && !before && !rig_malloc_can_fail() && can_wish("libstackrig-malloc.so");
    if ((!there || wish) && !before) {
        return start_again(clock, malloc || wish, arguments);
    }
    if (before) {
        restore(before);
    }
    if (!there) {
        rig_complain("%s could not be preloaded, or something stands before it",
                     malloc && !rig_malloc_can_fail() ? "libstackrig-malloc.so" : "libstackrig-clock.so");
    }
    return there;
}
