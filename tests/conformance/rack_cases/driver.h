/* Replays recorded cases of Rack through the public interface. An area's run() executes one case and returns what came
 * of it in the very form of the case's "expect"; the driver compares. The format: tests/conformance/rack/README.md. */
#ifndef RACK_CASES_DRIVER_H
#define RACK_CASES_DRIVER_H

#include <jansson.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <stackrig/base.h>

enum rack_skip_kind {
    RACK_NOT_SKIPPED,
    RACK_BY_TYPE, /* C's types leave nothing to test */
    RACK_ABSENT,  /* a file that does not come with the project */
    RACK_OTHER    /* at most 3 % of an area */
};

struct rack_block;

struct rack_case {
    const char *id, *area, *quirk; /* quirk NULL: binds */
    json_t *input, *expect;
    const char *folder; /* of the case's file */
    size_t piece;       /* deliver request bodies in pieces of so many bytes; 0: whole */
    enum rack_skip_kind skip;
    char why[512];   /* the skip's reason, or how the outcome differs */
    char wrong[512]; /* the case itself cannot be read; "": it can */
    struct rack_block *blocks;
};

struct rack_area {
    const char *name;
    json_t *(*run)(struct rack_case *rack); /* the outcome; NULL: skipped or wrong */
    /* Is got what want says? NULL: rack_equal. Fills rack->why if not. */
    bool (*compare)(struct rack_case *rack, const json_t *want, const json_t *got);
};

extern const struct rack_area rack_env_for, rack_mock_response, rack_lint, rack_urlmap_builder, rack_cookies_redirects,
    rack_utils, rack_auth_basic, rack_rewindable_input;

/* ---- memory of a case ---- */

void *rack_alloc(struct rack_case *rack, size_t size); /* zeroed; lives as long as the case's run */
void rack_forget(struct rack_case *rack);              /* frees all that */
char *rack_print(struct rack_case *rack, const char *format, ...) RIG_PRINTF_(2, 3);

/* ---- reading the input ---- */

/* A string, {"b64"}, {"concat"}, {"repeat"}: its bytes, a zero byte after them; null or absent: data NULL. */
struct rig_bytes rack_bytes(struct rack_case *rack, const json_t *value);
/* The same where no zero byte can stand; NULL for null. */
const char *rack_string(struct rack_case *rack, const json_t *value);
/* Fails the case if object has a member that is not named; the names end with NULL. */
void rack_only(struct rack_case *rack, const json_t *object, ...);
/* Is there an {"is": ...} anywhere in it? */
bool rack_has_role(const json_t *value);

/* ---- making the outcome ---- */

json_t *rack_value(const void *data, size_t size); /* a string, or {"b64"}; data NULL: null */
json_t *rack_text(const char *text);
json_t *rack_error(const char *kind); /* {"error": {"kind": ...}} */
json_t *rack_skip(struct rack_case *rack, enum rack_skip_kind kind, const char *format, ...)
    RIG_PRINTF_(3, 4);                                                                 /* NULL */
json_t *rack_wrong(struct rack_case *rack, const char *format, ...) RIG_PRINTF_(2, 3); /* NULL */

/* ---- comparing ---- */

/* Deep, any form of bytes equal to any other; of an error the kind only. Fills rack->why if not. */
bool rack_equal(struct rack_case *rack, const json_t *want, const json_t *got);
/* Are they that many bytes with that SHA-256? */
bool rack_digest_is(const json_t *size, const json_t *sha256, struct rig_bytes bytes);

/* ---- names that differ on purpose: names.c ---- */

const char *rack_env_ours(const char *theirs);
const char *rack_env_rack(const char *ours);
/* A variable that every env of ours has and Rack's only when it is given: not compared in an "env" that is expected
 * without it. */
bool rack_env_extra(const char *ours);

/* ---- tables beside the cases: tables.c ---- */

/* "applies", "by_type"; NULL: no such rule. */
const char *rack_rule_in_c(const struct rack_case *rack, const char *rule);
/* "follow", "differ", "either"; NULL: no such quirk. */
const char *rack_quirk_advice(const struct rack_case *rack);
/* What is written down for a case that differs, {"expect", "instead", ...}; NULL: nothing. */
const json_t *rack_ours(const struct rack_case *rack);
/* Where the files that multipart cases name are; NULL: nowhere. */
const char *rack_files(const struct rack_case *rack);
void rack_tables_free(void);

struct rack_options {
    const char *program; /* its path: build/ is beside the project's own tables */
    const char *area;
    const char *files; /* the folder with multipart bodies; NULL: files/ beside the cases, ../shared/rack-cases/files */
    bool verbose, strict, quick, outcome;
};
extern struct rack_options rack_options;

#endif
