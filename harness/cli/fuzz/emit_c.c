/* stackrig emit-c: a scenario as a cmocka test that fails until the layer is mended. */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <stackrig/servers.h>

#include "harness/cli/fuzz/apart.h"
#include "harness/cli/fuzz/emit_text.h"
#include "harness/cli/run/load.h"
#include "harness/cli/run/preload.h"

#define LITERAL_MAX 4095 /* that all compilers must take: C11 section 5.2.4.1 */

struct emit {
    struct rig_fuzzed fuzzed;
    const char *file;
    struct rig_fuzz_engine engine;
    struct rig_fuzz_input input; /* of a crash: of the play that ends the process */
    bool read, moved;            /* moved: the input is no longer the file's */
    bool apart;                  /* the test plays in a child: else it would end with it, or never */
    bool hangs;
};

static struct rig_fuzz_target target;
static struct rig_fuzz_scenario scenario;
static char text[RIG_FUZZ_TEXT_MAX];

static bool on_link(const struct rig_fuzz_request *request)
{
    return request->connection > 0 || request->gone > 0;
}

/* The struct that has the rules of the stack's author; NULL: there are none. */
static const char *rules_of(const struct emit *emit)
{
    char line[RIG_LINE_SIZE];
    struct rig_text why;
    rig_text_start(&why, line, sizeof line);
    const struct rig_own_rule *const *used = emit->fuzzed.used.rules;
    return !used                                               ? NULL
           : used == rig_stack_rules(emit->fuzzed.stack, &why) ? "rig_export_rules rig_exported_rules"
                                                               : "rig_fuzz rig_fuzz_target";
}

/* Beside stackrig.h, what its requests need. */
static void put_includes(FILE *out, const char *rules)
{
    bool link = false, fault = false;
    for (uint32_t i = 0; i < scenario.count; i++) {
        link = link || on_link(&scenario.requests[i]);
        fault = fault || scenario.requests[i].fault != RIG_FAULT_NONE;
    }
    fputs(link ? "#include <stackrig/connection.h>\n" : "", out);
    fputs(fault ? "#include <stackrig/faults.h>\n" : "", out);
    fputs(rules ? rules[4] == 'f' ? "#include <stackrig/fuzz.h>\n" : "#include <stackrig/rules.h>\n" : "", out);
    fputs("#include <stackrig/servers.h>\n", out);
}

/* The rule; or what else the test is named after. */
static const char *name_of(const struct emit *emit, const struct rig_fuzz_found *found)
{
    return found ? found->rule : emit->hangs ? "hang" : "crash";
}

static void put_head(FILE *out, const struct emit *emit, const struct rig_fuzz_found *found, bool oracle)
{
    fputs("/* ", out);
    rig_put_comment(out, name_of(emit, found));
    if (found && found->layer[0]) {
        fputs(" in layer ", out);
        rig_put_comment(out, found->layer);
    }
    fputs(": fails until that is mended. STACK.c has the RIG_EXPORT of\n * ", out);
    rig_put_comment(out, emit->fuzzed.stack);
    fprintf(out, "\n *\n *     cc THIS.c STACK.c $(pkg-config --cflags%s stackrig) %s-lcmocka */\n",
            oracle ? " --libs-only-L" : " --libs", oracle ? "-l:libstackrig-fuzz.a -l:libstackrig.a " : "");
    fputs(emit->apart ? "#define _POSIX_C_SOURCE 200809L\n\n" : "", out);
    fputs("#include <stackrig/cmocka.h>\n", out);
    if (oracle) {
        fputs("#include <stackrig/fuzz.h>\n", out);
    } else {
        put_includes(out, rules_of(emit));
    }
    fputs("#include <stackrig/stackrig.h>\n\n", out);
    if (rig_fuzz_write(&scenario, text, sizeof text) > LITERAL_MAX) {
        fputs("#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n\n", out);
    }
    fputs(emit->apart ? "#include <signal.h>\n#include <stdio.h>\n#include <sys/wait.h>\n#include <unistd.h>\n\n" : "",
          out);
}

static void put_main(FILE *out, const char *rule, bool with_setup)
{
    fputs("\nint main(void)\n{\n    const struct CMUnitTest tests[] = {cmocka_unit_test", out);
    fputs(with_setup ? "_setup_teardown(" : "(", out);
    rig_put_name(out, rule);
    fputs(with_setup ? ", set_up, tear_down" : "", out);
    fputs(")};\n    return cmocka_run_group_tests(tests, NULL, NULL);\n}\n", out);
}

