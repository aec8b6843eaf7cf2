/* Responses: where their bytes come from, and their headers. */
#define _GNU_SOURCE
#include "handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* old programs call them */

static char seen[] = "seen";

/* All of these answer in the last call. */
static bool waits(size_t *size, void **req_cls)
{
    bool first = !*req_cls;
    *req_cls = seen;
    bool more = *size > 0;
    *size = 0;
    return first || more;
}

static enum MHD_Result queue(struct MHD_Connection *connection, unsigned status, struct MHD_Response *response)
{
    say("response %d", response != NULL);
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    say("queued %u: %d", status, (int)queued);
    MHD_destroy_response(response);
    return queued;
}

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    say("add %s: %d", name ? name : "(null)", (int)MHD_add_response_header(response, name, value));
}

static void freed(void *cls)
{
    say("freed %s", (const char *)cls);
}

static struct MHD_Response *text(const char *bytes)
{
    return MHD_create_response_from_buffer(strlen(bytes), (void *)(uintptr_t)bytes, MHD_RESPMEM_PERSISTENT);
}

#define ANSWER(name_)                                                                                        \
    static enum MHD_Result name_##_do(struct MHD_Connection *connection, void *cls, const char *method);     \
    enum MHD_Result name_(void *cls, struct MHD_Connection *connection, const char *url, const char *method, \
                          const char *version, const char *data, size_t *size, void **req_cls)               \
    {                                                                                                        \
        (void)url, (void)version, (void)data;                                                                \
        return waits(size, req_cls) ? MHD_YES : name_##_do(connection, cls, method);                         \
    }                                                                                                        \
    static enum MHD_Result name_##_do(struct MHD_Connection *connection, void *cls, const char *method)
#define UNUSED (void)connection, (void)cls, (void)method

ANSWER(from_persistent)
{
    UNUSED;
    return queue(connection, 200, text("persistent"));
}

ANSWER(from_copy)
{
    UNUSED;
    char bytes[] = "copied";
    struct MHD_Response *response = MHD_create_response_from_buffer(6, bytes, MHD_RESPMEM_MUST_COPY);
    memset(bytes, '!', 6);
    return queue(connection, 200, response);
}

ANSWER(from_must_free)
{
    UNUSED;
    char *bytes = strdup("must be freed");
    return queue(connection, 200, MHD_create_response_from_buffer(13, bytes, MHD_RESPMEM_MUST_FREE));
}

ANSWER(from_free_callback)
{
    UNUSED;
    static char bytes[] = "with a callback";
    return queue(connection, 200, MHD_create_response_from_buffer_with_free_callback(15, bytes, freed));
}

ANSWER(from_free_callback_cls)
{
    UNUSED;
    static char bytes[] = "with a callback", closure[] = "closure";
    return queue(connection, 200, MHD_create_response_from_buffer_with_free_callback_cls(15, bytes, freed, closure));
}

ANSWER(from_data)
{
    UNUSED;
    char bytes[] = "data";
    return queue(connection, 200, MHD_create_response_from_data(4, bytes, MHD_NO, MHD_YES));
}

/* ---- callbacks ---- */

static ssize_t digits(void *cls, uint64_t position, char *buffer, size_t max)
{
    say("read at %llu of %s", (unsigned long long)position, (const char *)cls);
    size_t size = position < 25 ? 25 - (size_t)position : 0;
    size = size < 10 ? size : 10;
    size = size < max ? size : max;
    for (size_t i = 0; i < size; i++) {
        buffer[i] = (char)('0' + (position + i) % 10);
    }
    return size > 0 ? (ssize_t)size : MHD_CONTENT_READER_END_OF_STREAM;
}

static ssize_t breaks(void *cls, uint64_t position, char *buffer, size_t max)
{
    return position < 10 ? digits(cls, position, buffer, max) : MHD_CONTENT_READER_END_WITH_ERROR;
}

static unsigned idle;

static ssize_t idles(void *cls, uint64_t position, char *buffer, size_t max)
{
    return idle++ % 2 == 0 ? 0 : digits(cls, position, buffer, max);
}

static char closure[] = "closure";

ANSWER(from_callback)
{
    UNUSED;
    return queue(connection, 200, MHD_create_response_from_callback(25, 100, digits, closure, freed));
}

ANSWER(from_callback_unknown)
{
    UNUSED;
    return queue(connection, 200, MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 100, digits, closure, freed));
}

ANSWER(from_callback_short)
{
    UNUSED;
    return queue(connection, 200, MHD_create_response_from_callback(40, 100, digits, closure, freed));
}

