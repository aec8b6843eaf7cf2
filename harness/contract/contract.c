/* Runs a layer through the table of properties. */
#include "harness/contract/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY "name=lamp&price=9&text=a+line%0Aanother+one"

/* ---- what is sent ---- */

static bool has_body(const struct rig_request *request)
{
    bool params = request->params[0].name || request->param_list;
    bool in_query = !request->method || strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    return request->body || request->bytes.data || request->json || request->parts || (params && !in_query);
}

/* The same with a body, and another method where its own has none. */
static struct rig_request with_body(const struct rig_request *request)
{
    struct rig_request wider = *request;
    size_t at = 0;
    while (at < RIG_FIELDS_MAX && wider.headers[at].name && strcmp(wider.headers[at].name, "Content-Type") != 0) {
        at++;
    }
    if (at < RIG_FIELDS_MAX) {
        wider.headers[at] = (struct rig_field){"Content-Type", "application/x-www-form-urlencoded"};
    }
    if (!wider.method || strcmp(wider.method, "GET") == 0 || strcmp(wider.method, "HEAD") == 0) {
        wider.method = "POST";
    }
    wider.body = BODY;
    return wider;
}

static void fill(struct rig_bench_request requests[2], const struct rig_request *given, enum rig_bench_way promised)
{
    bool told = given->target || given->method;
    bool whole = has_body(given);
    requests[0] = (struct rig_bench_request){
        .request = *given, .there = true, .has_body = whole, .told = told, .promised = promised};
    requests[1] = (struct rig_bench_request){.request = with_body(given), .there = !whole, .has_body = true};
}

static void learn_way(struct rig_bench *bench, struct rig_bench_request *one, char *trouble, size_t size)
{
    char title[80];
    struct rig_client *client = rig_bench_open(bench, NULL) ? rig_bench_client(bench, NULL) : NULL;
    if (!client) {
        return;
    }
    const struct rig_result *result = rig_bench_send(bench, client, &one->request);
    const struct rig_hop *hop = rig_bench_hop(result);
    rig_bench_see(bench, result, &one->seen);
    one->way = bench->calls > 0 ? RIG_WAY_PASSES : hop && hop->answered ? RIG_WAY_ANSWERS : RIG_WAY_FAILS;
    if (!hop && !bench->error) {
        bench->error = -EINVAL;
        (void)snprintf(trouble, size, "%s never came to the layer",
                       rig_bench_title(&one->request, title, sizeof title));
    }
    rig_client_free(client);
}

/* ---- is the contract in order? ---- */

static bool is_property(const char *pattern)
{
    const char *const patterns[] = {pattern, NULL};
    for (size_t i = 0; i < RIG_CONTRACT_PROPERTIES; i++) {
        if (rig_bench_rule_is_own(patterns, rig_properties[i].name)) {
            return true;
        }
    }
    return false;
}

/* The first of .without that is none; NULL: all are. */
static const char *find_unknown(const struct rig_contract *contract)
{
    size_t i = 0;
    while (contract->without[i] && is_property(contract->without[i])) {
        i++;
    }
    return contract->without[i];
}

/* Says what is wrong with it: false. */
static bool is_in_order(const struct rig_contract *contract, char *trouble, size_t size)
{
    const struct rig_middleware *middleware = contract ? contract->middleware : NULL;
    const char *what = NULL;
    if (!middleware || !middleware->call || !middleware->name) {
        what = "it wants a middleware with a name and a call";
    } else if (contract->env[RIG_FIELDS_MAX] || contract->headers[RIG_FIELDS_MAX]) {
        what = "the place that ends .env or .headers is filled";
    } else if (contract->without[RIG_CONTRACT_PROPERTIES] || contract->ignore[RIG_IGNORE_MAX]) {
        what = "the place that ends .without or .ignore is filled";
    }
    const char *unknown = what ? NULL : find_unknown(contract);
    (void)snprintf(trouble, size, unknown ? "%s of .without is no property" : "%s",
                   what      ? what
                   : unknown ? unknown
                             : "");
    return !what && !unknown;
}

/* ---- the table ---- */

