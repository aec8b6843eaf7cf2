/* What tests have seen of each layer: how its visits ended, and of those that decide who may pass, with which credentials.
 * Tables of many runs add up. */
#ifndef STACKRIG_COVERAGE_TABLE_H
#define STACKRIG_COVERAGE_TABLE_H

#include <stackrig/base.h>

#include <stdio.h>

#define RIG_COVER_FORMAT 2      /* of the file */
#define RIG_COVER_ROUTES_MAX 32 /* of one layer; further ones are RIG_COVER_OTHERS */
#define RIG_COVER_FILES_MAX 8
#define RIG_COVER_NAME_MAX 200 /* bytes of a name, a file, a route */
#define RIG_COVER_WAY_MAX 16   /* with its final zero byte */
#define RIG_COVER_OTHERS "(others)"

enum rig_cover_outcome {
    RIG_COVER_PASSED,
    RIG_COVER_EARLY,      /* answered by itself; the request came without a body */
    RIG_COVER_EARLY_BODY, /* with one */
    RIG_COVER_REQUEST,    /* changed the env or the request's body */
    RIG_COVER_RESPONSE,   /* changed a response that it did not answer itself */
    RIG_COVER_ERROR,
    RIG_COVER_DISCONNECT, /* was visited by a request whose client went away */
    RIG_COVER_OUTCOMES
};

enum rig_cover_class {
    RIG_COVER_NONE,
    RIG_COVER_WRONG_SCHEME,
    RIG_COVER_MALFORMED,
    RIG_COVER_WRONG_SECRET,
    RIG_COVER_EXPIRED,
    RIG_COVER_OTHER_USER,
    RIG_COVER_VALID,
    RIG_COVER_UNKNOWN, /* the test named a class that there is none of, or none and no answer tells it */
    RIG_COVER_CLASSES
};

/* What came of a request at a layer that decides who may pass. */
enum rig_cover_end {
    RIG_COVER_LET_IN,
    RIG_COVER_REFUSED,
    RIG_COVER_FAILED, /* an error, or an answer that says nothing of the credentials: 413, 503 */
    RIG_COVER_ENDS
};

struct rig_cover_route {
    char *name;
    uint64_t counts[RIG_COVER_CLASSES][2][RIG_COVER_ENDS]; /* [1]: with a body */
};

struct rig_cover_layer {
    char *name, *place;               /* place: the file of the line that gave it to its stack */
    char *files[RIG_COVER_FILES_MAX]; /* where its code was seen to stand */
    size_t file_count;
    bool auth;
    /* "Bearer", "Cookie", "X-Api-Key": what carried credentials that it let in, and what it asks for; "": not seen */
    char taken[RIG_COVER_WAY_MAX], asked[RIG_COVER_WAY_MAX];
    uint64_t outcomes[RIG_COVER_OUTCOMES];
    struct rig_cover_route routes[RIG_COVER_ROUTES_MAX + 1];
    size_t route_count;
};

/* All zero: empty. */
struct rig_cover_table {
    struct rig_cover_layer **layers;
    size_t count, capacity;
    bool starved; /* for want of memory it is not whole */
};

extern const char *const rig_cover_outcomes[RIG_COVER_OUTCOMES], *const rig_cover_classes[RIG_COVER_CLASSES];

/* "wrong", "wrong_secret", "other", ...; RIG_COVER_UNKNOWN: there is none of that name. */
enum rig_cover_class rig_cover_class_of(const char *name, size_t size);

/* Each is found or added; NULL: out of memory. Longer names than RIG_COVER_NAME_MAX are cut. */
struct rig_cover_layer *rig_cover_layer_of(struct rig_cover_table *table, const char *name, const char *place);
struct rig_cover_route *rig_cover_route_of(struct rig_cover_table *table, struct rig_cover_layer *layer,
                                           const char *name);
void rig_cover_add_file(struct rig_cover_table *table, struct rig_cover_layer *layer, const char *file, size_t size);
/* Those that it has none of yet. */
void rig_cover_set_ways(struct rig_cover_layer *layer, const char *taken, const char *asked);
void rig_cover_merge(struct rig_cover_table *into, const struct rig_cover_table *from);
/* One layer's into another's, whatever they are called. */
void rig_cover_merge_layer(struct rig_cover_table *table, struct rig_cover_layer *into,
                           const struct rig_cover_layer *from);
void rig_cover_free(struct rig_cover_table *table);

/* ---- file.c: the table as text ---- */

/* 0 or -errno. */
int rig_cover_write(FILE *out, const struct rig_cover_table *table);
/* Adds what stands there: 0, -ENOMEM, -errno of the stream, or -EINVAL with *line and *why of what is wrong. */
int rig_cover_read(FILE *in, struct rig_cover_table *table, unsigned *line, const char **why);
/* Adds the table to this process's file in the folder, which is made if it is not there; whole or not at all, whoever
 * else writes. 0 or -errno. */
int rig_cover_save(const char *folder, const struct rig_cover_table *table);

#endif
