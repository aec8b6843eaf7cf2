/* CGI's variables, where the env is handed on after one of them was written: by the test's .env, by a layer on the way
 * down, by layers below on the way up. What the server built from a request that it let through needs no look; what a
 * layer removes and sets again before it passes on is not seen. */
#include "harness/checks/checks.h"
#include "harness/core/cgi.h"
#include "harness/core/hash.h"
#include "harness/http/chars.h"
#include "harness/http/target.h"

#include <errno.h>
#include <stdio.h>

#define SHOWN 120

/* What was said is said once: a copy has its original's values, and a layer may pass on twice. */
struct told {
    struct told *next;
    const char *site;
    unsigned rule, hop;
};

struct cgi {
    struct told *told;
};

/* ---- variables ---- */

struct variable {
    const char *name;
    const struct rig_entry *entry; /* as it stands or as it was removed; NULL: it never was there */
    struct rig_slice value;        /* data NULL: not there, or an object */
};

static const struct rig_entry *find_removed(const struct rig_env *env, const char *name)
{
    for (uint32_t i = env->count; i-- > 0;) {
        const struct rig_entry *entry = &env->entries[i];
        if (entry->state == RIG_ENTRY_GONE && strcmp(entry->name, name) == 0) {
            return entry;
        }
    }
    return NULL;
}

static struct variable look_at(const struct rig_env *env, enum rig_cgi which)
{
    struct variable variable = {.name = rig_cgi_names[which]};
    size_t size = strlen(variable.name);
    variable.entry = rig_env_find(env, variable.name, size, rig_hash(variable.name, size));
    if (!variable.entry) {
        variable.entry = find_removed(env, variable.name);
    } else if (variable.entry->state == RIG_ENTRY_STRING) {
        variable.value = (struct rig_slice){variable.entry->value, variable.entry->value_size};
    }
    return variable;
}

/* ---- saying it ---- */

/* As text for a message. What stands before an '@' in a host may be a password; in a URI reports see to that. */
static const char *show(struct rig_slice value, char shown[SHOWN])
{
    size_t user = value.size;
    while (user > 0 && value.data[user - 1] != '@') {
        user--;
    }
    if (user == 0 || value.data[0] == '/' || rig_contains(value.data, value.size, "://", 3)) {
        return rig_check_printable(value.data, value.size, shown, SHOWN);
    }
    memcpy(shown, "****@", 5);
    (void)rig_check_printable(value.data + user, value.size - user, shown + 5, SHOWN - 5);
    return shown;
}

struct wrong {
    unsigned rule;
    const struct variable *variable; /* that was written */
    const struct variable *other;    /* that it does not go with; NULL: none */
};

static bool is_told(const struct cgi *cgi, const struct rig_find *find)
{
    const struct told *at = cgi->told;
    while (at && (at->rule != find->rule || at->hop != find->hop || at->site != find->site)) {
        at = at->next;
    }
    return at != NULL;
}

static int tell(struct cgi *cgi, struct rig_run *run, const struct wrong *wrong)
{
    const struct variable *variable = wrong->variable;
    const struct rig_entry *entry = variable->entry;
    struct rig_find find = {.rule = wrong->rule,
                            .site = entry && entry->site ? entry->site : run->site,
                            .hop = entry ? entry->hop : RIG_NO_HOP,
                            .subject = variable->name};
    if (is_told(cgi, &find)) {
        return 0;
    }
    struct told *told = rig_arena_alloc(&run->arena, sizeof *told);
    if (!told) {
        return -ENOMEM;
    }
    *told = (struct told){cgi->told, find.site, find.rule, find.hop};
    cgi->told = told;
    const char *who = find.hop == RIG_NO_HOP ? "the test" : rig_check_layer(run, find.hop);
    char shown[SHOWN], text[SHOWN + 40];
    if (!variable->value.data) {
        bool object = entry && entry->state == RIG_ENTRY_OBJECT;
        return rig_find(run, &find, object ? "%s made %s an object" : "%s removed %s", who, variable->name);
    }
    const struct rig_evidence evidence = {text, wrong->other && wrong->other->entry ? wrong->other->entry->site : NULL};
    if (wrong->other) {
        (void)snprintf(text, sizeof text, "%s is \"%s\"", wrong->other->name, show(wrong->other->value, shown));
        find.evidence = &evidence;
        find.evidence_count = 1;
    }
    return rig_find(run, &find, "%s set %s to \"%s\"", who, variable->name, show(variable->value, shown));
}

/* ---- each by itself ---- */

static bool is_token(struct rig_slice value)
{
    return rig_is_token(value.data, value.size);
}

static bool begins_with_slash(struct rig_slice value)
{
    return value.size == 0 || value.data[0] == '/';
}

