/* stackrig.conf: the project's check, as lines of "key = value" in sections. docs/conf.md describes it. */
#ifndef STACKRIG_CLI_CONF_H
#define STACKRIG_CLI_CONF_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#define RIG_CONF_NAME "stackrig.conf"

struct rig_check_options;
struct rig_fold;

/* A finding that does not count for a while. The words are part of the file's text. */
struct rig_suppression {
    size_t line, rule_line, until_line; /* of its section, and of these keys */
    const char *rule, *layer, *file, *key, *reason, *until;
    bool expired;
    size_t used; /* findings */
};

struct rig_conf {
    const char *path;
    char *text;
    char **files; /* copies */
    size_t file_count, file_capacity;
    struct rig_suppression *suppressions;
    size_t suppression_count, suppression_capacity;
    char today[11];
};

/* Reads the file, and sets what the command line did not. False: complained. Free it in either case. */
bool rig_conf_read(struct rig_conf *conf, const char *path, struct rig_check_options *options);
/* The names of [masks] alone, whatever else there is; no such file: none. False: complained. */
bool rig_conf_masks(const char *path);
void rig_conf_free(struct rig_conf *conf);

/* ---- conf_suppress.c ---- */

/* Is it whole, and does it name what there is? False: complained. */
bool rig_suppression_check(const struct rig_conf *conf, struct rig_suppression *one);
/* Are the rules of all suppressions known, now that the stack's are? False: complained. */
bool rig_conf_rules(const struct rig_conf *conf);
/* Findings that a suppression names no longer fail, unless it has expired. */
void rig_conf_suppress(struct rig_conf *conf, struct rig_fold *fold);
/* What was suppressed and why; which have expired, or have nothing to suppress. */
void rig_conf_print(const struct rig_conf *conf);

#endif
