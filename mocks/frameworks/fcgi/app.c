/* A request through a handler, or through a turn of a program's loop. */
#include "mocks/frameworks/fcgi/fcgi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct app {
    int (*handle)(FCGX_Request *request); /* NULL: a loop */
    struct rig_fcgi_loop *loop;
    const char *name, *site;
};

static _Thread_local struct rig_fcgi_turn *current;

struct rig_fcgi_turn *rig_fcgi_turn(void)
{
    return current;
}

struct rig_fcgi_turn *rig_fcgi_serve(struct rig_fcgi_turn *turn)
{
    struct rig_fcgi_turn *before = current;
    current = turn;
    return before;
}

/* ---- parameters ---- */

int rig_fcgi_add(struct rig_fcgi_turn *turn, struct rig_fcgi_text *text, const void *data, size_t size)
{
    if (size > text->capacity - text->size) {
        size_t capacity = text->capacity ? text->capacity * 2 : 1024;
        capacity = capacity < text->size + size ? text->size + size : capacity;
        char *grown = rig_env_alloc_at(NULL, turn->env, capacity);
        if (!grown) {
            return -ENOMEM;
        }
        if (text->size > 0) {
            memcpy(grown, text->data, text->size);
        }
        text->data = grown;
        text->capacity = capacity;
    }
    if (size > 0) {
        memcpy(text->data + text->size, data, size);
    }
    text->size += size;
    return 0;
}

/* One byte, or four with the first bit set. */
static int add_length(struct rig_fcgi_turn *turn, size_t size)
{
    const unsigned char length[] = {(unsigned char)(0x80 | (size >> 24 & 0x7f)), (unsigned char)(size >> 16 & 0xff),
                                    (unsigned char)(size >> 8 & 0xff), (unsigned char)(size & 0xff)};
    return size < 128 ? rig_fcgi_add(turn, &turn->params, length + 3, 1)
                      : rig_fcgi_add(turn, &turn->params, length, sizeof length);
}

static int add_param(struct rig_fcgi_turn *turn, const char *name, const char *value, size_t size)
{
    size_t name_size = strlen(name);
    turn->typed = turn->typed || strcmp(name, "CONTENT_TYPE") == 0;
    turn->sized = turn->sized || strcmp(name, "CONTENT_LENGTH") == 0;
    int error = add_length(turn, name_size);
    error = error ? error : add_length(turn, size);
    error = error ? error : rig_fcgi_add(turn, &turn->params, name, name_size);
    return error ? error : rig_fcgi_add(turn, &turn->params, value, size);
}

/* Names with a dot are the rig's; fields come by themselves. */
static int add_variable(void *closure, const char *name, const char *value, size_t size)
{
    bool skipped = strchr(name, '.') || strncmp(name, "HTTP_", 5) == 0 || size > INT32_MAX;
    return skipped ? 0 : add_param(closure, name, value, size);
}

/* Each as a parameter of its own, as nginx does it: FCGX_GetParam finds the first of a name. */
static int add_field(void *closure, const char *name, const char *value, size_t size)
{
    struct rig_fcgi_turn *turn = closure;
    if (strcasecmp(name, "Content-Type") == 0 || strcasecmp(name, "Content-Length") == 0 || size > INT32_MAX) {
        return 0;
    }
    size_t name_size = strlen(name);
    char *variable = rig_env_alloc_at(NULL, turn->env, name_size + sizeof "HTTP_");
    if (!variable) {
        return -ENOMEM;
    }
    memcpy(variable, "HTTP_", 5);
    for (size_t i = 0; i < name_size; i++) {
        char upper = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 'a' + 'A') : name[i];
        variable[5 + i] = (char)(upper == '-' ? '_' : upper);
    }
    return add_param(turn, variable, value, size);
}

int rig_fcgi_params(struct rig_fcgi_turn *turn)
{
    static const char interface[] = "CGI/1.1";
    int error = rig_env_each_at(NULL, turn->env, add_variable, turn);
    error = error ? error : rig_foreign_fields(turn->env, add_field, turn);
    error = error ? error : add_param(turn, "GATEWAY_INTERFACE", interface, sizeof interface - 1);
    /* nginx's fastcgi_params name these two always, empty where the client sent none */
    error = error || turn->typed ? error : add_param(turn, "CONTENT_TYPE", "", 0);
    return error || turn->sized ? error : add_param(turn, "CONTENT_LENGTH", "", 0);
}

/* ---- what was read ---- */

void rig_fcgi_settle(struct rig_fcgi_turn *turn)
{
    const FCGX_Stream *in = turn->request ? turn->request->in : NULL;
    size_t left = in && in->stop > in->rdNext ? (size_t)(in->stop - in->rdNext) : 0;
    size_t read = turn->piece > left ? turn->piece - left : 0;
    const char *site = rig_site_of(turn->reader);
    if (!in) {
        return;
    }
    if (read > turn->piece_read) {
        (void)rig_foreign_read(site, turn->env, read - turn->piece_read);
        turn->piece_read = read; /* what is put back by FCGX_UnGetChar was read all the same */
    }
    if (turn->body_ended && !turn->end_told) {
        turn->end_told = true;
        (void)rig_foreign_read(site, turn->env, 0);
    }
}

/* ---- the app ---- */

