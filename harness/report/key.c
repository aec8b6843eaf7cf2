#define _POSIX_C_SOURCE 200809L

#include "harness/report/key.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define LINE_SIZE 1024 /* what is hashed of one line */

/* FNV-1a, 64 bits. */
#define HASH_START 14695981039346656037u
#define HASH_PRIME 1099511628211u

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ byte[i]) * HASH_PRIME;
    }
    return hash;
}

/* With its zero byte, so that "a" "bc" is not "ab" "c". */
static uint64_t hash_string(uint64_t hash, const char *string)
{
    return string ? hash_bytes(hash, string, strlen(string) + 1) : hash_bytes(hash, "\xff", 2);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static uint64_t hash_trimmed(const char *line)
{
    size_t size = strlen(line);
    while (blank(*line)) {
        line++;
        size--;
    }
    while (size && blank(line[size - 1])) {
        size--;
    }
    return hash_bytes(HASH_START, line, size);
}

/* Reads line number `wanted`; its rest past LINE_SIZE is dropped. */
static bool read_line(FILE *file, unsigned long wanted, char *line)
{
    unsigned long number = 1;
    while (fgets(line, LINE_SIZE, file)) {
        if (number == wanted) {
            return true;
        }
        number += strchr(line, '\n') != NULL;
    }
    return false;
}

/* Only regular files: a site may name anything, and a FIFO would block. */
static FILE *open_source(const char *path)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    FILE *file = !fstat(fd, &about) && S_ISREG(about.st_mode) ? fdopen(fd, "r") : NULL;
    if (!file) {
        close(fd);
    }
    return file;
}

/* Where the file name ends. */
static size_t file_size(const char *site)
{
    const char *colon = strrchr(site, ':');
    return colon ? (size_t)(colon - site) : strlen(site);
}

uint64_t rig_source_line_hash(const char *site)
{
    char path[PATH_SIZE], line[LINE_SIZE];
    if (!site) {
        return 0;
    }
    size_t size = file_size(site);
    unsigned long number = site[size] ? strtoul(site + size + 1, NULL, 10) : 0;
    uint64_t hash = hash_bytes(HASH_START, &number, sizeof number);
    if (!number || size >= sizeof path) {
        return hash;
    }
    memcpy(path, site, size);
    path[size] = '\0';
    FILE *file = open_source(path);
    if (!file) {
        return hash;
    }
    if (read_line(file, number, line)) {
        hash = hash_trimmed(line);
    }
    fclose(file);
    return hash;
}

static uint64_t hash_base_name(uint64_t hash, const char *site)
{
    if (!site) {
        return hash_string(hash, NULL);
    }
    size_t end = file_size(site), start = end;
    while (start && site[start - 1] != '/') {
        start--;
    }
    return hash_bytes(hash, site + start, end - start);
}

uint64_t rig_finding_key(const struct rig_finding *finding, uint64_t source_line)
{
    uint64_t hash = hash_string(HASH_START, finding->rule);
    hash = hash_string(hash, finding->layer);
    hash = hash_bytes(hash, &finding->layer_number, sizeof finding->layer_number);
    hash = hash_base_name(hash, finding->site);
    hash = hash_bytes(hash, &source_line, sizeof source_line);
    return hash_string(hash, finding->subject);
}
