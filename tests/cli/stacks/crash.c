/* A layer that dies, in the way that the path says. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes into everything but the usual streams, as a layer with a wrong file descriptor does. */
static void scribble(void)
{
    static const char noise[4096] = {'n', 'o', 'i', 's', 'e'};
    for (int fd = 3; fd < 64; fd++) {
        if (write(fd, noise, sizeof noise) < 0) {
            continue;
        }
    }
}

static void close_all(void)
{
    for (int fd = 3; fd < 64; fd++) {
        close(fd);
    }
}

/* Leaves a child behind that holds all descriptors open. */
static void orphan(void)
{
    pid_t child = fork();
    if (child == 0) {
        sleep(30);
        _exit(0);
    }
    FILE *file = fopen("orphan.pid", "w");
    if (file) {
        fprintf(file, "%ld\n", (long)child);
        fclose(file);
    }
    raise(SIGKILL);
}

static void destroy(void *object)
{
    (void)object;
    raise(SIGBUS);
}

static int64_t read_and_die(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    raise(SIGSEGV);
    return 0;
}

static int64_t read_nothing(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return 0;
}

static void close_and_die(void *self)
{
    (void)self;
    raise(SIGABRT);
}

static int victim(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const char *path = rig_env_get(env, "PATH_INFO");
    (void)self;
    if (!strcmp(path, "/segv")) {
        raise(SIGSEGV);
    } else if (!strcmp(path, "/segv_too")) {
        kill(getpid(), SIGSEGV); /* another line with the same end */
    } else if (!strcmp(path, "/abort")) {
        abort();
    } else if (!strcmp(path, "/exit")) {
        _exit(3);
    } else if (!strcmp(path, "/exit_clean")) {
        exit(0);
    } else if (!strcmp(path, "/exit_usage")) {
        exit(2);
    } else if (!strcmp(path, "/scribble")) {
        scribble();
    } else if (!strcmp(path, "/close")) {
        close_all();
    } else if (!strcmp(path, "/orphan")) {
        orphan();
    } else if (!strcmp(path, "/destroy")) {
        rig_env_set_object(env, "victim.object", self, destroy); /* the destructor's line */
    } else if (!strcmp(path, "/stream")) {
        return rig_response_stream(res, (struct rig_source){.read = read_and_die}); /* the stream's line */
    } else if (!strcmp(path, "/stream_close")) {
        return rig_response_stream(res, (struct rig_source){.read = read_nothing, .close = close_and_die});
    }
    return rig_next(next, env, res);
}

static int pass(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int result = rig_next(next, env, res);
    if (!strcmp(rig_env_get(env, "PATH_INFO"), "/above")) {
        raise(SIGFPE);
    }
    return result;
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200);
}

static const struct rig_middleware above = {.name = "above", .call = pass},
                                   layer = {.name = "victim", .call = victim, .self_size = 1};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &above, NULL);
    rig_use(stack, &layer, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
