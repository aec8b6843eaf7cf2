/* Users and their passwords: from text, from a file, and compared. */
#ifndef BASIC_AUTH_CREDENTIALS_H
#define BASIC_AUTH_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

#include "basic_auth.h"

#define CREDENTIAL_USER_MAX 64
#define CREDENTIAL_PASSWORD_MAX 128
#define CREDENTIAL_TEXT_MAX (CREDENTIAL_USER_MAX + 1 + CREDENTIAL_PASSWORD_MAX)
#define CREDENTIALS_MAX 32

/* Zero bytes fill the rest, so that two can be compared over their whole size. */
struct credential {
    char user[CREDENTIAL_USER_MAX + 1], password[CREDENTIAL_PASSWORD_MAX + 1];
};

struct credentials {
    struct credential list[CREDENTIALS_MAX];
    size_t count;
};

/* Parses user:password (RFC 7617: the first colon divides, no control characters). 0;
 * -EINVAL: no colon, no user, no password, or a control character; -EFBIG: too long. */
int credential_parse(struct credential *credential, const char *text, size_t size);

/* Adds user:password: 0, or what credential_parse returns, or -E2BIG: there are CREDENTIALS_MAX already. */
int credentials_add(struct credentials *credentials, const char *text, size_t size);

/* Adds every line of a file; empty lines and those that begin with # are comments. Says what is wrong with it in
 * problem, and never what is in it. */
int credentials_read(struct credentials *credentials, const char *path, struct basic_auth_problem *problem);

/* Is it one of them? Takes the same time whatever was given. */
bool credentials_match(const struct credentials *credentials, const struct credential *given);

#endif
