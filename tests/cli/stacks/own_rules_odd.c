/* A stack with a rule whose loading goes wrong as ODD says: crash, hang, exit, deaf (closes all, and sleeps), garble (writes
 * into its pipe), mute (a report of trouble without words); or change: it brings two rules at first, and
 * one from the second time on, as if it had been built anew. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/rules.h>
#include <stackrig/stackrig.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(answer));
}

static int look(const struct rig_own_seen *seen)
{
    (void)seen;
    return RIG_OWN_LOOKED;
}

#define RULE(id_)                                                                                      \
    {                                                                                                  \
        .id = id_, .level = RIG_LEVEL_ERROR, .title = "a", .armed_when = "b", .why = "c", .mend = "d", \
        .hears = RIG_OWN_HEARS(END), .check = look                                                     \
    }
static const struct rig_own_rule first = RULE("odd.first"), second = RULE("odd.second");
static const struct rig_own_rule *rules[] = {&first, &second, NULL};

/* Into the pipe in which the rules are told, and no other that it was started with. */
static void write_into_pipes(const void *bytes, size_t size)
{
    struct stat about;
    for (int fd = 3; fd < 64; fd++) {
        if ((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 && fstat(fd, &about) == 0 && S_ISFIFO(about.st_mode) &&
            (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY && write(fd, bytes, size) < 0) {
            _exit(4);
        }
    }
}

__attribute__((constructor)) static void begin(void)
{
    const char *odd = getenv("ODD");
    if (odd && strcmp(odd, "crash") == 0) {
        (void)raise(SIGSEGV);
    } else if (odd && strcmp(odd, "hang") == 0) {
        (void)pause();
    } else if (odd && strcmp(odd, "deaf") == 0) {
        for (int fd = 3; fd < 64; fd++) {
            (void)close(fd);
        }
        (void)sleep(20);
    } else if (odd && strcmp(odd, "garble") == 0) {
        write_into_pipes("all of this is garbled", 22);
        (void)pause();
    } else if (odd && strcmp(odd, "mute") == 0) {
        static const uint32_t mute[3] = {sizeof mute, 1, 0}; /* RIG_FRAME_TROUBLE, and no text */
        write_into_pipes(mute, sizeof mute);
        (void)pause();
    } else if (odd && strcmp(odd, "exit") == 0) {
        _exit(3);
    } else if (odd && strcmp(odd, "change") == 0 && open("loaded", O_CREAT | O_EXCL | O_RDWR, 0600) < 0) {
        rules[1] = NULL;
    }
}

RIG_EXPORT(build);
RIG_EXPORT_RULES(rules);