/* ---- what one play shows: its requests ---- */

static void put_secrets(FILE *out)
{
    const struct rig_secret *secrets = target.credentials.secrets;
    fputs("    static const struct rig_secret secrets[] = {", out);
    for (unsigned i = 0; i < 2; i++) {
        fprintf(out, "%s{\"%s\", \"%s\", \"%s\"}", i ? ", " : "", secrets[i].credential_class, secrets[i].name,
                secrets[i].value);
    }
    fputs("};\n", out);
}

static void put_rules(FILE *out, const struct emit *emit)
{
    const char *rules = rules_of(emit);
    if (rules) {
        fprintf(out, ", .rules = %s.rules", strchr(rules, ' ') + 1);
    }
}

static void put_setup(FILE *out, const struct emit *emit)
{
    const char *rules = rules_of(emit);
    if (rules) {
        fprintf(out, "extern const struct %s;\n", rules);
    }
    const char *server = target.servers[scenario.server]->name;
    size_t settings = target.setup.setting_count;
    fputs("extern const struct rig_export rig_exported_stack;\n\nstatic struct rig_stack *stack;\n"
          "static struct rig_client *client;\n\nstatic int set_up(void **state)\n{\n",
          out);
    put_secrets(out);
    fputs(settings ? "    static const struct rig_field settings[] = {" : "", out);
    for (size_t i = 0; i < settings; i++) {
        rig_put_field(out, target.setup.settings[i].name, target.setup.settings[i].value, i ? ", " : "");
    }
    fputs(settings ? "};\n" : "", out);
    fputs("    const struct rig_setup setup = {.seed = 1, .secrets = secrets, .secret_count = 2", out);
    if (settings) {
        fprintf(out, ", .settings = settings, .setting_count = %zu", settings);
    }
    fputs("};\n", out);
    if (rig_server_find(server)) {
        fprintf(out, "    const struct rig_server *server = rig_server_find(\"%s\");\n", server);
    } else {
        fprintf(out,
                "    static struct rig_server composed;\n    const struct rig_server *server = &composed;\n"
                "    assert_int_equal(rig_server_compose(\"%s\", &composed), 0);\n",
                server);
    }
    fputs("    (void)state;\n    stack = rig_stack_new((struct rig_stack_options){0});\n"
          "    assert_int_equal(rig_exported_stack.build(stack, &setup), 0);\n"
          "    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.server = server",
          out);
    put_rules(out, emit);
    fputs("});\n"
          "    return 0;\n}\n\n"
          "static int tear_down(void **state)\n{\n    (void)state;\n"
          "    (rig_client_free)(client); /* the function: what else is found is another test's */\n"
          "    rig_stack_free(stack);\n    return 0;\n}\n\n",
          out);
}

static void put_check(FILE *out, const struct rig_fuzz_found *found)
{
    fputs("/* Nothing else is asked of it. */\n"
          "static void check(const struct rig_result *result)\n{\n"
          "    for (size_t i = 0; i < result->finding_count; i++) {\n"
          "        const struct rig_finding *finding = &result->findings[i];\n"
          "        if (finding->level == RIG_LEVEL_ERROR && strcmp(finding->rule, ",
          out);
    rig_put_text(out, found->rule);
    fputs(") == 0", out);
    if (found->layer[0]) {
        fputs(" &&\n            finding->layer && strcmp(finding->layer, ", out);
        rig_put_text(out, found->layer);
        fputs(") == 0", out);
    }
    fputs(") {\n            fail_msg(\"%s: %s\", finding->site ? finding->site : \"\", finding->message);\n"
          "        }\n    }\n}\n\n",
          out);
}

/* Credentials come behind the others, or before more than a request has places for, as they are sent. */
static void put_headers(FILE *out, const struct rig_fuzz_request *request, const struct rig_field *carried)
{
    bool first = request->field_count >= RIG_FIELDS_MAX - 1;
    const char *between = "";
    fputs(request->field_count || carried ? ",\n        RIG_HEADERS(" : "", out);
    if (carried && first) {
        rig_put_field(out, carried->name, carried->value, between);
        between = ", ";
    }
    for (unsigned i = 0; i < request->field_count; i++) {
        rig_put_field(out, request->fields[i].name, request->fields[i].value, between);
        between = ", ";
    }
    if (carried && !first) {
        rig_put_field(out, carried->name, carried->value, between);
    }
    fputs(request->field_count || carried ? ")" : "", out);
}

