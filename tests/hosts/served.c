#define _GNU_SOURCE
#include "tests/hosts/served.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct rig_seen seen;

char *pattern_new(size_t size)
{
    char *data = malloc(size + 1);
    assert_non_null(data);
    for (size_t i = 0; i < size; i++) {
        data[i] = (char)(i % PATTERN_PERIOD);
    }
    return data;
}

bool is_pattern(const char *data, size_t size)
{
    size_t i = 0;
    while (i < size && data[i] == (char)(i % PATTERN_PERIOD)) {
        i++;
    }
    return i == size;
}

static void nap(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

void wait_for_bytes(size_t bytes)
{
    for (int i = 0; i < 2000 && seen.bytes < bytes; i++) {
        nap(5);
    }
    assert_true(seen.bytes >= bytes);
}

/* ---- apps ---- */

static int variable(void *closure, const char *name, const char *value, size_t size)
{
    struct rig_response *res = closure;
    int error = rig_response_write(res, name, strlen(name));
    error = error ? error : rig_response_write(res, "=", 1);
    error = error || !value ? error : rig_response_write(res, value, size);
    return error ? error : rig_response_write(res, "\n", 1);
}

static int env(void *self, struct rig_env *request, struct rig_response *res)
{
    (void)self;
    return rig_env_each(request, variable, res);
}

/* 200 and the number of bytes that came, if they were the pattern's. */
static int count(void *self, struct rig_env *request, struct rig_response *res)
{
    char buffer[5000], text[64];
    int64_t got;
    size_t total = 0;
    bool right = true;
    (void)self;
    while ((got = rig_input_read(rig_env_input(request), buffer, sizeof buffer)) > 0) {
        for (int64_t i = 0; i < got; i++) {
            right = right && buffer[i] == (char)((total + (size_t)i) % PATTERN_PERIOD);
        }
        total += (size_t)got;
        seen.bytes += (size_t)got;
    }
    seen.last_read = (int)got;
    if (got < 0) {
        return (int)got;
    }
    (void)snprintf(text, sizeof text, "%s%zu", right ? "" : "wrong ", total);
    return rig_respond(res, .headers = {{"Content-Type", "text/plain"}}, .body = text);
}

static int deny(void *self, struct rig_env *request, struct rig_response *res)
{
    (void)self, (void)request;
    return rig_respond(res, .status = 401, .body = "who?");
}

/* Reads one byte, then knows enough. */
static int peek(void *self, struct rig_env *request, struct rig_response *res)
{
    char byte;
    (void)self;
    (void)rig_input_read(rig_env_input(request), &byte, 1);
    return rig_respond(res, .status = 403, .body = "no");
}

struct stream {
    size_t left, at;
    long pause;
    bool breaks;
    struct rig_input *echoes;
};

static int64_t stream_read(void *self, void *buffer, size_t size)
{
    struct stream *stream = self;
    if (stream->echoes) {
        return rig_input_read(stream->echoes, buffer, size < 1000 ? size : 1000);
    }
    if (stream->left == 0) {
        return stream->breaks ? -EIO : 0;
    }
    nap(stream->pause);
    size = size < 1000 ? size : 1000;
    size = size < stream->left ? size : stream->left;
    for (size_t i = 0; i < size; i++) {
        ((char *)buffer)[i] = (char)((stream->at + i) % PATTERN_PERIOD);
    }
    stream->at += size;
    stream->left -= size;
    return (int64_t)size;
}

static void stream_close(void *self)
{
    (void)self;
    seen.streams++;
}

static int streams(void *self, struct rig_env *request, struct rig_response *res)
{
    const char *path = rig_env_get(request, "PATH_INFO"), *query = rig_env_get(request, "QUERY_STRING");
    struct stream *stream = rig_env_alloc(request, sizeof *stream);
    (void)self;
    if (!stream) {
        return -ENOMEM;
    }
    stream->left = (size_t)atoi(query);
    stream->breaks = strcmp(path, "/breaks") == 0;
    stream->pause = strcmp(path, "/slow") == 0 ? 40 : strcmp(path, "/pauses") == 0 ? 1600 : 0;
    stream->echoes = strcmp(path, "/echo") == 0 ? rig_env_input(request) : NULL;
    if (strcmp(path, "/sized") == 0) {
        (void)rig_response_set_header(res, "Content-Length", query);
    }
    return rig_response_stream(res, (struct rig_source){.read = stream_read, .close = stream_close, .self = stream});
}

static int file(void *self, struct rig_env *request, struct rig_response *res)
{
    (void)self, (void)request;
    return rig_response_file(res, "tests/hosts/served.h");
}

static int fails(void *self, struct rig_env *request, struct rig_response *res)
{
    (void)self, (void)res;
    (void)rig_env_log(request, "it fails with %d", 5);
    return -EIO;
}

static int headers(void *self, struct rig_env *request, struct rig_response *res)
{
    (void)self, (void)request;
    (void)rig_response_add_header(res, "Set-Cookie", "a=1");
    (void)rig_response_add_header(res, "Set-Cookie", "b=2");
    (void)rig_response_add_header(res, "X-Bad", "a\r\nX-Injected: b");
    (void)rig_response_add_header(res, "Content-Length", "99");
    return rig_respond(res, .status = 202, .body = "five!");
}

/* A name that would be a line of the log. */
static int forges(void *self, struct rig_env *request, struct rig_response *res)
{
    (void)self, (void)request;
    (void)rig_response_add_header(res, "X-A\r\nFAKE LOG LINE", "b");
    return rig_respond(res, .body = "forged");
}

static int none(void *self, struct rig_env *request, struct rig_response *res)
{
    (void)self, (void)request;
    return rig_respond(res, .status = 204, .body = "a body that there must not be");
}

/* Takes as many ms as the query says. */
static int works(void *self, struct rig_env *request, struct rig_response *res)
{
    int running = ++seen.running;
    (void)self;
    seen.most = running > seen.most ? running : seen.most;
    nap(atol(rig_env_get(request, "QUERY_STRING")));
    seen.running--;
    return rig_respond(res, .body = "done");
}

static int many(void *self, struct rig_env *request, struct rig_response *res)
{
    char *body = pattern_new(3000000);
    (void)self, (void)request;
    int error = rig_respond(res, .bytes = {body, 3000000});
    free(body);
    return error;
}

static int bad_status(void *self, struct rig_env *request, struct rig_response *res)
{
    (void)self, (void)request;
    return rig_respond(res, .status = 42);
}

static const struct {
    const char *path;
    struct rig_app app;
} apps[] = {
    {"/env", {.name = "env", .call = env}},           {"/count", {.name = "count", .call = count}},
    {"/deny", {.name = "deny", .call = deny}},        {"/peek", {.name = "peek", .call = peek}},
    {"/echo", {.name = "echo", .call = streams}},     {"/breaks", {.name = "breaks", .call = streams}},
    {"/slow", {.name = "slow", .call = streams}},     {"/stream", {.name = "stream", .call = streams}},
    {"/sized", {.name = "sized", .call = streams}},   {"/file", {.name = "file", .call = file}},
    {"/fails", {.name = "fails", .call = fails}},     {"/headers", {.name = "headers", .call = headers}},
    {"/none", {.name = "none", .call = none}},        {"/works", {.name = "works", .call = works}},
    {"/many", {.name = "many", .call = many}},        {"/bad_status", {.name = "bad_status", .call = bad_status}},
    {"/pauses", {.name = "pauses", .call = streams}}, {"/forges", {.name = "forges", .call = forges}}};

static int dispatch(void *self, struct rig_env *request, struct rig_response *res)
{
    const char *path = rig_env_get(request, "PATH_INFO");
    (void)self;
    for (size_t i = 0; i < sizeof apps / sizeof *apps; i++) {
        if (strcmp(apps[i].path, path) == 0) {
            return apps[i].app.call(NULL, request, res);
        }
    }
    return rig_respond(res, .status = 404, .body = "not here");
}

/* An instance that all threads share: it is only read. */
struct tag {
    const char *value;
};

static int tags(void *self, struct rig_env *request, struct rig_response *res, struct rig_next *next)
{
    int error = rig_next(next, request, res);
    return error ? error : rig_response_set_header(res, "X-Tag", ((const struct tag *)self)->value);
}

static const struct rig_middleware tags_layer = {.name = "tags", .call = tags, .self_size = sizeof(struct tag)};

struct rig_stack *served_stack(void)
{
    seen.bytes = 0;
    seen.last_read = seen.streams = seen.running = seen.most = 0;
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    assert_non_null(stack);
    assert_int_equal(rig_use(stack, &tags_layer, &(struct tag){"served"}), 0);
    assert_int_equal(rig_run(stack, RIG_APP(dispatch)), 0);
    return stack;
}

/* ---- clients ---- */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

void log_line(void *self, const char *line)
{
    struct log *log = self;
    pthread_mutex_lock(&log_lock);
    size_t used = strlen(log->text);
    (void)snprintf(log->text + used, sizeof log->text - used, "%s\n", line);
    pthread_mutex_unlock(&log_lock);
}

bool log_holds(struct log *log, const char *text)
{
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&log_lock);
        bool held = strstr(log->text, text) != NULL;
        pthread_mutex_unlock(&log_lock);
        if (held) {
            return true;
        }
        (void)usleep(10000);
    }
    return false;
}

int connected(const char *address)
{
    int fd = rig_talk_open(address);
    assert_true(fd >= 0);
    return fd;
}

void ask_bytes(int fd, const char *head, const void *data, size_t size, struct rig_talk_answer *answer)
{
    size_t head_size = strlen(head);
    char *all = malloc(head_size + size + 1);
    assert_non_null(all);
    memcpy(all, head, head_size);
    if (size > 0) {
        memcpy(all + head_size, data, size);
    }
    const struct rig_talk_request request = {.data = all,
                                             .size = head_size + size,
                                             .is_head = strncmp(head, "HEAD ", 5) == 0,
                                             .expects = strstr(head, "Expect: ") != NULL,
                                             .naive = strstr(head, "X-Naive: ") != NULL};
    assert_int_equal(rig_talk(fd, &request, answer), 0);
    free(all);
}

void ask(const char *address, const char *head, struct rig_talk_answer *answer)
{
    int fd = connected(address);
    ask_bytes(fd, head, NULL, 0, answer);
    (void)close(fd);
}