static int run_handler(const struct app *app)
{
    FCGX_Request request;
    if (FCGX_InitRequest(&request, 0, 0) != 0 || FCGX_Accept_r(&request) != 0) {
        return -EPROTO;
    }
    int status = app->handle(&request);
    if (request.out) { /* it may have finished it itself */
        FCGX_SetExitStatus(status, request.out);
    }
    FCGX_Finish_r(&request);
    FCGX_Free(&request, 1);
    return 0;
}

/* The memory of a request that was given up, by a jump say, is gone. */
static void forget(void *closure)
{
    if (current == closure) {
        current = NULL;
    }
}

static int serve(const struct app *app, struct rig_fcgi_turn *turn)
{
    int error = rig_fcgi_params(turn);
    if (error) {
        return error;
    }
    struct rig_fcgi_turn *before = rig_fcgi_serve(turn);
    error = app->loop ? rig_fcgi_loop_run(app->loop) : run_handler(app);
    (void)rig_fcgi_serve(before);
    return error ? error : rig_fcgi_answer(turn, app->name);
}

static int call(void *self, struct rig_env *env, struct rig_response *res)
{
    const struct app *app = self;
    struct rig_fcgi_turn *turn = rig_env_alloc_at(NULL, env, sizeof *turn);
    const struct rig_foreign layer = {
        .name = app->name, .site = app->site, .is_app = true, .framework = &stackrig_fcgi};
    if (!turn || rig_foreign_when_out(env, forget, turn) != 0) {
        return -ENOMEM;
    }
    *turn = (struct rig_fcgi_turn){.env = env, .res = res};
    struct rig_visit *visit = rig_foreign_enter(env, res, &layer);
    return visit ? rig_foreign_leave(visit, serve(app, turn)) : -ENOMEM;
}

static void release(void *self)
{
    struct app *app = self;
    struct rig_fcgi_turn *before = rig_fcgi_serve(NULL);
    rig_fcgi_loop_free(app->loop);
    (void)rig_fcgi_serve(before);
    free(app);
}

static struct rig_app app_of(const void *function, int (*handle)(FCGX_Request *request), struct rig_fcgi_loop *loop)
{
    struct app *app = function && (handle || loop) && FCGX_Init() == 0 ? malloc(sizeof *app) : NULL;
    if (!app) {
        rig_fcgi_loop_free(loop);
        return (struct rig_app){.name = "fcgi"};
    }
    *app = (struct app){
        .handle = handle, .loop = loop, .name = rig_name_of_function(function), .site = rig_site_of_function(function)};
    return (struct rig_app){.name = "fcgi", .call = call, .self = app, .release = release};
}

struct rig_app stackrig_fcgi_app(int (*handle)(FCGX_Request *request))
{
    const void *function = NULL;
    memcpy(&function, (const void *)&handle, sizeof function);
    return app_of(function, handle, NULL);
}

struct rig_app stackrig_fcgi_loop(int (*loop)(void *closure), void *closure)
{
    const void *function = NULL;
    memcpy(&function, (const void *)&loop, sizeof function);
    struct rig_fcgi_loop *made = loop ? rig_fcgi_loop_new(loop, closure) : NULL;
    struct rig_app app = app_of(function, NULL, made);
    if (app.call) {
        struct rig_fcgi_turn *before = rig_fcgi_serve(NULL);
        (void)rig_fcgi_loop_run(made); /* up to where it accepts */
        (void)rig_fcgi_serve(before);
    }
    return app;
}

/* ---- a program's ---- */

static const void *acceptor;

void rig_fcgi_accepts(const void *caller)
{
    acceptor = acceptor ? acceptor : caller;
}

struct rig_app rig_fcgi_program_app(struct rig_fcgi_loop *loop)
{
    static struct app app;
    app = (struct app){.loop = loop,
                       .name = acceptor ? rig_name_of_function((const char *)acceptor - 1) : "main",
                       .site = rig_site_of(acceptor)};
    return (struct rig_app){.name = "fcgi", .call = call, .self = &app};
}

/* ---- what the rig cannot see here ---- */

static const struct rig_blind blind[] = {
    {"env.identity.replaced",
     "what is called between accepting and finishing calls the rig by nothing but its streams"},
    {"env.identity.lost_write", "handlers share C structs: nobody sees an assignment"},
    {"next.call.twice", "as env.identity.replaced"},
    {"next.call.after_answer", "as env.identity.replaced"},
    {"input.used_after_close", "a handler that closes request->in reads its end from then on"},
    {NULL, NULL}};

#define READ_ON \
    "read the body to its end before you finish: FCGX_GetStr until it gives 0 (fcgi_stdio: fread from stdin)"

static const struct rig_advice advice[] = {
    {"input.body.unread", "libfcgi takes the rest when the request is finished; the profile fastcgi is "
                          "of a library that does not, where the answer gets lost: " READ_ON},
    {"input.early_answer.misdirected", READ_ON},
    {"input.early_answer.unread", READ_ON},
    {"input.truncated.accepted",
     "libfcgi shows a read that failed as the end: compare what came with CONTENT_LENGTH, and "
     "answer 400 if it is less"},
    {NULL, NULL}};

const struct rig_framework stackrig_fcgi = {
    .name = "fcgi", .title = "libfcgi 2.4.2, over memory", .blind = blind, .advice = advice};