static bool is_more_than_slash(struct rig_slice value)
{
    return !rig_slice_is(value, "/");
}

static bool is_host(struct rig_slice value)
{
    return rig_is_host(value.data, value.size);
}

static bool is_host_port(struct rig_slice value)
{
    return rig_is_host_port(value.data, value.size);
}

static bool is_digits(struct rig_slice value)
{
    return rig_is_digits(value.data, value.size);
}

/* "HTTP/" DIGIT [ "." DIGIT ]: HTTP/2 has no minor version. */
static bool is_protocol(struct rig_slice value)
{
    const char *at = value.data;
    return (value.size == 6 || value.size == 8) && memcmp(at, "HTTP/", 5) == 0 && rig_is_digits(at + 5, 1) &&
           (value.size == 6 || (at[6] == '.' && rig_is_digits(at + 7, 1)));
}

static bool is_scheme(struct rig_slice value)
{
    return rig_slice_is(value, "http") || rig_slice_is(value, "https") || rig_slice_is(value, "ws") ||
           rig_slice_is(value, "wss");
}

static bool never(struct rig_slice value)
{
    return !value.data;
}

#define NO_RULE RIG_RULE_COUNT

static const struct row {
    unsigned required; /* NO_RULE: it may be absent */
    struct {
        unsigned rule;
        bool (*holds)(struct rig_slice value); /* NULL: no such rule */
    } tests[2];
} rows[RIG_CGI_COUNT] = {
    [RIG_CGI_REQUEST_METHOD] = {RIG_RULE_ENV_REQUEST_METHOD_REQUIRED, {{RIG_RULE_ENV_REQUEST_METHOD_TOKEN, is_token}}},
    [RIG_CGI_SCRIPT_NAME] = {NO_RULE,
                             {{RIG_RULE_ENV_SCRIPT_NAME_LEADING_SLASH, begins_with_slash},
                              {RIG_RULE_ENV_SCRIPT_NAME_NOT_SLASH, is_more_than_slash}}},
    [RIG_CGI_PATH_INFO] = {NO_RULE, {{0, NULL}}},
    [RIG_CGI_QUERY_STRING] = {RIG_RULE_ENV_QUERY_STRING_REQUIRED, {{0, NULL}}},
    [RIG_CGI_SERVER_NAME] = {RIG_RULE_ENV_SERVER_NAME_REQUIRED, {{RIG_RULE_ENV_SERVER_NAME_HOST, is_host}}},
    [RIG_CGI_SERVER_PORT] = {NO_RULE, {{RIG_RULE_ENV_SERVER_PORT_DIGITS, is_digits}}},
    [RIG_CGI_SERVER_PROTOCOL] = {RIG_RULE_ENV_SERVER_PROTOCOL_REQUIRED,
                                 {{RIG_RULE_ENV_SERVER_PROTOCOL_FORMAT, is_protocol}}},
    [RIG_CGI_REQUEST_SCHEME] = {RIG_RULE_ENV_URL_SCHEME_REQUIRED, {{RIG_RULE_ENV_URL_SCHEME_KNOWN, is_scheme}}},
    [RIG_CGI_CONTENT_LENGTH] = {NO_RULE, {{RIG_RULE_ENV_CONTENT_LENGTH_DIGITS, is_digits}}},
    [RIG_CGI_HTTP_HOST] = {NO_RULE, {{RIG_RULE_ENV_HTTP_HOST_AUTHORITY, is_host_port}}},
    [RIG_CGI_HTTP_CONTENT_TYPE] = {NO_RULE, {{RIG_RULE_ENV_HTTP_CONTENT_TYPE_FORBIDDEN, never}}},
    [RIG_CGI_HTTP_CONTENT_LENGTH] = {NO_RULE, {{RIG_RULE_ENV_HTTP_CONTENT_LENGTH_FORBIDDEN, never}}},
};

static int judge(struct cgi *cgi, struct rig_run *run, const struct rig_env *env, enum rig_cgi which)
{
    const struct row *row = &rows[which];
    const struct variable variable = look_at(env, which);
    int error = 0;
    if (row->required != NO_RULE) {
        rig_arm(run, row->required, 1);
        error = variable.value.data ? 0 : tell(cgi, run, &(struct wrong){row->required, &variable, NULL});
    }
    for (size_t i = 0; i < 2 && row->tests[i].holds; i++) {
        rig_arm(run, row->tests[i].rule, 1);
        if (!error && variable.value.data && !row->tests[i].holds(variable.value)) {
            error = tell(cgi, run, &(struct wrong){row->tests[i].rule, &variable, NULL});
        }
    }
    return error;
}

/* ---- those that go together ---- */

