/* How cost grows with layers, headers and body bytes. Linear means: over the last step of a table one unit more costs
 * at most TOLERANCE times what it cost over the step before. Caches get cold on the way up; a quadratic part would
 * make that factor ten. */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 2.0
#define POINTS_MAX 5
#define KIB ((uint64_t)1024)
#define MIB (1024 * KIB)
#define FLAT_KIB 1024 /* what 64 MiB of body may add to client and process */
#define HEADERS_MAX 1000

struct growth {
    const char *unit;
    size_t count;
    uint64_t sizes[POINTS_MAX];
    double off[POINTS_MAX], all[POINTS_MAX]; /* ns per request */
};

/* ---- tables ---- */

static double per_unit(const struct growth *growth, const double *ns, size_t step)
{
    return (ns[step] - ns[step - 1]) / (double)(growth->sizes[step] - growth->sizes[step - 1]);
}

static bool is_linear(const struct growth *growth, const double *ns)
{
    size_t last = growth->count - 1;
    return per_unit(growth, ns, last) <= TOLERANCE * per_unit(growth, ns, last - 1);
}

static bool print_growth(const struct growth *growth)
{
    bool linear = is_linear(growth, growth->off) && is_linear(growth, growth->all);
    printf("\n%-12s %14s %14s %14s %14s\n", growth->unit, "off: ns", "one more", "all: ns", "one more");
    for (size_t i = 0; i < growth->count; i++) {
        printf("%-12llu %14.0f ", (unsigned long long)growth->sizes[i], growth->off[i]);
        if (i == 0) {
            printf("%14s %14.0f %14s\n", "", growth->all[i], "");
        } else {
            printf("%14.2f %14.0f %14.2f\n", per_unit(growth, growth->off, i), growth->all[i],
                   per_unit(growth, growth->all, i));
        }
    }
    printf("growth with %s: %s\n", growth->unit, linear ? "linear" : "NOT LINEAR");
    return linear;
}

/* ---- one point ---- */

struct pattern {
    uint64_t left;
};

struct shot {
    struct rig_client *client;
    struct rig_request request;
    struct pattern pattern; /* of a request body of body_size */
    uint64_t body_size, answer_size;
    uint64_t memory; /* the client's after the last send */
};

static void shoot(struct shot *shot)
{
    const struct rig_result *result;
    shot->pattern.left = shot->body_size;
    result = rig_send_at(RIG_SITE, shot->client, &shot->request);
    if (result->status != 200 || result->body_size != shot->answer_size || result->finding_count) {
        give_up("the rig answered %d with %zu bytes, error %d%s%s", result->status, result->body_size, result->error,
                result->finding_count ? ": " : "", result->finding_count ? result->findings[0].message : "");
    }
    shot->memory = rig_client_memory(shot->client);
    rig_client_reset(shot->client);
}

/* ns per request, the median of runs of at least a millisecond. */
static double timed(struct shot *shot, size_t runs)
{
    double values[RUNS_MAX], start, once;
    size_t turns;
    shoot(shot); /* memory is taken now, then kept */
    start = now_ns();
    shoot(shot);
    once = now_ns() - start;
    turns = once < 1e6 ? (size_t)(1e6 / (once + 1)) + 1 : 1;
    for (size_t run = 0; run < runs; run++) {
        start = now_ns();
        for (size_t turn = 0; turn < turns; turn++) {
            shoot(shot);
        }
        values[run] = (now_ns() - start) / (double)turns;
    }
    return median(values, runs);
}

static const struct rig_check_set *checks_of(int all)
{
    return all ? NULL : RIG_CHECKS_NONE;
}

/* ---- layers ---- */

bool growth_of_layers(size_t runs)
{
    struct growth growth = {.unit = "layers", .count = 4, .sizes = {1, 10, 100, 1000}};
    for (size_t i = 0; i < growth.count; i++) {
        struct rig_stack *stack = standard_stack((size_t)growth.sizes[i], RIG_APP(standard_app));
        for (int all = 0; all < 2; all++) {
            struct shot shot = {
                .client = client_of(stack, NULL, checks_of(all)), .request = standard_request, .answer_size = 64};
            (all ? growth.all : growth.off)[i] = timed(&shot, runs);
            rig_client_free(shot.client);
        }
        rig_stack_free(stack);
    }
    return print_growth(&growth);
}

/* ---- headers ---- */

bool growth_of_headers(size_t runs)
{
    static struct rig_field more[HEADERS_MAX];
    static char names[HEADERS_MAX][16];
    struct growth growth = {.unit = "headers", .count = 3, .sizes = {10, 100, HEADERS_MAX}};
    struct rig_stack *stack = standard_stack(5, RIG_APP(standard_app));
    for (size_t i = 0; i < HEADERS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "X-Header-%zu", i);
        more[i] = (struct rig_field){names[i], "a value of usual size"};
    }
    for (size_t i = 0; i < growth.count; i++) {
        for (int all = 0; all < 2; all++) {
            struct shot shot = {
                .client = client_of(stack, NULL, checks_of(all)), .request = standard_request, .answer_size = 64};
            shot.request.header_count = (size_t)growth.sizes[i] - 10;
            shot.request.header_list = shot.request.header_count > 0 ? more : NULL;
            (all ? growth.all : growth.off)[i] = timed(&shot, runs);
            rig_client_free(shot.client);
        }
    }
    rig_stack_free(stack);
    return print_growth(&growth);
}

/* ---- bodies: up from a source, read and dropped by the app; down from a source, counted and dropped ---- */

static int64_t pattern_read(void *self, void *buffer, size_t size)
{
    struct pattern *pattern = self;
    size_t piece = size < pattern->left ? size : (size_t)pattern->left;
    memset(buffer, 'x', piece);
    pattern->left -= piece;
    return (int64_t)piece;
}

