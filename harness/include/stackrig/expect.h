/* Assertions. They work in any test framework: define RIG_FAIL(site, message) before including this header, in one
 * line (Check: ck_abort_msg("%s: %s", site, message)); what it uses must be declared before the include, too. For
 * cmocka include stackrig/cmocka.h instead. The default prints and aborts, like assert().
 *
 * An assertion fails for what it names and, unasked, for: an error-level finding not named in .findings, an error
 * of the chain not named in .error, a request that the server refused without .refused.
 *
 * .status, .headers and .body are about the answer of the stack, whatever came to the client of it: that is a finding,
 * and stands in the result's .delivery and .received. */
#ifndef STACKRIG_EXPECT_H
#define STACKRIG_EXPECT_H

#include <stackrig/answer.h>
#include <stackrig/client.h>

#ifndef RIG_FAIL
#include <stdio.h>
#include <stdlib.h>
#define RIG_FAIL(site_, message_) (fprintf(stderr, "%s: %s\n", site_, message_), abort())
#endif

#define RIG_MESSAGE_MAX 4096

struct rig_expectation {
    const struct rig_result *result;
    int status;                                   /* 0: any */
    const char *body;                             /* the whole body; NULL: any */
    struct rig_bytes bytes;                       /* the same for any bytes */
    const char *body_contains;                    /* NULL: any */
    struct rig_field headers[RIG_FIELDS_MAX + 1]; /* one of that name has the value; value NULL: none of it is there */
    const char *findings[RIG_FIELDS_MAX + 1];     /* rules that must occur; all their occurrences are covered */
    int error;                                    /* 0: none */
    bool refused;                                 /* the server must refuse the request */
    const char *log_contains;                     /* in the error stream; NULL: any */
    const char *body_matches; /* a POSIX extended regular expression that matches somewhere in the body; NULL: any */
    struct rig_field header_matches[RIG_FIELDS_MAX + 1]; /* a header, an expression that matches in one of its values */
    struct rig_field cookies[RIG_FIELDS_MAX + 1];        /* as the answer sets them; value NULL: must not be set */
    const char *media_type; /* of Content-Type, in lower case without its parameters: "text/html"; NULL: any */
    const char *location;   /* the header's value; NULL: any */
    int end_;
};

/* rig_assert(result, .status = 401, .headers = {{"ETag", NULL}}, .findings = {"next.call.twice"}); rig_assert(result)
 * fails for what is never asked for alone. */
#define rig_assert(...) \
    rig_assert_at(RIG_SITE, rig_fail_here_, #__VA_ARGS__, RIG_REF_(rig_expectation, .result = __VA_ARGS__, .end_ = 0))
/* The same, but returns whether it holds; the message is rig_expect_message's. */
#define rig_expect(...) rig_expect_at(RIG_SITE, RIG_REF_(rig_expectation, .result = __VA_ARGS__, .end_ = 0))

typedef void rig_fail_fn(const char *site, const char *message);

RIG_BEGIN_DECLS
void rig_assert_at(const char *site, rig_fail_fn *fail, const char *text, const struct rig_expectation *expectation);
bool rig_expect_at(const char *site, const struct rig_expectation *expectation);
/* Why the last rig_expect or rig_assert of this result did not hold; NULL: it did. Lasts as long as the result. */
const char *rig_expect_message(const struct rig_result *result);
/* Frees the client; returns true, and the message, when error findings of results were never asserted. */
bool rig_client_close(struct rig_client *client, char *message, size_t size);
RIG_END_DECLS

/* In the test's own file, so that RIG_FAIL is the test's own. Its names may stand before the include: hence the "_". */
static inline void rig_fail_here_(const char *site_, const char *message_)
{
    (void)site_, (void)message_; /* a RIG_FAIL may do without them */
    RIG_FAIL(site_, message_);
}

static inline void rig_client_free_here_(const char *site_, struct rig_client *client_)
{
    char message_[RIG_MESSAGE_MAX];
    if (rig_client_close(client_, message_, sizeof message_)) {
        rig_fail_here_(site_, message_);
    }
}
#define rig_client_free(client_) rig_client_free_here_(RIG_SITE, client_)

#endif
