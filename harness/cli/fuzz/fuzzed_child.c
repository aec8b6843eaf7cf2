#define _DEFAULT_SOURCE

#include "harness/cli/fuzz/fuzzed_child.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/driver/here.h"
#include "harness/cli/run/load.h"
#include "harness/cli/run/settle.h"
#include "harness/cli/ui/progress.h"

/* There is one child at a time. */
struct shared {
    int answer; /* INT_MIN: none yet */
    volatile uint64_t turns;
    struct rig_watch watch;
};
static struct shared *shared;

void *rig_fuzzed_shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        rig_complain("out of memory");
        exit(RIG_STATUS_USAGE);
    }
    return memory;
}

/* ---- in the child ---- */

void rig_fuzzed_turn(void)
{
    shared->turns++;
    rig_watch_clear();
}

const struct rig_check_set *rig_fuzzed_checks(void)
{
    return rig_watch_layers(&shared->watch);
}

static _Noreturn void be_child(rig_fuzzed_work *work, void *closure, pid_t parent)
{
    rig_settle_process(parent);
    (void)signal(SIGTERM, SIG_DFL); /* a layer may raise it */
    int copy = dup(STDOUT_FILENO);
    FILE *out = copy >= 0 ? fdopen(copy, "w") : NULL;
    rig_settle_streams();
    if (!out) {
        /* EINVAL: it was closed, and main() holds its place with what is read alone */
        rig_complain("cannot write to standard output: %s", strerror(errno == EINVAL ? EBADF : errno));
        shared->answer = RIG_STATUS_USAGE;
        _exit(RIG_STATUS_USAGE);
    }
    rig_stand_listen(&shared->watch.stand);
    rig_stand_listen_at_exit();
    int status = work(closure, out);
    if (fflush(out) != 0 || ferror(out)) {
        rig_complain("cannot write to standard output: %s", strerror(errno));
        status = RIG_STATUS_USAGE;
    }
    shared->answer = status; /* what it has said itself: a layer may call exit() with any status */
    (void)fflush(NULL);
    rig_stack_write_lines();
    _exit(0);
}

/* ---- in the parent ---- */

/* Waits for the child; one that takes no turn is ended, and so is one at Ctrl-C, unless that was before. Its status as
 * waitpid has it. */
static int wait_for(pid_t child, bool before, void (*tick)(void), struct rig_fuzzed_end *end)
{
    const int64_t most = RIG_FUZZED_HANG_SECONDS * INT64_C(1000000000);
    int status = 0;
    struct timespec nap = {0, 1000000}; /* a child may end soon */
    uint64_t last = 0;
    for (int64_t still = 0; waitpid(child, &status, WNOHANG) == 0; still += nap.tv_nsec) {
        nap.tv_nsec = nap.tv_nsec < 20000000 ? nap.tv_nsec + 1000000 : nap.tv_nsec;
        (void)nanosleep(&nap, NULL);
        if (tick) {
            tick();
        }
        still = shared->turns == last ? still : 0;
        last = shared->turns;
        end->interrupted = rig_interrupted() && !before;
        end->hung = still > most;
        if (end->hung && !end->interrupted) {
            rig_stand_ask(child, &shared->watch.stand);
        }
        if (end->hung || end->interrupted) {
            (void)kill(child, SIGKILL);
            (void)waitpid(child, &status, 0);
            break;
        }
    }
    (void)kill(-child, SIGKILL); /* what it has started */
    return status;
}

static void describe(struct rig_fuzzed_end *end, int status)
{
    if (end->hung) {
        (void)snprintf(end->how, sizeof end->how, "no end after %d s", RIG_FUZZED_HANG_SECONDS);
    } else if (WIFSIGNALED(status)) {
        (void)snprintf(end->how, sizeof end->how, "%s", strsignal(WTERMSIG(status)));
    } else {
        (void)rig_stand_tell_end(&shared->watch.stand, WEXITSTATUS(status), end->how);
    }
    end->built = shared->turns > 0;
    end->exited = !end->hung && WIFEXITED(status);
    end->signal = !end->hung && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    rig_place_take(&end->place, &shared->watch);
}

int rig_fuzzed_child(rig_fuzzed_work *work, void *closure, void (*tick)(void), struct rig_fuzzed_end *end)
{
    pid_t parent = getpid();
    bool before = rig_interrupted();
    rig_fuzz_stay_here();
    shared = shared ? shared : rig_fuzzed_shared(sizeof *shared);
    struct rig_fuzzed_end unasked;
    end = end ? end : &unasked;
    memset(shared, 0, sizeof *shared);
    memset(end, 0, sizeof *end);
    shared->answer = INT_MIN;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        rig_complain("cannot start a process: %s", strerror(errno));
        return RIG_STATUS_USAGE;
    }
    if (child == 0) {
        be_child(work, closure, parent);
    }
    int status = wait_for(child, before, tick, end);
    if (shared->answer != INT_MIN) {
        return shared->answer;
    }
    describe(end, status);
    return RIG_FUZZED_LOST;
}

/* ---- how it was lost ---- */

bool rig_fuzzed_end_is(const struct rig_fuzzed_end *one, const struct rig_fuzzed_end *other)
{
    struct rig_place place = other->place;
    bool waits = one->place.stand.waits && other->place.stand.waits;
    if (one->hung && !waits) { /* a loop is somewhere else each time it is asked, and now and then in a call */
        place.stand.offset = one->place.stand.offset;
    }
    bool known = one->place.stand.module[0] != '\0';
    return !strcmp(one->how, other->how) && rig_place_is(&one->place, &place) &&
           (known || !strcmp(one->place.last_site, place.last_site));
}

const char *rig_fuzzed_end(const struct rig_fuzzed_end *end, const char *stack, char line[RIG_LINE_SIZE])
{
    struct rig_text text;
    rig_text_start(&text, line, RIG_LINE_SIZE);
    rig_text_add(&text, end->how);
    rig_place_tell(&text, &end->place);
    if (end->place.stand.module[0]) {
        rig_text_add(&text, ", ");
        rig_place_tell_code(&text, &end->place.stand, stack);
    }
    (void)rig_text_end(&text);
    return line;
}
