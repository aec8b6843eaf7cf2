/* What was made of a result for those who asked, kept with it. */
#ifndef STACKRIG_CLIENT_ANSWER_H
#define STACKRIG_CLIENT_ANSWER_H

#include "harness/client/client.h"

#include <stackrig/answer.h>

struct rig_answer {
    const struct rig_set_cookie *cookies; /* NULL: nobody has asked */
    const char *const *cookie_values;
    size_t cookie_count;
    const char *media_type; /* "": there is none; NULL: nobody has asked */
    const struct rig_field *params;
    size_t param_count;
    const struct rig_finished *finished; /* NULL: nobody has asked */
};

/* NULL: out of memory, or a result without a client. */
struct rig_answer *rig_answer_of(const struct rig_result *result);
/* size bytes that last as long as the result; NULL: out of memory, which the client's next assertion tells. */
void *rig_answer_alloc(const struct rig_result *result, size_t size);
char *rig_answer_copy(const struct rig_result *result, struct rig_slice text); /* the same, with a zero byte after it */
/* Something for the client's next assertion to tell, if there is nothing yet. */
void rig_result_doubt(const struct rig_result *result, const char *format, ...) RIG_PRINTF_(2, 3);

/* The number of a rule, be it one that the client brought; SIZE_MAX: there is none. */
size_t rig_result_rule(const struct rig_result *result, const char *id);

/* Does the expression match anywhere in the bytes? 0, -ENOENT: no; -EINVAL: it is none, for the reason in why. */
int rig_match(const char *expression, struct rig_bytes bytes, char *why, size_t why_size);

#endif
