#define _POSIX_C_SOURCE 200809L

/* Scenarios that are decoded, played and judged in a second of processor time: two requests with 64 bytes of body through
 * the five layers of the standard work, all oracles on, those that take another play on their eighth; and beside it the
 * same requests to an app alone, which answers 204. bench-fuzz TITLE [RUNS] */
#include "fuzz/target/target.h"

#include <stackrig/stackrig.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TURNS 2048 /* all oracles that play again have had their turns as often */
#define RUNS_MAX 501

static const char request[] = "# @as valid basic\nPOST /api/items?x=1\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\n"
                              "Accept: application/json,text/html;q=0.9\nX-Request-Id: 7c9e6679-7425-40de-944b\n"
                              "Cookie: session=2f6a1b0c\nContent-Type: application/json\n\n"
                              "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "bench-fuzz: %s\n", what);
    exit(2);
}

/* ---- the stacks ---- */

struct reads {
    const char *header;
    char key[24];
};

static int reads_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct reads *reads = self;
    const char *value = rig_env_get(env, reads->header);
    int error = value ? rig_env_set(env, reads->key, value) : -1;
    return error ? error : rig_next(next, env, res);
}

static void reads_reset(void *self)
{
    (void)self;
}

static const struct rig_middleware reads_header = {
    .name = "reads_header", .call = reads_call, .self_size = sizeof(struct reads), .reset = reads_reset};

static int items(void *self, struct rig_env *env, struct rig_response *res)
{
    char buffer[512];
    int64_t got;
    (void)self;
    while ((got = rig_input_read(rig_env_input(env), buffer, sizeof buffer)) > 0) {
    }
    return got < 0
               ? (int)got
               : rig_respond(res, .headers = {{"Content-Type", "application/json"}, {"ETag", "\"5f3a\""}},
                             .body = "{\"id\":42,\"name\":\"a small item\",\"tags\":[\"x\",\"y\"],\"stock\":1234567}");
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    static const char *const headers[] = {"HTTP_USER_AGENT", "HTTP_ACCEPT", "HTTP_X_REQUEST_ID", "HTTP_AUTHORIZATION",
                                          "HTTP_COOKIE"};
    (void)setup;
    for (unsigned i = 0; i < 5; i++) {
        struct reads reads = {.header = headers[i]};
        (void)snprintf(reads.key, sizeof reads.key, "mw.%u", i + 1);
        (void)rig_use(stack, &reads_header, &reads);
    }
    return rig_run(stack, RIG_APP(items));
}

static int nothing(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1024);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 204);
}

static int build_empty(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(nothing));
}

/* ---- measuring ---- */

static struct work {
    struct rig_fuzz what;
    struct rig_fuzz_target target;
    unsigned char bytes[2048];
    size_t size;
    double rates[RUNS_MAX];
} work = {.what = {.build = build, .protect = {"items"}}},
  empty = {.what = {.build = build_empty, .protect = {"nothing"}}};

static struct rig_fuzz_scenario scenario;

static void no_finding(void *closure, const struct rig_fuzz_violation *violation)
{
    (void)closure;
    give_up(violation->message);
}

static void prepare(struct work *it)
{
    struct rig_scenario_error error;
    const char *why = NULL;
    char text[2 * sizeof request + 16];
    (void)snprintf(text, sizeof text, "%s\n###\n%s", request, request);
    if (rig_fuzz_target_open(&it->target, &it->what, 7, NULL, NULL, &why) != 0 ||
        rig_fuzz_read(text, strlen(text), &scenario, &error) != 0) {
        give_up("the stack cannot be built, or the scenario is wrong");
    }
    it->target.tell = no_finding;
    it->size = rig_fuzz_encode(&it->target.table, &scenario, it->bytes, sizeof it->bytes);
}

static double seconds(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The hash picks who plays again: here each has its turn. */
static double rate(struct work *it)
{
    double start = seconds();
    for (uint32_t turn = 0; turn < TURNS; turn++) {
        rig_fuzz_decode(&it->target.table, it->bytes, it->size, &scenario);
        if (rig_fuzz_judge(&it->target, &scenario, turn) != 0) {
            give_up("out of memory");
        }
    }
    return TURNS / (seconds() - start);
}

/* What tools/hot-lines.sh has counted. */
__attribute__((noinline)) static double rate_of_work(void)
{
    return rate(&work);
}

static int by_size(const void *a, const void *b)
{
    double one = *(const double *)a, two = *(const double *)b;
    return (one > two) - (one < two);
}

static double median(struct work *it, size_t runs)
{
    qsort(it->rates, runs, sizeof *it->rates, by_size);
    return it->rates[runs / 2];
}

int main(int argc, char **argv)
{
    size_t runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 41;
    if (argc < 2 || runs == 0 || runs > RUNS_MAX) {
        give_up("usage: bench-fuzz TITLE [RUNS]");
    }
    prepare(&work);
    prepare(&empty);
    for (size_t i = 0; i < runs; i++) {
        work.rates[i] = rate_of_work();
        empty.rates[i] = rate(&empty);
    }
    double five = median(&work, runs), none = median(&empty, runs);
    double best = work.rates[runs - 1];
    printf("%-44s %9.0f %9.0f %9.0f %9.2f\n", argv[1], five, best, none, none / five);
    rig_fuzz_target_close(&work.target);
    rig_fuzz_target_close(&empty.target);
    return 0;
}