/* host:port, whatever may be in the host: that it has one is enough to tell what was meant. */
static bool is_authority(struct rig_slice path)
{
    size_t end = path.size;
    while (end > 0 && rig_is_digits(path.data + end - 1, 1)) {
        end--;
    }
    if (end < 2 || end == path.size || path.data[end - 1] != ':') {
        return false;
    }
    struct rig_slice host = {path.data, end - 1};
    return (host.data[0] == '[' && rig_is_host(host.data, host.size)) ||
           (!memchr(host.data, ':', host.size) && !memchr(host.data, '/', host.size));
}

/* The forms of a request target, RFC 9112 section 3.2: the rule that is broken, or none. */
static unsigned wrong_path(struct rig_slice path, struct rig_slice method)
{
    bool connect = rig_slice_is(method, "CONNECT"), options = rig_slice_is(method, "OPTIONS");
    if (path.size == 0) {
        return NO_RULE;
    }
    if (rig_slice_is(path, "*")) {
        return options ? NO_RULE : RIG_RULE_ENV_PATH_INFO_ASTERISK_ONLY_OPTIONS;
    }
    if (is_authority(path)) {
        return connect ? NO_RULE : RIG_RULE_ENV_PATH_INFO_AUTHORITY_ONLY_CONNECT;
    }
    if (rig_is_absolute_uri(path.data, path.size)) {
        return connect || options ? RIG_RULE_ENV_PATH_INFO_ABSOLUTE_NOT_CONNECT_OPTIONS : NO_RULE;
    }
    return path.data[0] == '/' && !memchr(path.data, '#', path.size) ? NO_RULE : RIG_RULE_ENV_PATH_INFO_ORIGIN_FORM;
}

static int judge_path(struct cgi *cgi, struct rig_run *run, const struct rig_env *env, bool path_written)
{
    const struct variable path = look_at(env, RIG_CGI_PATH_INFO), method = look_at(env, RIG_CGI_REQUEST_METHOD);
    rig_arm(run, RIG_RULE_ENV_PATH_INFO_ASTERISK_ONLY_OPTIONS, 1);
    rig_arm(run, RIG_RULE_ENV_PATH_INFO_AUTHORITY_ONLY_CONNECT, 1);
    rig_arm(run, RIG_RULE_ENV_PATH_INFO_ABSOLUTE_NOT_CONNECT_OPTIONS, 1);
    rig_arm(run, RIG_RULE_ENV_PATH_INFO_ORIGIN_FORM, path_written);
    unsigned rule = wrong_path(path.value, method.value);
    if (rule == NO_RULE || (rule == RIG_RULE_ENV_PATH_INFO_ORIGIN_FORM && !path_written)) {
        return 0; /* no method makes it right or wrong: it was told when it was written */
    }
    struct wrong wrong = {rule, path_written ? &path : &method, path_written ? &method : &path};
    wrong.other = rule == RIG_RULE_ENV_PATH_INFO_ORIGIN_FORM ? NULL : wrong.other;
    return tell(cgi, run, &wrong);
}

static int judge_both(struct cgi *cgi, struct rig_run *run, const struct rig_env *env, bool path_written)
{
    const struct variable path = look_at(env, RIG_CGI_PATH_INFO), script = look_at(env, RIG_CGI_SCRIPT_NAME);
    rig_arm(run, RIG_RULE_ENV_SCRIPT_OR_PATH_ONE_REQUIRED, 1);
    if (path.value.size > 0 || script.value.size > 0) {
        return 0;
    }
    return tell(cgi, run,
                &(struct wrong){RIG_RULE_ENV_SCRIPT_OR_PATH_ONE_REQUIRED, path_written ? &path : &script, NULL});
}

#define BIT(which_) (1u << RIG_CGI_##which_)

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    const struct rig_env *env = event->env;
    uint32_t written = env->cgi_written;
    int error = 0;
    for (unsigned which = 0; which < RIG_CGI_COUNT && !error; which++) {
        error = written >> which & 1u ? judge(state, run, env, which) : 0;
    }
    if (!error && (written & (BIT(PATH_INFO) | BIT(REQUEST_METHOD)))) {
        error = judge_path(state, run, env, written & BIT(PATH_INFO));
    }
    if (!error && (written & (BIT(PATH_INFO) | BIT(SCRIPT_NAME)))) {
        error = judge_both(state, run, env, written & BIT(PATH_INFO));
    }
    return error;
}

const struct rig_check rig_check_cgi = {.name = "cgi",
                                        .wants = {{RIG_EVENT_BEGIN, RIG_FACT_CGI_CHANGED},
                                                  {RIG_EVENT_NEXT, RIG_FACT_CGI_CHANGED},
                                                  {RIG_EVENT_NEXT_RETURN, RIG_FACT_CGI_CHANGED}},
                                        .state_size = sizeof(struct cgi),
                                        .on_event = on_event};
