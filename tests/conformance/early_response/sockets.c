/* The kernel rules: every row of sockets.tsv against the transports. */
#define _DEFAULT_SOURCE
#include "tests/conformance/early_response/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 10

static const struct rig_transport *family(const char *name)
{
    return strncmp(name, "unix", 4) == 0 ? RIG_TRANSPORT(UNIX) : RIG_TRANSPORT(TCP);
}

static enum rig_closing closing(const char *name)
{
    return strcmp(name, "close") == 0             ? RIG_CLOSE
           : strcmp(name, "shut_wr+close") == 0   ? RIG_SHUT_WR
           : strcmp(name, "shut_rdwr+close") == 0 ? RIG_SHUT_RDWR
                                                  : RIG_LINGER_0;
}

static const char *error_name(int error, const char *none)
{
    return error == EPIPE ? "EPIPE" : error == ECONNRESET ? "ECONNRESET" : error == 0 ? none : "?";
}

static int differs(char **field, size_t index, const char *predicted)
{
    if (strcmp(field[index], predicted) == 0) {
        return 0;
    }
    printf("sockets: %s %s %s %s %s: field %zu is %s, predicted %s\n", field[0], field[1], field[2], field[3], field[4],
           index + 1, field[index], predicted);
    return 1;
}

static const char *number(uint64_t value, char *buffer, size_t size)
{
    (void)snprintf(buffer, size, "%llu", (unsigned long long)value);
    return buffer;
}

/* family closer unread response order first_write second_write readable read_end read_end_again poll */
static int check_close(char **field)
{
    char poll[64], readable[24];
    bool writes = strcmp(field[4], "read") != 0;
    struct rig_after_close after = rig_transport_after_close(
        family(field[0]), closing(field[1]), strtoull(field[2], NULL, 10), strtoull(field[3], NULL, 10), writes);
    (void)snprintf(poll, sizeof poll, "IN,OUT,%s%s%s", after.rdhup ? "RDHUP," : "", after.hup ? "HUP," : "",
                   after.err ? "ERR," : "");
    return differs(field, 5, writes ? error_name(after.first_write, "ok") : "-") +
           differs(field, 6, writes ? error_name(after.second_write, "ok") : "-") +
           differs(field, 7, number(after.readable, readable, sizeof readable)) +
           differs(field, 8, error_name(after.read_end, "EOF")) + differs(field, 9, "EOF") + differs(field, 10, poll);
}

/* family write_size bytes; TCP's differ by how the kernel tunes itself */
static int check_capacity(char **field)
{
    const struct rig_capacity *capacity = rig_transport_capacity(family(field[0]), strtoull(field[1], NULL, 10));
    uint64_t bytes = strtoull(field[2], NULL, 10);
    if (bytes >= capacity->least && bytes <= capacity->most) {
        return 0;
    }
    printf("sockets: %s takes %s in writes of %s, predicted %llu to %llu\n", field[0], field[2], field[1],
           (unsigned long long)capacity->least, (unsigned long long)capacity->most);
    return 1;
}

/* family closer filled write1 write2 readable read_end */
static int check_blocked(char **field, bool asleep)
{
    char readable[24];
    struct rig_after_close after = rig_transport_blocked(family(field[0]), closing(field[1]), 64, asleep);
    return differs(field, 3, error_name(after.first_write, "ok")) +
           differs(field, 4, error_name(after.second_write, "ok")) +
           differs(field, 5, number(after.readable, readable, sizeof readable)) +
           differs(field, 6, error_name(after.read_end, "EOF"));
}

int check_sockets(const char *path)
{
    char line[512];
    enum { CLOSES, CAPACITY, BLOCKED, ASLEEP } part = CLOSES;
    int rows = 0, mistakes = 0;
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        char *field[FIELDS + 1] = {NULL}, *at = line;
        line[strcspn(line, "\n")] = '\0';
        part = strncmp(line, "# capacity", 10) == 0   ? CAPACITY
               : strncmp(line, "# blocked", 9) == 0   ? BLOCKED
               : strncmp(line, "# sleeping", 10) == 0 ? ASLEEP
                                                      : part;
        for (size_t i = 0; i <= FIELDS && at; i++) {
            field[i] = strsep(&at, "\t");
        }
        if (line[0] == '#' || !field[2] || strcmp(field[0], "family") == 0) {
            continue;
        }
        rows++;
        mistakes += part == CLOSES     ? check_close(field)
                    : part == CAPACITY ? check_capacity(field)
                                       : check_blocked(field, part == ASLEEP);
    }
    if (file) {
        (void)fclose(file);
    }
    printf("sockets.tsv: %d rows, %d fields differ\n", rows, mistakes);
    return rows < 200 ? 1 : mistakes;
}
