#define _DEFAULT_SOURCE

/* Tries one stack, in a child that shares what it has found. */
#include "tests/detect/detect.h"

#include "fuzz/engine/engine.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define HANG_SECONDS 120 /* without a scenario that ends */
#define HANG_RUNS 256    /* so often it is looked at */

static struct shared {
    struct rig_fuzz_engine engine;
    struct rig_fuzz_target target;
    bool plain, found, done;
    char said[sizeof((struct detect_outcome *)0)->said];
} * shared;

static const struct detect_row *current; /* that detect_build builds */

int detect_build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const char *secret = rig_setup_secret(setup, "valid")->value;
    for (size_t i = 0; current->layers[i]; i++) {
        (void)rig_use(stack, current->layers[i], current->layers[i]->init == detect_keep_secret ? secret : NULL);
    }
    if (current->mapped.call) {
        struct rig_stack *inner = rig_stack_new((struct rig_stack_options){.name = "admin"});
        if (!inner) {
            return -1;
        }
        (void)rig_run(inner, current->mapped);
        (void)rig_map(stack, "/admin", inner);
    }
    return rig_run(stack, current->app);
}

static void open_target(uint64_t seed)
{
    static struct rig_fuzz what;
    const char *why = NULL;
    what = (struct rig_fuzz){.build = detect_build,
                             .protect = {current->protect},
                             .authorize = current->authorize,
                             .profiles = {current->profile},
                             .targets = {current->target},
                             .words = {current->word},
                             .credential_cookie = current->cookie};
    int error = rig_fuzz_target_open(&shared->target, &what, seed, NULL, NULL, &why);
    if (error != 0) {
        (void)snprintf(shared->said, sizeof shared->said, "cannot be built: %d %s", error, why ? why : "");
        _exit(2);
    }
}

/* ---- ordinary requests ---- */

static void look(const struct rig_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        if (finding->level != RIG_LEVEL_ERROR || (current->rule && strcmp(finding->rule, current->rule) != 0)) {
            continue;
        }
        shared->plain = true;
        (void)snprintf(shared->said, sizeof shared->said, "%s: %s", finding->rule, finding->message);
    }
}

/* As a test of a status would send them, with the right credentials and without. */
static void send_ordinary(uint64_t seed, uint64_t most)
{
    static const struct rig_request requests[] = {
        {.method = "GET", .target = "/"},
        {.method = "HEAD", .target = "/"},
        {.method = "POST",
         .target = "/",
         .body = "a=1",
         .headers = {{"Content-Type", "application/x-www-form-urlencoded"}}},
        {.method = "GET", .target = "/admin"},
        {.method = "GET", .target = "/a?a=1", .headers = {{"Accept", "text/html"}, {"Cookie", "session=a"}}},
        {.method = "PUT", .target = "/a", .body = "{\"a\":1}", .headers = {{"Content-Type", "application/json"}}},
        {.method = "DELETE", .target = "/a"},
        {.method = "OPTIONS", .target = "/", .headers = {{"Origin", "http://example.org"}}}};
    static const int places[] = {-1, RIG_FUZZ_PLACE_BASIC, RIG_FUZZ_PLACE_BEARER};
    char room[256];
    (void)most;
    open_target(seed);
    struct rig_client *client =
        rig_client_new(rig_stack_app(shared->target.built[0].stack), (struct rig_client_options){0});
    if (!client) {
        _exit(2);
    }
    for (size_t i = 0; i < 3 * sizeof requests / sizeof *requests; i++) {
        struct rig_request request = requests[i / 3];
        if (places[i % 3] >= 0) {
            (void)rig_fuzz_carry(&shared->target.credentials, RIG_FUZZ_CLASS_VALID, (unsigned)places[i % 3], &request,
                                 room, sizeof room);
        }
        look(rig_send_at("ordinary", client, &request));
        rig_client_reset(client);
    }
    shared->done = true;
    _exit(0);
}

/* ---- fuzzing ---- */

