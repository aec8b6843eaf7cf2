#!/usr/bin/env bash
# Programs of RIG_FUZZ with the replay in place of a fuzzer: texts, the environment, what cannot be fuzzed.
. tests/cli/common.sh

top=$here/../..
planted=$top/tests/fuzz/targets/planted.c
entered=$top/tests/fuzz/reproducers/planted/fuzz.app.entered-bcf88080.http

# compiled NAME ARGUMENT...: ./NAME of a source, with the replay
compiled() {
    local program=$1
    shift
    # shellcheck disable=SC2086 # flags are words
    ${CC:-cc} -std=c11 ${EXTRA:-} -I"$top/harness/include" -I"$top/mocks/include" -I"$top/fuzz/include" "$@" \
        -Wl,-u,LLVMFuzzerTestOneInput "$built/lib/libstackrig-replay.a" "$built/lib/libstackrig-fuzz.a" \
        "$built/lib/libstackrig.a" -o "$program" >out 2>err || complain "$program does not compile"
}

# ended STATUS COMMAND...: its output into $work/out and $work/err; crash: by a signal
ended() {
    local wanted=$1 status
    shift
    { "$@" >out 2>err; } 2>/dev/null
    status=$?
    if [ "$wanted" = crash ]; then
        [ "$status" -gt 2 ] || complain "status $status, wanted a crash: $*"
    else
        [ "$status" -eq "$wanted" ] || complain "status $status, wanted $wanted: $*"
    fi
}

a_replay_takes_texts() {
    local i
    compiled replay "$planted"
    ended crash ./replay "$entered"
    err '[fuzz.app.entered]'
    printf 'GET /%s\n\n###\n' 1 2 3 4 5 6 7 8 >requests.http # more than a scenario has
    printf '# @as valid bearer\nGET /\n\n###\nGET /\n' >>requests.http
    ended crash ./replay requests.http
    err '[fuzz.app.entered]'
    compiled mended -DMENDED "$planted"
    mkdir -p texts
    cp "$entered" requests.http texts
    ended 0 ./mended texts
    err '2 inputs' '3 scenarios'
    printf '# @as valid bearer\nGET /\nno header\n' >wrong.http
    ended 2 ./mended wrong.http
    err 'stackrig: wrong.http:3:'
    cp wrong.http wrong
    ended 0 ./mended wrong # bytes
}

# And says nothing of oracles, where none was asked.
a_replay_says_how_it_is_used() {
    compiled mended -DMENDED "$planted"
    ended 2 ./mended
    err 'usage: ./mended FILE|FOLDER...' '--encode FOLDER FILE.http' 'RIG_FUZZ_SAVE=FOLDER'
    no_err 'never armed' ' inputs'
    silent out
    ended 0 ./mended --help
    out 'usage: ./mended FILE|FOLDER...'
    silent err
    for wrong in --bogus -runs=10; do
        ended 2 ./mended "$entered" $wrong
        err "./mended: unknown option $wrong" 'usage: ./mended '
        no_err 'never armed' "$entered"
    done
    ended 2 ./mended "$entered" nope.http
    [ "$(cat err)" = 'cannot read nope.http: No such file or directory' ] || complain "said: $(cat err)"
    mkdir -p without
    ended 1 ./mended without
    [ "$(cat err)" = '0 inputs' ] || complain "said: $(cat err)"
    ended 0 ./mended "$entered"
    err '1 scenario, ' 'never armed'
}

# One that a text names counts for it alone.
a_text_names_where_its_credentials_are() {
    compiled near -DNEAR "$sources/token.c"
    printf '# @escapes on\n# @credential header=X-Auth-Token\n# @as valid header\nGET /\n' >a.http
    printf '# @escapes on\n# @as prefix header\nGET /\n' >b.http
    ended 0 ./near a.http b.http
    no_err 'entered by nobody'
    printf '# @escapes on\n# @credential header=X-Auth-Token\n# @as prefix header\nGET /\n' >c.http
    RIG_FUZZ_SAVE=near_saved ended crash ./near c.http
    err '[fuzz.app.entered]' '# @credential header=X-Auth-Token'
    holds "$(echo near_saved/fuzz.app.entered-????????.http)" '# @credential header=X-Auth-Token'
}

