#define _GNU_SOURCE

#include "harness/cli/run/sanitizers.h"

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define RUNTIMES_MAX 4

typedef void get_report_data(const char **kind, const char **message, const char **file, unsigned *line,
                             unsigned *column, char **address);

/* A runtime gives its callbacks no closure. */
static struct {
    const char *paths[RUNTIMES_MAX];
    size_t count;
    int (*is_present)(void);
    const char *(*describe)(void);
    get_report_data *get;
    char undefined[RIG_SANITIZERS_TEXT]; /* what UBSan has found last */
} own;

static int note(struct dl_phdr_info *info, size_t size, void *closure)
{
    static const char *const names[] = {"libasan.", "libubsan.", "libtsan.", "libclang_rt."};
    (void)size, (void)closure;
    const char *slash = info->dlpi_name ? strrchr(info->dlpi_name, '/') : NULL;
    for (size_t i = 0; slash && i < sizeof names / sizeof *names && own.count < RUNTIMES_MAX; i++) {
        if (strncmp(slash + 1, names[i], strlen(names[i])) == 0) {
            own.paths[own.count++] = info->dlpi_name;
        }
    }
    return 0;
}

/* *function stays what it was where there is none. */
static void find(void *runtime, const char *name, void *function)
{
    void *symbol = dlsym(runtime, name);
    if (symbol) {
        memcpy(function, &symbol, sizeof symbol);
    }
}

/* gcc's are a library each, and a stack brings UBSan's with it: each calls its own callback. path NULL: the command's own. */
static void listen_to(const char *path, void (*on_end)(void))
{
    void (*set)(void (*)(void)) = NULL;
    void *runtime = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    if (!runtime) {
        return;
    }
    find(runtime, "__sanitizer_set_death_callback", &set);
    find(runtime, "__asan_report_present", &own.is_present);
    find(runtime, "__asan_get_report_description", &own.describe);
    find(runtime, "__ubsan_get_current_report_data", &own.get);
    if (set) {
        set(on_end);
    }
    (void)dlclose(runtime); /* it stays loaded */
}

void rig_sanitizers_listen(void (*on_end)(void))
{
    own.count = 0;
    (void)dl_iterate_phdr(note, NULL);
    listen_to(NULL, on_end);
    for (size_t i = 0; i < own.count; i++) {
        listen_to(own.paths[i], on_end);
    }
}

/* UBSan's runtimes call it for each report, in the place of their own, which does nothing. */
__attribute__((visibility("default"))) void __ubsan_on_report(void);
void __ubsan_on_report(void)
{
    const char *kind = NULL, *message, *file;
    unsigned line, column;
    char *address;
    if (own.get) {
        own.get(&kind, &message, &file, &line, &column, &address);
    }
    if (kind) {
        (void)snprintf(own.undefined, sizeof own.undefined, "UndefinedBehaviorSanitizer: %s", kind);
    }
}

void rig_sanitizers_found(char text[RIG_SANITIZERS_TEXT])
{
    bool address = own.is_present && own.describe && own.is_present();
    (void)snprintf(text, RIG_SANITIZERS_TEXT, "%s%s", address ? "AddressSanitizer: " : own.undefined,
                   address ? own.describe() : "");
}
