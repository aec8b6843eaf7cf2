#define _GNU_SOURCE

#include "harness/cli/check/onchange.h"

#include <errno.h>
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/cli/ui/progress.h"
#include "harness/core/with_parent.h"

#define SETTLE_MS 150 /* a compiler, or an editor, writes more than once */
#define CHANGES (IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM)

/* A file, by its folder: editors and linkers put another file in its place. */
struct watched {
    const char *path;
    char *name; /* in its folder */
    int folder; /* inotify's descriptor of it */
};

struct session {
    int inotify;
    struct watched *files; /* the stack, the requests, stackrig.conf */
    size_t count;
    char report[PATH_MAX];
    const char *first; /* the file that failed; NULL: none did */
};

/* ---- what changes ---- */

static bool watch_file(struct session *session, const char *path)
{
    char *copy = rig_must_copy(path), *folder = dirname(copy), *again = rig_must_copy(path);
    struct watched *one = &session->files[session->count++];
    *one = (struct watched){.path = path, .name = rig_must_copy(basename(again))};
    one->folder = inotify_add_watch(session->inotify, folder, CHANGES);
    if (one->folder < 0) {
        rig_complain("--watch: %s: %s", folder, strerror(errno));
    }
    free(copy);
    free(again);
    return one->folder >= 0;
}

/* Its path; NULL: it is none of these. */
static const char *changed_by(const struct session *session, const struct inotify_event *event)
{
    for (size_t i = 0; event->len > 0 && i < session->count; i++) {
        if (session->files[i].folder == event->wd && strcmp(session->files[i].name, event->name) == 0) {
            return session->files[i].path;
        }
    }
    return NULL;
}

/* Reads what there is; the first of the files that changed, or else before. */
static const char *read_changes(const struct session *session, const char *before)
{
    _Alignas(struct inotify_event) char bytes[4096];
    ssize_t size = read(session->inotify, bytes, sizeof bytes);
    for (char *at = bytes; size > 0 && at < bytes + size;) {
        const struct inotify_event *event = (const struct inotify_event *)(const void *)at;
        before = before ? before : changed_by(session, event);
        at += sizeof *event + event->len;
    }
    return before;
}

static bool all_there(const struct session *session)
{
    for (size_t i = 0; i < session->count; i++) {
        if (access(session->files[i].path, R_OK) != 0) {
            return false;
        }
    }
    return true;
}

/* The file that changed, when all is quiet again and all files are there; NULL: Ctrl-C. */
static const char *wait_for_change(const struct session *session)
{
    const char *changed = NULL;
    while (!rig_interrupted()) {
        struct pollfd ready = {.fd = session->inotify, .events = POLLIN};
        int answer = poll(&ready, 1, changed ? SETTLE_MS : -1);
        if (answer > 0) {
            changed = read_changes(session, changed);
        } else if (answer == 0 && all_there(session)) {
            return changed;
        }
    }
    return NULL;
}

/* ---- one run ---- */

/* PROGRAM check --once --json REPORT [--first FILE] and the rest. The list is new, its words are borrowed. */
static char **child_arguments(const struct session *session, char *const *arguments)
{
    size_t count = 0, used = 0;
    while (arguments[count]) {
        count++;
    }
    char **words = rig_must_alloc(count + 6, sizeof *words);
    words[used++] = arguments[0];
    words[used++] = arguments[1];
    words[used++] = (char *)(uintptr_t) "--once";
    words[used++] = (char *)(uintptr_t) "--json";
    words[used++] = (char *)(uintptr_t)session->report;
    if (session->first) {
        words[used++] = (char *)(uintptr_t) "--first";
        words[used++] = (char *)(uintptr_t)session->first;
    }
    for (size_t i = 2; i < count; i++) {
        words[used++] = arguments[i];
    }
    words[used] = NULL;
    return words;
}

/* Its exit status; -1: it could not be started, or was killed, and that is told. */
static int run_once(const struct session *session, char *const *arguments)
{
    int status;
    char **words = child_arguments(session, arguments);
    (void)fflush(NULL);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        rig_end_with_parent(parent);
        execv("/proc/self/exe", words);
        _exit(RIG_STATUS_USAGE);
    }
    free(words);
    if (child < 0) {
        rig_complain("--watch: %s", strerror(errno));
        return -1;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status)) {
        rig_complain("--watch: the check was ended by a signal: %s", strsignal(WTERMSIG(status)));
        return -1;
    }
    return WEXITSTATUS(status);
}

