#define _POSIX_C_SOURCE 200809L

#include "fuzz/driver/corpus.h"

#include "fuzz/driver/here.h"
#include "fuzz/driver/report.h"
#include "fuzz/driver/text.h"
#include "fuzz/driver/version.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ROOM ((size_t)1 << 20)
#define WORD_MAX 64 /* libFuzzer takes no longer ones */

static struct rig_fuzz_scenario scenario;
static char text[ROOM];
static unsigned char bytes[ROOM];

/* ---- the dictionary ---- */

static void print_entry(const unsigned char *entry, size_t size)
{
    if (size < 2 || size > WORD_MAX) { /* one byte is found soon */
        return;
    }
    putchar('"');
    for (size_t i = 0; i < size; i++) {
        bool plain = entry[i] >= ' ' && entry[i] <= '~' && entry[i] != '"' && entry[i] != '\\';
        printf(plain ? "%c" : "\\x%02x", (unsigned)entry[i]);
    }
    puts("\"");
}

/* The operation that says the word, and of the stack's own words the letters, for literals. */
static void print_words(const struct rig_fuzz_table *table, enum rig_fuzz_words group)
{
    static const enum rig_fuzz_op ops[RIG_FUZZ_GROUPS] = {
        [RIG_FUZZ_METHODS] = RIG_FUZZ_OP_METHOD, [RIG_FUZZ_TARGETS] = RIG_FUZZ_OP_TARGET,
        [RIG_FUZZ_QUERIES] = RIG_FUZZ_OP_QUERY,  [RIG_FUZZ_NAMES] = RIG_FUZZ_OP_HEADER,
        [RIG_FUZZ_VALUES] = RIG_FUZZ_OP_VALUE,   [RIG_FUZZ_BODIES] = RIG_FUZZ_OP_BODY};
    for (size_t i = RIG_FUZZ_TOKEN_BYTE; i < rig_fuzz_word_count(table, group); i++) {
        const unsigned char op[] = {(unsigned char)((unsigned)ops[group] << 4 | RIG_FUZZ_TOKEN_BYTE), (unsigned char)i};
        print_entry(op, sizeof op);
    }
    for (size_t i = 0; i < table->counts[group]; i++) {
        print_entry((const unsigned char *)table->words[group][i], strlen(table->words[group][i]));
    }
}

static void print_dictionary(const struct rig_fuzz_table *table)
{
    printf("# words of the table %016llx\n", (unsigned long long)rig_fuzz_table_hash(table));
    for (unsigned group = 0; group < RIG_FUZZ_GROUPS; group++) {
        print_words(table, (enum rig_fuzz_words)group);
    }
}

/* ---- corpora ---- */

static size_t read_file(const char *path, void *out)
{
    FILE *file = fopen(rig_fuzz_here(path), "rb");
    size_t size = file ? fread(out, 1, ROOM, file) : 0;
    if (!file || ferror(file) || size == ROOM) {
        fprintf(stderr, "stackrig: cannot read %s\n", path);
        exit(2);
    }
    (void)fclose(file);
    return size;
}

/* In its place: the file's name and end; ".http" of the name goes first, for what stands there names a text. */
static void write_file(const char *folder, const char *path, const char *end, const void *data, size_t size)
{
    char name[4096];
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t length = strlen(base);
    length -= rig_fuzz_names_text(base) ? 5 : 0;
    (void)snprintf(name, sizeof name, "%s/%.*s%s", folder, (int)length, base, end);
    FILE *file = rig_fuzz_create(folder, name);
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
        fprintf(stderr, "stackrig: cannot write %s: %s\n", name, strerror(errno));
        exit(2);
    }
}

static bool encode(const struct rig_fuzz_table *table, const char *folder, const char *path, const char *end,
                   const char *part, size_t size, struct rig_scenario_error *error)
{
    int status = rig_fuzz_read(part, size, &scenario, error);
    size_t written = status == 0 ? rig_fuzz_encode(table, &scenario, bytes, sizeof bytes) : 0;
    if (status == 0 && written <= sizeof bytes) {
        write_file(folder, path, end, bytes, written);
    }
    return status == 0;
}

/* Bytes of two tables in one folder could not be told apart, and of other bytes no text would say what they meant. */
static void end_if(bool is_of_other, const char *why)
{
    if (is_of_other) {
        fprintf(stderr, "stackrig: %s\n", why);
        exit(2);
    }
}

/* The size of the first request: up to the next line of "###". */
static size_t paragraph(const char *at, const char *end)
{
    for (const char *line = at; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        line = newline ? newline + 1 : end;
        if (end - line >= 3 && memcmp(line, "###", 3) == 0) {
            return (size_t)(line - at);
        }
    }
    return (size_t)(end - at);
}