# It is played behind the server that it names, be it fuzzed or not.
a_text_names_its_server() {
    printf '#include "%s/fine.c"\n#include <stackrig/fuzz.h>\nRIG_FUZZ(build, .profiles = {"http1"});\n' "$sources" >fine.c
    compiled fine fine.c
    printf '# @server nginx:fastcgi+libfcgi\nGET /\n' >server.http
    ended 0 ./fine server.http
    err '1 scenario, '
    printf '# @server apache\nGET /\n' >server.http
    ended 2 ./fine server.http
    err 'server.http:'
}

the_environment_is_looked_at() {
    compiled replay "$planted"
    RIG_FUZZ_SAVE='' ended crash ./replay "$entered"
    no_err 'cannot write' 'as it was sent, with its secrets'
    for seed in abc 1x -1 ' 1' 99999999999999999999; do
        RIG_FUZZ_SEED=$seed ended 2 ./replay "$entered"
        err "stackrig: RIG_FUZZ_SEED is no number: $seed"
    done
    RIG_FUZZ_SEED=7 ended crash ./replay "$entered"
    RIG_FUZZ_SEED='' ended crash ./replay "$entered"
    RIG_FUZZ_SAVE=some/of/these ended crash ./replay "$entered"
    holds "$(echo some/of/these/fuzz.app.entered-*.http)" 'GET '
    RIG_FUZZ_SAVE=/dev/null/x ended 2 ./replay "$entered"
    err 'stackrig: RIG_FUZZ_SAVE: cannot write to the folder /dev/null/x: Not a directory'
    no_err '[fuzz.app.entered]'
}

a_program_that_goes_elsewhere_takes_no_file_along() {
    printf '#include <stackrig/fuzz.h>\n#include "%s/goes_elsewhere.c"\nRIG_FUZZ(build);\n' "$sources" >goes.c
    compiled goes goes.c
    rm -rf elsewhere nearby texts
    mkdir elsewhere texts
    printf 'GET /a\n' >texts/a.http
    RIG_FUZZ_SAVE=nearby ELSEWHERE=$work/elsewhere ended crash ./goes texts
    err '[fuzz.status.undeclared]'
    [ -e "$(echo nearby/fuzz.status.undeclared-*.http)" ] || complain 'not saved'
    ELSEWHERE=$work/elsewhere ended 0 ./goes --encode bytes texts/a.http
    [ -e bytes/a ] || complain 'not encoded'
    [ -z "$(ls elsewhere)" ] || complain "elsewhere: $(ls elsewhere)"
}

# fuzz_main.c: begins as libFuzzer does, which brings a mutator, and plays nothing
fuzz_main_source() {
    cat >fuzz_main.c <<'C'
#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    (void)data, (void)max_size;
    return size;
}
int main(int argc, char **argv)
{
    return LLVMFuzzerInitialize(&argc, &argv);
}
C
}

# A build that goes elsewhere does so before any file of the command line is looked at.
a_build_that_goes_elsewhere_takes_no_corpus_along() {
    {
        printf '#include <stackrig/fuzz.h>\n#include "%s/goes_elsewhere.c"\n' "$sources"
        printf 'static int elsewhere(struct rig_stack *stack, const struct rig_setup *setup)\n{\n'
        printf '    return chdir(getenv("ELSEWHERE")) == 0 ? build(stack, setup) : -1;\n}\nRIG_FUZZ(elsewhere);\n'
    } >goes.c
    fuzz_main_source
    compiled goes goes.c
    compiled fuzzer goes.c fuzz_main.c
    rm -rf elsewhere bytes used
    mkdir elsewhere used
    : >used/an_input
    printf 'GET /a\n' >a.http
    export ELSEWHERE=$work/elsewhere
    ended 0 ./goes --encode bytes a.http
    table bytes "$(./goes --table)"
    ended 0 ./goes --encode used a.http
    [ ! -e used/.stackrig ] || complain 'a table is recorded of a corpus that was there'
    echo 0123456789abcdef >bytes/.stackrig/table
    ended 2 ./goes bytes
    err 'bytes: its bytes are of table 0123456789abcdef'
    ended 2 ./fuzzer a.http
    err 'stackrig: a.http: would be taken for bytes'
    unset ELSEWHERE
    [ -z "$(ls -A elsewhere)" ] || complain "elsewhere: $(ls -A elsewhere)"
}

