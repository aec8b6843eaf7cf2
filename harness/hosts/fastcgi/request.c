/* From the web server's parameters to the rig's request. */
#define _GNU_SOURCE
#include "harness/hosts/fastcgi/server.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *param(const struct rig_fcgi_worker *worker, const char *name)
{
    const char *value = FCGX_GetParam(name, worker->request.envp);
    return value ? value : "";
}

/* ---- the body ---- */

/* What is there, and at least a byte: FCGX_GetStr alone would wait for all that was asked for. */
static int64_t read_body(void *self, void *buffer, size_t size)
{
    struct rig_fcgi_worker *worker = self;
    FCGX_Stream *in = worker->request.in;
    int first = FCGX_GetChar(in);
    if (first < 0) {
        return FCGX_GetError(in) ? -ECONNRESET : 0;
    }
    *(char *)buffer = (char)first;
    size_t there = (size_t)(in->stop - in->rdNext);
    size = size - 1 < there ? size - 1 : there;
    return 1 + (size > 0 ? FCGX_GetStr((char *)buffer + 1, (int)(size > 65536 ? 65536 : size), in) : 0);
}

void rig_fcgi_drain(struct rig_fcgi_worker *worker)
{
    char scratch[16384];
    while (read_body(worker, scratch, sizeof scratch) > 0) {
    }
}

/* ---- parameters ---- */

/* HTTP_X_USER: X-User. */
static char *spell(const char *name, size_t size, char **at)
{
    char *begin = *at;
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        bool first = i == 0 || name[i - 1] == '_';
        (*at)[i] = (char)(c == '_' ? '-' : first ? c : tolower((unsigned char)c));
    }
    (*at)[size] = '\0';
    *at += size + 1;
    return begin;
}

/* What the rig makes of the request itself. */
static const char *const derived[] = {"REQUEST_METHOD", "REQUEST_URI",     "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING",
                                      "CONTENT_LENGTH", "SERVER_PROTOCOL", "REMOTE_ADDR", NULL};
/* nginx passes these twice; of a body that came in chunks the web server has made one with a length. */
static const char *const framing[] = {"HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_TRANSFER_ENCODING", NULL};

static bool is_among(const char *const *names, const char *name, size_t size)
{
    while (*names && (strlen(*names) != size || memcmp(*names, name, size) != 0)) {
        names++;
    }
    return *names != NULL;
}

static void add_param(struct rig_fcgi_worker *worker, struct rig_request *request, char *text, char **at)
{
    char *equals = strchr(text, '=');
    size_t size = equals ? (size_t)(equals - text) : 0;
    if (is_among(framing, text, size)) {
        return;
    }
    if (size > 5 && memcmp(text, "HTTP_", 5) == 0) {
        worker->fields[request->header_count++] = (struct rig_field){spell(text + 5, size - 5, at), equals + 1};
    } else if (size == 12 && memcmp(text, "CONTENT_TYPE", 12) == 0) {
        if (equals[1]) {
            worker->fields[request->header_count++] = (struct rig_field){"Content-Type", equals + 1};
        }
    } else if (size > 0 && equals[1] && !is_among(derived, text, size)) {
        char *name = *at;
        memcpy(name, text, size);
        name[size] = '\0';
        *at += size + 1;
        worker->variables[request->env_count++] = (struct rig_field){name, equals + 1};
    }
}

static void describe_body(struct rig_fcgi_worker *worker, struct rig_request *request)
{
    const char *length = param(worker, "CONTENT_LENGTH");
    worker->body = strtoull(length, NULL, 10);
    if (*length) {
        worker->fields[request->header_count++] = (struct rig_field){"Content-Length", length};
    }
    if (worker->body > 0) {
        request->source = (struct rig_source){.read = read_body, .self = worker};
        request->source_size = worker->body;
    }
}

int rig_fcgi_describe(struct rig_fcgi_worker *worker, struct rig_request *request)
{
    size_t count = 2, bytes = 1;
    for (char **at = worker->request.envp; *at; at++) {
        count++;
        bytes += strlen(*at) + 1;
    }
    worker->fields = calloc(count, sizeof *worker->fields);
    worker->variables = calloc(count, sizeof *worker->variables);
    worker->names = malloc(bytes);
    if (!worker->fields || !worker->variables || !worker->names) {
        return -ENOMEM;
    }
    const char *method = param(worker, "REQUEST_METHOD"), *target = param(worker, "REQUEST_URI");
    const char *protocol = param(worker, "SERVER_PROTOCOL"), *addr = param(worker, "REMOTE_ADDR");
    *request = (struct rig_request){.method = method,
                                    .target = *target ? target : "/",
                                    .http_version = *protocol ? protocol : NULL,
                                    .remote_addr = *addr ? addr : NULL};
    char *names = worker->names;
    for (char **at = worker->request.envp; *at; at++) {
        add_param(worker, request, *at, &names);
    }
    describe_body(worker, request);
    request->header_list = request->header_count > 0 ? worker->fields : NULL;
    request->env_list = request->env_count > 0 ? worker->variables : NULL;
    return 0;
}

void rig_fcgi_forget(struct rig_fcgi_worker *worker)
{
    free(worker->fields);
    free(worker->variables);
    free(worker->names);
    worker->fields = worker->variables = NULL;
    worker->names = NULL;
}
