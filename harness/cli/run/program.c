#define _GNU_SOURCE

#include "harness/cli/run/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "harness/cli/run/elf.h"
#include "harness/cli/run/handed.h"
#include "harness/cli/run/needed.h"
#include "harness/cli/run/preload.h"

#define LIST_SIZE (8 * PATH_MAX)

/* The first whose library is needed: what is built upon another stands before it. */
static const struct rig_program_kind kinds[] = {
    {"ulfius",
     "libulfius.so",
     {"libstackrig-ulfius.so", "stackrig/libmicrohttpd.so.12"},
     {"direct+ulfius", "nginx+ulfius", "haproxy+ulfius"},
     "HTTP"},
    {"microhttpd",
     "libmicrohttpd.so",
     {"stackrig/libmicrohttpd.so.12"},
     {"direct+microhttpd", "nginx+microhttpd", "haproxy+microhttpd"},
     "HTTP"},
    {"fcgi", "libfcgi.so", {"libstackrig-fcgi.so"}, {"nginx:fastcgi+libfcgi", "apache:fastcgi+libfcgi"}, "FastCGI"},
};
#define KIND_COUNT (sizeof kinds / sizeof *kinds)
#define KINDS "ulfius, microhttpd or fcgi"

/* ---- is it one, can it be run ---- */

/* For these the loader takes no library from a path. */
static bool has_privileges(const char *path, const struct stat *about)
{
    char value[64];
    return (about->st_mode & (S_ISUID | S_ISGID)) != 0 ||
           getxattr(path, "security.capability", value, sizeof value) > 0;
}

/* NULL: it can. */
static const char *why_not(const char *path, enum rig_elf_kind kind)
{
    struct stat about;
    if (kind == RIG_ELF_SCRIPT) {
        return "is a script; give the program that it starts";
    }
    if (kind == RIG_ELF_FOREIGN) {
        return "is built for another machine";
    }
    if (kind == RIG_ELF_STATIC) {
        return "is statically linked: nothing can stand in its server's place; link it dynamically";
    }
    if (stat(path, &about) != 0 || access(path, X_OK) != 0) {
        return "is a program, but not executable (chmod +x)";
    }
    return has_privileges(path, &about) ? "has privileges of its own (setuid, setgid or capabilities): the loader then "
                                          "preloads nothing; check a copy without them"
                                        : NULL;
}

/* ---- its framework ---- */

/* NULL: it needs none of them. */
static const struct rig_program_kind *kind_needed(const char *libraries)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (rig_needed_has(libraries, kinds[i].needs, NULL, 0)) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* Is it the library below another's, as libmicrohttpd is below Ulfius? */
static bool is_below(const struct rig_program_kind *kind, const struct rig_program_kind *other)
{
    return kind != other && other->before[1] && strcmp(other->before[1], kind->before[0]) == 0;
}

/* Else nothing would stand in the place of the program's server, and that would run. One that needs none of them loads
 * one itself. */
static bool may_be(const struct rig_program_kind *kind, const char *path, const char *libraries)
{
    const struct rig_program_kind *needed = kind_needed(libraries);
    if (!needed || (rig_needed_has(libraries, kind->needs, NULL, 0) && !is_below(kind, needed))) {
        return true;
    }
    rig_complain("--framework %s: %s needs %s: it is a program for %s; leave --framework out", kind->name, path,
                 needed->needs, needed->name);
    return false;
}

static const struct rig_program_kind *kind_named(const char *name, const char *path, const char *libraries)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return may_be(&kinds[i], path, libraries) ? &kinds[i] : NULL;
        }
    }
    rig_complain("--framework wants " KINDS ", not %s", name);
    return NULL;
}

static const struct rig_program_kind *kind_of(const char *path, const char *libraries)
{
    const struct rig_program_kind *needed = kind_needed(libraries);
    if (!needed) {
        rig_complain(
            "%s needs neither libmicrohttpd nor libulfius nor libfcgi: for a server of another kind there is no "
            "adapter; if it loads one of them itself, say --framework NAME",
            path);
    }
    return needed;
}

/* ---- what stands before it ---- */

/* A sanitizer's runtime wants to be the first. */
static bool add_runtime(struct rig_text *list, const char *libraries)
{
    bool added = false;
    static const char *const runtimes[] = {"libasan.so", "libtsan.so"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++) {
        if (rig_needed_has(libraries, runtimes[i], path, sizeof path) && *path) {
            rig_text_printf(list, "%s:", path);
            added = true;
        }
    }
    return added;
}