# requests [RIG_FUZZ_ALL=...]: how many a fuzzer's inputs have taken
requests() {
    env "$@" ./fuzzer 2>&1 | awk '/scenarios, / { print $3 }'
}

all_oracles_are_asked_for() {
    cat >main.c <<'C'
#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int main(int argc, char **argv)
{
    int error = LLVMFuzzerInitialize(&argc, &argv);
    for (unsigned i = 0; i < 64 && error == 0; i++) {
        const uint8_t bytes[] = {0x40, (uint8_t)(0x50 + i % 14), (uint8_t)(0x10 + i % 7)};
        error = LLVMFuzzerTestOneInput(bytes, sizeof bytes);
    }
    return error;
}
C
    compiled fuzzer -DMENDED "$planted" main.c
    few=$(requests A=) none=$(requests RIG_FUZZ_ALL=) off=$(requests RIG_FUZZ_ALL=0) all=$(requests RIG_FUZZ_ALL=1)
    [ "$few" -gt 63 ] && [ "$few" -eq "$off" ] && [ "$few" -eq "$none" ] && [ "$all" -gt $((2 * few)) ] ||
        complain "requests: $few, with RIG_FUZZ_ALL= $none, 0 $off, 1 $all"
}

# As a mutator changes it: head and tail are operations of the scenarios, no letters of the texts.
a_text_is_crossed_as_its_scenario() {
    cat >cross.c <<'C'
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                                 size_t max_size, unsigned seed);
int main(int argc, char **argv)
{
    static const char one[] = "# @escapes on\nGET /first\nX-First: 1\n", two[] = "# @escapes on\nPOST /second\n\nbody";
    static const uint8_t bytes[] = {0x40, 0x50};
    uint8_t out[256];
    int error = LLVMFuzzerInitialize(&argc, &argv), seen = 0;
    for (unsigned seed = 0; seed < 64 && error == 0; seed++) {
        size_t size = LLVMFuzzerCustomCrossOver((const uint8_t *)one, sizeof one - 1, seed % 2 ? bytes : (const uint8_t *)two,
                                                seed % 2 ? sizeof bytes : sizeof two - 1, out, sizeof out, seed);
        for (size_t i = 0; i + 5 <= size; i++) {
            error |= memcmp(out + i, "GET /", 5) == 0 || memcmp(out + i, "# @", 3) == 0 || memcmp(out + i, " @esc", 5) == 0;
            seen |= (memcmp(out + i, "first", 5) == 0) | (memcmp(out + i, "secon", 5) == 0) << 1;
        }
    }
    printf("%d %d\n", error, seen);
    return 0;
}
C
    compiled cross -DMENDED "$planted" cross.c
    ended 0 ./cross
    [ "$(cat out)" = '0 3' ] || complain "crossed: $(cat out)"
}

# A guard's own strcmp gives libFuzzer the secret of the run, which tries what it has seen compared: no input has it.
a_secret_is_put_into_no_input() {
    cat >withheld.c <<'C'
#include <stackrig/fuzz.h>
#include <stackrig/stackrig.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                                 size_t max_size, unsigned seed);

static char secret[64];
static unsigned tried;

static int page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 204);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)snprintf(secret, sizeof secret, "%s", rig_setup_secret(setup, "valid")->value);
    return rig_run(stack, RIG_APP(page));
}
RIG_FUZZ(build);

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    (void)size;
    tried += max_size >= strlen(secret);
    memcpy(data, secret, max_size < strlen(secret) ? max_size : strlen(secret));
    return max_size < strlen(secret) ? max_size : strlen(secret);
}

static unsigned has(const uint8_t *bytes, size_t size)
{
    unsigned found = 0;
    for (size_t i = 0; i + strlen(secret) <= size; i++) {
        found += memcmp(bytes + i, secret, strlen(secret)) == 0;
    }
    return found;
}

