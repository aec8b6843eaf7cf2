/* The words that scenarios are made of: those that every stack is tried with, and those of the stack under test. */
#ifndef STACKRIG_FUZZ_TABLE_H
#define STACKRIG_FUZZ_TABLE_H

#include <stackrig/scenario.h>

enum rig_fuzz_words {
    RIG_FUZZ_METHODS,
    RIG_FUZZ_TARGETS,
    RIG_FUZZ_QUERIES,
    RIG_FUZZ_NAMES,  /* of headers */
    RIG_FUZZ_VALUES, /* pieces of a header's value */
    RIG_FUZZ_BODIES, /* pieces of a body */
    RIG_FUZZ_GROUPS
};

#define RIG_FUZZ_WORDS_MAX 256 /* of one group: what a byte can name */

/* An operation is a byte: four bits say what is done, four with which word. */
enum rig_fuzz_op {
    RIG_FUZZ_OP_METHOD, /* sets it */
    RIG_FUZZ_OP_TARGET, /* sets it */
    RIG_FUZZ_OP_TWIST,  /* writes the target another way, enum rig_fuzz_twist */
    RIG_FUZZ_OP_QUERY,  /* appends to the target, behind ? or & */
    RIG_FUZZ_OP_HEADER, /* begins a header */
    RIG_FUZZ_OP_VALUE,  /* appends to the last header's value */
    RIG_FUZZ_OP_SPOIL,  /* changes the last header, enum rig_fuzz_spoil */
    RIG_FUZZ_OP_AS,     /* credentials: a class, and behind these the places */
    RIG_FUZZ_OP_BODY,   /* appends to it */
    RIG_FUZZ_OP_FRAME,  /* how its end is told, enum rig_fuzz_frame */
    RIG_FUZZ_OP_PIECES, /* the body arrives in pieces of 1..14 bytes; else of the sizes behind it, two bytes each */
    RIG_FUZZ_OP_FAULT,  /* kind; the next byte: which read, and bit 7: all after it */
    RIG_FUZZ_OP_GONE,   /* the client goes away: token and next byte are the place */
    RIG_FUZZ_OP_CONNECTION,
    RIG_FUZZ_OP_NEXT, /* begins the next request, enum rig_fuzz_next */
    RIG_FUZZ_OP_SET   /* enum rig_fuzz_set */
};

/* Words 0 to 13 stand in the operation; */
#define RIG_FUZZ_TOKEN_BYTE 14    /* a byte behind it says which word, */
#define RIG_FUZZ_TOKEN_LITERAL 15 /* or bytes do: their number (255: and more follow), then they themselves */

enum rig_fuzz_twist {
    RIG_FUZZ_TWIST_SLASH,        /* //a */
    RIG_FUZZ_TWIST_DOT,          /* /./a */
    RIG_FUZZ_TWIST_UP,           /* /x/../a */
    RIG_FUZZ_TWIST_PERCENT,      /* /%61 */
    RIG_FUZZ_TWIST_TWICE,        /* /%2561 */
    RIG_FUZZ_TWIST_PARAM,        /* /a;p */
    RIG_FUZZ_TWIST_CASE,         /* /A */
    RIG_FUZZ_TWIST_SLASH_BEHIND, /* /a/ */
    RIG_FUZZ_TWIST_DOT_BEHIND,   /* /a/. */
    RIG_FUZZ_TWIST_PERCENT_DOT,  /* /%2e/a */
    RIG_FUZZ_TWIST_ZERO,         /* /a%00 */
    RIG_FUZZ_TWIST_SUFFIX,       /* /a.json */
    RIG_FUZZ_TWIST_HOST,         /* http://example.org/a */
    RIG_FUZZ_TWIST_BACKSLASH,    /* \a */
    RIG_FUZZ_TWIST_LINE,         /* /a%0d%0aX-Rig-Marker:%201 */
    RIG_FUZZ_TWISTS
};

