/* Between libulfius and the callbacks. For each request it makes copies of the endpoints that match (ulfius_endpoint_match),
 * which it calls through its table: here the copies get a function of ours. The instance's own endpoints stay as they are. */
#include "mocks/frameworks/ulfius/ulfius.h"

struct wrapped {
    struct watch *watch;
    callback_fn *function;
    void *user_data;
    const char *name, *site;
};

static int pass(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    const struct wrapped *wrapped = user_data;
    struct watch *watch = wrapped->watch;
    const struct rig_foreign layer = {.name = wrapped->name,
                                      .site = wrapped->site,
                                      .object = request,
                                      .kind = "request",
                                      .answer = response,
                                      .is_app = true};
    watch->response = response;
    watch->now = (struct by){rig_mhd_above_enter(&layer), wrapped->name, wrapped->site};
    rig_ulfius_answer_begin(watch);
    rig_ulfius_url_begin(watch);
    int returned = wrapped->function(request, response, wrapped->user_data);
    rig_ulfius_url_end(watch);
    rig_ulfius_shared_end(watch);
    rig_ulfius_answer_end(watch, returned);
    return rig_ulfius_refuse_upgrade(watch, returned);
}

/* An endpoint of a list that lives no longer than the request. */
static void wrap(struct watch *watch, struct _u_endpoint *endpoint)
{
    struct wrapped *wrapped = rig_env_alloc_at(NULL, watch->env, sizeof *wrapped);
    if (wrapped) {
        *wrapped = (struct wrapped){.watch = watch,
                                    .function = endpoint->callback_function,
                                    .user_data = endpoint->user_data,
                                    .name = rig_ulfius_name(endpoint->callback_function, endpoint),
                                    .site = rig_site_of_function((const void *)(uintptr_t)endpoint->callback_function)};
        endpoint->callback_function = pass;
        endpoint->user_data = wrapped;
    }
}

/* As the dispatcher would do where nothing matches; then it need not. */
static struct _u_endpoint **add_default(struct _u_endpoint **list, const struct _u_instance *instance)
{
    const struct _u_endpoint *fallback = instance->default_endpoint;
    if (!list || list[0] || !fallback || !fallback->callback_function) {
        return list;
    }
    struct _u_endpoint **larger = o_realloc(list, 2 * sizeof(struct _u_endpoint *));
    if (!larger) {
        return list;
    }
    larger[1] = NULL;
    larger[0] = o_malloc(sizeof(struct _u_endpoint));
    if (larger[0] && ulfius_copy_endpoint(larger[0], fallback) != U_OK) {
        o_free(larger[0]);
        larger[0] = NULL;
    }
    return larger;
}

struct _u_endpoint **ulfius_endpoint_match(const char *method, const char *url, struct _u_endpoint *endpoints)
{
    static struct _u_endpoint **(*real)(const char *method, const char *url, struct _u_endpoint *endpoints);
    REAL(real, "ulfius_endpoint_match");
    struct _u_endpoint **list = real(method, url, endpoints);
    struct rig_mhd_now now;
    struct watch *watch = rig_mhd_above_now(&now) ? rig_ulfius_watch(&now) : NULL;
    if (watch) {
        list = add_default(list, now.handler_cls);
        for (size_t i = 0; list && list[i]; i++) {
            wrap(watch, list[i]);
        }
    }
    return list;
}
