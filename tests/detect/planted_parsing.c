/* Parsers that leave their memory. What they wrote is looked at: a compiler leaves out what nobody reads, mistake and all. */
#include "tests/detect/detect.h"

#include <errno.h>

/* cherokee/webserver #1242 (CVE-2020-12845): "Basic " and nothing behind it. */
static int splits_scheme(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char copy[256];
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    if (value && strlen(value) < sizeof copy) {
        memcpy(copy, value, strlen(value) + 1);
        char *credentials = strtok(strtok(copy, " ") ? NULL : copy, " ");
        if (strncmp(value, "Basic", 5) == 0) {
            credentials[0] = 'x';
        }
    }
    return detect_say(env, res, 200, "");
}

/* OpenIDC/mod_auth_openidc #389: a bearer's token without its second dot. */
static int parses_token(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    size_t size = 0;
    if (value && strncmp(value, "Bearer ", 7) == 0 && value[7] == 'e') {
        const char *payload = strchr(value, '.');
        size = strlen(payload + 1);
    }
    return detect_say(env, res, size > 1000 ? 431 : 200, "");
}

/* CVE-2023-28625 of mod_auth_openidc: a crafted Cookie header, and cookies to be stripped. */
static int strips_cookies(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char copy[512];
    const char *value = rig_env_get(env, "HTTP_COOKIE");
    if (value && strlen(value) < sizeof copy) {
        memcpy(copy, value, strlen(value) + 1);
        for (char *one = strtok(copy, ";"); one; one = strtok(NULL, ";")) {
            *strchr(one, '=') = '\0';
        }
    }
    return detect_say(env, res, 200, "");
}

/* And its own cookie, which has no value. */
static int reads_own_cookie(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *at = rig_env_get(env, "HTTP_COOKIE"), *value = NULL;
    while (at && *at && !value) {
        at += strspn(at, "; ");
        value = strncmp(at, "sid", 3) == 0 && strchr("=; ", at[3]) ? strchr(at, '=') + 1 : NULL;
        at += strcspn(at, ";");
    }
    return detect_say(env, res, 200, value && *value ? "known" : "");
}

/* OpenIDC/mod_auth_openidc 2.4.8: a POST without a Content-Type. */
static int wants_type(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *type = rig_env_get(env, "CONTENT_TYPE");
    bool form = detect_is(env, "REQUEST_METHOD", "POST") && strncmp(type, "application/x-www-form", 22) == 0;
    return detect_say(env, res, 200, form ? "form" : "");
}

/* lighttpd CVE-2011-4362: a byte of base64 is an index, and is signed. */
static int decodes_signed(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    static const signed char digits[128] = {['A'] = 1, ['B'] = 2, ['Y'] = 3, ['T'] = 4, ['p'] = 5, ['i'] = 6};
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    int sum = 0;
    if (value && strncmp(value, "Basic ", 6) == 0) {
        for (const char *at = value + 6; *at; at++) {
            sum += digits[(signed char)*at];
        }
    }
    return detect_say(env, res, sum == 18 ? 200 : 401, "");
}

/* CVE-2020-35452 of mod_auth_digest: one zero byte past a buffer on the stack. */
static int ends_nonce(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char nonce[32];
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    if (value && strncmp(value, "Digest ", 7) == 0) {
        size_t size = strlen(value + 7);
        size = size < sizeof nonce ? size : sizeof nonce;
        memcpy(nonce, value + 7, size);
        nonce[size] = '\0';
    }
    return detect_say(env, res, 200, value && nonce[0] == 'u' ? "u" : "");
}

/* civetweb #1404: what stands before the first boundary is subtracted from what there is. */
static int skips_preamble(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct rig_bytes all;
    const char *type = rig_env_get(env, "CONTENT_TYPE");
    const char *boundary = type ? strstr(type, "boundary=") : NULL;
    int error = rig_input_all(rig_env_input(env), 1 << 20, &all);
    if (error != 0) {
        return error;
    }
    bool headed = false;
    if (boundary && all.size > 0) {
        const char *begin = strstr(all.data, boundary + 9);
        size_t head = begin ? (size_t)(begin - (const char *)all.data) + strlen(boundary + 9) + 2 : 0;
        char *part = calloc(all.size, 1);
        if (part && head > 0) {
            memcpy(part, (const char *)all.data + head, all.size - head);
            headed = part[0] == 'C';
        }
        free(part);
    }
    return detect_say(env, res, 200, headed ? "a part" : "");
}

/* warmcat/libwebsockets cb29a5d: a negative length is accepted. */
static int negative_length(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    static const char zeros[4096];
    const char *range = rig_env_get(env, "HTTP_RANGE");
    long size = range && strncmp(range, "bytes=", 6) == 0 ? strtol(range + 6, NULL, 10) : 0;
    if (size > (long)sizeof zeros) {
        return detect_say(env, res, 416, "");
    }
    char *room = calloc(sizeof zeros, 1);
    if (room && size != 0) {
        memcpy(room, zeros, (size_t)size);
    }
    bool empty = !room || room[0] == '\0';
    free(room);
    return detect_say(env, res, 200, empty ? "" : "zeros");
}

/* CVE-2017-7529 of nginx: a Range whose numbers are larger than what they are kept in. A number of 64 bits has 20
 * digits. */
