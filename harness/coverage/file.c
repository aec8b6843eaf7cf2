/* The table as text: a line a layer, a line for each of its routes and classes, fields divided by tabs, the last line
 * "end". What is cut off has no such line. */
#define _GNU_SOURCE

#include "harness/coverage/table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "stackrig-coverage"
#define FIELDS_MAX 24

/* ---- writing ---- */

/* Tabs and ends of lines divide: they are written as \xNN. */
static void put_name(FILE *out, const char *name)
{
    fputc('\t', out);
    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;
        if (c < 0x20 || c == 0x7f || c == '\\') {
            fprintf(out, "\\x%02x", (unsigned)c);
        } else {
            fputc(c, out);
        }
    }
}

static void put_route(FILE *out, const struct rig_cover_layer *layer, const struct rig_cover_route *route)
{
    for (unsigned class = 0; class < RIG_COVER_CLASSES; class ++) {
        for (unsigned body = 0; body < 2; body++) {
            const uint64_t *counts = route->counts[class][body];
            if (counts[0] || counts[1] || counts[2]) {
                fputs("auth", out);
                put_name(out, layer->name);
                put_name(out, layer->place);
                put_name(out, route->name);
                fprintf(out, "\t%u\t%u\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", class, body, counts[0], counts[1],
                        counts[2]);
            }
        }
    }
}

static void put_layer(FILE *out, const struct rig_cover_layer *layer)
{
    fputs("layer", out);
    put_name(out, layer->name);
    put_name(out, layer->place);
    fprintf(out, "\t%d", layer->auth);
    for (size_t i = 0; i < RIG_COVER_OUTCOMES; i++) {
        fprintf(out, "\t%" PRIu64, layer->outcomes[i]);
    }
    for (size_t i = 0; i < layer->file_count; i++) {
        put_name(out, layer->files[i]);
    }
    fputc('\n', out);
    if (layer->taken[0] || layer->asked[0]) {
        fputs("ways", out);
        put_name(out, layer->name);
        put_name(out, layer->place);
        put_name(out, layer->taken);
        put_name(out, layer->asked);
        fputc('\n', out);
    }
    for (size_t i = 0; i < layer->route_count; i++) {
        put_route(out, layer, &layer->routes[i]);
    }
}

int rig_cover_write(FILE *out, const struct rig_cover_table *table)
{
    fprintf(out, HEAD " %d\n", RIG_COVER_FORMAT);
    for (size_t i = 0; i < table->count; i++) {
        put_layer(out, table->layers[i]);
    }
    fprintf(out, "end %zu\n", table->count);
    return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}

/* ---- reading ---- */

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; false: an escape that is none. */
static bool unescape(char *name)
{
    char *to = name;
    for (; *name; name++) {
        if (*name == '\\') {
            int high = name[1] == 'x' ? digit_of(name[2]) : -1, low = high >= 0 ? digit_of(name[3]) : -1;
            if (low < 0 || high * 16 + low == 0) {
                return false;
            }
            *to++ = (char)(high * 16 + low);
            name += 3;
        } else {
            *to++ = *name;
        }
    }
    *to = '\0';
    return true;
}

/* Cuts the line at its tabs: how many fields; 0: too many, or one that is spoiled. */
static size_t divide(char *line, char *fields[FIELDS_MAX])
{
    size_t count = 0;
    for (char *at = line; at; count++) {
        char *tab = strchr(at, '\t');
        if (count == FIELDS_MAX) {
            return 0;
        }
        fields[count] = at;
        if (tab) {
            *tab++ = '\0';
        }
        if (!unescape(fields[count])) {
            return 0;
        }
        at = tab;
    }
    return count;
}

static bool take_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

static const char *take_layer(struct rig_cover_table *table, char *fields[FIELDS_MAX], size_t count)
{
    uint64_t numbers[RIG_COVER_OUTCOMES + 1];
    if (count < 4 + RIG_COVER_OUTCOMES || count > 4 + RIG_COVER_OUTCOMES + RIG_COVER_FILES_MAX) {
        return "a layer has a name, a place and eight numbers, and files behind these";
    }
    for (size_t i = 0; i <= RIG_COVER_OUTCOMES; i++) {
        if (!take_number(fields[3 + i], &numbers[i])) {
            return "not a number";
        }
    }
    struct rig_cover_layer *layer = rig_cover_layer_of(table, fields[1], fields[2]);
    for (size_t i = 0; layer && i < RIG_COVER_OUTCOMES; i++) {
        layer->outcomes[i] += numbers[i + 1];
    }
    for (size_t i = 4 + RIG_COVER_OUTCOMES; layer && i < count; i++) {
        rig_cover_add_file(table, layer, fields[i], strlen(fields[i]));
    }
    if (layer) {
        layer->auth = layer->auth || numbers[0] != 0;
    }
    return NULL;
}

static const char *take_auth(struct rig_cover_table *table, char *fields[FIELDS_MAX], size_t count)
{
    uint64_t numbers[2 + RIG_COVER_ENDS];
    if (count != 4 + 2 + RIG_COVER_ENDS) {
        return "a route has a layer, a place, a name and five numbers";
    }
    for (size_t i = 0; i < 2 + RIG_COVER_ENDS; i++) {
        if (!take_number(fields[4 + i], &numbers[i])) {
            return "not a number";
        }
    }
    if (numbers[0] >= RIG_COVER_CLASSES || numbers[1] > 1) {
        return "no such class of credentials";
    }
    struct rig_cover_layer *layer = rig_cover_layer_of(table, fields[1], fields[2]);
    struct rig_cover_route *route = layer ? rig_cover_route_of(table, layer, fields[3]) : NULL;
    for (size_t i = 0; route && i < RIG_COVER_ENDS; i++) {
        route->counts[numbers[0]][numbers[1]][i] += numbers[2 + i];
    }
    return NULL;
}

