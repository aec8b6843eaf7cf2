/* Five nested plain calls over one malloc'ed struct, with the copies that the rig makes: every variable's name and
 * value into the env, the body into the app's buffer, the layers' keys and values, the answer's headers and body into
 * the result. Names are compared by length first, which makes a short array the fastest table there is. */
#include "tests/bench/floor.h"

#include <stdlib.h>
#include <string.h>

#define LAYER static __attribute__((noinline)) int

struct env {
    size_t count, used;
    const unsigned char *body;
    size_t body_size, body_at;
    struct floor_result *result;
    struct floor_field fields[FLOOR_FIELDS];
    char text[FLOOR_TEXT];
};

static char *copy(char *text, size_t *used, const char *from, size_t size)
{
    char *to = text + *used;
    memcpy(to, from, size);
    to[size] = '\0';
    *used += size + 1;
    return to;
}

static struct floor_field *find(struct env *env, const char *name, size_t size)
{
    for (size_t i = 0; i < env->count; i++) {
        if (env->fields[i].name_size == size && memcmp(env->fields[i].name, name, size) == 0) {
            return &env->fields[i];
        }
    }
    return NULL;
}

static __attribute__((noinline)) const char *get(struct env *env, const char *name)
{
    struct floor_field *field = find(env, name, strlen(name));
    return field ? field->value : NULL;
}

static int add(struct env *env, const char *name, size_t name_size, const char *value, size_t value_size)
{
    struct floor_field *field = &env->fields[env->count];
    if (env->count == FLOOR_FIELDS || name_size + value_size + 2 > FLOOR_TEXT - env->used) {
        return -1;
    }
    field->name = copy(env->text, &env->used, name, name_size);
    field->name_size = (uint32_t)name_size;
    field->value = copy(env->text, &env->used, value, value_size);
    field->value_size = (uint32_t)value_size;
    env->count++;
    return 0;
}

static __attribute__((noinline)) int set(struct env *env, const char *name, const char *value)
{
    size_t name_size = strlen(name), value_size = strlen(value);
    struct floor_field *field = find(env, name, name_size);
    if (!field) {
        return add(env, name, name_size, value, value_size);
    }
    if (value_size + 1 > FLOOR_TEXT - env->used) {
        return -1;
    }
    field->value = copy(env->text, &env->used, value, value_size);
    field->value_size = (uint32_t)value_size;
    return 0;
}

static __attribute__((noinline)) size_t read_body(struct env *env, void *buffer, size_t size)
{
    size_t left = env->body_size - env->body_at;
    size_t piece = size < left ? size : left;
    memcpy(buffer, env->body + env->body_at, piece);
    env->body_at += piece;
    return piece;
}

static __attribute__((noinline)) int respond(struct env *env, int status, const struct floor_field *headers,
                                             size_t count, const char *body)
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
        result->headers[i].name_size = (uint32_t)name_size;
        result->headers[i].value = copy(result->text, &result->used, headers[i].value, value_size);
        result->headers[i].value_size = (uint32_t)value_size;
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
        {"Content-Type", "application/json", 0, 0}, {"Cache-Control", "no-store", 0, 0}, {"ETag", "\"5f3a\"", 0, 0}};
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
    int error = env ? 0 : -1;
    if (error) {
        return error;
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
