/* One request, sent again and again while something goes wrong at another place each time. */
#ifndef STACKRIG_SWEEPS_H
#define STACKRIG_SWEEPS_H

#include <stackrig/base.h>
#include <stackrig/client.h>

#define RIG_SWEEP_FOUND_MAX 8

/* A rule that was found on the way, once for each layer and line, notes aside. Strings that are pointers last as long as the stack
 * and the program do. */
struct rig_sweep_found {
    const char *rule;
    enum rig_level level;
    const char *layer; /* NULL: none is at fault */
    unsigned layer_number;
    const char *site;        /* NULL: unknown */
    unsigned runs, last_run; /* in how many it was found, and the last of them */
    bool expected;           /* .findings names it */
    char where[64];          /* what went wrong in the first of them: "error at read 2, after 4 bytes" */
    char message[256];
};

/* What is sent, and how. */
struct rig_sweep {
    struct rig_client *client;
    struct rig_request request;
    uint64_t stride;    /* bytes from one place to the next; 0: 1, for up to 4096 places, then as many as give 4096 */
    size_t pairs_up_to; /* splits: of bodies of at most so many bytes every two places are tried; 0: 48 */
    /* Before each request, to put back what the last one changed (rig_stack_reset), and what will go wrong in it: "a cut
     * after byte 3 of 9"; "nothing": it is sent as it is. */
    void (*before)(void *closure, const char *where);
    /* Asked before that, of what goes wrong; true: it is left out, as if it had come up and nothing been found. NULL: all
     * are tried. */
    bool (*skip)(void *closure, const char *where);
    /* Each result before it is dropped. */
    void (*each)(void *closure, const struct rig_result *result, const char *where);
    void *closure;
    const char
        *findings[RIG_FIELDS_MAX + 1]; /* rules that must be found, as in rig_assert: all occurrences are covered */
    int end_;
};

struct rig_sweep_report {
    int error;        /* 0; -EINVAL: no client, or a request with nothing to try; -ENOMEM */
    unsigned runs;    /* requests that were sent, the two without a fault included */
    uint64_t stride;  /* as it was chosen */
    bool varies;      /* the answer is not the same without a fault either: only what stays the same was compared */
    bool drifted;     /* in the end it was another one for good: state built up in the stack, see .before */
    unsigned differs; /* splits: runs that were answered otherwise */
    size_t cut[2];    /* the first of them: after so many bytes of the body; 0: no second place */
    uint64_t request_size, answer_size; /* disconnects: bytes on the wire */
    struct rig_sweep_found found[RIG_SWEEP_FOUND_MAX];
    size_t found_count;    /* of all; more than the maximum are not kept */
    const char *missing;   /* a rule of .findings that was not found; NULL: none */
    const char *name;      /* "rig_sweep_splits" */
    const char *not_tried; /* what could not be looked for, and why: "leaks: ..."; NULL: nothing */
};

RIG_BEGIN_DECLS
struct rig_sweep_report rig_sweep_splits_at(const char *site, struct rig_sweep sweep);
struct rig_sweep_report rig_sweep_disconnect_at(const char *site, struct rig_sweep sweep);
/* Writes what was found, with layer and line; returns as snprintf does. */
int rig_sweep_text(const struct rig_sweep_report *report, char *buffer, size_t size);
/* Calls fail for an error finding that .findings does not name, one that it names in vain, and report.error. */
struct rig_sweep_report rig_sweep_assert_at(const char *site, void (*fail)(const char *site, const char *message),
                                            struct rig_sweep_report report);
RIG_END_DECLS

/* rig_sweep_splits(client, RIG_POST("/x", .body = "a=b")): delivers the body in two pieces, cut at every place, and a small
 * one in three, cut at every two places. The answer (status, headers, body) must be the one of the uncut body.
 *
 * Asserts, as rig_assert does: include stackrig/expect.h or cmocka.h. What other rules find on the way counts too. The
 * report is its value. Drops the client's results. */
#define rig_sweep_splits(client_, ...) RIG_SWEEP_(rig_sweep_splits_at, client_, __VA_ARGS__)

/* rig_sweep_disconnect(client, RIG_POST("/x", .body = "a=b")): the client goes away after every byte of its request, and
 * then of its answer, as rig_connection_send's .disconnect_after and .disconnect_after_response do it; in a body with a
 * length once more with .early_end. No layer may keep open what it took, leak memory (as rig_each_fault says), answer
 * twice, take a part of the body for the whole, or go on for ever (3000 reads or writes that fail, one behind the other:
 * the layer is then jumped out of). Asserts, and drops results, as rig_sweep_splits. */
#define rig_sweep_disconnect(client_, ...) RIG_SWEEP_(rig_sweep_disconnect_at, client_, __VA_ARGS__)

#define RIG_SWEEP_(function_, client_, ...) \
    rig_sweep_assert_at(                    \
        RIG_SITE, rig_fail_here_,           \
        function_(RIG_SITE, RIG_VALUE_(rig_sweep, .client = client_, .request = __VA_ARGS__, .end_ = 0)))

#endif