static void begin(const char *site, const struct rig_contract *contract, struct rig_contract_report *report)
{
    *report = (struct rig_contract_report){.site = site};
    report->error = is_in_order(contract, report->trouble, sizeof report->trouble) ? 0 : -EINVAL;
    if (contract && contract->middleware) {
        report->layer = contract->name ? contract->name : contract->middleware->name;
    }
    for (size_t i = 0; i < RIG_CONTRACT_PROPERTIES; i++) {
        struct rig_contract_property *property = &report->properties[i];
        property->name = rig_properties[i].name;
        property->title = rig_properties[i].title;
        property->verdict = RIG_CONTRACT_NOT_APPLICABLE;
        strcpy(property->why, "it was not asked for");
    }
}

static void learn(struct rig_bench *bench, struct rig_contract_report *report)
{
    fill(&bench->requests[0], &bench->contract->passes, RIG_WAY_PASSES);
    fill(&bench->requests[2], &bench->contract->answers, RIG_WAY_ANSWERS);
    if (!bench->requests[0].told && !bench->requests[2].told) { /* both are a stranger's */
        bench->requests[2].there = bench->requests[3].there = false;
    }
    for (size_t i = 0; i < RIG_BENCH_REQUESTS && !bench->error; i++) {
        if (bench->requests[i].there) {
            learn_way(bench, &bench->requests[i], report->trouble, sizeof report->trouble);
        }
    }
    rig_bench_learn(bench);
    report->error = bench->error;
}

static void test(struct rig_bench *bench, struct rig_contract_report *report, size_t number)
{
    struct rig_contract_property *property = &report->properties[number];
    property->verdict = RIG_CONTRACT_PASSED;
    property->why[0] = '\0';
    bench->property = property;
    bench->rules = rig_properties[number].rules;
    if (rig_bench_rule_is_own(bench->contract->without, property->name)) {
        rig_bench_not_applicable(bench, "the contract is without it");
    } else {
        rig_properties[number].test(bench);
    }
    rig_bench_close(bench);
    report->error = bench->error;
}

static void count(struct rig_contract_report *report)
{
    for (size_t i = 0; i < RIG_CONTRACT_PROPERTIES; i++) {
        enum rig_contract_verdict verdict = report->properties[i].verdict;
        report->passed += verdict == RIG_CONTRACT_PASSED;
        report->failed += verdict == RIG_CONTRACT_FAILED;
        report->not_applicable += verdict == RIG_CONTRACT_NOT_APPLICABLE;
    }
}

/* first to last, these included. */
static struct rig_contract_report run(const char *site, const struct rig_contract *contract, size_t first, size_t last)
{
    struct rig_contract_report report;
    struct rig_contract_property unsaid = {.name = NULL};
    struct rig_bench bench = {.contract = contract, .site = site, .property = &unsaid};
    begin(site, contract, &report);
    bench.requests = report.error ? NULL : calloc(RIG_BENCH_REQUESTS, sizeof *bench.requests);
    if (!report.error) {
        report.error = bench.requests ? 0 : -ENOMEM;
    }
    if (!report.error) {
        learn(&bench, &report);
    }
    for (size_t i = first; i <= last && i < RIG_CONTRACT_PROPERTIES && !report.error; i++) {
        test(&bench, &report, i);
    }
    rig_bench_close(&bench);
    for (size_t i = 0; bench.requests && i < RIG_BENCH_REQUESTS; i++) {
        rig_seen_free(&bench.requests[i].seen);
    }
    rig_seen_free(&bench.varies);
    free(bench.requests);
    count(&report);
    return report;
}

struct rig_contract_report rig_layer_contract_at(const char *site, const struct rig_contract *contract)
{
    return run(site, contract, 0, RIG_CONTRACT_PROPERTIES - 1);
}

struct rig_contract_report rig_contract_one_at(const char *site, const struct rig_contract *contract, size_t property)
{
    return run(site, contract, property, property);
}

const char *rig_contract_name(size_t property)
{
    return property < RIG_CONTRACT_PROPERTIES ? rig_properties[property].name : NULL;
}

bool rig_contract_held(const struct rig_contract_report *report)
{
    return report && report->error == 0 && report->failed == 0;
}