static const char *target_of(const struct rig_fuzz_request *request)
{
    static char room[4096];
    struct rig_request with = {.target = request->target};
    if (request->credentials != RIG_FUZZ_CLASS_NONE && request->place == RIG_FUZZ_PLACE_QUERY &&
        rig_fuzz_carry(&target.credentials, request->credentials, request->place, &with, room, sizeof room)) {
        return room;
    }
    return request->target;
}

/* A struct rig_request. */
static void put_request(FILE *out, const struct rig_fuzz_request *request)
{
    struct rig_field carried = {NULL, NULL};
    bool header = request->credentials != RIG_FUZZ_CLASS_NONE && request->place != RIG_FUZZ_PLACE_QUERY;
    if (header) {
        carried = rig_fuzz_carried(&target.credentials, request->credentials, request->place);
    }
    fputs("(struct rig_request){\n        .method = ", out);
    rig_put_text(out, request->method);
    fputs(", .target = ", out);
    rig_put_text(out, target_of(request));
    if (strcmp(request->version, "1.1") != 0) {
        fputs(", .http_version = ", out);
        rig_put_text(out, request->version);
    }
    put_headers(out, request, header ? &carried : NULL);
    if (request->body.size > 0) {
        fputs(",\n        .bytes = {", out);
        rig_put_string(out, request->body.data, request->body.size);
        fprintf(out, ", %zu}", request->body.size);
    }
    fputs(request->piece_count > 0 ? ",\n        RIG_PIECES(" : "", out);
    for (uint32_t i = 0; i < request->piece_count; i++) {
        fprintf(out, "%s%u", i ? ", " : "", (unsigned)request->pieces[i]);
    }
    fputs(request->piece_count > 0 ? ")" : "", out);
    fputs(request->chunked ? ", .chunked = true" : "", out);
    fputs(request->malformed ? ",\n        .malformed = true" : "", out);
    if (request->fault != RIG_FAULT_NONE) {
        fprintf(out,
                ",\n        .fault = &(struct rig_faulty){.kind = (enum rig_fault_kind)%u, .chance = %u%s} /* %s */",
                request->fault, request->fault_read, request->fault_always ? ", .always = true" : "",
                rig_fault_name((enum rig_fault_kind)request->fault));
    }
    fputs("}", out);
}

static void put_link(FILE *out)
{
    bool wanted = false;
    for (uint32_t i = 0; i < scenario.count; i++) {
        wanted = wanted || on_link(&scenario.requests[i]);
    }
    if (wanted) {
        fprintf(out,
                "/* 0: one of its own; the others share what a gateway keeps to the server. */\n"
                "static struct rig_link *link_of(unsigned number)\n{\n"
                "    static struct rig_link *links[%d];\n    struct rig_link *first = NULL;\n"
                "    for (unsigned i = 1; i < %d && !first; i++) {\n        first = links[i];\n    }\n"
                "    if (number == 0 || !links[number] || !rig_connection_state(links[number]).open) {\n"
                "        links[number] = rig_connection_open(client, .shared = first);\n    }\n"
                "    return links[number];\n}\n\n",
                RIG_FUZZ_CONNECTIONS, RIG_FUZZ_CONNECTIONS);
    }
}

static void put_send(FILE *out, const struct rig_fuzz_request *request)
{
    if (request->credentials != RIG_FUZZ_CLASS_NONE) {
        fprintf(out, "    /* credentials: %s */\n", rig_fuzz_classes[request->credentials]);
    }
    if (on_link(request)) {
        fprintf(out, "    check(rig_connection_send(link_of(%u), ", request->connection);
    } else {
        fputs("    check(rig_send(client, ", out);
    }
    put_request(out, request);
    if (request->gone > 0) {
        fprintf(out, ",\n        .disconnect_after = %u", (unsigned)request->gone);
    }
    fputs("));\n", out);
}

/* Of a process that ends itself, perhaps with status 0, or does not end, another sees that it did not come back. */
static void put_fork(FILE *out)
{
    fprintf(out,
            "    int status = 0;\n    (void)fflush(NULL);\n    pid_t child = fork();\n"
            "    if (child != 0) {\n        assert_true(waitpid(child, &status, 0) == child);\n"
            "        if (WIFSIGNALED(status)) {\n"
            "            fail_msg(\"%%s\", WTERMSIG(status) == SIGALRM ? \"no end after %d s\" : \"it was ended by a "
            "signal\");\n        }\n"
            "        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 77); /* it came back */\n"
            "        return;\n    }\n    (void)alarm(%d);\n",
            RIG_FUZZED_HANG_SECONDS, RIG_FUZZED_HANG_SECONDS);
}

