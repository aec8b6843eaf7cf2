/* A chain of handlers as many a house has one: a context of its own, an array of functions, a transport behind two
 * pointers. Nothing here knows of Stackrig. */
#ifndef IN_HOUSE_CHAIN_H
#define IN_HOUSE_CHAIN_H

#include <stddef.h>

struct ctx;
typedef int handler(struct ctx *ctx); /* 0, or a negative error */

struct entry {
    const char *name;
    handler *call;
};

/* Where bytes come from and go to: in production a socket. */
struct transport {
    long (*read)(void *self, char *buffer, size_t size); /* of the request's body; 0 at its end */
    const char *(*header)(void *self, const char *name);
    int (*answer)(void *self, int status, const char *type, const char *body);
    void *self;
};

struct ctx {
    const struct transport *transport;
    const struct entry *chain; /* ends with call NULL */
    size_t at;                 /* of the next in the chain */
    const char *method, *path;
    const char *user; /* set by who knows it */
};

int chain_next(struct ctx *ctx); /* the rest of the chain */

extern const struct entry chain_broken[], chain_mended[];

#endif
