/* Probes and what became of them, as text. Both files have the same form: `= NAME` begins a block. Behind it, lines of
 * a request (`> ` sent, `< ` as it arrived), each with its CR LF unless a lone backslash ends it; \r \n \t \\ \xNN are
 * bytes, \*N{TEXT} is TEXT N times. `! ` is what the gateway itself did. `#` and empty lines are skipped. */
#ifndef TESTS_GATEWAYS_TEXT_H
#define TESTS_GATEWAYS_TEXT_H

#include <stddef.h>

struct text {
    char *data; /* with a zero byte behind its end */
    size_t size, room;
};

struct probe {
    char *name;
    struct text wire;  /* of probes: the bytes */
    struct text block; /* of results: the lines behind the name, as they stand in the file */
};

struct probes {
    struct probe *items;
    size_t count;
    char *head; /* the comment that the file begins with */
};

/* Out of memory ends the program: these are a test's. */
void text_add(struct text *text, const void *bytes, size_t size);
void text_puts(struct text *text, const char *string);
void text_free(struct text *text);
/* One request as lines: mark and a blank before each. */
void text_add_lines(struct text *text, char mark, const char *bytes, size_t size);

/* 0, or -1 after a message to stderr. */
int probes_read(const char *path, struct probes *probes);
void probes_parse(const char *text, struct probes *probes);
void probes_free(struct probes *probes);
const struct probe *probes_find(const struct probes *probes, const char *name); /* NULL: not there */

#endif
