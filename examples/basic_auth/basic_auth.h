/* HTTP Basic authentication (RFC 7617) as a layer.
 *
 *     rig_use(stack, &basic_auth, &(struct basic_auth_options){.realm = "Staff", .file = "users.txt"}, .auth = true);
 *
 * A request with the right credentials passes, with AUTH_TYPE "Basic" and REMOTE_USER set; what the client itself
 * sent under that name is removed. One without credentials, with wrong ones or with those of another scheme is answered
 * 401 and challenged (RFC 9110, section 11.6.1); one whose Authorization cannot be read 400. Its body is drained first. */
#ifndef BASIC_AUTH_H
#define BASIC_AUTH_H

#include <stackrig/stackrig.h>

#define BASIC_AUTH_REALM_MAX 64

/* What init found wrong, in words; "" if nothing. */
struct basic_auth_problem {
    char text[256];
};

/* May they pass? The bytes last for the call, and hold whatever the client sent: any of them may be zero, or none be
 * there. Compare in constant time. */
typedef bool basic_auth_check_fn(void *self, struct rig_bytes user, struct rig_bytes password);

struct basic_auth_options {
    const char *realm;           /* NULL: "Restricted"; at most BASIC_AUTH_REALM_MAX bytes of UTF-8 */
    bool utf8;                   /* tell clients to send UTF-8 (RFC 7617, section 2.1) */
    bool lenient;                /* take credentials as Ruby's decoder does: any white space divides, what is not
                                         * of base64's alphabet is skipped, padding may be missing */
    const char *file;            /* lines user:password; NULL: see user */
    const char *user, *password; /* one user more, or the only one; NULL: none */
    basic_auth_check_fn *check;  /* asked in place of file and user; NULL: see these */
    void *check_self;
    uint64_t body_max;                  /* bytes drained before a 401; past them it closes the connection. 0: 64 KiB */
    struct basic_auth_problem *problem; /* filled by init; NULL: not wanted */
};

extern const struct rig_middleware basic_auth;

#endif