int main(int argc, char **argv)
{
    uint8_t data[256], out[256];
    unsigned found = 0, crossed = 0;
    if (LLVMFuzzerInitialize(&argc, &argv) != 0) {
        return 1;
    }
    size_t size = strlen(secret);
    for (unsigned seed = 0; seed < 64; seed++) {
        found += has(data, LLVMFuzzerCustomMutator(data, 0, sizeof data, seed));
        memcpy(data, secret, size);
        crossed += has(out, LLVMFuzzerCustomCrossOver(data, size, data, size, out, sizeof out, seed));
    }
    printf("%d %u %u\n", tried > 10, found, crossed);
    return 0;
}
C
    compiled withheld withheld.c
    ended 0 ./withheld
    [ "$(cat out)" = '1 0 0' ] || complain "put into inputs: $(cat out)"
}

# A full disk leaves no text that is cut off.
what_is_not_written_is_gone() {
    compiled replay "$planted"
    rm -rf full
    mkdir full
    (
        trap '' XFSZ
        ulimit -f 0
        { RIG_FUZZ_SAVE=full ./replay "$entered"; } 2>&1
    ) 2>/dev/null | cat >out
    out '[fuzz.app.entered]' 'stackrig: cannot write full/fuzz.app.entered-' ': File too large'
    [ -z "$(ls full)" ] || complain "left: $(ls full)"
}

# The first requests that the fuzzer sends are those that it learns from.
a_crash_at_a_plain_request_is_a_finding() {
    local method
    for method in POST GET; do
        rm -rf saved
        run 1 fuzz --quiet --runs 300 --seed 1 --save saved --set method=$method "$stacks/dies_of_plain.so"
        out 'error: Segmentation fault, ' ' [crash]' "$method /" 'scenarios, 1 finding'
        no_err 'cannot be built'
        set -- saved/crash-????????.http
        run 1 min --set method=$method "$stacks/dies_of_plain.so" "$1"
        out "$method /"
        run 1 show --set method=$method "$stacks/dies_of_plain.so" "$1"
        out '! Segmentation fault in layer page'
        run 0 emit-c --set method=$method "$stacks/dies_of_plain.so" "$1"
        out ".method = \"$method\", .target = \"/\""
    done
    run 1 fuzz --quiet --runs 1 --seed 1 "$stacks/dies_of_plain.so"
    out 'POST /' ', 1 finding'
    run 1 fuzz --quiet --runs 1 --seed 1 --set method=GET --set hang=1 "$stacks/dies_of_plain.so"
    out 'error: no end after 10 s' 'GET /' ', 1 finding'
}

# What does not die is learnt from, before and behind it.
a_crash_at_a_plain_request_ends_the_program() {
    compiled plain -DSETTINGS='{"method", "POST"}' "$sources/dies_of_plain.c"
    ended 0 ./plain --dict
    out '"X-Learnt"'
    no_out '"X-Not-Learnt"'
    printf 'GET /\n' >get.http
    rm -rf saved
    RIG_FUZZ_SAVE=saved ended crash ./plain get.http
    err 'this plain request has ended' 'once more [crash]:' 'POST /' "  kept as $(echo saved/crash-????????.http)"
    [ "$(cat saved/crash-????????.http)" = "$(printf '# @escapes on\nPOST /\n\na=1')" ] || complain 'not saved'
    ended crash ./plain get.http
    err 'POST /' '  RIG_FUZZ_SAVE=FOLDER keeps it'
    no_err 'libFuzzer' 'kept as'
    : >taken
    RIG_FUZZ_SAVE=taken/saved ended 2 ./plain get.http
    compiled other -DSETTINGS='{"method", "PUT"}' "$sources/dies_of_plain.c"
    ended 0 ./other get.http
    no_err 'once more'
}