static int suffix_digits(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char digits[20 + 1] = "";
    const char *range = rig_env_get(env, "HTTP_RANGE");
    if (range && strncmp(range, "bytes=-", 7) == 0) {
        size_t size = strspn(range + 7, "0123456789");
        memcpy(digits, range + 7, size);
        digits[size] = '\0';
    }
    return detect_say(env, res, 200, strtoull(digits, NULL, 10) == 1 ? "." : "a page");
}

/* CVE-2025-23016 of FastCGI's libfcgi: two lengths whose sum overflows. */
static int adds_lengths(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct rig_bytes all;
    int error = rig_input_all(rig_env_input(env), 1 << 20, &all);
    if (error != 0) {
        return error;
    }
    const unsigned char *bytes = all.data;
    bool known = false;
    if (all.size > 2) {
        unsigned name = bytes[0], value = bytes[1];
        unsigned char total = (unsigned char)(name + value + 2);
        char *pair = total > 0 ? calloc(total, 1) : NULL;
        if (pair) {
            size_t there = all.size - 2 < name + value ? all.size - 2 : name + value;
            memcpy(pair, bytes + 2, there);
            known = pair[0] == 'a';
        }
        free(pair);
    }
    return detect_say(env, res, 200, known ? "a" : "");
}

/* lighttpd #3114: the buffer of the path moves, and the old one is used. */
static int maps_path(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    size_t size = strlen(path) + 1, room = 24;
    char *buffer = malloc(room), *name = buffer;
    if (!buffer) {
        return -ENOMEM;
    }
    memcpy(buffer, "/srv", 5);
    if (4 + size > room) {
        char *larger = malloc(4 + size);
        if (!larger) {
            free(buffer);
            return -ENOMEM;
        }
        free(buffer);
        buffer = larger;
    }
    memcpy(name + 4, path, size < room - 4 ? size : room - 5);
    bool root = name[5] == '\0';
    free(buffer);
    return detect_say(env, res, 200, root ? "root" : "");
}

/* davidmoreno/onion #210: a cookie that is longer than the buffer of the response. */
static int repeats_cookie(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char line[64] = "seen=";
    const char *cookie = rig_env_get(env, "HTTP_COOKIE");
    for (size_t i = 0; cookie && cookie[i] && cookie[i] != ';'; i++) {
        line[5 + i] = cookie[i] >= '0' && cookie[i] <= 'z' ? cookie[i] : '_';
        line[6 + i] = '\0';
    }
    int error = cookie ? rig_response_set_header(res, "Set-Cookie", line) : 0;
    return error ? error : detect_say(env, res, 200, "");
}

/* starnight/MicroHttpServer #8: a parser runs past the end: what stands behind a percent sign is not looked for. */
static int decodes_past_end(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *query = rig_env_get(env, "QUERY_STRING");
    size_t size = strlen(query), plain = 0;
    char *copy = size > 0 ? malloc(size) : NULL;
    if (copy) {
        memcpy(copy, query, size);
        for (size_t i = 0; i < size; i += copy[i] == '%' ? 3 : 1) {
            plain += copy[i] != '%' || copy[i + 1] != '0';
        }
    }
    free(copy);
    return detect_say(env, res, plain > 1000 ? 414 : 200, "");
}

static const struct detect_row rows[] = {
    DETECT_ROW("splits_scheme", "CVE-2020-12845", "crash", splits_scheme, .layers = {NULL}),
    DETECT_ROW("parses_token", "mod_auth_openidc #389", "crash", parses_token, .layers = {NULL}),
    DETECT_ROW("strips_cookies", "CVE-2023-28625", "crash", strips_cookies, .layers = {NULL}),
    DETECT_ROW("reads_own_cookie", "CVE-2023-28625", "crash", reads_own_cookie, .layers = {NULL}, .cookie = "sid"),
    DETECT_ROW("wants_type", "mod_auth_openidc 2.4.8", "crash", wants_type, .layers = {NULL}),
    DETECT_ROW("decodes_signed", "CVE-2011-4362", "crash", decodes_signed, .layers = {NULL}, .memory = true),
    DETECT_ROW("ends_nonce", "CVE-2020-35452", "crash", ends_nonce, .layers = {NULL}, .memory = true),
    DETECT_ROW("skips_preamble", "civetweb #1404", "crash", skips_preamble, .layers = {NULL}, .memory = true),
    DETECT_ROW("negative_length", "libwebsockets cb29a5d", "crash", negative_length, .layers = {NULL}),
    DETECT_ROW("suffix_digits", "CVE-2017-7529", "crash", suffix_digits, .layers = {NULL}, .memory = true),
    DETECT_ROW("adds_lengths", "CVE-2025-23016", "crash", adds_lengths, .layers = {NULL}, .memory = true),
    DETECT_ROW("maps_path", "lighttpd #3114", "crash", maps_path, .layers = {NULL}, .memory = true),
    DETECT_ROW("repeats_cookie", "onion #210", "crash", repeats_cookie, .layers = {NULL}, .memory = true),
    DETECT_ROW("decodes_past_end", "MicroHttpServer #8", "crash", decodes_past_end, .layers = {NULL}, .memory = true),
};

const struct detect_table detect_parsing = {"parsers and memory", DETECT_ROWS(rows)};
