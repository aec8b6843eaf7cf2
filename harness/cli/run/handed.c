#define _GNU_SOURCE

#include "harness/cli/run/handed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 100000

/* Strings, each with the zero byte behind it; numbers are written out. */

/* ---- writing ---- */

static void put_number(FILE *out, uint64_t number)
{
    (void)fprintf(out, "%" PRIu64 "%c", number, '\0');
}

static void put_bytes(FILE *out, const void *data, size_t size)
{
    (void)fwrite(data, 1, size, out);
    (void)fputc('\0', out);
}

static void put_text(FILE *out, const char *text)
{
    put_bytes(out, text, strlen(text));
}

static void put_options(FILE *out, const struct rig_check_options *options)
{
    put_number(out, options->each_malloc);
    put_number(out, options->faults);
    put_number(out, (uint64_t)options->now);
    put_number(out, options->filter != NULL);
    put_text(out, options->filter ? options->filter : "");
    put_number(out, options->server_count);
    for (size_t i = 0; i < options->server_count; i++) {
        put_text(out, options->servers[i]->name);
    }
}

int rig_handed_write(const struct rig_worker *worker)
{
    int fd = memfd_create("stackrig-program", 0), copy = fd >= 0 ? dup(fd) : -1;
    FILE *out = copy >= 0 ? fdopen(copy, "w") : NULL;
    if (!out) {
        return -1;
    }
    put_number(out, (uint64_t)worker->fd);
    put_number(out, (uint64_t)rig_watch_descriptor());
    put_number(out, worker->plan->jobs[0].server); /* a worker's plan is one of one profile */
    put_number(out, worker->first_job);
    put_number(out, worker->first_malloc.nth);
    put_number(out, worker->first_malloc.always);
    put_options(out, worker->options);
    put_number(out, worker->options->file_count);
    for (size_t i = 0; i < worker->options->file_count; i++) {
        const struct rig_file *file = &worker->plan->files[i];
        put_text(out, file->path);
        put_number(out, file->size);
        put_bytes(out, file->text, file->size);
    }
    bool failed = ferror(out) != 0;
    failed = fclose(out) != 0 || failed;
    return failed ? -1 : fd;
}

/* ---- reading ---- */

struct reader {
    char *at, *end;
    bool bad;
};

/* "" past the end. */
static char *take_bytes(struct reader *reader, size_t size)
{
    if (reader->bad || (size_t)(reader->end - reader->at) <= size || reader->at[size] != '\0') {
        reader->bad = true;
        return reader->end;
    }
    char *bytes = reader->at;
    reader->at += size + 1;
    return bytes;
}

static char *take_text(struct reader *reader)
{
    return take_bytes(reader, strnlen(reader->at, (size_t)(reader->end - reader->at)));
}

static uint64_t take_number(struct reader *reader)
{
    return strtoull(take_text(reader), NULL, 10);
}

static bool take_options(struct reader *reader, struct rig_check_options *options)
{
    options->each_malloc = take_number(reader) != 0;
    options->faults = take_number(reader) != 0;
    options->now = (int64_t)take_number(reader);
    bool filtered = take_number(reader) != 0;
    const char *filter = take_text(reader);
    options->filter = filtered ? filter : NULL;
    bool good = true;
    for (uint64_t count = take_number(reader); good && count > 0; count--) {
        good = rig_servers_add(options->servers, &options->server_count, take_text(reader), NULL);
    }
    return good && !reader->bad;
}

static bool take_files(struct reader *reader, struct rig_handed *handed)
{
    uint64_t count = take_number(reader);
    bool good = count < FILES_MAX;
    handed->files = rig_must_alloc(good ? (size_t)count : 0, sizeof *handed->files);
    for (size_t i = 0; i < count && good; i++) {
        const char *path = take_text(reader);
        uint64_t size = take_number(reader);
        char *text = take_bytes(reader, (size_t)size);
        good = !reader->bad && rig_file_take(&handed->files[i], path, text, (size_t)size);
    }
    handed->options.file_count = (size_t)count;
    return good;
}

static char *read_all(int fd, size_t *size)
{
    struct stat about;
    char *text = fstat(fd, &about) == 0 ? rig_must_alloc((size_t)about.st_size + 1, 1) : NULL;
    *size = text ? (size_t)about.st_size : 0;
    if (text && pread(fd, text, *size, 0) != (ssize_t)*size) {
        free(text);
        text = NULL;
    }
    (void)close(fd);
    return text;
}

/* Of the plan that the files make. */
static bool keep_profile(struct rig_plan *plan, unsigned server)
{
    size_t kept = 0;
    for (size_t i = 0; i < plan->job_count; i++) {
        if (plan->jobs[i].server == server) {
            plan->jobs[kept++] = plan->jobs[i];
        }
    }
    plan->job_count = kept;
    return kept > 0;
}

bool rig_handed_read(int fd, struct rig_handed *handed)
{
    size_t size;
    *handed = (struct rig_handed){.text = read_all(fd, &size)};
    if (!handed->text) {
        return false;
    }
    struct reader reader = {.at = handed->text, .end = handed->text + size};
    struct rig_worker *worker = &handed->worker;
    *worker = (struct rig_worker){.options = &handed->options, .plan = &handed->plan, .inside = true};
    worker->fd = (int)take_number(&reader);
    worker->watch = rig_watch_at((int)take_number(&reader));
    unsigned server = (unsigned)take_number(&reader);
    worker->first_job = (size_t)take_number(&reader);
    worker->first_malloc.nth = take_number(&reader);
    worker->first_malloc.always = take_number(&reader) != 0;
    return worker->watch && take_options(&reader, &handed->options) && take_files(&reader, handed) &&
           rig_plan_make(&handed->plan, &handed->options, handed->files) && keep_profile(&handed->plan, server) &&
           worker->first_job < handed->plan.job_count;
}
