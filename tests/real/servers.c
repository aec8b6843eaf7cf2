/* Starting, watching and ending the servers. */
#define _GNU_SOURCE
#include "tests/real/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNNING_MAX 32
#define START_SECONDS 10
#define STOP_SECONDS 3
#define STARTS 3

extern char **environ;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t running[RUNNING_MAX];
static char folder[RIG_REAL_PATH];
static bool kept;
static unsigned serial;

static void nap(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- ending ---- */

static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

/* Its whole group goes with it; the id stays taken until the wait. */
static void end_process(pid_t pid)
{
    double until = seconds_now() + STOP_SECONDS;
    (void)kill(pid, SIGTERM);
    while (!has_ended(pid) && seconds_now() < until) {
        nap();
    }
    (void)kill(-pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

static bool swap_running(pid_t from, pid_t to)
{
    bool found = false;
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < RUNNING_MAX && !found; i++) {
        found = running[i] == from;
        running[i] = found ? to : running[i];
    }
    (void)pthread_mutex_unlock(&lock);
    return found;
}

void rig_real_stop(struct rig_real_server *server)
{
    if (server->pid > 0 && swap_running(server->pid, 0)) {
        end_process(server->pid);
    }
    server->pid = 0;
}

/* ---- the folder, and the end of everything ---- */

const char *rig_real_folder(void)
{
    return folder;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    (void)remove(path);
    return 0;
}

void rig_real_end(void)
{
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < RUNNING_MAX; i++) {
        if (running[i] > 0) {
            end_process(running[i]);
        }
        running[i] = 0;
    }
    if (folder[0] && !kept) {
        (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
    folder[0] = '\0';
    (void)pthread_mutex_unlock(&lock);
}

static sigset_t ends(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGALRM);
    return set;
}

/* Signals are waited for by a thread, which may do what a handler may not. */
static void *watch(void *closure)
{
    sigset_t set = ends();
    int number = 0;
    (void)closure;
    if (sigwait(&set, &number) == 0) {
        fprintf(stderr, "%s: the servers are ended\n", number == SIGALRM ? "it took too long" : strsignal(number));
        rig_real_end();
        _exit(128 + number);
    }
    return NULL;
}

int rig_real_begin(unsigned seconds, bool keep)
{
    pthread_t watcher;
    sigset_t set = ends();
    const char *temp = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/stackrig-real-XXXXXX", temp && *temp ? temp : "/tmp");
    if (strlen(folder) > 60 || !mkdtemp(folder)) { /* a unix socket's path has 107 bytes */
        (void)snprintf(folder, sizeof folder, "/tmp/stackrig-real-XXXXXX");
        if (!mkdtemp(folder)) {
            folder[0] = '\0';
            return -errno;
        }
    }
    kept = keep;
    (void)chmod(folder, 0755); /* Apache does not serve as root: it must reach the sockets */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    int result = pthread_create(&watcher, NULL, watch, NULL);
    if (result != 0) {
        rig_real_end();
        return -result;
    }
    (void)pthread_detach(watcher);
    (void)alarm(seconds);
    return 0;
}

/* ---- ports ---- */

static int try_port(int port, bool bind_it)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const struct sockaddr *at = (const struct sockaddr *)&address;
    int result = bind_it ? bind(fd, at, sizeof address) : connect(fd, at, sizeof address);
    result = result != 0 ? -errno : 0;
    (void)close(fd);
    return result;
}

int rig_real_free_port(void)
{
    static unsigned last;
    int result = -EADDRINUSE;
    (void)pthread_mutex_lock(&lock);
    for (int tries = 0; tries < 200 && result < 0; tries++) {
        struct timespec now;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        last = last ? last + 1 : (unsigned)getpid() * 131U + (unsigned)now.tv_nsec / 1000U;
        int port = 20000 + (int)(last % 12000U); /* connections take theirs from 32768 on */
        result = try_port(port, true);
        result = result == 0 ? port : result;
    }
    (void)pthread_mutex_unlock(&lock);
    return result;
}

/* ---- starting ---- */

static bool find_program(const char *program, char *path, size_t size)
{
    const char *usual = getenv("PATH");
    char all[4096];
    (void)snprintf(all, sizeof all, "%s:/usr/local/sbin:/usr/sbin:/sbin", usual ? usual : "/usr/bin");
    char *rest = NULL;
    for (char *in = strtok_r(all, ":", &rest); in; in = strtok_r(NULL, ":", &rest)) {
        (void)snprintf(path, size, "%s/%s", in, program);
        if (access(path, X_OK) == 0) {
            return true;
        }
    }
    return false;
}

bool rig_real_installed(const char *name)
{
    const struct rig_real_kind *kind = rig_real_kind(name);
    char path[RIG_REAL_PATH];
    return kind && find_program(kind->program, path, sizeof path);
}

static int fail(struct rig_real_server *server, int error, const char *what)
{
    (void)snprintf(server->error, sizeof server->error, "%s: %s: %s", server->name, what, strerror(-error));
    return error;
}

/* "@/config" -> "FOLDER/config" */
static void fill_arguments(const struct rig_real_kind *kind, const char *own, char texts[8][RIG_REAL_PATH], char **argv)
{
    for (size_t i = 0; i < 8 && kind->arguments[i]; i++) {
        const char *argument = kind->arguments[i];
        bool place = argument[0] == '@';
        (void)snprintf(texts[i], RIG_REAL_PATH, "%s%s", place ? own : "", argument + place);
        *argv++ = texts[i];
    }
    *argv = NULL;
}

static int spawn_in_group(const char *path, char **argv, const char *output, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0644);
    (void)posix_spawn_file_actions_adddup2(&actions, 1, 2);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int result = posix_spawn(pid, path, &actions, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return -result;
}

/* setpriv: it ends when we are killed, too. */
static int run(const struct rig_real_kind *kind, const struct rig_real_server *server, pid_t *pid)
{
    char path[RIG_REAL_PATH], setpriv[RIG_REAL_PATH], output[RIG_REAL_PATH + 8], texts[8][RIG_REAL_PATH];
    char death[] = "--pdeathsig", term[] = "TERM", end[] = "--", *argv[16] = {setpriv, death, term, end, path};
    if (!find_program(kind->program, path, sizeof path)) {
        return -ENOENT;
    }
    bool has_setpriv = find_program("setpriv", setpriv, sizeof setpriv);
    (void)snprintf(output, sizeof output, "%s/output", server->folder);
    fill_arguments(kind, server->folder, texts, argv + 5);
    return has_setpriv ? spawn_in_group(setpriv, argv, output, pid) : spawn_in_group(path, argv + 4, output, pid);
}

static int write_config(const struct rig_real_kind *kind, const struct rig_real_server *server)
{
    char path[RIG_REAL_PATH + 8];
    (void)snprintf(path, sizeof path, "%s/config", server->folder);
    FILE *file = fopen(path, "w");
    if (!file) {
        return -errno;
    }
    kind->configure(file, server);
    return fclose(file) == 0 ? 0 : -errno;
}

/* The last line of what it said, for the message. */
static void add_last_line(struct rig_real_server *server, const char *name)
{
    char path[RIG_REAL_PATH + 16], line[256], last[256] = "";
    (void)snprintf(path, sizeof path, "%s/%s", server->folder, name);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        memcpy(last, line, sizeof last);
    }
    if (file) {
        (void)fclose(file);
    }
    size_t used = strlen(server->error);
    (void)snprintf(server->error + used, sizeof server->error - used, "%s%s", *last ? "; " : "", last);
}

