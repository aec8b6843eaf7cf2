/* The same endpoints, linked to libulfius over the real libmicrohttpd in one program and over the rig's in another. */
#ifndef ENDPOINTS_H
#define ENDPOINTS_H

#include "tests/conformance/microhttpd/parity.h"

#include <ulfius.h>

struct ulfius_case {
    struct parity_case request; /* handler, flags, options and notify are libulfius' own */
    void (*set_up)(struct _u_instance *instance);
};

extern const struct ulfius_case ulfius_cases[];
extern const size_t ulfius_case_count;
const char *ulfius_name(size_t i);

/* Not started yet. false: it could not be set up. */
bool parity_instance(const struct ulfius_case *parity, struct _u_instance *instance, unsigned short port,
                     struct sockaddr_in *address);
#define PING "/ping-of-the-test" /* answered by every instance, and nothing is said of it */

/* What an instance is made of. */
void set_chain(struct _u_instance *instance);
void set_ignored(struct _u_instance *instance);
void set_realms(struct _u_instance *instance);
void set_returns(struct _u_instance *instance);
void set_same_priority(struct _u_instance *instance);
void set_formats(struct _u_instance *instance);
void set_values(struct _u_instance *instance);
void set_values_unchecked(struct _u_instance *instance);
void set_default(struct _u_instance *instance);
void set_default_refuses(struct _u_instance *instance);
void set_default_headers(struct _u_instance *instance);
void set_bodies(struct _u_instance *instance);
void set_small_bodies(struct _u_instance *instance);
void set_small_params(struct _u_instance *instance);
void set_no_post(struct _u_instance *instance);
void set_uploads(struct _u_instance *instance);
void set_uploads_refused(struct _u_instance *instance);
void set_answers(struct _u_instance *instance);
void set_streams(struct _u_instance *instance);
void set_headers(struct _u_instance *instance);
void set_shared(struct _u_instance *instance);
void set_websocket(struct _u_instance *instance);
void set_speed(struct _u_instance *instance);

typedef int endpoint_fn(const struct _u_request *request, struct _u_response *response, void *user_data);
void put_endpoint(struct _u_instance *instance, const char *method, const char *prefix, const char *format,
                  unsigned priority, endpoint_fn *callback, const void *user_data);
endpoint_fn note, answer_ok;

#endif