static const char *take_ways(struct rig_cover_table *table, char *fields[FIELDS_MAX], size_t count)
{
    if (count != 5 || strlen(fields[3]) >= RIG_COVER_WAY_MAX || strlen(fields[4]) >= RIG_COVER_WAY_MAX) {
        return "a layer's ways are a name, a place, and two schemes";
    }
    struct rig_cover_layer *layer = rig_cover_layer_of(table, fields[1], fields[2]);
    if (layer) {
        rig_cover_set_ways(layer, fields[3], fields[4]);
    }
    return NULL;
}

static const char *take_line(struct rig_cover_table *table, char *line)
{
    char *fields[FIELDS_MAX];
    size_t count = divide(line, fields);
    if (count > 0 && strcmp(fields[0], "layer") == 0) {
        return take_layer(table, fields, count);
    }
    if (count > 0 && strcmp(fields[0], "ways") == 0) {
        return take_ways(table, fields, count);
    }
    return count > 0 && strcmp(fields[0], "auth") == 0 ? take_auth(table, fields, count) : "not a line of such a file";
}

static const char *take_head(const char *line)
{
    int format = -1;
    if (sscanf(line, HEAD " %d", &format) != 1) {
        return "not a file of coverage";
    }
    return format == RIG_COVER_FORMAT ? NULL : "written by another version";
}

/* NULL: all is well. *ended: the last line is there. */
static const char *take_lines(FILE *in, struct rig_cover_table *table, unsigned *number, bool *ended)
{
    char *line = NULL;
    size_t room = 0;
    const char *why = NULL;
    for (ssize_t size; !why && (size = getline(&line, &room, in)) > 0;) {
        (*number)++;
        if (line[size - 1] == '\n') {
            line[--size] = '\0';
        }
        if (*number == 1) {
            why = take_head(line);
        } else if (*ended || strlen(line) != (size_t)size) {
            why = "more than a table";
        } else if (strncmp(line, "end ", 4) == 0) {
            *ended = true;
        } else {
            why = take_line(table, line);
        }
    }
    free(line);
    return why;
}

int rig_cover_read(FILE *in, struct rig_cover_table *table, unsigned *line, const char **why)
{
    struct rig_cover_table read = {.layers = NULL};
    bool ended = false;
    *line = 0;
    *why = take_lines(in, &read, line, &ended);
    int error = *why ? -EINVAL : ferror(in) ? -EIO : 0;
    if (error == 0 && !ended) {
        *why = "cut off";
        error = -EINVAL;
    }
    if (error == 0) {
        rig_cover_merge(table, &read);
    }
    error = error == 0 && table->starved ? -ENOMEM : error;
    rig_cover_free(&read);
    return error;
}

/* ---- this process's file ---- */

/* A lock of the folder's: held until the descriptor is closed. */
static int lock_folder(const char *folder)
{
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        return -errno;
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    while (flock(fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            int error = -errno;
            (void)close(fd);
            return error;
        }
    }
    return fd;
}

static int open_in(int folder, const char *name, int flags, const char *mode, FILE **file)
{
    int fd = openat(folder, name, flags | O_CLOEXEC, 0666);
    *file = fd >= 0 ? fdopen(fd, mode) : NULL;
    int error = *file ? 0 : -errno;
    if (!*file && fd >= 0) {
        (void)close(fd);
    }
    return error;
}

/* What the process has written before. One of that number that is spoiled is written anew. */
static void read_before(int folder, const char *name, struct rig_cover_table *table)
{
    FILE *in;
    unsigned line;
    const char *why;
    if (open_in(folder, name, O_RDONLY, "r", &in) == 0) {
        (void)rig_cover_read(in, table, &line, &why);
        (void)fclose(in);
    }
}

static int write_whole(int folder, const char *name, const struct rig_cover_table *table)
{
    FILE *out;
    char fresh[64];
    (void)snprintf(fresh, sizeof fresh, ".%s", name);
    int error = open_in(folder, fresh, O_WRONLY | O_CREAT | O_TRUNC, "w", &out);
    if (error) {
        return error;
    }
    error = rig_cover_write(out, table);
    error = fclose(out) != 0 && !error ? -EIO : error;
    if (!error && renameat(folder, fresh, folder, name) != 0) {
        error = -errno;
    }
    if (error) {
        (void)unlinkat(folder, fresh, 0);
    }
    return error;
}

int rig_cover_save(const char *folder, const struct rig_cover_table *table)
{
    char name[48];
    struct rig_cover_table sum = {.layers = NULL};
    int fd = lock_folder(folder);
    if (fd < 0) {
        return fd;
    }
    (void)snprintf(name, sizeof name, "run-%ld.cov", (long)getpid());
    read_before(fd, name, &sum);
    rig_cover_merge(&sum, table);
    int error = sum.starved ? -ENOMEM : write_whole(fd, name, &sum);
    rig_cover_free(&sum);
    (void)close(fd);
    return error;
}
