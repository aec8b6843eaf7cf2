#define _GNU_SOURCE

#include "harness/cli/run/load.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/checks/own.h"
#include "harness/cli/run/elf.h"
#include "harness/core/with_parent.h"

#define PATH_SIZE 4096
#define CLOSING_SECONDS 5

static bool is_source(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcmp(dot, ".c") == 0 || strcmp(dot, ".cc") == 0 || strcmp(dot, ".cpp") == 0);
}

static void tell_no_object(const char *path, struct rig_text *why)
{
    rig_text_printf(why, "%s is not a shared object", path);
    if (is_source(path)) {
        rig_text_printf(why,
                        " but its source; build it: cc -shared -fPIC %s $(pkg-config --cflags --libs stackrig) -o "
                        "stack.so, or a program with its own main() as for its server",
                        path);
    }
}

/* The dynamic linker's own words for these are hard to read. */
bool rig_stack_readable(const char *path, struct rig_text *why)
{
    struct stat about;
    char magic[4] = {0};
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about)) {
        rig_text_printf(why, "cannot read %s: %s", path, strerror(errno));
    } else if (!S_ISREG(about.st_mode) || read(fd, magic, sizeof magic) < 4 || memcmp(magic, "\177ELF", 4)) {
        tell_no_object(path, why);
    } else {
        struct rig_elf elf;
        rig_elf_read(path, &elf);
        if (elf.kind == RIG_ELF_PROGRAM || elf.kind == RIG_ELF_STATIC) {
            rig_text_printf(why,
                            "%s is a program: only `stackrig check` takes programs, the other verbs take a stack (a "
                            "shared object with RIG_EXPORT)",
                            path);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return !why->length;
}

/* The dynamic linker looks for a name without a slash elsewhere. */
static const char *with_slash(const char *path, char local[PATH_SIZE])
{
    if (strchr(path, '/')) {
        return path;
    }
    snprintf(local, PATH_SIZE, "./%s", path);
    return local;
}

/* Of an object that is loaded. other, if given: the file that has it in place of that object; NULL: none. */
static const void *symbol_of(const char *path, const char *name, const char **other)
{
    char local[PATH_SIZE];
    struct link_map *map = NULL, *has = NULL;
    Dl_info info;
    void *object = dlopen(with_slash(path, local), RTLD_NOW | RTLD_NOLOAD);
    void *symbol = object ? dlsym(object, name) : NULL;
    bool known = symbol && other && dlinfo(object, RTLD_DI_LINKMAP, (void *)&map) == 0 &&
                 dladdr1(symbol, &info, (void **)&has, RTLD_DL_LINKMAP) != 0;
    if (other) {
        *other = known && map != has ? has->l_name : NULL;
    }
    if (object) {
        dlclose(object); /* it stays loaded: it was loaded before */
    }
    return symbol;
}

const struct rig_own_rule *const *rig_stack_rules(const char *path, struct rig_text *why)
{
    char wrong[RIG_OWN_WRONG_SIZE], which[RIG_OWN_SHOWN_SIZE];
    const struct rig_own_rule *sorted[RIG_OWN_RULES_MAX];
    const char *other;
    size_t at;
    const struct rig_export_rules *export = symbol_of(path, "rig_exported_rules", &other);
    if (!export) {
        return NULL;
    }
    if (other) { /* the rows are looked for in the stack's file alone */
        rig_text_printf(why, "RIG_EXPORT_RULES must stand in %s itself, not in %s, which it is linked to", path, other);
    } else if (export->abi != RIG_ABI || export->row_size != sizeof(struct rig_own_rule)) {
        rig_text_printf(why, "%s: its rules were built for another version of stackrig: build it anew", path);
    } else if (rig_own_rules_sort(export->rules, sorted, &at, wrong) == SIZE_MAX) {
        rig_text_printf(why, "%s: RIG_EXPORT_RULES, rule %zu%s: %s", path, at, rig_own_shown(export->rules[at], which),
                        wrong);
    } else {
        return export->rules;
    }
    return NULL;
}

const struct rig_fuzz *rig_stack_fuzz(const char *path)
{
    return symbol_of(path, "rig_fuzz_target", NULL);
}

/* ---- lines that ran ---- */

static void *loaded; /* a process has one stack; NULL: none yet */

const struct rig_fuzz *rig_loaded_fuzz(void)
{
    return loaded ? dlsym(loaded, "rig_fuzz_target") : NULL;
}

/* gcc's are written by destructors of the object. They run in a copy of this process, which has no other threads: what they
 * do besides, or how they end, is no matter of the stack's requests. */
static void close_in_a_copy(void)
{
    int status;
    pid_t process = getpid(), copy = fork();
    if (copy == 0) {
        rig_end_with_parent(process);
        (void)alarm(CLOSING_SECONDS);
        (void)dlclose(loaded);
        _exit(0);
    }
    while (copy > 0 && waitpid(copy, &status, 0) < 0 && errno == EINTR) {
    }
}

void rig_stack_write_lines(void)
{
    void (*dump)(void) = NULL;
    void *symbol = loaded ? dlsym(loaded, "__gcov_dump") : NULL; /* clang's */
    if (symbol) {
        memcpy(&dump, &symbol, sizeof dump);
        dump();
    } else if (loaded && dlsym(loaded, "__gcov_master")) {
        close_in_a_copy();
    }
}

const struct rig_export *rig_stack_load(const char *path, struct rig_text *why)
{
    char local[PATH_SIZE];
    path = with_slash(path, local);
    if (!rig_stack_readable(path, why)) {
        return NULL;
    }
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        rig_text_printf(why, "cannot load the stack: %s", dlerror());
        return NULL;
    }
    loaded = object;
    const struct rig_export *export = dlsym(object, "rig_exported_stack");
    if (!export) {
        rig_text_printf(why, "%s exports no stack: it needs RIG_EXPORT(build); at file scope", path);
    } else if (export->abi != RIG_ABI) {
        rig_text_printf(why, "%s was built for ABI %lu, this stackrig has ABI %lu: build it anew", path,
                        (unsigned long)export->abi, (unsigned long)RIG_ABI);
    } else if (!export->build) {
        rig_text_printf(why, "%s exports a stack without a build function", path);
    } else {
        return export;
    }
    return NULL;
}
