/* CGI's variables (RFC 3875 section 4.1) as far as there are rules for them, by number. */
#ifndef STACKRIG_CORE_CGI_H
#define STACKRIG_CORE_CGI_H

#include "harness/core/handles.h"
#include "harness/http/rare.h"

enum rig_cgi {
    RIG_CGI_REQUEST_METHOD,
    RIG_CGI_SCRIPT_NAME,
    RIG_CGI_PATH_INFO,
    RIG_CGI_QUERY_STRING,
    RIG_CGI_SERVER_NAME,
    RIG_CGI_SERVER_PORT,
    RIG_CGI_SERVER_PROTOCOL,
    RIG_CGI_REQUEST_SCHEME,
    RIG_CGI_CONTENT_LENGTH,
    RIG_CGI_HTTP_HOST,
    RIG_CGI_HTTP_CONTENT_TYPE,
    RIG_CGI_HTTP_CONTENT_LENGTH,
    RIG_CGI_COUNT
};

extern const char *const rig_cgi_names[RIG_CGI_COUNT];

/* Which of them were written in env is kept until it is handed on: RIG_FACT_CGI_CHANGED. Only while there is such an env
 * does its run want that fact, so that a hop pays nothing for it. */
void rig_cgi_written(struct rig_env *env, const char *name, size_t size); /* any name: it may be none of these */
void rig_cgi_copied(struct rig_env *copy, const struct rig_env *env);
void rig_cgi_forget(struct rig_env *env); /* of an env that has any */
static inline void rig_cgi_seen(struct rig_env *env)
{
    if (RIG_RARE(env->cgi_written != 0)) {
        rig_cgi_forget(env);
    }
}

#endif