static char *preload_of(const struct rig_check_options *options, const struct rig_program_kind *kind,
                        const char *libraries)
{
    char value[LIST_SIZE];
    struct rig_text list;
    const char *before = getenv("LD_PRELOAD");
    rig_text_start(&list, value, sizeof value);
    bool runtime = add_runtime(&list, libraries), malloc = options->each_malloc || (options->faults && !runtime);
    bool good = rig_preload_add(&list, "libstackrig-check.so");
    for (const char *const *name = kind->before; good && *name; name++) {
        good = rig_preload_add(&list, *name);
    }
    if (!good || (options->now && !rig_preload_add(&list, "libstackrig-clock.so")) ||
        (malloc && !rig_preload_add(&list, "libstackrig-malloc.so"))) {
        return NULL;
    }
    rig_text_add(&list, before ? before : "");
    rig_text_end(&list);
    return rig_must_copy(value);
}

static bool fill(struct rig_check_options *options, const char *path, const char *loader)
{
    char *libraries = rig_needed_read(loader, path);
    const struct rig_program_kind *kind = !libraries           ? NULL
                                          : options->framework ? kind_named(options->framework, path, libraries)
                                                               : kind_of(path, libraries);
    char *preload = kind ? preload_of(options, kind, libraries) : NULL;
    bool has_asan = rig_needed_has(libraries, "libasan.so", NULL, 0);
    free(libraries);
    if (preload) {
        struct rig_program *program = rig_must_alloc(1, sizeof *program);
        *program =
            (struct rig_program){.kind = kind, .path = rig_must_copy(path), .preload = preload, .has_asan = has_asan};
        options->program = program;
    }
    return preload != NULL;
}

bool rig_program_find(struct rig_check_options *options)
{
    struct rig_elf elf;
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s%s", strchr(options->stack, '/') ? "" : "./", options->stack);
    rig_elf_read(path, &elf);
    if (elf.kind == RIG_ELF_NONE || elf.kind == RIG_ELF_SHARED) {
        const char *option = options->framework ? "--framework" : options->argument_count ? "--arg" : NULL;
        if (option) {
            rig_complain("%s is for programs, and %s is none", option, path);
        }
        return !option;
    }
    const char *why = why_not(path, elf.kind);
    if (why) {
        rig_complain("%s %s", path, why);
        return false;
    }
    if (options->setting_count) {
        rig_complain("--set is for a stack's build function; arguments of a program are given with --arg");
        return false;
    }
    return fill(options, path, elf.loader);
}

/* ---- what can stand before it ---- */

static const char *site_of(const struct rig_plan *plan, unsigned server)
{
    for (size_t i = 0; server >= plan->given && i < plan->case_count; i++) {
        const char *own = plan->cases[i].request->server;
        if (own && strcmp(own, plan->servers[server]->name) == 0) {
            return plan->cases[i].site;
        }
    }
    return "--server";
}

bool rig_program_suits(const struct rig_program *program, const struct rig_plan *plan)
{
    for (unsigned i = 0; program && i < plan->server_count; i++) {
        if (!rig_server_speaks(plan->servers[i], program->kind->speaks)) {
            rig_complain("%s: %s does not speak %s to what stands behind it, as a %s program does; try %s, %s",
                         site_of(plan, i), plan->servers[i]->name, program->kind->speaks, program->kind->name,
                         program->kind->servers[0], program->kind->servers[1]);
            return false;
        }
    }
    return true;
}

void rig_program_free(const struct rig_program *program)
{
    if (program) {
        free(program->path);
        free(program->preload);
        free((void *)(uintptr_t)program);
    }
}

/* ---- running it ---- */

void rig_program_become(const struct rig_check_options *options, const char *handed)
{
    const struct rig_program *program = options->program;
    const char *before = getenv("LD_PRELOAD");
    char **arguments = rig_must_alloc(options->argument_count + 2, sizeof *arguments);
    arguments[0] = program->path;
    for (size_t i = 0; i < options->argument_count; i++) {
        arguments[i + 1] = (char *)(uintptr_t)options->arguments[i];
    }
    (void)setenv(RIG_HANDED_PRELOAD, before ? before : "", 1);
    (void)setenv(RIG_HANDED, handed, 1);
    (void)setenv("LD_PRELOAD", program->preload, 1);
    (void)execv(program->path, arguments);
}
