/* For hosts: the answer as it is handed over while the request is open. See stackrig/host.h. */
#ifndef STACKRIG_HOST_ANSWER_H
#define STACKRIG_HOST_ANSWER_H

#include <stackrig/base.h>

struct rig_host_head {
    int status;
    const struct rig_field *headers; /* as the stack has set them, Content-Length of its own among them */
    size_t header_count;
    struct rig_bytes body; /* all of it; of size 0 for a stream and where the status has none. data is never NULL */
    bool stream;           /* the body comes in pieces, unless the request is a HEAD */
    bool head_request;     /* its answer is sent without the body, whose size is told all the same */
    int error;             /* -errno that no layer handled, status is 500; 0: none */
};

/* Where the answer goes. 0 or -errno of the server: then no more of it is made. What is given lasts for the call. */
struct rig_host_answer {
    int (*head)(void *self, const struct rig_host_head *head);
    int (*body)(void *self, const void *data, size_t size);
    void *self;
};

#endif
