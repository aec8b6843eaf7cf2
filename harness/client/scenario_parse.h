/* What the files of the scenario parser share. */
#ifndef STACKRIG_CLIENT_SCENARIO_PARSE_H
#define STACKRIG_CLIENT_SCENARIO_PARSE_H

#include <stackrig/scenario.h>

#include "harness/core/arena.h"
#include "harness/http/chars.h"

struct rig_scenario_line {
    struct rig_slice text; /* without its LF or CR LF */
    size_t number;         /* from 1 */
};

struct rig_scenario_parser {
    const char *at, *end; /* what is left of the text */
    struct rig_scenario_line line;
    struct rig_arena *arena;
    struct rig_scenario_error *error;
    const char *names[3]; /* of `# @credential`, so far in the file: header, cookie, query */

    /* The paragraph so far. */
    struct rig_scenario_request *request;
    struct rig_scenario_expect *expects;
    size_t expect_capacity;
    struct rig_scenario_own *own;
    size_t own_capacity;
    struct rig_field *header_list;
    size_t headers, header_capacity; /* headers: in request.headers and in the list together */
    bool escapes;
    bool no_host;        /* # @host off */
    unsigned keys_seen;  /* a bit for each directive, by its place in the table */
    unsigned names_seen; /* and for each of .names */
    size_t fault_line;   /* of its @fault */
    size_t first_key;    /* line of the paragraph's first directive; 0: none */
};

/* As rig_scenario_parse, with the memory from that allocator. */
int rig_scenario_parse_in(struct rig_allocator allocator, const char *text, size_t size, struct rig_scenario **scenario,
                          struct rig_scenario_error *error);

/* -EINVAL with the error filled. column from 1. */
int rig_scenario_refuse(struct rig_scenario_parser *parser, size_t line, size_t column, const char *format, ...)
    RIG_PRINTF_(4, 5);
/* The same with the column of a byte of the current line. */
int rig_scenario_refuse_at(struct rig_scenario_parser *parser, const char *at, const char *format, ...)
    RIG_PRINTF_(3, 4);

/* The start of a text, for a message: printable, with "..." where it was cut. */
struct rig_excerpt {
    char text[48];
};
struct rig_excerpt rig_excerpt(struct rig_slice text);

/* More room for an array in the arena: its elements, or NULL when out of memory. */
void *rig_scenario_grown(struct rig_arena *arena, const void *old, size_t count, size_t *capacity, size_t element);

/* ---- the pieces: 0, -EINVAL with the error filled, or -ENOMEM ---- */

/* A comment line; rest is what follows its # or //. */
int rig_scenario_comment(struct rig_scenario_parser *parser, struct rig_slice rest);
/* Is it `@key` of a directive? For those that stand too late. */
bool rig_scenario_is_directive(struct rig_slice rest);
/* The current line as a request line, as a header. */
int rig_scenario_request_line(struct rig_scenario_parser *parser);
int rig_scenario_add_header(struct rig_scenario_parser *parser, struct rig_field field);
int rig_scenario_header(struct rig_scenario_parser *parser);
/* A line of a body: nothing that an editor would take for something else. */
int rig_scenario_body_line(struct rig_scenario_parser *parser);
/* The whole body, which begins in line number line. */
int rig_scenario_body(struct rig_scenario_parser *parser, struct rig_slice body, size_t line);

/* After # or // at the start of a line, blanks before it allowed; data NULL: it is no comment. */
struct rig_slice rig_scenario_comment_rest(struct rig_slice line);

#endif
