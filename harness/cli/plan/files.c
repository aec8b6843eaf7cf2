#include "harness/cli/plan/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/ui/suggest.h"

#define FILE_SIZE_MAX ((size_t)64 << 20)

/* NULL: errno says why. */
static char *read_all(FILE *file, size_t *size)
{
    size_t used = 0, capacity = 1 << 16;
    char *text = rig_must_alloc(capacity, 1);
    while (used <= FILE_SIZE_MAX) {
        text = rig_must_grow(text, used, &capacity, 1);
        size_t got = fread(text + used, 1, capacity - used, file);
        used += got;
        if (!got && ferror(file)) {
            break;
        }
        if (!got) {
            *size = used;
            return text;
        }
    }
    if (used > FILE_SIZE_MAX) {
        errno = EFBIG;
    }
    free(text);
    return NULL;
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    char *text = read_all(file, size);
    int error = errno;
    fclose(file);
    errno = error;
    return text;
}

/* The word at a line and a column, both from 1. */
static void word_at(const char *text, size_t size, const struct rig_scenario_error *error, char *word, size_t room)
{
    const char *at = text, *end = text + size;
    for (size_t line = 1; line < error->line && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    at = error->column - 1 < (size_t)(end - at) ? at + error->column - 1 : end;
    size_t length = 0;
    while (at + length < end && length + 1 < room && !strchr(" \t\r\n", at[length])) {
        length++;
    }
    memcpy(word, at, length);
    word[length] = '\0';
}

static void complain_of(const char *path, const char *text, size_t size, const struct rig_scenario_error *error)
{
    char word[256], line[512];
    struct rig_text hint;
    rig_text_start(&hint, line, sizeof line);
    if (strstr(error->message, " rule")) {
        word_at(text, size, error, word, sizeof word);
        rig_text_suggest(&hint, word, strstr(error->message, "area.*") != NULL);
    }
    rig_complain("%s:%zu:%zu: %s%s", path, error->line, error->column, error->message, line);
}

bool rig_file_take(struct rig_file *file, const char *path, char *text, size_t size)
{
    struct rig_scenario_error error = {0};
    *file = (struct rig_file){.path = path, .text = text, .size = size};
    if (size >= 4 && !memcmp(text, "\177ELF", 4)) {
        rig_complain("%s is a program or a shared object, not a file of requests", path);
        return false;
    }
    int result = rig_scenario_parse(text, size, &file->scenario, &error);
    if (result == -EINVAL) {
        complain_of(path, text, size, &error);
    } else if (result) {
        rig_complain("%s: %s", path, rig_error_text(result));
    }
    return !result;
}

static bool read_scenario(struct rig_file *file, const char *path)
{
    size_t size;
    char *text = read_file(path, &size);
    if (!text) {
        rig_complain("cannot read %s: %s", path, strerror(errno));
        return false;
    }
    return rig_file_take(file, path, text, size);
}

bool rig_files_read(char *const *paths, size_t count, struct rig_file **files)
{
    bool good = true;
    *files = rig_must_alloc(count, sizeof **files);
    for (size_t i = 0; i < count; i++) {
        good = read_scenario(&(*files)[i], paths[i]) && good;
    }
    return good;
}

void rig_files_free(struct rig_file *files, size_t count)
{
    for (size_t i = 0; files && i < count; i++) {
        rig_scenario_free(files[i].scenario);
        free(files[i].text);
    }
    free(files);
}
