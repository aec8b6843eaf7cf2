#include "service.h"

#include <stdio.h>
#include <string.h>

char stored_item[64];

bool is_known(const struct _u_request *request)
{
    const char *user = request->auth_basic_user, *password = request->auth_basic_password;
    return user && password && strcmp(user, "ada") == 0 && strcmp(password, "lace") == 0;
}

int log_access(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    (void)u_map_put(response->map_header, "X-Logged", request->http_verb);
    return U_CALLBACK_CONTINUE;
}

int list_items(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)request, (void)user_data;
    (void)ulfius_set_string_body_response(response, 200, "pump, lamp");
    return U_CALLBACK_COMPLETE;
}

int store_item(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    (void)snprintf(stored_item, sizeof stored_item, "%.*s", (int)request->binary_body_length,
                   request->binary_body ? (const char *)request->binary_body : "");
    (void)ulfius_set_string_body_response(response, 201, stored_item);
    return U_CALLBACK_COMPLETE;
}

int show_item(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    (void)ulfius_set_string_body_response(response, 200, u_map_get(request->map_url, "name"));
    return U_CALLBACK_COMPLETE;
}

bool set_up_service(struct _u_instance *instance, unsigned port, endpoint_fn *authenticate)
{
    return ulfius_init_instance(instance, port, NULL, "items") == U_OK &&
           ulfius_add_endpoint_by_val(instance, "*", NULL, "*", 0, log_access, NULL) == U_OK &&
           ulfius_add_endpoint_by_val(instance, "*", "/items", "*", 1, authenticate, NULL) == U_OK &&
           ulfius_add_endpoint_by_val(instance, "GET", "/items", NULL, 2, list_items, NULL) == U_OK &&
           ulfius_add_endpoint_by_val(instance, "POST", "/items", NULL, 2, store_item, NULL) == U_OK &&
           ulfius_add_endpoint_by_val(instance, "GET", "/items", "/:name", 2, show_item, NULL) == U_OK;
}
