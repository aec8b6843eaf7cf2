#define _POSIX_C_SOURCE 200809L

#include "harness/cli/ui/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/report/secrets.h"

#define WIDTH 100

static void out_of_memory(void)
{
    rig_complain("out of memory");
    exit(RIG_STATUS_USAGE);
}

void *rig_must_alloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory) {
        out_of_memory();
    }
    return memory;
}

char *rig_must_copy(const char *string)
{
    char *copy = string ? strdup(string) : NULL;
    if (string && !copy) {
        out_of_memory();
    }
    return copy;
}

char *rig_must_hide(const struct rig_secrets *secrets, const char *text)
{
    char *hidden = rig_secrets_hide(secrets, text);
    if (text && !hidden) {
        out_of_memory();
    }
    return hidden;
}

void *rig_must_grow(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return array;
    }
    size_t wanted = *capacity ? *capacity * 2 : 8;
    void *grown = wanted > SIZE_MAX / size ? NULL : realloc(array, wanted * size);
    if (!grown) {
        out_of_memory();
    }
    *capacity = wanted;
    return grown;
}

static int write_error; /* of a write before the last: 0, or why */
static FILE *elsewhere; /* in the place of stdout; NULL: nothing is */

void rig_print_into(FILE *file)
{
    elsewhere = file;
}

void rig_print(struct rig_text *text)
{
    rig_text_end(text);
    if (fputs(text->data, elsewhere ? elsewhere : stdout) == EOF && !elsewhere && !write_error) {
        write_error = errno;
    }
    rig_text_start(text, text->data, text->size);
}

void rig_print_wrapped(struct rig_text *text, size_t *column, const char *word)
{
    size_t width = strlen(word) + 1;
    if (*column + width >= WIDTH) {
        rig_text_add(text, "\n   ");
        *column = 3;
    }
    rig_text_printf(text, " %s", word);
    *column += width;
}

bool rig_colour_wanted(int fd)
{
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fd) && !(no_colour && *no_colour) && term && strcmp(term, "dumb");
}

bool rig_output_finish(void)
{
    errno = 0;
    bool failed = ferror(stdout) != 0;
    failed = fflush(stdout) != 0 || failed;
    int error = errno ? errno : write_error;
    if (failed && !error &&
        write(STDOUT_FILENO, "\n", 1) < 0) { /* why an earlier write failed is not kept: it still does */
        error = errno;
    }
    /* Some file systems tell only now. */
    if (close(STDOUT_FILENO) != 0 && errno != EBADF) {
        failed = true;
        error = errno;
    }
    if (failed) {
        rig_complain("cannot write to standard output%s%s", error ? ": " : "", error ? strerror(error) : "");
    }
    return !failed;
}