ANSWER(from_callback_error)
{
    UNUSED;
    return queue(connection, 200, MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 100, breaks, closure, freed));
}

ANSWER(from_callback_slow)
{
    UNUSED;
    idle = 0;
    return queue(connection, 200, MHD_create_response_from_callback(25, 100, idles, closure, freed));
}

/* ---- descriptors ---- */

static int file_of(const char *bytes)
{
    char path[] = "/tmp/parity-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, bytes, strlen(bytes)) != (ssize_t)strlen(bytes)) {
        say("no file");
    }
    unlink(path);
    return fd;
}

ANSWER(from_fd)
{
    UNUSED;
    return queue(connection, 200, MHD_create_response_from_fd(9, file_of("from file")));
}

ANSWER(from_fd64)
{
    UNUSED;
    return queue(connection, 200, MHD_create_response_from_fd64(4, file_of("from file")));
}

ANSWER(from_fd_range)
{
    UNUSED;
    return queue(connection, 206, MHD_create_response_from_fd_at_offset64(4, file_of("from file"), 5));
}

ANSWER(from_pipe)
{
    UNUSED;
    int ends[2];
    if (pipe(ends) != 0 || write(ends[1], "through a pipe", 14) != 14) {
        return MHD_NO;
    }
    close(ends[1]);
    return queue(connection, 200, MHD_create_response_from_pipe(ends[0]));
}

ANSWER(from_iovec)
{
    UNUSED;
    static const struct MHD_IoVec pieces[] = {{"one ", 4}, {NULL, 0}, {"two ", 4}, {"three", 5}};
    return queue(connection, 200, MHD_create_response_from_iovec(pieces, 4, freed, closure));
}

ANSWER(from_empty)
{
    UNUSED;
    return queue(connection, 200, MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT));
}

ANSWER(from_large)
{
    UNUSED;
    static char bytes[100000];
    memset(bytes, 'x', sizeof bytes);
    return queue(connection, 200, MHD_create_response_from_buffer(sizeof bytes, bytes, MHD_RESPMEM_PERSISTENT));
}

/* ---- headers ---- */

ANSWER(bad_headers)
{
    UNUSED;
    struct MHD_Response *response = text("x");
    add(response, "X-Cr", "a\rb");
    add(response, "X-Lf", "a\nb");
    add(response, "X-CrLf", "a\r\nSet-Cookie: b=c");
    add(response, "X-Tab", "a\tb");
    add(response, "X-Empty", "");
    add(response, "", "empty name");
    add(response, "X Space", "1");
    add(response, "X:Colon", "1");
    add(response, "X-Lf\n", "1");
    add(response, "X-Tab\t", "1");
    add(response, "X-High", "\xc3\xa9");
    add(response, "X-Control", "\x01");
    add(response, "X-Space", "  a  ");
    return queue(connection, 200, response);
}

static enum MHD_Result shown(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    (void)cls;
    say("  has %d %s=%s", (int)kind, key, value);
    return MHD_YES;
}

ANSWER(header_api)
{
    UNUSED;
    struct MHD_Response *response = text("x");
    add(response, "X-A", "1");
    add(response, "X-B", "2");
    add(response, "x-a", "3");
    add(response, "X-C", "4");
    const char *value = MHD_get_response_header(response, "x-A");
    say("get: %s", value ? value : "(null)");
    value = MHD_get_response_header(response, "X-None");
    say("get none: %s", value ? value : "(null)");
    say("delete other: %d", (int)MHD_del_response_header(response, "X-A", "9"));
    say("delete other case: %d", (int)MHD_del_response_header(response, "X-a", "1"));
    say("delete: %d", (int)MHD_del_response_header(response, "X-B", "2"));
    say("delete again: %d", (int)MHD_del_response_header(response, "X-B", "2"));
    say("listed: %d", MHD_get_response_headers(response, shown, NULL));
    say("counted: %d", MHD_get_response_headers(response, NULL, NULL));
    return queue(connection, 200, response);
}

ANSWER(own_length)
{
    UNUSED;
    struct MHD_Response *response = text("12345");
    add(response, "Content-Length", "3");
    add(response, "content-length", "5");
    return queue(connection, 200, response);
}

ANSWER(own_connection)
{
    UNUSED;
    struct MHD_Response *response = text("12345");
    add(response, "Connection", "X-Hop");
    add(response, "Connection", "keep-alive");
    add(response, "Connection", "close");
    say("get: %s", MHD_get_response_header(response, "Connection"));
    return queue(connection, 200, response);
}

