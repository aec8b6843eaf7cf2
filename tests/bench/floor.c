/* Five nested plain calls over one malloc'ed struct, with the copies that the rig makes: every variable's name and
 * value into the env, the body into the app's buffer, the layers' keys and values, the answer's headers and body into
 * the result. It is meant to be fast: a name is found by its length and last letter in one small array. */
#include "tests/bench/floor.h"

#include <stdlib.h>
#include <string.h>

#define LAYER static __attribute__((noinline)) int
#define APART __attribute__((noinline)) /* what the rig offers as a function is one here */

struct env {
    size_t count, used;
    const unsigned char *body;
    size_t body_size, body_at;
    struct floor_result *result;
    uint32_t tags[FLOOR_FIELDS]; /* of the name: length and last letter */
    const char *names[FLOOR_FIELDS], *values[FLOOR_FIELDS];
    char text[FLOOR_TEXT];
};

/* size bytes and the zero byte behind them. */
static inline char *copy(char *text, size_t *used, const char *from, size_t size)
{
    char *to = text + *used;
    memcpy(to, from, size + 1);
    *used += size + 1;
    return to;
}

static inline uint32_t tag_of(const char *name, size_t size)
{
    return (uint32_t)size << 8 | (size ? (unsigned char)name[size - 1] : 0u);
}

/* Its index; count: absent. */
static inline size_t find(const struct env *env, const char *name, size_t size)
{
    uint32_t tag = tag_of(name, size);
    size_t i = 0;
    while (i < env->count && (env->tags[i] != tag || memcmp(env->names[i], name, size) != 0)) {
        i++;
    }
    return i;
}

static APART const char *get(const struct env *env, const char *name)
{
    size_t i = find(env, name, strlen(name));
    return i < env->count ? env->values[i] : NULL;
}

static inline int add(struct env *env, const char *name, size_t name_size, const char *value, size_t value_size)
{
    size_t i = env->count;
    if (i == FLOOR_FIELDS || name_size + value_size + 2 > FLOOR_TEXT - env->used) {
        return -1;
    }
    env->tags[i] = tag_of(name, name_size);
    env->names[i] = copy(env->text, &env->used, name, name_size);
    env->values[i] = copy(env->text, &env->used, value, value_size);
    env->count++;
    return 0;
}

static APART int set(struct env *env, const char *name, const char *value)
{
    size_t name_size = strlen(name), value_size = strlen(value);
    size_t i = find(env, name, name_size);
    if (i == env->count) {
        return add(env, name, name_size, value, value_size);
    }
    if (value_size + 1 > FLOOR_TEXT - env->used) {
        return -1;
    }
    env->values[i] = copy(env->text, &env->used, value, value_size);
    return 0;
}

static APART size_t read_body(struct env *env, void *buffer, size_t size)
{
    size_t left = env->body_size - env->body_at;
    size_t piece = size < left ? size : left;
    memcpy(buffer, env->body + env->body_at, piece);
    env->body_at += piece;
    return piece;
}

static APART int respond(struct env *env, int status, const struct floor_field *headers, size_t count, const char *body)
{
    struct floor_result *result = env->result;
    result->status = status;
    result->header_count = count;
    result->used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t name_size = strlen(headers[i].name), value_size = strlen(headers[i].value);
        if (i == 8 || name_size + value_size + 2 > sizeof result->text - result->used) {
            return -1;
        }
        result->headers[i].name = copy(result->text, &result->used, headers[i].name, name_size);
        result->headers[i].value = copy(result->text, &result->used, headers[i].value, value_size);
    }
    result->body_size = strlen(body);
    if (result->body_size + 1 > sizeof result->text - result->used) {
        return -1;
    }
    result->body = copy(result->text, &result->used, body, result->body_size);
    return 0;
}

LAYER app(struct env *env)
{
    static const struct floor_field headers[] = {
        {"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"ETag", "\"5f3a\""}};
    char buffer[2048];
    size_t total = 0, got;
    while ((got = read_body(env, buffer, sizeof buffer)) > 0) {
        __asm__ volatile("" ::"r"(buffer) : "memory"); /* the bytes count as used */
        total += got;
    }
    return respond(env, total == 1024 ? 200 : 400, headers, 3,
                   "{\"id\":42,\"name\":\"a small item\",\"tags\":[\"x\",\"y\"],\"stock\":1234567}");
}

static int pass(struct env *env, const char *header, const char *key)
{
    const char *value = get(env, header);
    return value ? set(env, key, value) : -1;
}

LAYER layer5(struct env *env)
{
    return pass(env, "HTTP_COOKIE", "mw.5") ? -1 : app(env);
}

LAYER layer4(struct env *env)
{
    return pass(env, "HTTP_AUTHORIZATION", "mw.4") ? -1 : layer5(env);
}

LAYER layer3(struct env *env)
{
    return pass(env, "HTTP_X_REQUEST_ID", "mw.3") ? -1 : layer4(env);
}

LAYER layer2(struct env *env)
{
    return pass(env, "HTTP_ACCEPT", "mw.2") ? -1 : layer3(env);
}

LAYER layer1(struct env *env)
{
    return pass(env, "HTTP_USER_AGENT", "mw.1") ? -1 : layer2(env);
}

int floor_send(const struct floor_request *request, struct floor_result *result)
{
    struct env *env = malloc(sizeof *env);
    int error = 0;
    if (!env) {
        return -1;
    }
    env->count = env->used = env->body_at = 0;
    env->body = request->body;
    env->body_size = request->body_size;
    env->result = result;
    for (size_t i = 0; i < request->count && !error; i++) {
        const struct floor_field *from = &request->variables[i];
        error = add(env, from->name, strlen(from->name), from->value, strlen(from->value));
    }
    if (!error) {
        error = layer1(env);
    }
    free(env);
    return error;
}