enum rig_fuzz_spoil {
    RIG_FUZZ_SPOIL_UNDERSCORE, /* '-' of the name becomes '_' */
    RIG_FUZZ_SPOIL_UPPER,
    RIG_FUZZ_SPOIL_LOWER,
    RIG_FUZZ_SPOIL_NEAR,    /* without the name's last letter */
    RIG_FUZZ_SPOIL_SPACES,  /* blanks round the value */
    RIG_FUZZ_SPOIL_REPEAT,  /* the same header again */
    RIG_FUZZ_SPOIL_LONG,    /* the value four times over */
    RIG_FUZZ_SPOIL_HUGE,    /* 'A' up to 1024 bytes */
    RIG_FUZZ_SPOIL_COLON,   /* a blank before the colon */
    RIG_FUZZ_SPOIL_CUT,     /* without the value's last byte */
    RIG_FUZZ_SPOIL_AGAIN,   /* the same name again, no value */
    RIG_FUZZ_SPOIL_TYPICAL, /* a value that such a header has, one of RIG_FUZZ_TYPICAL_VALUES */
    RIG_FUZZ_SPOIL_HALF = RIG_FUZZ_SPOIL_TYPICAL + 3, /* without the value's second half */
    RIG_FUZZ_SPOILS
};
#define RIG_FUZZ_TYPICAL_VALUES 3
#define RIG_FUZZ_KINDS 3 /* of bodies: form, JSON, multipart */

enum rig_fuzz_frame {
    RIG_FUZZ_FRAME_LENGTH,    /* Content-Length, as long as it is */
    RIG_FUZZ_FRAME_CHUNKED,   /* Transfer-Encoding: chunked */
    RIG_FUZZ_FRAME_SHORTER,   /* says one byte less, */
    RIG_FUZZ_FRAME_LONGER,    /* one more, */
    RIG_FUZZ_FRAME_ZERO,      /* none, */
    RIG_FUZZ_FRAME_NEGATIVE,  /* -1, */
    RIG_FUZZ_FRAME_PLUS,      /* +n, */
    RIG_FUZZ_FRAME_HUGE,      /* 18446744073709551616, */
    RIG_FUZZ_FRAME_TWICE,     /* n, n */
    RIG_FUZZ_FRAME_TWO,       /* n and then another */
    RIG_FUZZ_FRAME_BOTH,      /* chunked, and a length too */
    RIG_FUZZ_FRAME_XCHUNKED,  /* a coding that is none */
    RIG_FUZZ_FRAME_EXTENSION, /* chunks with an extension */
    RIG_FUZZ_FRAME_BAD_CHUNK, /* a chunk size of no number */
    RIG_FUZZ_FRAME_NO_LAST,   /* without the last chunk */
    RIG_FUZZ_FRAME_HEX        /* 0xn */
};

enum rig_fuzz_next { RIG_FUZZ_NEXT_NEW, RIG_FUZZ_NEXT_SAME, RIG_FUZZ_NEXT_SAME_STRANGER };

enum rig_fuzz_set {
    RIG_FUZZ_SET_SERVER,        /* 0..6 */
    RIG_FUZZ_SET_BODY_HALF = 7, /* without the body's second half */
    RIG_FUZZ_SET_1_0,
    RIG_FUZZ_SET_1_1,
    RIG_FUZZ_SET_MALFORMED,
    RIG_FUZZ_SET_KIND, /* Content-Type and a body of its kind, where there is none yet: 11..13 */
    RIG_FUZZ_SET_BODY_CUT = RIG_FUZZ_SET_KIND + RIG_FUZZ_KINDS, /* without the body's last byte */
    RIG_FUZZ_SET_VERSION = RIG_FUZZ_TOKEN_LITERAL
};

/* What the places of credentials behind Bearer are named (cookie, header, query), where they are named: else "". */
#define RIG_FUZZ_NAMED 3
struct rig_fuzz_names {
    char of[RIG_FUZZ_NAMED][RIG_CREDENTIAL_NAME_MAX + 1];
};

/* The words of a table as they are numbered, with what there is to know of them. */
struct rig_fuzz_entry {
    const char *text;
    uint32_t size;
    bool plain; /* rig_fuzz_settle would pass it: as a header's name where it is one, else as its value */
};
struct rig_fuzz_index {
    struct {
        size_t count;
        struct rig_fuzz_entry words[RIG_FUZZ_WORDS_MAX];
    } of[RIG_FUZZ_GROUPS];
};