# ends.c: the path says how a layer ends the process, or a child that it has started; HOW does it in build.
ends_source() {
    cat >ends.c <<'C'
#define _DEFAULT_SOURCE
#include <stackrig/fuzz.h>
#include <stackrig/stackrig.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(const char *how)
{
    if (strcmp(how, "/exit") == 0) {
        exit(0);
    } else if (strcmp(how, "/_exit") == 0) {
        _exit(0);
    } else if (strcmp(how, "/_Exit") == 0) {
        _Exit(3);
    }
}

static int leaver_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const char *path = rig_env_get(env, "PATH_INFO");
    (void)self;
    if (strncmp(path, "/child", 6) == 0) {
        pid_t child = fork();
        if (child == 0) {
            end(path + 6);
        }
        (void)waitpid(child, NULL, 0);
    }
    if (strncmp(path, "/vfork", 6) == 0) { /* as of a helper that is not installed */
        pid_t child = vfork();
        if (child == 0) {
            (void)execl("/nonexistent", "nonexistent", (char *)NULL);
            _exit(127);
        }
        (void)waitpid(child, NULL, 0);
        end(path + 6);
    }
    end(path);
    return rig_next(next, env, res);
}

static int page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 204);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    static const struct rig_middleware leaver = {.name = "leaver", .call = leaver_call};
    (void)setup;
#ifdef HOW
    end(HOW);
#endif
    int error = rig_use(stack, &leaver, NULL);
    return error ? error : rig_run(stack, RIG_APP(page));
}
RIG_FUZZ(build);
C
}

# It would end as if nothing was found.
a_layer_that_ends_the_program_is_a_finding() {
    local how status
    ends_source
    compiled ends ends.c
    rm -f children.http
    printf 'GET /\n' >a.http
    cp a.http last.http
    for how in exit _exit _Exit; do
        printf 'GET /\n\n###\nGET /%s\n' $how >$how.http
        printf 'GET /child/%s\n' $how >>children.http
        printf '\n###\n' >>children.http
        status=$([ $how = _Exit ] && echo 3 || echo 0)
        rm -rf saved
        RIG_FUZZ_SAVE=saved ended crash ./ends a.http $how.http last.http
        err "$how.http" "error: the process ended itself with exit status $status [crash]" '  layer leaver' \
            '  in request 2 of this scenario:' "GET /$how"
        no_err 'last.http' ' inputs' 'never armed'
        holds "$(echo saved/crash-????????.http)" "GET /$how"
    done
    printf 'GET /fine\n' >>children.http
    ended 0 ./ends children.http # whose children may end as they like
    err '1 inputs'
    no_err 'ended itself'
    printf 'GET /vfork/exit\n' >vfork.http # a child that shares the memory of its parent takes nothing from it
    ended crash ./ends vfork.http
    err 'error: the process ended itself with exit status 0 [crash]' '  layer leaver' 'GET /vfork/exit'
}

a_build_that_ends_the_program_is_no_run() {
    local how
    ends_source
    printf 'GET /\n' >a.http
    for how in exit _exit _Exit; do
        compiled ends -DHOW="\"/$how\"" ends.c
        for arguments in a.http --table --dict '--encode bytes a.http' '--decode texts a.http'; do
            # shellcheck disable=SC2086 # arguments are words
            ended 2 ./ends $arguments
            err "stackrig: the stack cannot be built: the process ended itself with exit status $([ $how = _Exit ] && echo 3 || echo 0)"
            silent out
        done
    done
}

# libFuzzer itself says of exit() alone that it was called, of which layer it does not, and of _exit() nothing.
a_fuzzer_tells_the_layer_that_ends_it() {
    local how
    compgen -G '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a' >/dev/null || unable='there is no libFuzzer'
    needs clang || return 0
    [ -z "${EXTRA:-}" ] || unable='the library is made for another compiler'
    [ -z "$unable" ] || return 0
    ends_source
    clang -std=c11 -fsanitize=fuzzer,address -I"$top/harness/include" -I"$top/mocks/include" -I"$top/fuzz/include" ends.c \
        "$built/lib/libstackrig-fuzz.a" "$built/lib/libstackrig.a" -o fuzzer >out 2>err || complain 'it does not compile'
    printf '# @escapes on\nGET /child/exit\n\n###\nGET /child/_exit\n' >children.http
    ended 0 ./fuzzer children.http
    err 'Executed children.http' ' scenarios, '
    clang -std=c11 -fsanitize=fuzzer,address -I"$top/harness/include" -I"$top/mocks/include" -I"$top/fuzz/include" \
        -DSETTINGS='{"method", "POST"}' "$sources/dies_of_plain.c" "$built/lib/libstackrig-fuzz.a" \
        "$built/lib/libstackrig.a" -o plain_fuzzer >out 2>err || complain 'it does not compile'
    ended 77 ./plain_fuzzer -runs=10
    err 'once more [crash]:' 'POST /' '  RIG_FUZZ_SAVE=FOLDER keeps it; libFuzzer keeps another input'
    for how in exit _exit; do
        printf '# @escapes on\nGET /%s\n' $how >$how.http
        rm -f crash-*
        ended 77 ./fuzzer $how.http
        err 'error: the process ended itself with exit status 0 [crash]' '  layer leaver' "GET /$how"
    done
}

