#include "credentials.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <stackrig/http/compare.h>

static bool has_control_character(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f) {
            return true;
        }
    }
    return false;
}

int credential_parse(struct credential *credential, const char *text, size_t size)
{
    const char *colon = memchr(text, ':', size);
    if (!colon || has_control_character(text, size)) {
        return -EINVAL;
    }
    size_t user_size = (size_t)(colon - text);
    size_t password_size = size - user_size - 1;
    if (user_size == 0 || password_size == 0) {
        return -EINVAL;
    }
    if (user_size > CREDENTIAL_USER_MAX || password_size > CREDENTIAL_PASSWORD_MAX) {
        return -EFBIG;
    }
    memset(credential, 0, sizeof *credential);
    memcpy(credential->user, text, user_size);
    memcpy(credential->password, colon + 1, password_size);
    return 0;
}

int credentials_add(struct credentials *credentials, const char *text, size_t size)
{
    if (credentials->count == CREDENTIALS_MAX) {
        return -E2BIG;
    }
    int error = credential_parse(&credentials->list[credentials->count], text, size);
    if (error == 0) {
        credentials->count++;
    }
    return error;
}

/* ---- the file ---- */

struct line {
    char text[CREDENTIAL_TEXT_MAX];
    size_t size; /* may be past text's: then it is too long */
    unsigned number;
};

/* Not fgets: a zero byte in a line must be seen. False at the end of the file. */
static bool read_line(FILE *file, struct line *line)
{
    int c = getc(file);
    if (c == EOF) {
        return false;
    }
    line->number++;
    for (line->size = 0; c != EOF && c != '\n' && line->size <= sizeof line->text; c = getc(file)) {
        if (line->size < sizeof line->text) {
            line->text[line->size] = (char)c;
        }
        line->size++;
    }
    return true;
}

static int add_line(struct credentials *credentials, const struct line *line)
{
    if (line->size > sizeof line->text) {
        return -EFBIG;
    }
    if (line->size == 0 || line->text[0] == '#') {
        return 0;
    }
    return credentials_add(credentials, line->text, line->size);
}

static const char *line_problem(int error)
{
    switch (error) {
    case -EFBIG:
        return "too long";
    case -E2BIG:
        return "too many users";
    default:
        return "expected user:password, neither empty, without control characters";
    }
}

static int read_lines(struct credentials *credentials, FILE *file, const char *path, struct basic_auth_problem *problem)
{
    struct line line = {.number = 0};
    while (read_line(file, &line)) {
        int error = add_line(credentials, &line);
        if (error) {
            snprintf(problem->text, sizeof problem->text, "%s:%u: %s", path, line.number, line_problem(error));
            return error;
        }
    }
    if (ferror(file)) {
        snprintf(problem->text, sizeof problem->text, "%s: cannot be read", path);
        return -EIO;
    }
    if (credentials->count == 0) {
        snprintf(problem->text, sizeof problem->text, "%s: no user in it", path);
        return -EINVAL;
    }
    return 0;
}

int credentials_read(struct credentials *credentials, const char *path, struct basic_auth_problem *problem)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        int error = -errno;
        snprintf(problem->text, sizeof problem->text, "%s: %s", path, strerror(-error));
        return error;
    }
    int error = read_lines(credentials, file, path, problem);
    fclose(file);
    return error;
}

/* ---- comparing ---- */

/* Zero bytes fill both, so their sizes say nothing. */
bool credentials_match(const struct credentials *credentials, const struct credential *given)
{
    unsigned matches = 0;
    for (size_t i = 0; i < credentials->count; i++) { /* all of them: its time does not say which it was */
        const struct credential *known = &credentials->list[i];
        matches |= (unsigned)rig_secure_equal(known, sizeof *known, given, sizeof *given);
    }
    return matches != 0;
}
