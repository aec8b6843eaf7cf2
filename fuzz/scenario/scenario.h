/* A fuzz scenario: what clients do to a stack, as a value of bounded size. Three forms of it, each without loss: this
 * value, the bytes that a fuzzer mutates (decode.c, encode.c), and the text that people read (write.c, read.c). */
#ifndef STACKRIG_FUZZ_SCENARIO_H
#define STACKRIG_FUZZ_SCENARIO_H

#include <stackrig/faults.h>
#include <stackrig/scenario.h>

#include "fuzz/scenario/table.h"
#include "harness/http/rare.h"

#include <string.h>

#define RIG_FUZZ_REQUESTS_MAX 8
#define RIG_FUZZ_FIELDS_MAX 32
#define RIG_FUZZ_PIECES_MAX 8
#define RIG_FUZZ_CONNECTIONS 16    /* 0: a connection of its own; 1..15: those named "a".."o" */
#define RIG_FUZZ_STRINGS_MAX 65536 /* bytes of all strings and bodies together */
#define RIG_FUZZ_PIECE_MAX UINT16_MAX
#define RIG_FUZZ_GONE_MAX 65536
#define RIG_FUZZ_READS_MAX 128

/* Whose credentials a request carries, as rig_fuzz_classes names them, and where. */
enum rig_fuzz_class {
    RIG_FUZZ_CLASS_NONE,
    RIG_FUZZ_CLASS_VALID,  /* the secret of this run */
    RIG_FUZZ_CLASS_WRONG,  /* the right user, a secret of the same size that is not his */
    RIG_FUZZ_CLASS_PREFIX, /* the valid secret without its last byte */
    RIG_FUZZ_CLASS_LONGER, /* the valid secret and one more byte */
    RIG_FUZZ_CLASS_CASE,   /* the valid secret, the case of its letters swapped */
    RIG_FUZZ_CLASS_EMPTY,  /* the right user, an empty secret */
    RIG_FUZZ_CLASS_USER,   /* the user's name for a secret */
    RIG_FUZZ_CLASS_OTHER,  /* the other user that the setup knows */
    RIG_FUZZ_CLASSES
};

enum rig_fuzz_place {
    RIG_FUZZ_PLACE_BASIC,  /* Authorization: Basic base64(name:secret) */
    RIG_FUZZ_PLACE_BEARER, /* Authorization: Bearer secret */
    RIG_FUZZ_PLACE_COOKIE, /* Cookie: session=secret */
    RIG_FUZZ_PLACE_HEADER, /* X-Api-Key: secret */
    RIG_FUZZ_PLACE_QUERY,  /* ?access_token=secret */
    RIG_FUZZ_PLACES
};

struct rig_fuzz_request {
    const char *method, *target, *version; /* as they go on the wire; version "1.1" */
    struct rig_field fields[RIG_FUZZ_FIELDS_MAX];
    struct rig_bytes body; /* size 0: none */
    uint32_t piece_count;
    uint16_t pieces[RIG_FUZZ_PIECES_MAX]; /* sizes in which the body arrives, from 1; the last repeats */
    uint8_t field_count;
    bool chunked;        /* with pieces: each is a chunk; without pieces: false */
    bool malformed;      /* what the rig would not build: goes on the wire as bytes, the server judges it */
    uint8_t fault;       /* enum rig_fault_kind of the body's reads */
    uint8_t fault_read;  /* the read that is spoiled, from 1 */
    bool fault_always;   /* and all after it */
    uint8_t credentials; /* enum rig_fuzz_class */
    uint8_t place;       /* enum rig_fuzz_place */
    uint8_t connection;
    uint32_t gone; /* the client goes away after so many bytes of its request; 0: it stays */
};

struct rig_fuzz_scenario {
    uint32_t count;  /* 1 to RIG_FUZZ_REQUESTS_MAX */
    uint32_t server; /* of rig_fuzz_server_names */
    struct rig_fuzz_names names;
    struct rig_fuzz_request requests[RIG_FUZZ_REQUESTS_MAX];
    size_t used; /* of strings */
    char strings[RIG_FUZZ_STRINGS_MAX];
};

extern const char *const rig_fuzz_classes[RIG_FUZZ_CLASSES]; /* "none", "valid", ... */
extern const char *const rig_fuzz_places[RIG_FUZZ_PLACES];   /* "basic", ... */
extern const char *const rig_fuzz_server_names[];            /* "http1" first; ends with NULL */
#define RIG_FUZZ_SERVERS 6