/* found NULL: a crash, which the requests alone show. */
static void put_requests(FILE *out, const struct emit *emit, const struct rig_fuzz_found *found)
{
    put_head(out, emit, found, false);
    put_setup(out, emit);
    put_link(out);
    if (found) {
        put_check(out, found);
    } else {
        fputs("/* That it comes back is all that is asked. */\n"
              "static void check(const struct rig_result *result)\n{\n    assert_non_null(result);\n}\n\n",
              out);
    }
    fputs("static void ", out);
    rig_put_name(out, name_of(emit, found));
    fputs("(void **state)\n{\n    (void)state;\n", out);
    if (emit->apart) {
        put_fork(out);
    }
    for (uint32_t i = 0; i < scenario.count; i++) {
        put_send(out, &scenario.requests[i]);
    }
    fputs(emit->apart ? "    _exit(77);\n" : "", out);
    fputs("}\n", out);
    put_main(out, name_of(emit, found), true);
}

/* ---- what several plays show: the scenario, and the oracle ---- */

/* What the options name beside the stack's own: behind them. */
static void put_more(FILE *out, const struct emit *emit)
{
    const struct rig_fuzz *what = &emit->fuzzed.what, *used = &emit->fuzzed.used;
    size_t more = 0, all = 0;
    while (what->protect[more]) {
        more++;
    }
    while (used->protect[all]) {
        all++;
    }
    for (size_t i = all - more; emit->fuzzed.own && i < all; i++) {
        fprintf(out, "    what.protect[%zu] = ", i);
        rig_put_text(out, used->protect[i]);
        fputs(";\n", out);
    }
    const char *const places[][2] = {
        {"header", used->credential_header}, {"cookie", used->credential_cookie}, {"query", used->credential_query}};
    for (size_t i = 0; i < 3; i++) {
        if (places[i][1]) {
            fprintf(out, "    what.credential_%s = \"%s\";\n", places[i][0], places[i][1]);
        }
    }
    for (size_t i = 0; used->settings[i].name; i++) {
        fprintf(out, "    what.settings[%zu] = (struct rig_field)", i);
        rig_put_field(out, used->settings[i].name, used->settings[i].value, "");
        fputs(";\n", out);
    }
}

static void put_oracle(FILE *out, const struct emit *emit, const struct rig_fuzz_found *found)
{
    put_head(out, emit, found, true);
    const char *rules = emit->fuzzed.own ? NULL : rules_of(emit);
    if (rules) {
        fprintf(out, "extern const struct %s;\n", rules);
    }
    fprintf(out, "extern const struct %s;\n\nstatic void ",
            emit->fuzzed.own ? "rig_fuzz rig_fuzz_target" : "rig_export rig_exported_stack");
    rig_put_name(out, found->rule);
    fputs("(void **state)\n{\n    static const char scenario[] =", out);
    (void)rig_fuzz_write(&scenario, text, sizeof text);
    for (const char *line = text; *line;) {
        size_t size = strcspn(line, "\n");
        fputs("\n        ", out);
        rig_put_string(out, line, size + (line[size] != '\0'));
        line += size + (line[size] != '\0');
    }
    fputs(";\n    char message[512];\n    (void)state;\n", out);
    const struct rig_fuzz *options = &emit->fuzzed.what;
    bool placed = options->credential_header || options->credential_cookie || options->credential_query;
    bool as_it_is = emit->fuzzed.own && !options->settings[0].name && !options->protect[0] && !placed;
    if (emit->fuzzed.own && !as_it_is) {
        fputs("    struct rig_fuzz what = rig_fuzz_target;\n", out);
    }
    if (!emit->fuzzed.own) {
        fputs("    struct rig_fuzz what = {.build = rig_exported_stack.build", out);
        rig_put_list(out, ",\n        .protect = {", emit->fuzzed.what.protect);
        rig_put_list(out, ",\n        .profiles = {", emit->fuzzed.what.profiles);
        put_rules(out, emit);
        fputs("};\n", out);
    }
    if (!as_it_is) {
        put_more(out, emit);
    }
    fprintf(out, "    if (rig_fuzz_replay(&%s, scenario, \"%s\", message, sizeof message) != 0) {\n",
            as_it_is ? "rig_fuzz_target" : "what", found->rule);
    fputs("        fail_msg(\"%s\", message);\n    }\n}\n", out);
    put_main(out, found->rule, false);
}

