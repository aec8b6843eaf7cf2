#define _GNU_SOURCE

#include "harness/cli/run/load.h"
#include "harness/cli/run/preload.h"
#include "harness/cli/parity/parity.h"
#include "harness/cli/ui/progress.h"
#include "harness/cli/run/rows.h"
#include "harness/cli/run/settle.h"
#include "harness/cli/run/unrun.h"

#include <dlfcn.h>
#include <limits.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOW_SIZE 512

enum { HOST = 256, ADDRESS, FRONT, SET, FILTER, MASK, QUIET };

static const struct option table[] = {{"host", required_argument, NULL, HOST},
                                      {"address", required_argument, NULL, ADDRESS},
                                      {"front", required_argument, NULL, FRONT},
                                      {"set", required_argument, NULL, SET},
                                      {"filter", required_argument, NULL, FILTER},
                                      {"mask", required_argument, NULL, MASK},
                                      {"quiet", no_argument, NULL, QUIET},
                                      {"help", no_argument, NULL, 'h'},
                                      {0}};

static const struct {
    const char *name, *server; /* server: the profile that says what becomes of its answers */
} hosts[] = {{"microhttpd", "direct+drains"}, {"fastcgi", "nginx:fastcgi+libfcgi"}};

static const char *server_of(const char *host)
{
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        if (strcmp(hosts[i].name, host) == 0) {
            return hosts[i].server;
        }
    }
    return NULL;
}

/* ---- arguments ---- */

static bool take(struct rig_parity *parity, int answer)
{
    if (rig_formats_is(answer)) {
        return rig_formats_take(&parity->options.formats, answer, optarg);
    }
    switch (answer) {
    case QUIET:
        parity->quiet = true;
        return true;
    case MASK:
        return rig_mask_add(optarg);
    case HOST:
        parity->host = optarg;
        return true;
    case ADDRESS:
        parity->address = optarg;
        return true;
    case FRONT:
        parity->front = optarg;
        return true;
    case FILTER:
        parity->options.filter = optarg;
        return true;
    default:
        return rig_setting_add(&parity->options, optarg);
    }
}

static bool take_operands(struct rig_parity *parity, const struct rig_verb *verb, int argc, char **argv)
{
    struct rig_check_options *options = &parity->options;
    const char *server = server_of(parity->host);
    if (!server) {
        (void)rig_complain_usage(verb, "unknown host %s; there are microhttpd and fastcgi", parity->host);
        return false;
    }
    if (strcmp(parity->host, "fastcgi") == 0 && (!parity->front || !parity->address)) {
        (void)rig_complain_usage(verb, "the host fastcgi stands behind a web server: --address and --front say where");
        return false;
    }
    if (argc - optind < 2) {
        (void)rig_complain_usage(verb, argc == optind ? "parity: a stack's shared object is missing"
                                                      : "parity: a file with requests is missing");
        return false;
    }
    options->stack = argv[optind];
    options->files = argv + optind + 1;
    options->file_count = (size_t)(argc - optind - 1);
    return rig_formats_apart(&options->formats, options->stack, options->files, options->file_count) &&
           rig_servers_add(options->servers, &options->server_count, server, NULL);
}