#define RIG_FUZZ_LONGEST 512
struct rig_fuzz_table {
    const char *const *words[RIG_FUZZ_GROUPS]; /* of the stack under test; they are numbered behind the first of ours */
    size_t counts[RIG_FUZZ_GROUPS];
    size_t longest;                     /* word of them; those of ours have at most RIG_FUZZ_LONGEST bytes */
    uint32_t servers;                   /* a bit for each that it is fuzzed behind; none: all */
    const struct rig_fuzz_index *index; /* of its words; NULL: it is made for each scenario, which takes longer */
    struct rig_fuzz_names names;        /* of the stack under test, for its texts */
};

/* The server that bytes mean: that one, or the first that it is fuzzed behind. */
static inline uint32_t rig_fuzz_server_of(const struct rig_fuzz_table *table, uint32_t server)
{
    uint32_t servers = table ? table->servers : 0;
    return servers == 0 || (servers >> server & 1) ? server : (uint32_t)__builtin_ctz(servers);
}

/* Those of ours. */
struct rig_fuzz_list {
    const char *const *words;
    size_t count;
};
extern const struct rig_fuzz_list rig_fuzz_ours[RIG_FUZZ_GROUPS];

/* How many of the stack's a group has: as many as a byte can name beside ours. */
static inline size_t rig_fuzz_theirs(const struct rig_fuzz_table *table, enum rig_fuzz_words group)
{
    size_t room = RIG_FUZZ_WORDS_MAX - rig_fuzz_ours[group].count;
    size_t count = table ? table->counts[group] : 0;
    return count < room ? count : room;
}
/* How many words a group has: at most RIG_FUZZ_WORDS_MAX. */
static inline size_t rig_fuzz_word_count(const struct rig_fuzz_table *table, enum rig_fuzz_words group)
{
    return rig_fuzz_ours[group].count + rig_fuzz_theirs(table, group);
}
static inline const char *rig_fuzz_word(const struct rig_fuzz_table *table, enum rig_fuzz_words group, size_t number)
{
    size_t own = rig_fuzz_theirs(table, group);
    if (number == 0 || own == 0) {
        return rig_fuzz_ours[group].words[number];
    }
    return number <= own ? table->words[group][number - 1] : rig_fuzz_ours[group].words[number - own];
}
/* Once it has all words. table NULL: ours alone. */
void rig_fuzz_index_words(const struct rig_fuzz_table *table, struct rig_fuzz_index *index);
/* A value of its kind of header: number is below RIG_FUZZ_TYPICAL_VALUES. */
const char *rig_fuzz_typical_value(const char *name, unsigned number);
/* A whole body, and its Content-Type: kind is below RIG_FUZZ_KINDS. */
struct rig_fuzz_typical {
    const char *type, *body;
};
const struct rig_fuzz_typical *rig_fuzz_typical_body(unsigned kind);

/* ---- what the hash of a table is made of ---- */

uint64_t rig_fuzz_hash_word(uint64_t hash, const char *word);
uint64_t rig_fuzz_hash_typical(uint64_t hash); /* with typical values and bodies */
/* Raise it when operations or tokens come to mean something else, as a twist that puts other letters before the target. */
#define RIG_FUZZ_MEANINGS 1
/* Of the table's words, and what stands for RIG_FUZZ_MEANINGS. */
uint64_t rig_fuzz_table_hash_of(const struct rig_fuzz_table *table, uint64_t meanings);
/* The table's version: bytes mean the same scenario under tables of the same hash. */
static inline uint64_t rig_fuzz_table_hash(const struct rig_fuzz_table *table)
{
    return rig_fuzz_table_hash_of(table, RIG_FUZZ_MEANINGS);
}

#define RIG_FUZZ_MARKER "X-Rig-Marker"                        /* a header that only a response that was split has */
#define RIG_FUZZ_MARKER_LINE "%0d%0a" RIG_FUZZ_MARKER ":%201" /* what splits one, once it is decoded */

#endif
