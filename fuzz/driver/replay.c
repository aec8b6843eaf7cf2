/* A scenario of a test: played with all oracles. */
#include "fuzz/driver/masked.h"
#include "fuzz/driver/report.h"

#include <errno.h>
#include <stdlib.h>

struct replay {
    struct rig_fuzz_target target;
    struct rig_fuzz_scenario scenario;
    const char *rule; /* NULL: any */
    char *message;
    size_t size;
    bool broken;
};

static void on_violation(void *closure, const struct rig_fuzz_violation *violation)
{
    struct replay *replay = closure;
    char message[sizeof replay->target.message];
    if (replay->broken || (replay->rule && strcmp(replay->rule, violation->rule) != 0)) {
        return;
    }
    replay->broken = true;
    rig_masked_text(&replay->target, &replay->scenario, violation->message, message, sizeof message);
    (void)snprintf(replay->message, replay->size, "%s%serror: %s [%s]", violation->site ? violation->site : "",
                   violation->site ? ": " : "", message, violation->rule);
}

static int play(struct replay *replay, const struct rig_fuzz *what, const char *http)
{
    const char *why = NULL;
    struct rig_scenario_error error;
    int status = rig_fuzz_target_open(&replay->target, what, 1, NULL, NULL, &why);
    if (status != 0) {
        (void)snprintf(replay->message, replay->size, "%s", why ? why : rig_fuzz_trouble(&replay->target, status));
        return status;
    }
    status = rig_fuzz_read(http, strlen(http), &replay->scenario, &error);
    if (status != 0) {
        (void)snprintf(replay->message, replay->size, "%zu:%zu: %s", error.line, error.column, error.message);
        return status;
    }
    rig_fuzz_admit(&replay->target.table, &replay->scenario);
    replay->target.tell = on_violation;
    replay->target.closure = replay;
    return rig_fuzz_judge(&replay->target, &replay->scenario, RIG_FUZZ_ALL);
}

int rig_fuzz_replay(const struct rig_fuzz *what, const char *http, const char *rule, char *message, size_t size)
{
    struct replay *replay = calloc(1, sizeof *replay);
    if (!replay) {
        return -ENOMEM;
    }
    replay->rule = rule;
    replay->message = message;
    replay->size = size;
    (void)snprintf(message, size, "%s", "");
    int status = play(replay, what, http);
    status = status == 0 && replay->broken ? 1 : status;
    rig_fuzz_target_close(&replay->target);
    free(replay);
    return status;
}
