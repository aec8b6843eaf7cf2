/* What a test looks for in an answer. */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE
#include "harness/client/answer.h"

#include <errno.h>
#include <limits.h>
#include <regex.h>

/* Elsewhere than in the BSDs and glibc: a body is looked at up to its first zero byte. */
#ifndef REG_STARTEND
#define REG_STARTEND 0
#endif

int rig_match(const char *expression, struct rig_bytes bytes, char *why, size_t why_size)
{
    regex_t compiled;
    int error = regcomp(&compiled, expression, REG_EXTENDED);
    if (error != 0) {
        (void)regerror(error, &compiled, why, why_size);
        return -EINVAL;
    }
    regmatch_t range = {.rm_so = 0, .rm_eo = (regoff_t)(bytes.size < INT_MAX ? bytes.size : INT_MAX)};
    error = regexec(&compiled, bytes.data, 1, &range, REG_STARTEND);
    (void)regerror(error, &compiled, why, why_size);
    regfree(&compiled);
    return error == 0 ? 0 : error == REG_NOMATCH ? -ENOENT : -EINVAL;
}

static bool matches(const struct rig_result *result, const char *expression, struct rig_bytes bytes)
{
    char why[128] = "it is NULL";
    int found = expression ? rig_match(expression, bytes, why, sizeof why) : -EINVAL;
    if (found == -EINVAL) {
        rig_result_doubt(result, "the expression \"%.80s\" cannot be matched: %s", expression ? expression : "", why);
    }
    return found == 0;
}

bool rig_result_matches(const struct rig_result *result, const char *expression)
{
    return result && matches(result, expression, (struct rig_bytes){result->body, result->body_size});
}

bool rig_result_header_matches(const struct rig_result *result, const char *name, const char *expression)
{
    const char *value;
    for (size_t n = 0; (value = rig_result_header_nth(result, name, n)) != NULL; n++) {
        if (matches(result, expression, (struct rig_bytes){value, strlen(value)})) {
            return true;
        }
    }
    return false;
}

bool rig_result_contains(const struct rig_result *result, const char *text)
{
    return result && text && rig_contains(result->body, result->body_size, text, strlen(text));
}
