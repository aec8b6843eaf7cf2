/* Runs every probe through the simulated gateways and compares with what the real ones let through. No server needed. */
#include "tests/conformance/gateways/text.h"

#include "mocks/servers/gateway.h"
#include "mocks/servers/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *file, *server;
} fronts[] = {
    {"nginx", "nginx+plain"},
    {"nginx-fastcgi", "nginx:fastcgi+libfcgi"},
    {"apache", "apache+plain"},
    {"apache-fastcgi", "apache:fastcgi+libfcgi"},
    {"haproxy", "haproxy+plain"},
    {"lighttpd", "lighttpd+plain"},
    {"lighttpd-fastcgi", "lighttpd:fastcgi+libfcgi"},
};

/* ---- memory for one probe ---- */

struct block {
    struct block *next;
    max_align_t memory[];
};

static void *take(void *list, size_t size)
{
    struct block **blocks = list, *block = malloc(sizeof *block + size);
    if (block) {
        block->next = *blocks;
        *blocks = block;
    }
    return block ? block->memory : NULL;
}

static void release(struct block *blocks)
{
    while (blocks) {
        struct block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

/* ---- what came through, as the recorder writes it ---- */

static bool holds(const struct rig_passed *passed, const char *text)
{
    return rig_contains(passed->head.data, passed->head.size, text, strlen(text));
}

static void add_http(const struct rig_passed *passed, struct text *lines)
{
    struct text wire = {0};
    char size[32];
    bool coded = holds(passed, "\r\nTransfer-Encoding: ") || holds(passed, "\r\ntransfer-encoding: ");
    text_add(&wire, passed->head.data, passed->head.size);
    if (!coded) {
        text_add(&wire, passed->content.data, passed->content.size);
    } else if (!holds(passed, " HTTP/1.0\r\n")) { /* there it is no framing for the recorder */
        snprintf(size, sizeof size, "%zx\r\n", passed->content.size);
        text_puts(&wire, passed->content.size > 0 ? size : "");
        text_add(&wire, passed->content.data, passed->content.size);
        text_puts(&wire, passed->content.size > 0 ? "\r\n0\r\n" : "0\r\n");
        text_add(&wire, passed->trailers.data, passed->trailers.size);
        text_puts(&wire, "\r\n");
    }
    text_add_lines(lines, '<', wire.data, wire.size);
    text_free(&wire);
}

static void add_fastcgi(const struct rig_passed *passed, struct text *lines)
{
    struct text request = {0};
    for (size_t i = 0; i < passed->variable_count; i++) {
        const struct rig_variable *variable = &passed->variables[i];
        text_add(&request, variable->name.data, variable->name.size);
        text_puts(&request, "=");
        text_add(&request, variable->value.data, variable->value.size);
        text_puts(&request, "\r\n");
    }
    text_puts(&request, "\r\n");
    text_add(&request, passed->content.data, passed->content.size);
    text_add_lines(lines, '<', request.data, request.size);
    text_free(&request);
}

/* One request of the wire; the bytes it took, 0: nothing more comes through. */
static size_t pass_one(const struct rig_server *server, const char *bytes, size_t size, struct text *lines)
{
    struct block *blocks = NULL;
    struct rig_passing in = {.wire = {bytes, size}, .remote_addr = "127.0.0.1", .alloc = take, .arena = &blocks};
    struct rig_passed passed;
    char line[64] = "";
    int error = server->gateway->pass(server, &in, &passed);
    if (error != 0) {
        snprintf(line, sizeof line, "! error %d\n", error);
    } else if (passed.pass == RIG_PASS_REFUSES) {
        snprintf(line, sizeof line, "! %d\n", passed.status);
    } else if (passed.pass == RIG_PASS_WAITS) {
        snprintf(line, sizeof line, "%s", lines->size == 0 ? "! waits\n" : "");
    } else {
        (passed.head.data ? add_http : add_fastcgi)(&passed, lines);
        snprintf(line, sizeof line, "%s", passed.cut ? "! breaks off\n" : "");
    }
    text_puts(lines, line);
    bool more = error == 0 && passed.pass == RIG_PASS_DELIVERS && !passed.cut;
    release(blocks);
    return more ? passed.size : 0;
}

static void pass_all(const struct rig_server *server, const struct text *wire, struct text *lines)
{
    size_t at = 0, took = 1;
    text_add(lines, "", 0);
    while (at < wire->size && took > 0) {
        took = pass_one(server, wire->data + at, wire->size - at, lines);
        at += took;
    }
}

/* ---- comparing ---- */

struct totals {
    size_t passed, failed, skipped;
};

static void compare_one(const char *front, const struct rig_server *server, const struct probe *probe,
                        const struct probe *recorded, struct totals *totals)
{
    struct text lines = {0};
    if (!recorded) {
        printf("FAILED %s: %s was not measured\n", front, probe->name);
        totals->failed++;
        return;
    }
    pass_all(server, &probe->wire, &lines);
    if (strcmp(lines.data, recorded->block.data) == 0) {
        totals->passed++;
    } else {
        totals->failed++;
        printf("FAILED %s: %s: the real one:\n%ssimulated:\n%s", front, probe->name, recorded->block.data, lines.data);
    }
    text_free(&lines);
}

static int check_front(const char *folder, size_t which, const struct probes *probes, struct totals *totals)
{
    struct probes recorded;
    struct rig_server server;
    char path[512];
    snprintf(path, sizeof path, "%s/%s.txt", folder, fronts[which].file);
    if (probes_read(path, &recorded) != 0) {
        return -1;
    }
    int error = rig_server_compose(fronts[which].server, &server);
    if (error != 0 || !server.gateway) {
        printf("FAILED %s: %s is no profile with a gateway\n", fronts[which].file, fronts[which].server);
        probes_free(&recorded);
        return -1;
    }
    struct totals own = {0};
    for (size_t i = 0; i < probes->count; i++) {
        compare_one(fronts[which].file, &server, &probes->items[i], probes_find(&recorded, probes->items[i].name),
                    &own);
    }
    printf("%s: %zu passed, %zu failed\n", fronts[which].file, own.passed, own.failed);
    totals->passed += own.passed;
    totals->failed += own.failed;
    probes_free(&recorded);
    return 0;
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "tests/conformance/gateways";
    struct totals totals = {0};
    struct probes probes;
    char path[512];
    snprintf(path, sizeof path, "%s/probes.txt", folder);
    int error = probes_read(path, &probes);
    for (size_t i = 0; error == 0 && i < sizeof fronts / sizeof *fronts; i++) {
        error = check_front(folder, i, &probes, &totals);
    }
    printf("%zu passed, %zu failed, %zu skipped\n", totals.passed, totals.failed, totals.skipped);
    probes_free(&probes);
    return error || totals.failed > 0 || totals.passed == 0;
}