/* Comments and empty lines alone, as before the first request. */
static bool is_without_request(const char *at, size_t size)
{
    for (const char *line = at, *end = at + size; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        if (*line != '#' && *line != '\n' && *line != '\r') {
            return false;
        }
        line = newline ? newline + 1 : end;
    }
    return true;
}

static size_t lines_of(const char *at, size_t size)
{
    size_t lines = 0;
    for (size_t i = 0; i < size; i++) {
        lines += at[i] == '\n';
    }
    return lines;
}

/* False: no scenario can hold one of its requests, or more, which is said; the others are there. */
static bool encode_file(const struct rig_fuzz_table *table, const char *folder, const char *path)
{
    struct rig_scenario_error error;
    size_t size = read_file(path, text);
    if (encode(table, folder, path, "", text, size, &error)) {
        return true;
    }
    bool all = true;
    unsigned number = 0;
    for (const char *at = text, *end = text + size; at < end; number++) {
        char name[32];
        size_t part = paragraph(at, end);
        (void)snprintf(name, sizeof name, "-%u", number);
        if (!is_without_request(at, part) && !encode(table, folder, path, name, at, part, &error)) {
            fprintf(stderr, "stackrig: %s:%zu:%zu: %s\n", path, lines_of(text, (size_t)(at - text)) + error.line,
                    error.column, error.message);
            all = false;
        }
        at += part;
    }
    return all;
}

static void decode_file(const struct rig_fuzz_table *table, const char *folder, const char *path)
{
    char why[RIG_FUZZ_WHY_MAX];
    size_t size = read_file(path, bytes);
    if (rig_fuzz_is_text(path, bytes, size)) {
        write_file(folder, path, ".http", bytes, size);
        return;
    }
    end_if(rig_fuzz_is_of_other(path, table, why), why);
    rig_fuzz_decode(table, bytes, size, &scenario);
    size = rig_fuzz_write(&scenario, text, sizeof text);
    write_file(folder, path, ".http", text, size < sizeof text ? size : sizeof text - 1);
}

static bool is_named_text(const char *path)
{
    struct stat about;
    return path[0] != '-' && rig_fuzz_names_text(path) && stat(rig_fuzz_here(path), &about) == 0 &&
           S_ISREG(about.st_mode);
}

void rig_fuzz_look_at_texts(int argc, char *const *argv)
{
    for (int i = 1; i < argc; i++) {
        struct rig_scenario_error error;
        size_t size = is_named_text(argv[i]) ? read_file(argv[i], text) : 0, at = 0;
        if (size > 0 && rig_fuzz_read_next(text, size, &at, &scenario, &error) != 0) {
            fprintf(stderr, "stackrig: %s:%zu:%zu: %s\n", argv[i], error.line, error.column, error.message);
            exit(2);
        }
        if (size > 0 && !rig_fuzz_begins_text(text, size)) {
            fprintf(stderr,
                    "stackrig: %s: would be taken for bytes, for it does not begin with `# @escapes on`, as what is "
                    "saved does: --encode FOLDER %s makes bytes of it\n",
                    argv[i], argv[i]);
            exit(2);
        }
    }
}

/* Those that can be; 1: not all. */
static int encode_files(const struct rig_fuzz_table *table, const char *folder, char *const *paths, int count)
{
    char why[RIG_FUZZ_WHY_MAX];
    bool all = true, is_new = rig_fuzz_is_new(folder);
    end_if(rig_fuzz_is_folder_of_other(folder, table, why), why);
    for (int i = 0; i < count; i++) {
        all = encode_file(table, folder, paths[i]) && all;
    }
    if (is_new) {
        rig_fuzz_record(folder, table);
    }
    return !all;
}

bool rig_fuzz_corpus(const struct rig_fuzz_target *target, int argc, char *const *argv, int *status)
{
    const char *verb = argc > 1 ? argv[1] : "";
    bool to_bytes = strcmp(verb, "--encode") == 0, to_text = strcmp(verb, "--decode") == 0;
    *status = 0;
    if (strcmp(verb, "--table") == 0) {
        printf("%016llx\n", (unsigned long long)rig_fuzz_table_hash(&target->table));
        return true;
    }
    if (strcmp(verb, "--dict") == 0) {
        print_dictionary(&target->table);
        return true;
    }
    if ((to_bytes || to_text) && argc < 4) {
        fprintf(stderr, "stackrig: %s wants a folder and files\n", verb);
        *status = 2;
    } else if (to_bytes) {
        *status = encode_files(&target->table, argv[2], argv + 3, argc - 3);
    }
    for (int i = 3; to_text && i < argc; i++) {
        decode_file(&target->table, argv[2], argv[i]);
    }
    return to_bytes || to_text;
}
