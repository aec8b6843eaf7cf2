#define _DEFAULT_SOURCE

#include "harness/cli/ui/progress.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/core/wall.h"

#define QUIET_MS 1000 /* shorter work shows none */
#define TICK_MS 100
#define LINE_MS 10000

void rig_progress_start(struct rig_progress *progress, const char *what, size_t total, bool quiet)
{
    int64_t now = rig_wall_ms();
    *progress = (struct rig_progress){
        .what = what, .total = total, .quiet = quiet, .terminal = isatty(STDERR_FILENO), .start = now, .last = now};
}

static int add_rate(char *line, size_t size, const struct rig_progress *progress, size_t done, int64_t now)
{
    double seconds = (double)(now - progress->start) / 1000, rate = seconds > 0 ? (double)done / seconds : 0;
    bool seldom = rate < 1; /* "0.0/s" would say nothing */
    int used = seldom ? snprintf(line, size, ", %.1f/min", rate * 60)
                      : snprintf(line, size, rate < 100 ? ", %.1f/s" : ", %.0f/s", rate);
    if (progress->total > done && rate > 0) {
        used += snprintf(line + used, size - (size_t)used, ", %.0f s left", (double)(progress->total - done) / rate);
    }
    return used;
}

static void tell(struct rig_progress *progress, size_t done, size_t findings, const char *note, int64_t now)
{
    char line[256];
    int used =
        progress->total ? snprintf(line, 64, "%zu of %zu", done, progress->total) : snprintf(line, 64, "%zu", done);
    used += snprintf(line + used, 48, " %s", progress->what);
    used += add_rate(line + used, 64, progress, done, now);
    if (findings != SIZE_MAX) {
        used += snprintf(line + used, 40, ", %zu finding%s", findings, findings == 1 ? "" : "s");
    }
    (void)snprintf(line + used, sizeof line - (size_t)used, "%s%s", note ? ", " : "", note ? note : "");
    (void)fprintf(stderr, progress->terminal ? "\r%s\033[K" : "stackrig: %s\n", line);
    (void)fflush(stderr);
}

void rig_progress_tick(struct rig_progress *progress, size_t done, size_t findings, const char *note)
{
    int64_t now = progress->quiet ? 0 : rig_wall_ms();
    bool due = progress->terminal ? now - progress->start > QUIET_MS && now - progress->last > TICK_MS
                                  : now - progress->last > LINE_MS;
    if (!progress->quiet && due) {
        tell(progress, done, findings, note, now);
        progress->last = now;
        progress->shown = true;
    }
}

void rig_progress_end(struct rig_progress *progress)
{
    if (progress->shown && progress->terminal) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
    }
    progress->shown = false;
}

/* ---- Ctrl-C, SIGTERM ---- */

static volatile sig_atomic_t interrupted;

static void note_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static void listen_to(int number, int flags)
{
    struct sigaction before, action = {.sa_handler = note_interrupt, .sa_flags = SA_RESTART | flags};
    (void)sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
        (void)sigaction(number, &action, NULL);
    }
}

void rig_interrupt_listen(void)
{
    listen_to(SIGINT, (int)SA_RESETHAND);
}

void rig_interrupt_listen_to_term(void)
{
    listen_to(SIGTERM, 0);
}

bool rig_interrupted(void)
{
    return interrupted != 0;
}
