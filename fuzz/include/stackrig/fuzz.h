/* Fuzzing a stack. In one file of yours:
 *
 *     #include <stackrig/fuzz.h>
 *     static int build(struct rig_stack *stack, const struct rig_setup *setup) { ... }
 *     RIG_FUZZ(build, .protect = {"members"});
 *
 *     clang -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer fuzz_me.c \
 *         $(pkg-config --cflags --libs-only-L stackrig) -l:libstackrig-fuzz.a -l:libstackrig.a
 *
 * Any bytes are a scenario: requests, connections, credentials. What error rules find, a layer that lets in who may not
 * enter, and answers that change for no reason are told with rule, layer and line, and the scenario as an .http text. */
#ifndef STACKRIG_FUZZ_H
#define STACKRIG_FUZZ_H

#include <stackrig/base.h>
#include <stackrig/rules.h>
#include <stackrig/stack.h>

/* Who asks for what, for .authorize. */
struct rig_fuzz_who {
    /* "valid": carries this run's secret, be it where `# @as` puts it or anywhere else in the request; "wrong", "prefix",
     * "longer", "case", "empty", "user": near it; "other": the other user's; "none" */
    const char *credentials;
    const char *method, *target; /* as they were sent */
    /* What target asks for: percent-decoded but for %2F and %00, without query, empty segments, "." and "..". */
    const char *path;
    const char *app; /* that was entered */
};

struct rig_fuzz {
    rig_build_fn
        *build; /* gets the secrets of classes "valid" (user ada) and "other" (bob), made for each run; of a stack
                          * with a RIG_FUZZ, from check, trace and parity too */
    /* Your own naive model of who may enter the apps of .protect, or where there are none every app; NULL: both users of
     * the setup. */
    bool (*authorize)(const struct rig_fuzz_who *who);
    const char
        *protect[RIG_FIELDS_MAX + 1]; /* names of apps that not everybody may enter; who is denied by the app itself has
                                       * not. None, and no .authorize: that is not looked at */
    /* Where the stack looks for credentials, besides Authorization (Basic, Bearer). NULL: the header X-Api-Key, the cookie
     * session, the parameter access_token. Tokens of up to 64 letters. */
    const char *credential_header, *credential_cookie, *credential_query;
    const char *profiles[RIG_FIELDS_MAX + 1]; /* servers that it is fuzzed behind, of http1, memory, passenger3,
                                               * nginx+plain, haproxy+plain, nginx:fastcgi+libfcgi; none: http1 */
    const char *ignore[RIG_IGNORE_MAX + 1];   /* rules that are no findings: "id" or "area.*"; "id /path": to that
                                               * path and below it */
    int declared[RIG_FIELDS_MAX + 1];         /* 5xx that the stack may answer; 501 and 505 it always may */
    /* Of the stack, to be tried: "/admin". Mapped prefixes are found. Parameters of "/list?page=2" get other values, too. */
    const char *targets[RIG_FIELDS_MAX + 1];
    const char *headers[RIG_FIELDS_MAX + 1]; /* names that it looks at; those that it asks GET and POST for are found */
    const char *words[RIG_FIELDS_MAX + 1];   /* values of headers and bodies: "sesame"; of "page=2" as above */
    /* For the setup. Their values are words, too, but of those whose names say that they are secrets: "key", "password" */
    struct rig_field settings[RIG_FIELDS_MAX + 1];
    const struct rig_own_rule *const *rules; /* of your own, see stackrig/rules.h; ends at NULL. NULL: none */
    int end_;
};

RIG_BEGIN_DECLS
/* Plays a scenario, an .http text, to the stack with all oracles. 0: the rule (NULL: any) finds nothing; 1: it does, and
 * message says what; negative: -errno, and message says why it could not be played, "" for lack of memory. */
int rig_fuzz_replay(const struct rig_fuzz *what, const char *http, const char *rule, char *message, size_t size);
RIG_END_DECLS

/* Once in a program, at file scope. */
#define RIG_FUZZ(...)                                                                           \
    RIG_EXTERN_C_ __attribute__((visibility("default"))) const struct rig_fuzz rig_fuzz_target; \
    const struct rig_fuzz rig_fuzz_target = {.build = __VA_ARGS__, .end_ = 0}

#endif
