/* A program for Ulfius as people write them. */
#include <ulfius.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int show(const struct _u_request *request, struct _u_response *response, void *closure)
{
    const char *id = u_map_get(request->map_url, "id");
    (void)closure;
    ulfius_set_string_body_response(response, strcmp(id, "7") == 0 ? 200 : 404, id);
    return U_CALLBACK_CONTINUE;
}

static int crash(const struct _u_request *request, struct _u_response *response, void *closure)
{
    (void)request, (void)response, (void)closure;
    abort();
}

int main(void)
{
    struct _u_instance instance;
    if (ulfius_init_instance(&instance, 8080, NULL, NULL) != U_OK) {
        return 1;
    }
    ulfius_add_endpoint_by_val(&instance, "GET", "/items", "/:id", 0, show, NULL);
    ulfius_add_endpoint_by_val(&instance, "GET", "/crash", NULL, 0, crash, NULL);
    if (ulfius_start_framework(&instance) != U_OK) {
        return 2;
    }
    (void)getchar();
    ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
    return 0;
}
