/* Chains, formats, what a callback is given. */
#include "endpoints.h"

#include <stdlib.h>
#include <string.h>

void put_endpoint(struct _u_instance *instance, const char *method, const char *prefix, const char *format,
                  unsigned priority, endpoint_fn *callback, const void *user_data)
{
    if (ulfius_add_endpoint_by_val(instance, method, prefix, format, priority, callback,
                                   (void *)(uintptr_t)user_data) != U_OK) {
        say("endpoint at priority %u refused", priority);
    }
}

static int ping(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)request, (void)user_data;
    (void)ulfius_set_empty_body_response(response, 204);
    return U_CALLBACK_COMPLETE;
}

bool parity_instance(const struct ulfius_case *parity, struct _u_instance *instance, unsigned short port,
                     struct sockaddr_in *address)
{
    if (ulfius_init_instance(instance, port, address, NULL) != U_OK) {
        return false;
    }
    put_endpoint(instance, "GET", PING, NULL, 0, ping, NULL);
    parity->set_up(instance);
    return true;
}

/* ---- chains ---- */

struct step {
    const char *name;
    int returned;
    int status; /* 0: the response is left as it is */
};

int note(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    const struct step *step = user_data;
    say("%s at %u: status %ld, body %zu", step->name, request->callback_position, response->status,
        response->binary_body_length);
    if (step->status) {
        (void)ulfius_set_string_body_response(response, (unsigned)step->status, step->name);
    }
    return step->returned;
}

void set_chain(struct _u_instance *instance)
{
    static const struct step first = {"first", U_CALLBACK_CONTINUE, 0}, second = {"second", U_CALLBACK_CONTINUE, 201},
                             third = {"third", U_CALLBACK_COMPLETE, 0}, fourth = {"fourth", U_CALLBACK_CONTINUE, 202};
    put_endpoint(instance, "*", "/chain", "/*", 3, note, &third);
    put_endpoint(instance, "*", "/chain", "/*", 1, note, &first);
    put_endpoint(instance, "*", "/chain", "/*", 4, note, &fourth);
    put_endpoint(instance, "*", "/chain", "/*", 2, note, &second);
    put_endpoint(instance, "POST", "/single", NULL, 0, note, &second);
}

void set_ignored(struct _u_instance *instance)
{
    static const struct step ignored = {"ignored", U_CALLBACK_IGNORE, 0}, goes_on = {"goes on", U_CALLBACK_CONTINUE, 0},
                             last = {"last", U_CALLBACK_IGNORE, 203}, fallback = {"fallback", U_CALLBACK_CONTINUE, 404};
    put_endpoint(instance, "GET", "/ignored", NULL, 1, note, &ignored);
    put_endpoint(instance, "GET", "/ignored", NULL, 2, note, &goes_on);
    put_endpoint(instance, "GET", "/ignored", NULL, 3, note, &last);
    put_endpoint(instance, "GET", "/all", NULL, 1, note, &ignored);
    put_endpoint(instance, "GET", "/all", NULL, 2, note, &last);
    (void)ulfius_set_default_endpoint(instance, note, (void *)(uintptr_t)&fallback);
}

static int own_realm(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)request;
    response->auth_realm = o_strdup(user_data);
    (void)ulfius_set_string_body_response(response, 200, "not 200");
    return U_CALLBACK_UNAUTHORIZED;
}

static int authenticate(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    say("user %s password %s", request->auth_basic_user ? request->auth_basic_user : "-",
        request->auth_basic_password ? request->auth_basic_password : "-");
    if (request->auth_basic_user && strcmp(request->auth_basic_user, "ada") == 0) {
        return U_CALLBACK_CONTINUE;
    }
    (void)ulfius_set_string_body_response(response, 403, "who are you?");
    return U_CALLBACK_UNAUTHORIZED;
}

int answer_ok(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    say("answers %s %s", request->http_verb, request->http_url);
    (void)ulfius_set_string_body_response(response, 200, "ok");
    return U_CALLBACK_COMPLETE;
}

void set_realms(struct _u_instance *instance)
{
    put_endpoint(instance, "*", "/private", "/*", 0, authenticate, NULL);
    put_endpoint(instance, "*", "/private", "/*", 1, answer_ok, NULL);
    put_endpoint(instance, "*", "/own", NULL, 0, own_realm, "own");
    instance->default_auth_realm = o_strdup("default");
}

void set_returns(struct _u_instance *instance)
{
    static const struct step error = {"error", U_CALLBACK_ERROR, 200}, unknown = {"unknown", 77, 200},
                             refuses = {"refuses", U_CALLBACK_UNAUTHORIZED, 0},
                             goes_on = {"goes on", U_CALLBACK_CONTINUE, 401},
                             completes = {"completes", U_CALLBACK_COMPLETE, 0}, strange = {"strange", 2, 99},
                             informs = {"informs", 2, 100}, large = {"large", 2, 999};
    put_endpoint(instance, "GET", "/error", NULL, 0, note, &error);
    put_endpoint(instance, "GET", "/unknown", NULL, 0, note, &unknown);
    put_endpoint(instance, "*", "/refuses", NULL, 0, note, &refuses);
    put_endpoint(instance, "GET", "/goes-on", NULL, 0, note, &goes_on);
    put_endpoint(instance, "GET", "/goes-on", NULL, 1, answer_ok, NULL);
    put_endpoint(instance, "GET", "/completes", NULL, 0, note, &completes);
    put_endpoint(instance, "GET", "/strange", NULL, 0, note, &strange);
    put_endpoint(instance, "GET", "/informs", NULL, 0, note, &informs);
    put_endpoint(instance, "GET", "/large", NULL, 0, note, &large);
}

