/* Code that knows nothing of the rig: it allocates, and tells the time. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Looks at the first two of three allocations. */
static char *greeting(const char *name)
{
    char *text = malloc(64), *copy, *last;
    if (!text) {
        return NULL;
    }
    copy = strdup(name);
    last = malloc(100);
    snprintf(last, 100, "hello %s", copy ? copy : "");
    snprintf(text, 64, "%zu", strlen(last));
    free(copy);
    free(last);
    return text;
}

static time_t begun;

static int show_time(struct rig_response *res)
{
    char text[64];
    time_t now = time(NULL);
    nanosleep(&(struct timespec){.tv_sec = 5000}, NULL);
    snprintf(text, sizeof text, "%lld", (long long)(time(NULL) - now));
    return now - begun < 5000 && now < 1000000000 ? rig_respond(res, .body = text) : -ERANGE;
}

/* Forgets the first where the second is not there. */
static int leak(struct rig_response *res)
{
    char *first = malloc(40), *second = first ? malloc(50) : NULL;
    if (!second) {
        return -ENOMEM;
    }
    free(first);
    free(second);
    return rig_respond(res, .body = "both");
}

/* The same, and does not look whether the third is there. */
static int leak_and_crash(struct rig_response *res)
{
    char *first = malloc(40), *second = first ? malloc(50) : NULL;
    if (!second) {
        return -ENOMEM;
    }
    char *third = malloc(70);
    snprintf(third, 70, "third");
    free(first);
    free(second);
    int error = rig_respond(res, .body = third);
    free(third);
    return error;
}

/* One check is missing, and two lines fall over that. */
static int crash_here_or_there(struct rig_response *res)
{
    char *first = malloc(40), *second = malloc(50);
    if (second) {
        snprintf(first, 40, "with a second");
        snprintf(second, 50, "%s", first);
    } else {
        strcpy(first, "without");
        int plain = rig_respond(res, .body = first);
        free(first);
        return plain;
    }
    int error = rig_respond(res, .body = second);
    free(first);
    free(second);
    return error;
}

static int hide(struct rig_response *res)
{
    char *text = calloc(1, 60);
    if (text) {
        strcpy(text, "all of it");
    }
    int error = rig_respond(res, .body = text ? text : "");
    free(text);
    return error;
}

static struct kept {
    struct kept *next;
    char text[16];
} * kept;

static int keep(struct rig_response *res)
{
    struct kept *one = malloc(sizeof *one);
    if (!one) {
        return -ENOMEM;
    }
    one->next = kept;
    kept = one;
    return rig_respond(res, .body = "kept");
}

/* Where memory ran out, the next request falls over what was left. */
static int break_what_comes_later(struct rig_response *res)
{
    static bool broken;
    if (broken) {
        abort();
    }
    char *volatile text = malloc(30);
    broken = !text;
    free(text);
    return broken ? -ENOMEM : rig_respond(res, .status = 200);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *path = rig_env_get(env, "PATH_INFO");
    (void)self;
    if (!strcmp(path, "/time")) {
        return show_time(res);
    }
    if (!strcmp(path, "/leak") || !strcmp(path, "/hide") || !strcmp(path, "/keep")) {
        return path[1] == 'l' ? leak(res) : path[1] == 'h' ? hide(res) : keep(res);
    }
    if (!strcmp(path, "/there")) {
        return crash_here_or_there(res);
    }
    if (!strcmp(path, "/later")) {
        return break_what_comes_later(res);
    }
    if (!strcmp(path, "/both")) {
        return leak_and_crash(res);
    }
    char *text = strcmp(path, "/ann") == 0 ? greeting(path) : malloc(1);
    if (!text) {
        return -ENOMEM;
    }
    int error = rig_respond(res, .status = 200);
    free(text);
    return error;
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    begun = time(NULL);
    return rig_run(stack, (struct rig_app){.name = "greeter", .call = answer});
}

RIG_EXPORT(build);