static bool same_file(const char *a, const char *b)
{
    char one[PATH_MAX], other[PATH_MAX];
    return realpath(a, one) && realpath(b, other) && strcmp(one, other) == 0;
}

/* The first file with a request that failed; NULL: there is none, or no report. */
static const char *find_failing(const struct session *session, const struct rig_check_options *options)
{
    const char *failing = NULL;
    size_t i;
    json_t *request, *report = json_load_file(session->report, 0, NULL);
    json_array_foreach(json_object_get(report, "requests"), i, request)
    {
        const char *outcome = json_string_value(json_object_get(request, "outcome"));
        const char *path = json_string_value(json_object_get(request, "file"));
        for (size_t k = 0; !failing && outcome && path && strcmp(outcome, "failed") == 0 && k < options->file_count;
             k++) {
            failing = same_file(path, options->files[k]) ? options->files[k] : NULL;
        }
    }
    json_decref(report);
    return failing;
}

static void clear_screen(const char *changed)
{
    if (isatty(STDOUT_FILENO)) {
        (void)fputs("\033[H\033[2J\033[3J", stdout);
    }
    printf("%s changed\n", changed);
}

static int run_until_interrupted(struct session *session, const struct rig_check_options *options,
                                 char *const *arguments)
{
    for (;;) {
        (void)truncate(session->report, 0);
        int status = run_once(session, arguments);
        if (status == RIG_STATUS_INTERRUPTED || rig_interrupted()) {
            return RIG_STATUS_INTERRUPTED;
        }
        session->first = find_failing(session, options);
        printf("watching the stack and %zu file%s; Ctrl-C ends\n", options->file_count,
               options->file_count == 1 ? "" : "s");
        (void)fflush(stdout);
        const char *changed = wait_for_change(session);
        if (!changed) {
            return RIG_STATUS_INTERRUPTED;
        }
        clear_screen(changed);
    }
}

/* ---- all of it ---- */

static bool begin(struct session *session, const struct rig_check_options *options)
{
    const char *folder = getenv("TMPDIR");
    (void)snprintf(session->report, sizeof session->report, "%s/stackrig.XXXXXX", folder && *folder ? folder : "/tmp");
    int report = mkstemp(session->report);
    session->inotify = inotify_init1(IN_CLOEXEC);
    session->files = rig_must_alloc(options->file_count + 2, sizeof *session->files);
    if (report < 0 || session->inotify < 0) {
        rig_complain("--watch: %s: %s", report < 0 ? session->report : "inotify", strerror(errno));
        return false;
    }
    (void)close(report);
    bool good = watch_file(session, options->stack) && (!options->conf || watch_file(session, options->conf));
    for (size_t i = 0; good && i < options->file_count; i++) {
        good = watch_file(session, options->files[i]);
    }
    return good;
}

int rig_check_on_change(const struct rig_check_options *options, char *const *arguments)
{
    struct session session = {.inotify = -1};
    int status = RIG_STATUS_USAGE;
    if (begin(&session, options)) {
        rig_interrupt_listen();
        status = run_until_interrupted(&session, options, arguments);
    }
    for (size_t i = 0; i < session.count; i++) {
        free(session.files[i].name);
    }
    free(session.files);
    (void)close(session.inotify);
    (void)unlink(session.report);
    return status;
}

bool rig_check_put_first(struct rig_check_options *options)
{
    size_t at = 0, used = 0;
    if (!options->first) {
        return true;
    }
    while (at < options->file_count && !same_file(options->files[at], options->first)) {
        at++;
    }
    if (at == options->file_count) {
        rig_complain("--first wants one of the files, not %s", options->first);
        return false;
    }
    options->ordered = rig_must_alloc(options->file_count, sizeof *options->ordered);
    options->ordered[used++] = options->files[at];
    for (size_t i = 0; i < options->file_count; i++) {
        if (i != at) {
            options->ordered[used++] = options->files[i];
        }
    }
    options->files = options->ordered;
    return true;
}
