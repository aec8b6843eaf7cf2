#define _POSIX_C_SOURCE 200809L
#include "tests/conformance/gateways/text.h"

#include <stdbool.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUN_MIN 40    /* equal bytes that are written as \*N{} */
#define REPEATS_MIN 4 /* equal lines */

/* ---- text ---- */

static void *must(void *memory)
{
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

void text_add(struct text *text, const void *bytes, size_t size)
{
    if (text->size + size + 1 > text->room) {
        text->room = 2 * (text->size + size) + 64;
        text->data = must(realloc(text->data, text->room));
    }
    if (size > 0) {
        memcpy(text->data + text->size, bytes, size);
    }
    text->size += size;
    text->data[text->size] = '\0';
}

void text_puts(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

/* ---- writing ---- */

static void add_byte(struct text *text, unsigned char byte)
{
    static const char plain[] = "\r\n\t\\", letters[] = "rnt\\";
    const char *at = byte ? strchr(plain, byte) : NULL;
    char escaped[8];
    if (at) {
        snprintf(escaped, sizeof escaped, "\\%c", letters[at - plain]);
    } else if (byte < 0x20 || byte >= 0x7f) {
        snprintf(escaped, sizeof escaped, "\\x%02x", byte);
    } else {
        snprintf(escaped, sizeof escaped, "%c", byte);
    }
    text_puts(text, escaped);
}

static void add_escaped(struct text *text, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t run = 1;
        while (i + run < size && bytes[i + run] == bytes[i]) {
            run++;
        }
        if (run >= RUN_MIN) {
            char count[32];
            snprintf(count, sizeof count, "\\*%zu{", run);
            text_puts(text, count);
        }
        size_t shown = run >= RUN_MIN ? 1 : run;
        for (size_t k = 0; k < shown; k++) {
            add_byte(text, (unsigned char)bytes[i]);
        }
        text_puts(text, run >= RUN_MIN ? "}" : "");
        i += run;
    }
}

/* With its CR LF; of the last piece, which has none, what there is. */
static size_t line_size(const char *bytes, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
            return i + 2;
        }
    }
    return size;
}

static bool ends_line(const char *bytes, size_t size)
{
    return size >= 2 && memcmp(bytes + size - 2, "\r\n", 2) == 0;
}

static void add_line(struct text *text, char mark, const char *bytes, size_t size, size_t repeats)
{
    char open[32] = "";
    bool whole = ends_line(bytes, size);
    if (repeats > 1) {
        snprintf(open, sizeof open, "\\*%zu{", repeats);
    }
    text_add(text, &mark, 1);
    text_puts(text, size == 2 && whole ? "" : " ");
    text_puts(text, open);
    add_escaped(text, bytes, whole ? size - 2 : size);
    text_puts(text, repeats > 1 ? "\\r\\n}\\" : whole ? "" : "\\");
    text_puts(text, "\n");
}

void text_add_lines(struct text *text, char mark, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t line = line_size(bytes + at, size - at), repeats = 1;
        while (at + (repeats + 1) * line <= size && memcmp(bytes + at, bytes + at + repeats * line, line) == 0) {
            repeats++;
        }
        repeats = repeats >= REPEATS_MIN && ends_line(bytes + at, line) ? repeats : 1;
        add_line(text, mark, bytes + at, line, repeats);
        at += repeats * line;
    }
}

/* ---- reading ---- */

static size_t add_unescaped(struct text *wire, const char *at, const char *end);

/* TEXT of \*N{TEXT}, which may hold another: where it ends. */
static const char *closing(const char *at, const char *end)
{
    for (int depth = 1; at < end; at++) {
        at += *at == '\\' && at + 1 < end && at[1] != '*';
        depth += *at == '\\' ? 1 : *at == '}' ? -1 : 0;
        if (depth == 0) {
            return at;
        }
    }
    return end;
}

static const char *add_repeated(struct text *wire, const char *at, const char *end)
{
    char *open;
    unsigned long count = strtoul(at, &open, 10);
    const char *close = closing(open + 1, end);
    for (unsigned long i = 0; i < count; i++) {
        add_unescaped(wire, open + 1, close);
    }
    return close;
}

static const char *add_escape(struct text *wire, const char *at, const char *end)
{
    char byte = *at;
    if (byte == '*') {
        return add_repeated(wire, at + 1, end);
    }
    if (byte == 'x') {
        const char digits[3] = {at[1], at[2], '\0'};
        byte = (char)strtoul(digits, NULL, 16);
        at += 2;
    } else {
        byte = byte == 'r' ? '\r' : byte == 'n' ? '\n' : byte == 't' ? '\t' : byte;
    }
    text_add(wire, &byte, 1);
    return at;
}

/* 1 if a lone backslash ends it. */
static size_t add_unescaped(struct text *wire, const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at != '\\') {
            text_add(wire, at, 1);
        } else if (at + 1 == end) {
            return 1;
        } else {
            at = add_escape(wire, at + 1, end);
        }
    }
    return 0;
}

static void take_line(struct probe *probe, const char *line, size_t size)
{
    text_add(&probe->block, line, size);
    text_add(&probe->block, "\n", 1);
    if (*line == '>' || *line == '<') {
        size_t skip = size > 1 ? 2 : 1;
        if (!add_unescaped(&probe->wire, line + skip, line + size)) {
            text_add(&probe->wire, "\r\n", 2);
        }
    }
}

static struct probe *add_probe(struct probes *probes, const char *name, size_t size)
{
    probes->items = must(realloc(probes->items, (probes->count + 1) * sizeof *probes->items));
    struct probe *probe = &probes->items[probes->count++];
    *probe = (struct probe){.name = must(strndup(name, size))};
    text_add(&probe->block, "", 0);
    text_add(&probe->wire, "", 0);
    return probe;
}

void probes_parse(const char *text, struct probes *probes)
{
    const char *at = text;
    *probes = (struct probes){0};
    struct text head = {0};
    text_add(&head, "", 0);
    for (struct probe *probe = NULL; *at;) {
        size_t size = strcspn(at, "\n");
        if (size > 2 && at[0] == '=' && at[1] == ' ') {
            probe = add_probe(probes, at + 2, size - 2);
        } else if (!probe) {
            text_add(&head, at, size + (at[size] == '\n'));
        } else if (size > 0 && *at != '#') {
            take_line(probe, at, size);
        }
        at += size + (at[size] == '\n');
    }
    probes->head = head.data;
}

int probes_read(const char *path, struct probes *probes)
{
    FILE *file = fopen(path, "rb");
    struct text all = {0};
    char piece[4096];
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;) {
        text_add(&all, piece, got);
    }
    fclose(file);
    text_add(&all, "", 0);
    probes_parse(all.data, probes);
    text_free(&all);
    return 0;
}

void probes_free(struct probes *probes)
{
    for (size_t i = 0; i < probes->count; i++) {
        free(probes->items[i].name);
        text_free(&probes->items[i].wire);
        text_free(&probes->items[i].block);
    }
    free(probes->items);
    free(probes->head);
    *probes = (struct probes){0};
}

const struct probe *probes_find(const struct probes *probes, const char *name)
{
    for (size_t i = 0; i < probes->count; i++) {
        if (strcmp(probes->items[i].name, name) == 0) {
            return &probes->items[i];
        }
    }
    return NULL;
}
