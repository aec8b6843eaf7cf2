/* An items service for Ulfius, as people write them: nothing here knows of Stackrig. A request passes access log,
 * authentication and items, in that order. */
#ifndef ULFIUS_AUTH_SERVICE_H
#define ULFIUS_AUTH_SERVICE_H

#include <ulfius.h>

#include <stdbool.h>

typedef int endpoint_fn(const struct _u_request *request, struct _u_response *response, void *user_data);

/* The last item that was stored; NULL: none. */
extern char stored_item[64];

bool is_known(const struct _u_request *request); /* Basic, ada and lace */
endpoint_fn log_access, list_items, store_item, show_item;
endpoint_fn authenticate_broken, authenticate_mended;

/* Not started yet. */
bool set_up_service(struct _u_instance *instance, unsigned port, endpoint_fn *authenticate);

#endif
