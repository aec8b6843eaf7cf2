/* Log lines without what differs from one to the next, as tests/conformance/early_response/results.tsv has them. */
#define _GNU_SOURCE
#include "tests/real/cells.h"
#include "tests/real/servers.h"

#include <ctype.h>
#include <string.h>

#define LINES_MAX 12
#define LINE_MAX_ 200

struct tally {
    char lines[LINES_MAX][LINE_MAX_];
    unsigned counts[LINES_MAX];
    size_t count;
};

/* Takes the first piece that begins with `begin` and ends with `end` out of the line. */
static void cut(char *line, const char *begin, const char *end)
{
    char *from = strstr(line, begin), *to = from ? strstr(from + strlen(begin), end) : NULL;
    if (to) {
        to += strlen(end);
        memmove(from, to, strlen(to) + 1);
    }
}

/* "name: 123" -> "name: N" */
static void hide_number(char *line, const char *before)
{
    char *at = line;
    while ((at = strstr(at, before)) != NULL) {
        at += strlen(before);
        size_t digits = strspn(at, "0123456789");
        if (digits > 0) {
            *at = 'N';
            memmove(at + 1, at + digits, strlen(at + digits) + 1);
        }
    }
}

static void hide_address(char *line)
{
    static const char address[] = "127.0.0.1:";
    char *at;
    while ((at = strstr(line, address)) != NULL) {
        size_t digits = strspn(at + sizeof address - 1, "0123456789");
        char *rest = at + sizeof address - 1 + digits;
        memcpy(at, "ADDR", 4);
        memmove(at + 4, rest, strlen(rest) + 1);
    }
}

/* "/tmp/...-real-ABC/b9" -> "PATH" */
static void hide_path(char *line)
{
    char *at = strstr(line, rig_real_folder());
    if (at) {
        size_t size = strcspn(at, " ,\"");
        memcpy(at, "PATH", 4);
        memmove(at + 4, at + size, strlen(at + size) + 1);
    }
}

static void normalise(char *line)
{
    if (line[0] == '[') { /* Apache: [time] [module:level] [pid] error: [client] message */
        cut(line, "[", "] ");
        cut(line, "[pid ", "] ");
        cut(line, "[client ", "] ");
    } else if (isdigit((unsigned char)line[0])) { /* nginx, lighttpd: date time[:] */
        cut(line, "", " ");
        cut(line, "", " ");
    }
    char *bracket = strstr(line, "] "), *client = strstr(line, ", client: ");
    if (bracket && client) { /* nginx: [level] pid#tid: *connection message, client: ... */
        *client = '\0';
        cut(bracket + 2, "", "*");
        cut(bracket + 2, "", " ");
    }
    hide_address(line);
    hide_path(line);
    hide_number(line, "bytes_up=");
    hide_number(line, "write-offset: ");
    hide_number(line, " to :");
}

static void add(struct tally *tally, const char *line)
{
    size_t i = 0;
    while (i < tally->count && strcmp(tally->lines[i], line) != 0) {
        i++;
    }
    if (i == LINES_MAX) {
        return;
    }
    if (i == tally->count) {
        (void)snprintf(tally->lines[tally->count++], LINE_MAX_, "%.*s", LINE_MAX_ - 1, line);
    }
    tally->counts[i]++;
}

void rig_real_read_log(const char *path, long *from, char *text, size_t size)
{
    struct tally tally = {.count = 0};
    char line[2048];
    size_t used = 0;
    FILE *file = fopen(path, "r");
    if (file && fseek(file, *from, SEEK_SET) == 0) {
        while (fgets(line, sizeof line, file)) {
            line[strcspn(line, "\n")] = '\0';
            normalise(line);
            line[LINE_MAX_ - 1] = '\0';
            if (!strstr(line, "is buffered to a temporary file")) { /* nginx, of each body past 16 KiB */
                add(&tally, line);
            }
        }
        *from = ftell(file);
    }
    if (file) {
        (void)fclose(file);
    }
    (void)snprintf(text, size, "-");
    for (size_t i = 0; i < tally.count && used < size; i++) {
        int put = snprintf(text + used, size - used, "%s%ux %s", i > 0 ? " || " : "", tally.counts[i], tally.lines[i]);
        used += put > 0 ? (size_t)put : 0;
    }
}