static int await_ports(struct rig_real_server *server)
{
    double until = seconds_now() + START_SECONDS;
    for (size_t i = 0; i < RIG_REAL_ROUTES_MAX && server->ports[i]; i++) {
        while (try_port(server->ports[i], false) != 0) {
            if (has_ended(server->pid)) {
                return -ECHILD;
            }
            if (seconds_now() > until) {
                return -ETIMEDOUT;
            }
            nap();
        }
    }
    return has_ended(server->pid) ? -ECHILD : 0;
}

static int make_folder(struct rig_real_server *server, const struct rig_real_kind *kind)
{
    (void)pthread_mutex_lock(&lock);
    unsigned number = ++serial;
    int length = snprintf(server->folder, sizeof server->folder, "%.128s/%s-%u", folder, server->name, number);
    (void)pthread_mutex_unlock(&lock);
    (void)snprintf(server->log, sizeof server->log, "%.*s/%s", length, server->folder, kind->log);
    return mkdir(server->folder, 0755) == 0 ? 0 : -errno;
}

static int start_once(struct rig_real_server *server, const struct rig_real_kind *kind)
{
    int result = make_folder(server, kind);
    if (result != 0) {
        return fail(server, result, "its folder");
    }
    memset(server->ports, 0, sizeof server->ports);
    for (size_t i = 0; i < RIG_REAL_ROUTES_MAX && server->routes[i].protocol; i++) {
        int port = rig_real_free_port();
        if (port < 0) {
            return fail(server, port, "a port");
        }
        server->ports[i] = port;
    }
    result = write_config(kind, server);
    result = result == 0 ? run(kind, server, &server->pid) : result;
    if (result != 0) {
        return fail(server, result, "cannot be run");
    }
    if (!swap_running(0, server->pid)) {
        end_process(server->pid);
        return fail(server, -EMFILE, "too many are running");
    }
    result = await_ports(server);
    if (result != 0) {
        (void)fail(server, result, result == -ECHILD ? "ended at once" : "takes no connections");
        add_last_line(server, "output");
        add_last_line(server, "error.log");
        rig_real_stop(server);
    }
    return result;
}

int rig_real_start(struct rig_real_server *server)
{
    const struct rig_real_kind *kind = rig_real_kind(server->name);
    int result = -ECHILD;
    server->pid = 0;
    server->error[0] = '\0';
    if (!kind || !rig_real_installed(server->name)) {
        return fail(server, -ENOENT, "not installed");
    }
    for (int tries = 0; tries < STARTS && result == -ECHILD; tries++) { /* its ports may have been taken meanwhile */
        result = start_once(server, kind);
    }
    return result;
}

/* ---- nginx before a FastCGI program ---- */

int rig_real_begin_fastcgi(struct rig_real_server *server, const char *socket, char backend[RIG_REAL_PATH + 8])
{
    *server = (struct rig_real_server){.name = "nginx", .routes = {{.protocol = "fastcgi", .backend = backend}}};
    if (!rig_real_installed("nginx")) {
        printf("skipped: nginx is not installed\n");
        return 77;
    }
    if (rig_real_begin(120, false) != 0) {
        return 1;
    }
    (void)snprintf(backend, RIG_REAL_PATH + 8, "unix:%.200s/%.40s", rig_real_folder(), socket);
    if (rig_real_start(server) != 0) {
        printf("nginx did not start: %s\n", server->error);
        rig_real_end();
        return 1;
    }
    return 0;
}
