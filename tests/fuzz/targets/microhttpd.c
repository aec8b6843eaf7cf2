/* The adapter of libmicrohttpd, under a handler that asks for all it can: headers, cookies, arguments, credentials, a form. */
#include <stackrig/fuzz.h>
#include <stackrig/microhttpd.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct exchange {
    struct MHD_PostProcessor *form;
    size_t values, taken;
    bool zero; /* the body has such a byte */
};

static struct MHD_Daemon *daemon_of;

static enum MHD_Result count(void *closure, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct exchange *exchange = closure;
    (void)kind;
    exchange->values += (name ? strlen(name) : 0) + (value ? strlen(value) : 0);
    return MHD_YES;
}

static enum MHD_Result on_field(void *closure, enum MHD_ValueKind kind, const char *key, const char *file,
                                const char *type, const char *coding, const char *data, uint64_t offset, size_t size)
{
    struct exchange *exchange = closure;
    (void)kind, (void)key, (void)file, (void)type, (void)coding, (void)offset;
    exchange->taken += data ? size : 0;
    return MHD_YES;
}

static enum MHD_Result reply(struct MHD_Connection *connection, const struct exchange *exchange)
{
    char text[64], *password = NULL, *user = MHD_basic_auth_get_username_password(connection, &password);
    /* 0.9.75 takes each piece of a value for a string: how much of it is lost behind a zero byte depends on the pieces */
    (void)snprintf(text, sizeof text, "%zu %zu\n", exchange->values, exchange->zero ? 0 : exchange->taken);
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = !response ? MHD_NO
                             : user    ? MHD_queue_response(connection, MHD_HTTP_OK, response)
                                       : MHD_queue_basic_auth_fail_response(connection, "all", response);
    if (response) {
        MHD_destroy_response(response);
    }
    MHD_free(user);
    MHD_free(password);
    return result;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **state)
{
    struct exchange *exchange = *state;
    (void)cls, (void)url, (void)method, (void)version;
    if (!exchange) {
        *state = exchange = calloc(1, sizeof *exchange);
        if (exchange) {
            exchange->form = MHD_create_post_processor(connection, 512, on_field, exchange);
        }
        return exchange ? MHD_YES : MHD_NO;
    }
    if (*size > 0) {
        exchange->zero = exchange->zero || memchr(data, '\0', *size);
        if (exchange->form) {
            (void)MHD_post_process(exchange->form, data, *size);
        }
        *size = 0;
        return MHD_YES;
    }
    exchange->values = 0;
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count, exchange);
    (void)MHD_get_connection_values(connection, MHD_COOKIE_KIND, count, exchange);
    (void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, count, exchange);
    return reply(connection, exchange);
}

static void done(void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode how)
{
    struct exchange *exchange = *state;
    (void)cls, (void)connection, (void)how;
    if (exchange && exchange->form) {
        (void)MHD_destroy_post_processor(exchange->form);
    }
    free(exchange);
    *state = NULL;
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    if (!daemon_of) { /* it keeps nothing of a request */
        daemon_of = MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 8080, NULL, NULL, handle, NULL,
                                     MHD_OPTION_NOTIFY_COMPLETED, done, NULL, MHD_OPTION_END);
    }
    return daemon_of ? rig_run(stack, stackrig_microhttpd_app(daemon_of)) : -EIO;
}

RIG_FUZZ(build, .targets = {"/items"}, .headers = {"Cookie", "Authorization"});