ANSWER(long_connection)
{
    UNUSED;
    char tokens[1500] = "";
    memset(tokens, 'x', sizeof tokens - 1);
    struct MHD_Response *response = text("12345");
    add(response, "Connection", tokens);
    return queue(connection, 200, response);
}

ANSWER(own_date)
{
    UNUSED;
    struct MHD_Response *response = text("12345");
    add(response, "Date", "yesterday");
    add(response, "Date", "today");
    say("get: %s", MHD_get_response_header(response, "date"));
    return queue(connection, 200, response);
}

ANSWER(own_encoding)
{
    UNUSED;
    struct MHD_Response *response = text("12345");
    add(response, "Transfer-Encoding", "gzip");
    add(response, "Transfer-Encoding", "chunked");
    add(response, "Transfer-Encoding", "chunked");
    return queue(connection, 200, response);
}

ANSWER(footers)
{
    UNUSED;
    struct MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 100, digits, closure, freed);
    say("footer: %d", (int)MHD_add_response_footer(response, "X-Sum", "25"));
    say("footer: %d", (int)MHD_add_response_footer(response, "X-Bad", "2\n5"));
    say("listed: %d", MHD_get_response_headers(response, shown, NULL));
    return queue(connection, 200, response);
}

static enum MHD_Result with_flags(struct MHD_Connection *connection, enum MHD_ResponseFlags flags)
{
    struct MHD_Response *response = text("flags");
    say("options: %d", (int)MHD_set_response_options(response, flags, MHD_RO_END));
    return queue(connection, 200, response);
}

ANSWER(option_10_only)
{
    UNUSED;
    return with_flags(connection, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT);
}

ANSWER(option_10_server)
{
    UNUSED;
    return with_flags(connection, MHD_RF_HTTP_1_0_SERVER);
}

ANSWER(option_keep_alive)
{
    UNUSED;
    return with_flags(connection, MHD_RF_SEND_KEEP_ALIVE_HEADER);
}

#define STATUS(name_, status_)                           \
    ANSWER(name_)                                        \
    {                                                    \
        UNUSED;                                          \
        return queue(connection, status_, text("body")); \
    }

STATUS(status_204, 204)
STATUS(status_304, 304)
STATUS(status_999, 999)
STATUS(status_199, 199)
STATUS(status_99, 99)
STATUS(status_1000, 1000)
STATUS(icy, 200 | MHD_ICY_FLAG)
STATUS(switches, 101)

ANSWER(cookies_set)
{
    UNUSED;
    struct MHD_Response *response = text("cookies");
    add(response, "Set-Cookie", "a=1");
    add(response, "Set-Cookie", "b=2; HttpOnly");
    add(response, "Content-Type", "text/plain");
    return queue(connection, 200, response);
}

/* ---- authentication ---- */

ANSWER(basic)
{
    UNUSED;
    char *password = NULL, *user = MHD_basic_auth_get_username_password(connection, &password);
    say("user %s password %s", user ? user : "(null)", password ? password : "(null)");
    MHD_free(user);
    MHD_free(password);
    user = MHD_basic_auth_get_username_password(connection, NULL);
    say("user %s", user ? user : "(null)");
    MHD_free(user);
    return queue(connection, 200, text("basic"));
}

ANSWER(basic_fail)
{
    UNUSED;
    struct MHD_Response *response = text("denied");
    add(response, "X-A", "1");
    say("queued: %d", (int)MHD_queue_basic_auth_fail_response(connection, "a \"realm\"", response));
    MHD_destroy_response(response);
    return MHD_YES;
}

static void upgraded(void *cls, struct MHD_Connection *connection, void *req_cls, const char *extra, size_t extra_size,
                     MHD_socket socket, struct MHD_UpgradeResponseHandle *handle)
{
    (void)cls, (void)connection, (void)req_cls, (void)extra, (void)extra_size, (void)socket;
    say("upgraded");
    MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

ANSWER(upgrades)
{
    UNUSED;
    struct MHD_Response *response = MHD_create_response_for_upgrade(upgraded, NULL);
    if (response) {
        add(response, "Upgrade", "echo");
        say("queued: %d", (int)MHD_queue_response(connection, 101, response));
        MHD_destroy_response(response);
    }
    return queue(connection, 400, text("no upgrade"));
}

static struct MHD_Response *kept;

/* The same response for two requests, and its reference counted. */
ANSWER(reused)
{
    UNUSED;
    static char bytes[] = "kept";
    kept = kept ? kept : MHD_create_response_from_buffer_with_free_callback(4, bytes, freed);
    say("queued: %d", (int)MHD_queue_response(connection, 200, kept));
    MHD_destroy_response(kept);
    kept = NULL;
    return MHD_YES;
}
