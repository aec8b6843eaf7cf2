/* A daemon of a program that runs as a child of `stackrig check`: a thread sends it the requests. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include "mocks/frameworks/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SAMPLE 2   /* ms */
#define QUIET 5    /* samples in a row in which the program waits */
#define SETTLE 200 /* samples: one that never waits is served all the same */

/* ---- turns ---- */

void rig_mhd_turn_begin(struct MHD_Daemon *daemon)
{
    struct turn *turn = &daemon->turn;
    turn->served = rig_program_here();
    turn->has_loop = turn->served && !(daemon->flags & MHD_USE_INTERNAL_POLLING_THREAD);
    turn->waiting_fd = turn->has_loop ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
    pthread_mutex_init(&turn->lock, NULL);
    pthread_cond_init(&turn->changed, NULL);
}

/* In the program's loop the handlers run while that is in MHD_run, and at no other time. */
bool rig_mhd_turn_take(struct MHD_Daemon *daemon)
{
    struct turn *turn = &daemon->turn;
    if (!turn->served) {
        return true;
    }
    pthread_mutex_lock(&turn->lock);
    turn->waits = turn->has_loop;
    if (turn->waits) {
        (void)eventfd_write(turn->waiting_fd, 1);
    }
    while (turn->waits && !turn->stopped) {
        pthread_cond_wait(&turn->changed, &turn->lock);
    }
    turn->waits = false;
    bool taken = !turn->stopped;
    turn->taken = taken;
    turn->taker = pthread_self();
    pthread_cond_broadcast(&turn->changed);
    pthread_mutex_unlock(&turn->lock);
    return taken;
}

void rig_mhd_turn_give(struct MHD_Daemon *daemon)
{
    struct turn *turn = &daemon->turn;
    if (turn->served) {
        pthread_mutex_lock(&turn->lock);
        turn->taken = false;
        pthread_cond_broadcast(&turn->changed);
        pthread_mutex_unlock(&turn->lock);
    }
}

bool rig_mhd_turn_stop(struct MHD_Daemon *daemon)
{
    struct turn *turn = &daemon->turn;
    pthread_mutex_lock(&turn->lock);
    turn->stopped = turn->stopping = true;
    turn->waits = false;
    pthread_cond_broadcast(&turn->changed);
    while (turn->taken && !pthread_equal(turn->taker, pthread_self())) {
        pthread_cond_wait(&turn->changed, &turn->lock);
    }
    turn->stopping = false;
    bool served = turn->served;
    pthread_mutex_unlock(&turn->lock);
    return served;
}

/* Its app asks for nothing any more. */
static void end_turns(struct MHD_Daemon *daemon)
{
    struct turn *turn = &daemon->turn;
    pthread_mutex_lock(&turn->lock);
    bool stopped = turn->stopped && !turn->stopping; /* else it goes with whoever stops it */
    turn->served = false;
    pthread_mutex_unlock(&turn->lock);
    if (stopped) {
        rig_mhd_daemon_free(daemon);
    }
}

void rig_mhd_turn_run(struct MHD_Daemon *daemon)
{
    struct turn *turn = &daemon->turn;
    eventfd_t count;
    if (!turn->has_loop) {
        return;
    }
    pthread_mutex_lock(&turn->lock);
    (void)eventfd_read(turn->waiting_fd, &count);
    if (turn->waits && !turn->stopped) {
        turn->waits = false;
        turn->taken = true;
        pthread_cond_broadcast(&turn->changed);
    }
    while (turn->taken && !pthread_equal(turn->taker, pthread_self())) {
        pthread_cond_wait(&turn->changed, &turn->lock);
    }
    pthread_mutex_unlock(&turn->lock);
}

/* ---- the thread ---- */

/* Linux tells of each thread whether it sleeps. false: it does not, or has ended. */
static bool sleeps(pid_t thread, bool *ended)
{
    char path[64], text[512];
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0) {
        (void)close(fd);
    }
    text[size > 0 ? size : 0] = '\0';
    const char *state = strrchr(text, ')');
    *ended = !state;
    return state && state[1] == ' ' && state[2] == 'S';
}

/* A real server's first request comes when the program has set up what its handlers need, and waits. */
static void let_settle(pid_t thread)
{
    bool ended = false;
    for (int sample = 0, quiet = 0; sample < SETTLE && quiet < QUIET && !ended; sample++) {
        (void)poll(NULL, 0, SAMPLE);
        quiet = sleeps(thread, &ended) ? quiet + 1 : 0;
    }
}

static void refuse_several(void)
{
    char text[1024];
    size_t size = 0, count = 0;
    struct MHD_Daemon *daemon = stackrig_microhttpd_daemon();
    for (; daemon; daemon = daemon->older, count++) {
        int more = snprintf(text + size, sizeof text - size, "%s port %u (%s)", count > 0 ? "," : "", daemon->port,
                            daemon->site ? daemon->site : daemon->name);
        size += more > 0 && (size_t)more < sizeof text - size ? (size_t)more : 0;
    }
    if (count > 1) {
        char why[1200];
        (void)snprintf(why, sizeof why, "the program has %zu servers, and a check is of one:%s", count, text);
        rig_program_refuse(why);
    }
}

static void *serve(void *closure)
{
    pid_t thread = (pid_t)(intptr_t)closure;
    let_settle(thread);
    refuse_several();
    struct MHD_Daemon *daemon = stackrig_microhttpd_daemon();
    if (!daemon) {
        rig_program_refuse("the program stopped its server at once");
    }
    rig_program_run(stackrig_microhttpd_app(daemon), NULL);
    end_turns(daemon);
    return NULL;
}

/* Signals are the program's. */
void rig_mhd_program_started(void)
{
    static atomic_flag begun = ATOMIC_FLAG_INIT;
    pthread_t thread;
    sigset_t all, before;
    if (!rig_program_here() || atomic_flag_test_and_set(&begun)) {
        return;
    }
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, NULL, serve, (void *)(intptr_t)syscall(SYS_gettid));
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        rig_program_refuse("the program's server cannot have a thread");
    }
    (void)pthread_detach(thread);
}