static bool parse_with(const struct option *names, struct rig_parity *parity, const struct rig_verb *verb, int argc,
                       char **argv, int *status)
{
    int answer;
    opterr = 0;
    *status = RIG_STATUS_USAGE;
    while ((answer = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
        if (answer == 'h') {
            rig_verb_help(verb);
            *status = RIG_STATUS_CLEAN;
            return false;
        }
        if (answer == '?' || answer == ':') {
            rig_complain_option(verb, answer, argv, names);
            return false;
        }
        if (!take(parity, answer)) {
            return false;
        }
    }
    return take_operands(parity, verb, argc, argv);
}

static bool parse(struct rig_parity *parity, const struct rig_verb *verb, int argc, char **argv, int *status)
{
    struct option *names = rig_formats_options(table);
    parity->host = hosts[0].name;
    parity->options.settings = rig_must_alloc((size_t)argc, sizeof *parity->options.settings);
    bool good = parse_with(names, parity, verb, argc, argv, status);
    free(names);
    return good;
}

/* ---- the run ---- */

/* Beside the library of the rig: the command itself needs no server. */
static bool load_host(struct rig_parity *parity)
{
    char name[64], path[PATH_MAX + 64];
    void *function = NULL;
    (void)snprintf(name, sizeof name, "libstackrig-host-%s.so", parity->host);
    /* by its path: under a sanitizer, which calls the real dlopen, the command's own rpath is not looked at */
    bool beside = rig_library_path(path, sizeof path, name);
    void *library = beside ? dlopen(path, RTLD_NOW | RTLD_GLOBAL) : NULL;
    library = library ? library : dlopen(name, RTLD_NOW | RTLD_GLOBAL);
    if (library) {
        (void)snprintf(name, sizeof name, "rig_serve_%s", parity->host);
        function = dlsym(library, name);
    }
    if (!function) {
        rig_complain("cannot load the host %s (`make hosts` builds it): %s", parity->host, dlerror());
        return false;
    }
    memcpy(&parity->serve, &function, sizeof function); /* as POSIX has it: no cast from an object's pointer */
    return true;
}

/* What layers print would stand in the report's middle. */
static void settle_streams(void)
{
    int report = dup(STDOUT_FILENO);
    (void)dup2(STDERR_FILENO, STDOUT_FILENO);
    FILE *to = report >= 0 ? fdopen(report, "w") : NULL;
    stdout = to ? to : stdout;
}

static _Noreturn void run_child(struct rig_parity *parity, pid_t parent)
{
    rig_settle_process(parent);
    (void)signal(SIGTTOU, SIG_IGN); /* a process group of its own may print all the same */
    settle_streams();
    int status = load_host(parity) ? rig_parity_run(parity) : RIG_STATUS_USAGE;
    status = rig_output_finish() ? status : RIG_STATUS_USAGE;
    rig_stack_write_lines();
    _exit(status);
}

/* Ctrl-C comes to the command alone, which passes it on once. */
static bool wait_for(pid_t child, int *status)
{
    const struct timespec nap = {0, 10000000};
    bool told = false;
    pid_t ended;
    while ((ended = waitpid(child, status, WNOHANG)) == 0) {
        if (rig_interrupted() && !told) {
            (void)kill(child, SIGINT);
            told = true;
        }
        (void)nanosleep(&nap, NULL);
    }
    return ended == child;
}

/* In a process of its own: a layer may crash or hang. */
static int run_apart(struct rig_parity *parity)
{
    char death[128] = "";
    int status = 0;
    pid_t parent = getpid();
    rig_interrupt_listen();
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        run_child(parity, parent);
    }
    if (child < 0 || !wait_for(child, &status)) {
        rig_complain("cannot start a process for the stack");
        return RIG_STATUS_USAGE;
    }
    if (!WIFEXITED(status)) {
        int number = WTERMSIG(status);
        (void)snprintf(death, sizeof death, "the stack %s%s",
                       number == SIGALRM ? "did not return" : "crashed: ", number == SIGALRM ? "" : strsignal(number));
        if (rig_formats_text(&parity->options.formats)) {
            printf("%s: error: %s\n", parity->now, death);
        }
    }
    int result = *death ? RIG_STATUS_FINDINGS : WEXITSTATUS(status);
    return rig_parity_report(parity, result, *death ? death : NULL) ? result : RIG_STATUS_USAGE;
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    struct rig_parity parity = {0};
    struct rig_file *files = NULL;
    int status;
    if (parse(&parity, verb, argc, argv, &status)) {
        status = RIG_STATUS_USAGE;
        parity.now = mmap(NULL, NOW_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        parity.notes = memfd_create("stackrig-parity", MFD_CLOEXEC);
        if (parity.now != MAP_FAILED && parity.notes >= 0 &&
            rig_files_read(parity.options.files, parity.options.file_count, &files) &&
            rig_plan_make(&parity.plan, &parity.options, files) &&
            rig_rows_settle(&parity.options, &parity.plan, NULL)) {
            (void)snprintf(parity.now, NOW_SIZE, "%s", parity.options.stack);
            status = run_apart(&parity);
        }
        rig_report_unrun(&parity.options.formats, "parity", parity.options.stack, status);
    }
    rig_plan_free(&parity.plan);
    rig_files_free(files, parity.options.file_count);
    rig_check_options_free(&parity.options);
    return status;
}

static const char help[] = "Sends each request of the files through the stack in the rig, and to the same\n"
                           "stack behind a real server on loopback, and prints every difference in status,\n"
                           "headers, body and delivery.\n\n"
                           "  --host NAME      the server: microhttpd (the default) or fastcgi\n"
                           "  --address WHERE  where it listens: HOST:PORT, of fastcgi also unix:PATH\n"
                           "                   (a free port of 127.0.0.1)\n"
                           "  --front WHERE    where requests are sent, if not there: the server before it\n"
                           "  --set KEY=VALUE, --mask NAME, --filter NAME    as of `stackrig check`\n" RIG_FORMATS_HELP
                           "  --quiet          no progress\n\n"
                           "  stackrig parity --host microhttpd stack.so requests.http\n\n"
                           "Exit status: 0 no difference; 1 differences, a crash or a hang; 2 wrong usage or\n"
                           "input; 130 Ctrl-C.\n";

const struct rig_verb rig_verb_parity = {"parity", "[option...] STACK.so FILE.http...",
                                         "compares the rig with a real server", help, run};
