#include "harness/core/cgi.h"

#include "harness/core/run.h"

const char *const rig_cgi_names[RIG_CGI_COUNT] = {
    [RIG_CGI_REQUEST_METHOD] = "REQUEST_METHOD",
    [RIG_CGI_SCRIPT_NAME] = "SCRIPT_NAME",
    [RIG_CGI_PATH_INFO] = "PATH_INFO",
    [RIG_CGI_QUERY_STRING] = "QUERY_STRING",
    [RIG_CGI_SERVER_NAME] = "SERVER_NAME",
    [RIG_CGI_SERVER_PORT] = "SERVER_PORT",
    [RIG_CGI_SERVER_PROTOCOL] = "SERVER_PROTOCOL",
    [RIG_CGI_REQUEST_SCHEME] = "REQUEST_SCHEME",
    [RIG_CGI_CONTENT_LENGTH] = "CONTENT_LENGTH",
    [RIG_CGI_HTTP_HOST] = "HTTP_HOST",
    [RIG_CGI_HTTP_CONTENT_TYPE] = "HTTP_CONTENT_TYPE",
    [RIG_CGI_HTTP_CONTENT_LENGTH] = "HTTP_CONTENT_LENGTH",
};

static const enum rig_event_kind told_at[] = {RIG_EVENT_BEGIN, RIG_EVENT_NEXT, RIG_EVENT_NEXT_RETURN};

static void note(struct rig_env *env, uint32_t written)
{
    struct rig_run *run = env->handle.run;
    if (env->cgi_written == 0 && written != 0) {
        run->cgi_envs++;
        for (size_t i = 0; i < sizeof told_at / sizeof *told_at; i++) {
            run->wanted[told_at[i]] |= RIG_FACT_CGI_CHANGED;
        }
    }
    env->cgi_written |= written;
}

void rig_cgi_written(struct rig_env *env, const char *name, size_t size)
{
    for (unsigned i = 0; i < RIG_CGI_COUNT; i++) {
        if (strlen(rig_cgi_names[i]) == size && memcmp(rig_cgi_names[i], name, size) == 0) {
            note(env, 1u << i);
            return;
        }
    }
}

void rig_cgi_copied(struct rig_env *copy, const struct rig_env *env)
{
    note(copy, env->cgi_written);
}

void rig_cgi_forget(struct rig_env *env)
{
    struct rig_run *run = env->handle.run;
    env->cgi_written = 0;
    run->cgi_envs--;
    for (size_t i = 0; run->cgi_envs == 0 && i < sizeof told_at / sizeof *told_at; i++) {
        run->wanted[told_at[i]] &= ~(uint32_t)RIG_FACT_CGI_CHANGED;
    }
}
