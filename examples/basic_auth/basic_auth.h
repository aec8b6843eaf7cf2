/* HTTP Basic authentication (RFC 7617) as a layer.
 *
 *     rig_use(stack, &basic_auth, &(struct basic_auth_options){.realm = "Staff", .file = "users.txt"}, .auth = true);
 *
 * A request with the right credentials passes, with AUTH_TYPE "Basic" and REMOTE_USER set; what the client itself
 * sent under that name is removed. Any other is answered 401, its body drained first. */
#ifndef BASIC_AUTH_H
#define BASIC_AUTH_H

#include <stackrig/stackrig.h>

#define BASIC_AUTH_REALM_MAX 64

/* What init found wrong, in words; "" if nothing. */
struct basic_auth_problem {
    char text[256];
};

struct basic_auth_options {
    const char *realm;                  /* NULL: "Restricted"; at most BASIC_AUTH_REALM_MAX bytes of UTF-8 */
    const char *file;                   /* lines user:password; NULL: see user */
    const char *user, *password;        /* one user more, or the only one; NULL: none */
    uint64_t body_max;                  /* bytes drained before a 401; past them it closes the connection. 0: 64 KiB */
    struct basic_auth_problem *problem; /* filled by init; NULL: not wanted */
};

extern const struct rig_middleware basic_auth;

#endif
