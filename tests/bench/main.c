/* make bench: what a request costs in the rig, against the floor.
 *
 * The standard work in runs of TURNS requests, the cases by turns in every round, so that a change of the machine's
 * clock meets all of them; then the median of each. The request is a value made once, for the rig as for the floor;
 * the rows "rig_post(...)" write it out in every call, as a test does. */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TURNS 2000
#define LIMIT_OFF 1.6
#define LIMIT_ALL 2.0
#define CASES_MAX 24

struct bench_case {
    const char *name, *title;
    struct rig_client *client; /* NULL: the floor */
    void (*send)(struct rig_client *client);
    double limit; /* times the floor; 0: none */
    bool profile;
    double ns[RUNS_MAX], median;
};

static void floor_case(struct rig_client *client)
{
    (void)client;
    send_floor();
}

static struct bench_case *add(struct bench_case *cases, size_t *count, const char *name, const char *title,
                              void (*send)(struct rig_client *), struct rig_client *client, double limit)
{
    struct bench_case *new = &cases[*count];
    if (*count == CASES_MAX) {
        give_up("more than %d cases", CASES_MAX);
    }
    *new = (struct bench_case){.name = name, .title = title, .send = send, .client = client, .limit = limit};
    ++*count;
    return new;
}

static size_t all_cases(struct bench_case *cases, struct rig_stack *stack)
{
    size_t count = 0, server_count;
    const struct rig_server *const *servers = rig_servers(&server_count);
    add(cases, &count, "floor", "floor", floor_case, NULL, 0);
    add(cases, &count, "off", "checks off", send_prepared, client_of(stack, NULL, RIG_CHECKS_NONE), LIMIT_OFF);
    add(cases, &count, "all", "all checks", send_prepared, client_of(stack, NULL, NULL), LIMIT_ALL);
    for (size_t i = 0; i < server_count; i++) {
        add(cases, &count, servers[i]->name, servers[i]->name, send_prepared, client_of(stack, servers[i], NULL), 0)
            ->profile = true;
    }
    add(cases, &count, "off-post", "checks off, rig_post(...)", send_written_out,
        client_of(stack, NULL, RIG_CHECKS_NONE), 0);
    add(cases, &count, "all-post", "all checks, rig_post(...)", send_written_out, client_of(stack, NULL, NULL), 0);
    return count;
}

static double one_run(const struct bench_case *it, size_t turns)
{
    double start = now_ns();
    for (size_t turn = 0; turn < turns; turn++) {
        it->send(it->client);
    }
    return (now_ns() - start) / (double)turns;
}

static bool print_case(const struct bench_case *it, double floor, double memory)
{
    double limit = it->profile ? LIMIT_PROFILE : it->limit, ratio = it->median / (it->profile ? memory : floor);
    printf("%-28s %10.0f %10.2f", it->title, it->median, it->median / floor);
    if (it->profile) {
        printf(" %10.2f", it->median / memory);
    } else {
        printf(" %10s", "");
    }
    if (limit > 0) {
        printf(" %10.2f%s", limit, ratio > limit ? "  OVER" : "");
    }
    putchar('\n');
    return limit == 0 || ratio <= limit;
}

/* True unless a case is over its limit. */
static bool standard_work(struct bench_case *cases, size_t count, size_t runs)
{
    bool within = true;
    for (size_t i = 0; i < count; i++) {
        one_run(&cases[i], TURNS / 4);
    }
    for (size_t run = 0; run < runs; run++) {
        for (size_t i = 0; i < count; i++) {
            cases[i].ns[run] = one_run(&cases[i], TURNS);
        }
    }
    printf("standard work: 5 layers, 10 headers, 1024 body bytes; median of %zu interleaved runs of %d requests\n",
           runs, TURNS);
    double memory = 0;
    for (size_t i = 0; i < count; i++) {
        cases[i].median = median(cases[i].ns, runs);
        memory = strcmp(cases[i].name, "memory") == 0 ? cases[i].median : memory;
    }
    printf("%-28s %10s %10s %10s %10s\n", "", "ns/request", "x floor", "x memory", "limit");
    for (size_t i = 0; i < count; i++) {
        within = print_case(&cases[i], cases[0].median, memory) && within;
    }
    return within;
}

static int only_run(const struct bench_case *cases, size_t count, const char *name, size_t turns)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cases[i].name, name) == 0) {
            one_run(&cases[i], turns);
            return 0;
        }
    }
    fprintf(stderr, "bench: no case \"%s\"; there are", name);
    for (size_t i = 0; i < count; i++) {
        fprintf(stderr, " %s", cases[i].name);
    }
    fputc('\n', stderr);
    return 2;
}

static int usage(void)
{
    fputs("bench [--check] [--runs N]     --check: exit status 1 when a limit is missed or growth is not linear\n"
          "bench --speed                  only the profiles against memory, and 64 MiB behind nginx: status 1 when one "
          "is over\n"
          "bench --callgrind N [CASE]     only N standard requests of one case (all), to count instructions\n",
          stderr);
    return 2;
}

static size_t number(const char *text, size_t max)
{
    char *end = NULL;
    unsigned long value = text ? strtoul(text, &end, 10) : 0;
    return text && *text >= '0' && *text <= '9' && *end == '\0' && value <= max ? value : 0;
}

struct arguments {
    bool check, speed;
    size_t runs, turns;
    const char *name;
};

static bool parse(int count, char **words, struct arguments *arguments)
{
    *arguments = (struct arguments){.runs = 101, .name = "all"};
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--check") == 0) {
            arguments->check = true;
        } else if (strcmp(words[i], "--speed") == 0) {
            arguments->speed = true;
        } else if (strcmp(words[i], "--runs") == 0 && i + 1 < count) {
            arguments->runs = number(words[++i], RUNS_MAX);
        } else if (strcmp(words[i], "--callgrind") == 0 && i + 1 < count) {
            arguments->turns = number(words[++i], 100000000);
            if (arguments->turns == 0) {
                return false;
            }
            if (i + 1 < count) {
                arguments->name = words[++i];
            }
        } else {
            return false;
        }
    }
    return arguments->runs > 0;
}

/* In the form of the tests. */
static int speed(void)
{
    int failed = !bodies_behind_nginx();
    failed += !speed_of_profiles();
    printf("%d passed, %d failed, 0 skipped\n", 2 - failed, failed);
    return failed > 0;
}

int main(int count, char **words)
{
    static struct bench_case cases[CASES_MAX];
    struct arguments arguments;
    struct rig_stack *stack;
    size_t case_count;
    bool good = true;
    int status = 0;
    if (!parse(count, words, &arguments)) {
        return usage();
    }
    if (arguments.speed) {
        return speed();
    }
    if (arguments.turns == 0) {
        good = bodies_behind_nginx();
        good = growth_of_bodies(arguments.runs < 21 ? arguments.runs : 21) && good;
        putchar('\n');
    }
    stack = standard_stack(5, RIG_APP(standard_app));
    case_count = all_cases(cases, stack);
    if (arguments.turns) {
        status = only_run(cases, case_count, arguments.name, arguments.turns);
    } else {
        same_work(cases[1].client);
        good = standard_work(cases, case_count, arguments.runs) && good;
        good = growth_of_layers(arguments.runs < 21 ? arguments.runs : 21) && good;
        good = growth_of_headers(arguments.runs < 21 ? arguments.runs : 21) && good;
        status = arguments.check && !good ? 1 : 0;
    }
    for (size_t i = 0; i < case_count; i++) {
        rig_client_free(cases[i].client);
    }
    rig_stack_free(stack);
    return status;
}