void set_same_priority(struct _u_instance *instance)
{
    static const struct step one = {"one", U_CALLBACK_CONTINUE, 0}, two = {"two", U_CALLBACK_CONTINUE, 0},
                             three = {"three", U_CALLBACK_CONTINUE, 200};
    put_endpoint(instance, "GET", "/same", NULL, 0, note, &one);
    put_endpoint(instance, "*", "/same", NULL, 0, note, &two);
    put_endpoint(instance, "GET", "/", "*", 0, note, &three);
}

/* ---- formats and values ---- */

static void say_map(const char *what, const struct _u_map *map)
{
    const char **keys = u_map_enum_keys(map);
    for (size_t i = 0; keys[i]; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s %s", what, keys[i]);
        say_bytes(name, u_map_get(map, keys[i]), strlen(u_map_get(map, keys[i])));
    }
}

static int show_url(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    say("format %s", (const char *)user_data);
    say_map("url", request->map_url);
    (void)ulfius_set_string_body_response(response, 200, user_data);
    return U_CALLBACK_CONTINUE;
}

void set_formats(struct _u_instance *instance)
{
    put_endpoint(instance, "GET", "/items", "/:id", 0, show_url, ":id");
    put_endpoint(instance, "GET", "/items", "/@id/@part", 1, show_url, "@id/@part");
    put_endpoint(instance, "GET", "/items", "/:id/lamp", 2, show_url, ":id/lamp");
    put_endpoint(instance, "GET", "/items", "/all/*", 3, show_url, "all/*");
    put_endpoint(instance, "get", NULL, "lower/:name/:name", 4, show_url, "lower");
    put_endpoint(instance, "GET", "/items", NULL, 5, show_url, "none");
    put_endpoint(instance, "*", NULL, "any/*", 6, show_url, "any");
}

static int show_all(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    say("%s %s %s path %s", request->http_verb, request->http_url, request->http_protocol, request->url_path);
    say_map("url", request->map_url);
    say_map("header", request->map_header);
    say_map("cookie", request->map_cookie);
    say_map("post", request->map_post_body);
    say_bytes("binary", request->binary_body, request->binary_body_length);
    (void)ulfius_set_string_body_response(response, 200, "seen");
    return U_CALLBACK_CONTINUE;
}

void set_values(struct _u_instance *instance)
{
    put_endpoint(instance, "*", "/values", "/:id", 0, show_all, NULL);
}

void set_values_unchecked(struct _u_instance *instance)
{
    instance->check_utf8 = 0;
    set_values(instance);
}

/* ---- what matches nothing ---- */

void set_default(struct _u_instance *instance)
{
    static const struct step fallback = {"fallback", U_CALLBACK_CONTINUE, 418};
    put_endpoint(instance, "GET", "/there", NULL, 0, answer_ok, NULL);
    (void)ulfius_set_default_endpoint(instance, note, (void *)(uintptr_t)&fallback);
}

void set_default_refuses(struct _u_instance *instance)
{
    static const struct step fallback = {"fallback", U_CALLBACK_UNAUTHORIZED, 404};
    instance->default_auth_realm = o_strdup("default");
    (void)ulfius_set_default_endpoint(instance, note, (void *)(uintptr_t)&fallback);
}

void set_default_headers(struct _u_instance *instance)
{
    (void)u_map_put(instance->default_headers, "X-Default", "1");
    (void)u_map_put(instance->default_headers, "Access-Control-Allow-Origin", "*");
    put_endpoint(instance, "GET", "/there", NULL, 0, answer_ok, NULL);
}

/* ---- bodies ---- */

static int echo_json(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    json_error_t error;
    json_t *body = ulfius_get_json_body_request(request, &error);
    if (!body) {
        say("no json: line %d column %d", error.line, error.column);
        (void)ulfius_set_string_body_response(response, 400, "no json");
        return U_CALLBACK_COMPLETE;
    }
    say("json of %zu", json_object_size(body));
    (void)json_object_set_new(body, "seen", json_true());
    (void)ulfius_set_json_body_response(response, 200, body);
    json_decref(body);
    return U_CALLBACK_COMPLETE;
}

void set_bodies(struct _u_instance *instance)
{
    put_endpoint(instance, "*", "/values", "/:id", 0, show_all, NULL);
    put_endpoint(instance, "*", "/json", NULL, 0, echo_json, NULL);
}

void set_small_bodies(struct _u_instance *instance)
{
    instance->max_post_body_size = 10;
    set_bodies(instance);
}

void set_small_params(struct _u_instance *instance)
{
    instance->max_post_param_size = 4;
    set_bodies(instance);
}

void set_no_post(struct _u_instance *instance)
{
    instance->allowed_post_processor = U_POST_PROCESS_NONE;
    set_bodies(instance);
}

static int take_upload(const struct _u_request *request, const char *key, const char *filename,
                       const char *content_type, const char *transfer_encoding, const char *data, uint64_t off,
                       size_t size, void *cls)
{
    (void)transfer_encoding;
    say("%s takes %s file %s type %s off %llu of %s", (const char *)cls, key, filename,
        content_type ? content_type : "-", (unsigned long long)off, request->url_path);
    say_bytes("data", data, size);
    return strcmp(filename, "bad.txt") == 0 ? U_ERROR : U_OK;
}

void set_uploads(struct _u_instance *instance)
{
    static char closure[] = "uploads";
    set_bodies(instance);
    (void)ulfius_set_upload_file_callback_function(instance, take_upload, closure);
}

void set_uploads_refused(struct _u_instance *instance)
{
    static char closure[] = "before";
    set_realms(instance);
    (void)ulfius_set_upload_file_callback_function(instance, take_upload, closure);
}