/* Any bytes are a scenario; none at all, or zero bytes, are one GET of "/". What stands beyond the limits above is left
 * out. */
void rig_fuzz_decode(const struct rig_fuzz_table *table, const void *bytes, size_t size,
                     struct rig_fuzz_scenario *scenario);
/* The bytes of a scenario; returns their number, which may be more than room: then they are cut off. */
size_t rig_fuzz_encode(const struct rig_fuzz_table *table, const struct rig_fuzz_scenario *scenario, unsigned char *out,
                       size_t room);
/* How many of the bytes the operation at their begin takes; 0 of none. */
size_t rig_fuzz_op_size(const unsigned char *bytes, size_t size);
/* Does the operation that begins with this byte bring bytes of its own? */
bool rig_fuzz_op_is_literal(unsigned char byte);
/* The scenario as an .http text, printable ASCII and newlines alone; returns its size, as snprintf does. A zero byte
 * stands behind it if room is not 0. */
size_t rig_fuzz_write(const struct rig_fuzz_scenario *scenario, char *out, size_t room);
/* Back from the text: 0, -EINVAL with *error filled (also for what no fuzz scenario can hold), or -ENOMEM. */
int rig_fuzz_read(const char *text, size_t size, struct rig_fuzz_scenario *scenario, struct rig_scenario_error *error);
/* Of a text of more requests than a scenario has, or for several servers, the scenario that begins with request *at, 0 at
 * first; then that of the next one, or 0: there is none. */
int rig_fuzz_read_next(const char *text, size_t size, size_t *at, struct rig_fuzz_scenario *scenario,
                       struct rig_scenario_error *error);
/* The same requests, byte by byte? */
bool rig_fuzz_equal(const struct rig_fuzz_scenario *a, const struct rig_fuzz_scenario *b);

/* ---- what decode.c and read.c share ---- */

void rig_fuzz_clear(struct rig_fuzz_scenario *scenario);
/* One more request, all defaults; NULL: there are as many as can be. */
struct rig_fuzz_request *rig_fuzz_add(struct rig_fuzz_scenario *scenario);
/* Is it "1.0", "1.1"? For a minor of '0', '1'. */
static inline bool rig_fuzz_is_version(const char *version, char minor)
{
    return version[0] == '1' && version[1] == '.' && version[2] == minor && version[3] == '\0';
}
/* Cuts off what would have no room if each string were one of its own, as in a text: decode.c asks for it at the end. */
void rig_fuzz_bound(const struct rig_fuzz_table *table, struct rig_fuzz_scenario *scenario);
static inline bool rig_fuzz_same_names(const struct rig_fuzz_names *a, const struct rig_fuzz_names *b)
{
    bool same = true;
    for (unsigned i = 0; i < RIG_FUZZ_NAMED && same; i++) {
        same = a->of[i][0] == b->of[i][0] && !(RIG_RARE(a->of[i][0] != '\0') && strcmp(a->of[i], b->of[i]) != 0);
    }
    return same;
}
/* Has it a header of that name, in any case? */
bool rig_fuzz_has_field(const struct rig_fuzz_request *request, const char *name);
/* The place of a word in a list; count: it is none of them. */
unsigned rig_fuzz_place_of(const char *word, const char *const *list, unsigned count);
/* The numbers of `# @as CLASS PLACE`; false: there is no such class or place. place NULL: basic. */
bool rig_fuzz_as(const char *class, const char *place, unsigned *class_number, unsigned *place_number);
/* Has a header's value blanks before or behind it? Who reads it drops them. */
static inline bool rig_fuzz_is_padded(const char *value, size_t size)
{
    return size > 0 && (value[0] == ' ' || value[0] == '\t' || value[size - 1] == ' ' || value[size - 1] == '\t');
}
/* Once all of a request is known: says .malformed where it must be, and drops what then cannot be. plain: a bit for each
 * header that was looked at before: a plain name, a value that may stand in a request as it is. */
void rig_fuzz_settle(struct rig_fuzz_request *request, uint32_t plain);
/* May a header be named so, whatever its value says? */
bool rig_fuzz_is_plain_name(const char *name);

#endif