/* ---- the verb ---- */

static bool open_both(struct emit *emit)
{
    bool good = rig_fuzzed_open(&emit->fuzzed, &target) && rig_fuzzed_read(emit->file, &target.table, &scenario);
    emit->read = good;
    return good;
}

static int find_and_emit(void *closure, FILE *out)
{
    struct emit *emit = closure;
    if (!open_both(emit) || !rig_fuzzed_input(emit->file, &target.table, &emit->input)) {
        return RIG_STATUS_USAGE;
    }
    emit->fuzzed.servers = target.table.servers;
    rig_fuzz_engine_start(&emit->engine, &target, 1);
    int error = rig_fuzz_engine_judge(&emit->engine, emit->input.bytes, emit->input.size);
    const struct rig_fuzz_found *found = rig_fuzzed_meant(&emit->fuzzed, &emit->engine, emit->file);
    if (error != 0 || !found) {
        rig_fuzzed_complain_nothing(&emit->fuzzed, &emit->engine, emit->file);
        return RIG_STATUS_USAGE;
    }
    if (strncmp(found->rule, "fuzz.", 5) == 0) {
        put_oracle(out, emit, found);
    } else {
        put_requests(out, emit, found);
    }
    return RIG_STATUS_CLEAN;
}

static int emit_crash(void *closure, FILE *out)
{
    struct emit *emit = closure;
    if (!open_both(emit)) {
        return RIG_STATUS_USAGE;
    }
    if (emit->moved) {
        rig_fuzz_decode(&target.table, emit->input.bytes, emit->input.size, &scenario);
    }
    put_requests(out, emit, NULL);
    return RIG_STATUS_CLEAN;
}

/* cmocka itself makes these a failed test, where a debugger sees them; others, as of abort(), would end all tests. */
static bool fails_a_test(int signal)
{
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGSYS;
}

/* Of the play that ends the process. */
static int emit_end(struct emit *emit, const struct rig_fuzzed_end *end)
{
    char line[RIG_LINE_SIZE];
    enum rig_apart_cause cause = rig_apart_cause(&emit->fuzzed, &emit->input, end);
    if (cause == RIG_APART_BESIDE) {
        rig_complain("%s: %s%s, which no test of its requests shows", emit->file,
                     rig_fuzzed_end(end, emit->fuzzed.stack, line), rig_apart_tell(cause));
        return RIG_STATUS_USAGE;
    }
    emit->hangs = end->hung;
    emit->apart = end->hung || end->exited || !fails_a_test(end->signal);
    emit->moved = cause == RIG_APART_MOVED;
    return rig_fuzzed_child(emit_crash, emit, NULL, NULL);
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    int status;
    struct rig_fuzzed_end end;
    rig_preload_clock(argc, argv);
    struct emit *emit = rig_fuzzed_shared(sizeof *emit);
    emit->fuzzed.seed = 1;
    if (!rig_fuzzed_operands(&emit->fuzzed, verb, argc, argv, &emit->file, &status)) {
        return status;
    }
    status = rig_fuzzed_child(find_and_emit, emit, NULL, &end);
    return status != RIG_FUZZED_LOST ? status
           : emit->read              ? emit_end(emit, &end)
                                     : rig_fuzzed_complain_unread(&emit->fuzzed, &end);
}

const struct rig_verb rig_verb_emit_c = {
    "emit-c", "[option...] STACK.so FILE", "prints a cmocka test that fails until what is found is mended",
    "The test is linked with the stack's own file; its head says how. It asks for the\n"
    "one rule, in the one layer (of fuzz.* the rule alone: its oracle plays again).\n\n"
    "  --rule RULE    the finding that is meant (the file's name says it, or the\n"
    "                 first)\n"
    "  --seed S       of the secrets (1)\n" RIG_FUZZED_HELP "\n"
    "  stackrig emit-c stack.so fuzz.app.entered-0123abcd.http >test_entered.c\n\n"
    "Exit status: 0 a test was printed; 2 nothing is found, or wrong usage or input.\n",
    run};
