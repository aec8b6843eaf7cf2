/* An env that a test builds by hand, and calls or closes later. */
#include "harness/client/client.h"

#include "harness/core/stack.h"

#include <errno.h>

/* What the env needs of the request must last until the env is called. */
static int keep_body(struct rig_run *run, const struct rig_request *request)
{
    struct rig_input *input = run->wire_input;
    if (input->bytes && input->size > 0) {
        input->bytes = (const unsigned char *)rig_arena_copy(&run->arena, input->bytes, (size_t)input->size);
    }
    if (request->piece_count > 0) {
        size_t *pieces = rig_arena_alloc(&run->arena, request->piece_count * sizeof *pieces);
        if (pieces) {
            memcpy(pieces, request->pieces, request->piece_count * sizeof *pieces);
        }
        input->pieces = pieces;
    }
    bool kept = !input->bytes == !!input->source.read && (request->piece_count == 0 || input->pieces);
    return kept ? 0 : -ENOMEM;
}

struct rig_env *rig_env_for_at(const char *site, struct rig_client *client, struct rig_request request)
{
    if (!client) {
        (void)rig_misuse(NULL, RIG_MISUSE_NULL_ARGUMENT, site, "rig_env_for was given a NULL client");
        rig_request_drop_source(&request);
        return NULL;
    }
    const struct rig_result *refused;
    struct rig_run *run = rig_send_open(site, client, "rig_env_for", &request, __builtin_frame_address(0), &refused);
    if (!run) {
        return NULL;
    }
    struct rig_sent sent = {0};
    int error;
    if (request.malformed) {
        rig_request_drop_source(&request);
        error =
            rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, site,
                       "rig_env_for cannot build the env of a .malformed request: rig_send lets the server judge it");
    } else {
        error = rig_send_build(run, client, &request, &sent);
        error = error ? error : keep_body(run, &request);
    }
    if (error != 0) {
        run->report->result.error = error < 0 ? error : 0;
        (void)rig_send_close(client, run);
        return NULL;
    }
    run->state = RIG_RUN_HELD;
    rig_run_leave(run);
    return run->env;
}

/* The held run of env; NULL: it is none of this client's. */
static struct rig_run *held_run(struct rig_client *client, const struct rig_env *env)
{
    struct rig_run *run = env ? env->handle.run : NULL;
    return run && run->runner == &client->runner && run->state == RIG_RUN_HELD && run->env == env ? run : NULL;
}

static const struct rig_result *refuse_env(const char *site, struct rig_client *client, const struct rig_env *env,
                                           const char *call)
{
    int error;
    struct rig_run *run = rig_send_run(client, __builtin_frame_address(0), site, &error);
    if (!run) {
        return rig_unsent_at(site, client, call, error);
    }
    if (!env || !env->handle.run) {
        (void)rig_live(site, env ? &env->handle : NULL, RIG_HANDLE_ENV, call);
        error = rig_live_error(env ? &env->handle : NULL);
    } else {
        error = rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, site,
                           "%s was given env#%llu, which is not one of this client's rig_env_for", call,
                           (unsigned long long)env->handle.serial);
    }
    run->report->result.error = error;
    return rig_send_close(client, run);
}

const struct rig_result *rig_call_at(const char *site, struct rig_client *client, struct rig_env *env)
{
    if (!client) {
        return rig_refused_at(site, NULL, "rig_call", RIG_MISUSE_NULL_ARGUMENT, "rig_call was given a NULL client");
    }
    struct rig_run *run = held_run(client, env);
    if (!run) {
        return refuse_env(site, client, env, "rig_call");
    }
    (void)rig_runner_reclaim(&client->runner, __builtin_frame_address(0));
    run->state = RIG_RUN_OPEN;
    run->frame = __builtin_frame_address(0);
    rig_run_enter(run);
    rig_app_tell_late(run, &client->app);
    run->site = site;
    run->report->result.site = site;
    struct rig_sent sent = {
        .chunked = run->wire.chunked, .pieces = run->wire_input->pieces, .piece_count = run->wire_input->piece_count};
    rig_send_serve(run, client, &sent);
    return rig_send_close(client, run);
}

void rig_env_close_at(const char *site, struct rig_client *client, struct rig_env *env)
{
    struct rig_run *run = client ? held_run(client, env) : NULL;
    if (run) {
        rig_run_abandon(run);
    } else if (client && env) {
        (void)refuse_env(site, client, env, "rig_env_close");
    } else if (!client) {
        (void)rig_refused_at(site, NULL, "rig_env_close", RIG_MISUSE_NULL_ARGUMENT,
                             "rig_env_close was given a NULL client");
    }
}