# table FOLDER TEXT: what is recorded there
table() { [ "$(cat "$1/.stackrig/table" 2>&1)" = "$2" ] || complain "$1: $(cat "$1/.stackrig/table" 2>&1), wanted $2"; }

# Bytes are of one table: who has another one does not play them, make texts of them or put his own beside them.
bytes_of_another_table_are_not_taken_for_ones_own() {
    local old new folder
    compiled old -DMENDED "$planted"
    sed 's/"HTTP_AUTHORIZATION"/(rig_env_get(env, "HTTP_X_ONE_MORE"), &)/' "$planted" >more.c
    compiled new -DMENDED more.c
    rm -rf bytes around texts
    mkdir around
    old=$(./old --table) new=$(./new --table)
    [ "$old" != "$new" ] || complain 'one table'
    ended 0 ./old --encode bytes "$entered"
    table bytes "$old"
    ended 0 ./old bytes
    err '1 inputs'
    mv bytes around
    for folder in around around/bytes around/bytes/fuzz.app.entered-bcf88080; do
        ended 2 ./new "$folder"
        err "stackrig: around/bytes: its bytes are of table $old, this is $new" '--decode TEXTS around/bytes/*' '--encode NEW'
        no_err ' inputs'
    done
    ended 2 ./new --decode texts around/bytes/fuzz*
    err "of table $old"
    ended 2 ./new --encode around/bytes "$entered"
    err "of table $old"
    table around/bytes "$old"
    cp "$entered" around/bytes
    ended 0 ./new "around/bytes/${entered##*/}" # a text
    cp "$entered" around/bytes/crash-ea4f0123   # one, too
    ended 0 ./new around/bytes/crash-ea4f0123
    ended 0 ./new --decode copied "around/bytes/${entered##*/}" around/bytes/crash-ea4f0123
    cmp -s "copied/${entered##*/}" "$entered" || complain 'a text is decoded'
    cmp -s copied/crash-ea4f0123.http "$entered" || complain 'a text under a name of libFuzzer is decoded'
    ended 0 ./old --decode texts around/bytes/fuzz.app.entered-bcf88080
    ended 0 ./new --encode again texts/*
    table again "$new"
    ended 0 ./new again
    (cd again && ../old fuzz.app.entered-bcf88080 2>../err)
    err "stackrig: .: its bytes are of table $new, this is $old"
    ended 0 ./new --encode around/bytes/anew texts/* # beside others' bytes
    table around/bytes/anew "$new"
    (cd around/bytes && ../../new --encode also "$entered") || complain 'a new folder is of the table of the folder around it'
    table around/bytes/also "$new"
}

# What is there already may be of any table.
a_corpus_that_was_not_new_has_no_table() {
    compiled old -DMENDED "$planted"
    rm -rf bytes
    mkdir bytes
    : >bytes/an_input
    ended 0 ./old --encode bytes "$entered"
    [ ! -e bytes/.stackrig ] || complain 'a table is recorded'
    ended 0 ./old bytes
    rm -rf bytes
    mkdir bytes
    : >bytes/.gitignore
    ended 0 ./old --encode bytes "$entered"
    table bytes "$(./old --table)"
}

# As under libFuzzer, which brings a mutator: it goes on, and its first folder is the one that it writes to.
a_fuzzer_says_so_and_goes_on() {
    fuzz_main_source
    compiled fuzzer -DMENDED "$planted" fuzz_main.c
    rm -rf first second third
    mkdir first second third
    ended 0 ./fuzzer -fork=1 -features_dir=F first
    [ ! -e first/.stackrig ] || complain 'a table is recorded where libFuzzer cleans up'
    ended 0 ./fuzzer -runs=1 first second
    table first "$(./fuzzer --table)"
    [ ! -e second/.stackrig ] || complain 'a table is recorded where nothing is written'
    no_err 'of table'
    mkdir second/.stackrig
    echo 0123456789abcdef >second/.stackrig/table
    ended 0 ./fuzzer -runs=1 third second first
    count err 1 "second: its bytes are of table 0123456789abcdef, this is $(./fuzzer --table)"
    err '; taken as they are'
    ended 0 ./fuzzer -runs=1 second
    table second 0123456789abcdef
    table third "$(./fuzzer --table)"
    : >third/an_input
    rm -r third/.stackrig
    ended 0 ./fuzzer -runs=1 third
    [ ! -e third/.stackrig ] || complain 'a table is recorded of a corpus that was there'
}

# What a verb of the command reads as bytes is of the stack's table, too.
the_command_knows_the_table_of_bytes() {
    printf '#include <stackrig/fuzz.h>\n#include "%s/fine.c"\nRIG_FUZZ(build);\n' "$sources" >fine.c
    compiled fine fine.c
    rm -rf bytes
    ended 0 ./fine --table
    no_out 'layers may print'
    printf 'GET /\n' >a.http
    ended 0 ./fine --encode bytes a.http
    run 0 show "$stacks/fine.so" bytes/a
    run 0 fuzz --runs 1 "$stacks/fine.so" bytes/a
    echo 0123456789abcdef >bytes/.stackrig/table
    for verb in show min emit-c fuzz; do
        run 2 $verb "$stacks/fine.so" bytes/a
        err "bytes: its bytes are of table 0123456789abcdef, this is $(./fine --table)"
    done
}

# As `stackrig check` says it.
a_build_that_fails_is_told_by_its_error() {
    local verb error
    while read -r error told; do
        printf '#include <stackrig/fuzz.h>\n#include <errno.h>\n' >fails.c
        printf 'static int build(struct rig_stack *stack, const struct rig_setup *setup)\n{\n    (void)stack, (void)setup;\n' >>fails.c
        printf '    return %s;\n}\nRIG_FUZZ(build);\n' "$error" >>fails.c
        compiled fails fails.c
        ended 2 ./fails "$entered"
        err "stackrig: the stack's build function returned $told"
    done <<'ERRORS'
-EACCES -13 (EACCES)
-ENOMEM -12 (ENOMEM)
7 7
ERRORS
    printf 'GET /\n' >a.http
    for verb in fuzz show min emit-c check parity trace bisect; do
        set -- a.http
        [ $verb != fuzz ] || set --
        run 2 $verb "$stacks/building.so" "$@"
        err "stackrig: $stacks/building.so: the stack's build function returned -22 (EINVAL)"
    done
    run 2 show --set mode=misuse "$stacks/building.so" a.http
    err "building.c:" 'rig_use was given a NULL' "; the stack's build function returned -22 (EINVAL)"
}

what_cannot_be_fuzzed_is_said() {
    printf '#include "%s/fine.c"\n#include <stackrig/fuzz.h>\nRIG_FUZZ(build, .profiles = {"nginx"});\n' "$sources" >profile.c
    compiled profile profile.c
    ended 2 ./profile "$entered"
    err 'stackrig: there is no profile to fuzz named nginx'
    no_err 'interface'
    printf '#include "%s/fine.c"\n#include <stackrig/fuzz.h>\nRIG_FUZZ(NULL);\n' "$sources" >nothing.c
    compiled nothing nothing.c
    ended 2 ./nothing "$entered"
    err 'stackrig: its RIG_FUZZ names no build function'
    no_err 'interface'
}

every_test_but compiled ended requests table ends_source fuzz_main_source