static const struct rig_fuzz_found *wanted(const struct rig_fuzz_engine *engine)
{
    for (size_t i = 0; i < engine->found_count; i++) {
        if (!current->rule || strcmp(engine->found[i].rule, current->rule) == 0) {
            return &engine->found[i];
        }
    }
    return NULL;
}

static void say(struct rig_fuzz_engine *engine, const struct rig_fuzz_found *found)
{
    static char text[RIG_FUZZ_TEXT_MAX];
    struct rig_fuzz_found small = *found;
    (void)rig_fuzz_engine_shrink(engine, &small);
    rig_fuzz_decode(&engine->target->table, small.input.bytes, small.input.size, &engine->scenario);
    (void)rig_fuzz_write(&engine->scenario, text, sizeof text);
    (void)snprintf(shared->said, sizeof shared->said, "%s: %s in %s: %s\n%.600s", small.site, small.rule, small.layer,
                   small.message, text);
}

static void fuzz(uint64_t seed, uint64_t most)
{
    struct rig_fuzz_engine *engine = &shared->engine;
    open_target(seed);
    rig_fuzz_engine_start(engine, &shared->target, seed);
    while (engine->runs < most && !shared->found) {
        if (engine->runs % HANG_RUNS == 0) {
            (void)alarm(HANG_SECONDS);
        }
        if (rig_fuzz_engine_step(engine) != 0) {
            _exit(2);
        }
        shared->found = engine->found_count > 0 && wanted(engine);
    }
    if (shared->found) {
        say(engine, wanted(engine));
    }
    shared->done = true;
    _exit(0);
}

/* ---- the parent ---- */

static bool share(void)
{
    if (!shared) {
        shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        shared = shared == MAP_FAILED ? NULL : shared;
    }
    if (shared) {
        memset(shared, 0, sizeof *shared);
    }
    return shared != NULL;
}

/* What a sanitizer says of a planted crash is not to be read as one of this program's. */
static void be_quiet(void)
{
    int nowhere = getenv("DETECT_VERBOSE") ? -1 : open("/dev/null", O_WRONLY);
    if (nowhere >= 0) {
        (void)dup2(nowhere, STDERR_FILENO);
    }
}

/* A sanitizer exits, and what it does not see ends by one of these; not who was ended from outside. */
static bool has_crashed(int status)
{
    static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    bool crashed = WIFEXITED(status) && WEXITSTATUS(status) != 2;
    for (size_t i = 0; WIFSIGNALED(status) && i < sizeof signals / sizeof *signals; i++) {
        crashed = crashed || WTERMSIG(status) == signals[i];
    }
    return crashed && !shared->done;
}

static bool in_child(void (*work)(uint64_t, uint64_t), const struct detect_row *row, uint64_t seed, uint64_t most,
                     struct detect_outcome *outcome)
{
    int status = 0;
    current = row;
    (void)fflush(NULL);
    pid_t parent = getpid(), child = share() ? fork() : -1;
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(2);
        }
        be_quiet();
        (void)alarm(HANG_SECONDS);
        work(seed, most);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return false;
    }
    bool crashed = has_crashed(status);
    bool found = shared->found || (crashed && (!row->rule || strcmp(row->rule, "crash") == 0));
    *outcome = (struct detect_outcome){.plain = shared->plain || (found && crashed),
                                       .found = found,
                                       .hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM,
                                       .execs = shared->engine.runs};
    if (shared->done) {
        memcpy(outcome->said, shared->said, sizeof outcome->said);
    } else {
        (void)snprintf(outcome->said, sizeof outcome->said, "%s: %s %d %.1900s",
                       outcome->hung ? "hung"
                       : crashed     ? "crash"
                                     : "ended",
                       WIFSIGNALED(status) ? "signal" : "status",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), shared->said);
    }
    return true;
}

bool detect_plainly(const struct detect_row *row, struct detect_outcome *outcome)
{
    return in_child(send_ordinary, row, 1, 0, outcome);
}

bool detect_fuzz(const struct detect_row *row, uint64_t seed, uint64_t most, struct detect_outcome *outcome)
{
    return in_child(fuzz, row, seed, most, outcome);
}