static int mirror(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_input *input = rig_env_input(env);
    struct pattern *pattern = rig_env_alloc(env, sizeof *pattern);
    char buffer[16384];
    int64_t got;
    (void)self;
    if (!pattern) {
        return -1;
    }
    while ((got = rig_input_read(input, buffer, sizeof buffer)) > 0) {
        pattern->left += (uint64_t)got;
    }
    return rig_response_stream(res, (struct rig_source){.read = pattern_read, .self = pattern});
}

static double body_point(struct rig_stack *stack, int all, uint64_t size, size_t runs, uint64_t *memory)
{
    struct shot shot = {.client = client_of(stack, NULL, checks_of(all)),
                        .request = {.method = "POST", .target = "/", .source_size = size, .discard_body = true},
                        .body_size = size,
                        .answer_size = size};
    double ns;
    shot.request.source = (struct rig_source){.read = pattern_read, .self = &shot.pattern};
    ns = timed(&shot, runs);
    *memory = shot.memory;
    rig_client_free(shot.client);
    return ns;
}

/* ---- a body of 64 MiB behind a gateway ---- */

#define COUNTED_HEAD 16 /* bytes before each piece, for its size; keeps the alignment of malloc */

struct counted {
    uint64_t now, peak;
};

static void *counted_alloc(void *self, size_t size)
{
    struct counted *counted = self;
    char *memory = size > SIZE_MAX - COUNTED_HEAD ? NULL : malloc(size + COUNTED_HEAD);
    if (!memory) {
        return NULL;
    }
    memcpy(memory, &size, sizeof size);
    counted->now += size;
    counted->peak = counted->now > counted->peak ? counted->now : counted->peak;
    return memory + COUNTED_HEAD;
}

static void counted_release(void *self, void *memory)
{
    struct counted *counted = self;
    size_t size;
    if (memory) {
        memcpy(&size, (char *)memory - COUNTED_HEAD, sizeof size);
        counted->now -= size;
        free((char *)memory - COUNTED_HEAD);
    }
}

static int denies(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 401);
}

/* The most that the client ever held for one request with this body, in KiB. */
static uint64_t most_held(struct rig_app app, bool answers, uint64_t size)
{
    struct counted counted = {0};
    struct pattern pattern = {size};
    struct rig_client *client =
        rig_client_new(app, (struct rig_client_options){.server = rig_server_find("nginx+plain"),
                                                        .allocator = {counted_alloc, counted_release, .self = &counted},
                                                        .ignore = {"input.*"}});
    const struct rig_result *result = client ? rig_post(client, "/", .source = {.read = pattern_read, .self = &pattern},
                                                        .source_size = size, .discard_body = true)
                                             : NULL;
    if (!result || result->error || result->body_size != (answers ? size : 0)) {
        give_up("nginx+plain: %llu bytes did not come through", (unsigned long long)size);
    }
    rig_client_free(client);
    return counted.peak / KIB;
}

bool bodies_behind_nginx(void)
{
    static const struct {
        const char *title;
        struct rig_app app;
        bool answers;
    } ways[] = {{"read and answered with as much", {.name = "mirror", .call = mirror}, true},
                {"denied and never read", {.name = "denies", .call = denies}, false}};
    const uint64_t sizes[] = {MIB, 64 * MIB};
    bool flat = true;
    printf("\nnginx+plain, the most that the client held and the process's peak, KiB\n%-32s %10s %10s %10s %10s\n",
           "body", "1 MiB", "64 MiB", "peak", "peak");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        uint64_t held[2];
        long peak[2];
        for (size_t k = 0; k < 2; k++) {
            held[k] = most_held(ways[i].app, ways[i].answers, sizes[k]);
            peak[k] = peak_kib();
        }
        flat = flat && held[1] <= held[0] && peak[1] <= peak[0] + FLAT_KIB;
        printf("%-32s %10llu %10llu %10ld %10ld\n", ways[i].title, (unsigned long long)held[0],
               (unsigned long long)held[1], peak[0], peak[1]);
    }
    printf("memory behind nginx+plain: %s\n", flat ? "flat" : "NOT FLAT");
    return flat;
}

bool growth_of_bodies(size_t runs)
{
    struct growth growth = {.unit = "body bytes", .count = 5, .sizes = {KIB, 64 * KIB, MIB, 16 * MIB, 64 * MIB}};
    uint64_t memory[POINTS_MAX] = {0};
    long peak[POINTS_MAX] = {0};
    struct rig_stack *stack = standard_stack(0, RIG_APP(mirror));
    bool flat, linear;
    for (size_t i = 0; i < growth.count; i++) {
        growth.off[i] = body_point(stack, 0, growth.sizes[i], growth.sizes[i] < 16 * MIB ? runs : 3, &memory[i]);
        growth.all[i] = body_point(stack, 1, growth.sizes[i], growth.sizes[i] < 16 * MIB ? runs : 3, &memory[i]);
        peak[i] = peak_kib();
    }
    rig_stack_free(stack);
    linear = print_growth(&growth);
    flat = memory[growth.count - 1] <= memory[0] + FLAT_KIB * KIB && peak[growth.count - 1] <= peak[0] + FLAT_KIB;
    printf("%-12s %14s %14s\n", growth.unit, "client, KiB", "peak, KiB");
    for (size_t i = 0; i < growth.count; i++) {
        printf("%-12llu %14llu %14ld\n", (unsigned long long)growth.sizes[i], (unsigned long long)(memory[i] / KIB),
               peak[i]);
    }
    printf("memory with body bytes: %s\n", flat ? "flat" : "NOT FLAT");
    return linear && flat;
}
