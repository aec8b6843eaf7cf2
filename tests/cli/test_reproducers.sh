#!/usr/bin/env bash
# stackrig show, min and emit-c: what becomes of a scenario that the fuzzer saved.
. tests/cli/common.sh

top=$here/../..
planted=$top/tests/fuzz/targets/planted.c

# scenario FILE LINE...: its lines
scenario() {
    local file=$1
    shift
    printf '%s\n' "$@" >"$file"
}

# emitted STATUS TEST.c SOURCE...: it is compiled as it is, with these, and ends with that status
emitted() {
    local status=$1 test=$2 got
    shift 2
    # shellcheck disable=SC2086 # flags are words
    if ! ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror ${EXTRA:-} -I"$top/harness/include" -I"$top/mocks/include" \
        -I"$top/fuzz/include" "$test" "$@" "$built/lib/libstackrig-fuzz.a" "$built/lib/libstackrig.a" -lcmocka \
        -o program >out 2>err; then
        complain "$test does not compile with $1"
        return
    fi
    timeout 60 ./program >out 2>&1
    got=$?
    [ "$got" -eq "$status" ] || complain "status $got, wanted $status: $test with $1"
}

# example NAME FILE.http: found, shrunk, and as a test red with the broken stack and green with the mended
example() {
    local stack=$examples/$1/stack_broken.so folder=$requests_of/$1 sources
    sources=$(find "$folder" -name '*.c' ! -name 'stack_*' ! -name 'test_*')
    run 1 min "$stack" "$2"
    cp out smaller.http
    run 0 emit-c "$stack" smaller.http
    cp out emitted.c
    # shellcheck disable=SC2086 # paths without blanks
    emitted 1 emitted.c "$folder/stack_broken.c" $sources
    # shellcheck disable=SC2086
    emitted 0 emitted.c "$folder/stack_mended.c" $sources
}

a_finding_becomes_a_test_red_until_it_is_mended() {
    mkdir -p found
    run 1 fuzz --runs 3000 --seed 5 --save found "$examples/early_answer/stack_broken.so"
    set -- found/input.early_answer.unread-????????.http
    [ -e "$1" ] || complain 'no reproducer'
    example early_answer "$1"
    set -- found/input.early_answer.misdirected-????????.http
    [ -e "$1" ] || complain 'no reproducer of two requests'
    example early_answer "$1"
}

another_example_as_a_test() {
    scenario env.identity.replaced-0.http 'GET /items/13' 'X-Api-Version: "?\x01"'
    example copied_env env.identity.replaced-0.http
}

an_oracle_as_a_test() {
    scenario open.http '# @as valid bearer' 'GET /' 'X-A: 1' '' '###' 'GET /'
    run 1 min "$stacks/guard.so" open.http
    no_out 'X-A'
    err 'members was entered' '[fuzz.app.entered]'
    run 0 emit-c "$stacks/guard.so" open.http
    out 'rig_fuzz_replay(&rig_fuzz_target, ' '"GET /\n"'
    cp out emitted.c
    emitted 1 emitted.c "$planted"
    emitted 0 emitted.c -DMENDED "$planted"
    run 0 emit-c --set a=b "$stacks/guard.so" open.http
    out 'what = rig_fuzz_target;' 'what.settings[0] = (struct rig_field){"a", "b"};'
    cp out emitted.c
    emitted 1 emitted.c "$planted"
    run 0 emit-c --set a=b --protect members "$stacks/guard_alone.so" open.http
    out '.protect = {"members"}' '&what'
    cp out emitted.c
    emitted 1 emitted.c -DALONE "$planted"
    emitted 0 emitted.c -DALONE -DMENDED "$planted"
}

a_crash_is_shrunk_and_becomes_a_test() {
    scenario crash.http 'POST /segv' 'X-A: 1' '' 'a=1' '' '###' 'GET /'
    run 1 min "$stacks/crash.so" crash.http
    out 'GET /segv'
    no_out 'X-A' '###'
    err 'Segmentation fault in layer victim, in a call from crash.so(+0x' ' names the line [crash]'
    cp out smaller.http
    run 0 emit-c "$stacks/crash.so" smaller.http
    out '.target = "/segv"' 'cmocka_unit_test_setup_teardown(crash, '
    run 1 show "$stacks/crash.so" smaller.http
    out '! Segmentation fault in layer victim, in a call from crash.so(+0x'
}

# Of a text, and of bytes, as libFuzzer keeps what has crashed.
what_crashes_is_shown_before_its_crash() {
    scenario crash.http 'POST /segv' 'Authorization: Bearer s3cr3t' '' 'a=1' '' '###' 'GET /'
    run 1 show "$stacks/crash.so" crash.http
    out 'POST /segv' 'Authorization: ' 'a=1' '###' 'GET /'
    no_out s3cr3t
    tail -n 1 out | grep -q '^! Segmentation fault in layer victim' || complain 'the crash is not the end'
    : >crash-plain
    run 1 show --set method=GET "$stacks/dies_of_plain.so" crash-plain
    out 'GET /' '! Segmentation fault in layer page'
}

# A fuzzer keeps a text under a name of its own, and no name of a file is wanted to know one.
a_text_is_known_by_its_first_line() {
    scenario crash-ea4f0123 '# @escapes on' '# @credential cookie=sid' 'GET /segv' 'X-A: 1'
    run 0 show crash-ea4f0123
    out '# @credential cookie=sid' 'GET /segv' 'X-A: 1'
    run 1 show "$stacks/crash.so" crash-ea4f0123
    out 'GET /segv' '! Segmentation fault'
    run 1 min "$stacks/crash.so" crash-ea4f0123
    out '# @credential cookie=sid' 'GET /segv'
    err 'Segmentation fault'
    run 0 emit-c "$stacks/crash.so" crash-ea4f0123
    out '.target = "/segv"'
    run 1 fuzz --runs 1 --quiet "$stacks/crash.so" crash-ea4f0123
    out 'GET /segv' '[crash]'
}

# whatever the status with which a layer ends the process, the test does not pass
an_exit_becomes_a_test() {
    printf '#include <unistd.h>\n#include <stdlib.h>\n#include <stackrig/stackrig.h>\n%s\n%s\n%s\n' \
        'static int app(void *self, struct rig_env *env, struct rig_response *res) { (void)self, (void)env; END; return rig_respond(res, .status = 204); }' \
        'static int build(struct rig_stack *stack, const struct rig_setup *setup) { (void)setup; return rig_run(stack, RIG_APP(app)); }' \
        'RIG_EXPORT(build);' >ends.c
    scenario exit.http 'GET /exit_clean'
    run 0 emit-c "$stacks/crash.so" exit.http
    out '_exit(77);'
    cp out emitted.c
    emitted 1 emitted.c '-DEND=exit(0)' ends.c
    emitted 1 emitted.c '-DEND=_exit(0)' ends.c
    emitted 0 emitted.c '-DEND=(void)0' ends.c
    # what cmocka takes for no failure, as a signal of abort()
    scenario abort.http 'GET /abort'
    run 0 emit-c "$stacks/crash.so" abort.http
    out ' crash(void **state)'
    cp out emitted.c
    emitted 1 emitted.c '-DEND=abort()' ends.c
    out 'it was ended by a signal'
    emitted 0 emitted.c '-DEND=(void)0' ends.c
}

a_hang_becomes_a_test_with_an_end() {
    cat >hangs.c <<'C'
#include <stackrig/stackrig.h>
static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    volatile bool waits = HANGS && rig_env_get(env, "HTTP_X_A");
    while (waits) {
    }
    return rig_respond(res, .status = 204);
}
static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(app));
}
RIG_EXPORT(build);
C
    ${CC:-cc} ${EXTRA:-} -DHANGS=1 -shared -fPIC -I"$top/harness/include" -I"$top/mocks/include" hangs.c -o hangs.so -L"$built/lib" -lstackrig
    scenario hang.http 'GET /' 'X-A: 1'
    run 0 emit-c "./hangs.so" hang.http
    out '/* hang: fails until' ' hang(void **state)'
    cp out emitted.c
    EXTRA="${EXTRA:-} -Wpedantic -Wshadow -Wconversion" emitted 1 emitted.c -DHANGS=1 hangs.c
    out 'no end after 10 s'
    emitted 0 emitted.c -DHANGS=0 hangs.c
}

# Without X-Deep another layer crashes, without X-Far the same at another place.
a_crash_is_shrunk_in_its_layer_and_place() {
    scenario crash.http 'GET /deep' 'X-A: 1' 'X-Far: 1' 'X-Deep: 1'
    run 1 min "$stacks/two_crashes.so" crash.http
    out 'X-Deep:' 'X-Far:'
    no_out 'X-A'
    err 'in layer lower'
    scenario crash.http 'GET /deep' 'X-A: 1' 'X-Deep: 1'
    run 1 min "$stacks/two_crashes.so" crash.http
    out 'X-Deep:'
    no_out 'X-A'
}

options_count_beside_what_the_stack_says() {
    scenario open.http '# @as valid bearer' 'GET /' '' '###' 'GET /'
    run 1 show "$stacks/guard.so" open.http
    out '[fuzz.app.entered]'
    run 0 show --ignore fuzz.app.entered --ignore 'fuzz.answer.*' "$stacks/guard.so" open.http
    run 0 show --ignore 'fuzz.* /' "$stacks/guard.so" open.http
    run 1 show --ignore 'fuzz.* /a' "$stacks/guard.so" open.http
    run 2 show --ignore 'fuzz.* a' "$stacks/guard.so" open.http
    err '--ignore wants a rule'
    run 0 emit-c --credential cookie=sid "$stacks/guard.so" open.http
    out 'struct rig_fuzz what = rig_fuzz_target;' 'what.credential_cookie = "sid";' '&what'
    no_out 'what.credential_header'
    run 0 emit-c --protect others "$stacks/guard.so" open.http
    out 'struct rig_fuzz what = rig_fuzz_target;' 'what.protect[1] = "others";' '&what'
}

check_plays_reproducers_of_fuzzing_again() {
    local name=fuzz.app.entered-01234567.http
    scenario "$name" '# @as valid bearer' 'GET /' '' '###' 'GET /'
    cp "$name" other.http
    cp "$name" fuzz.head.differs-01234567.http
    run 1 check --json r.json --junit r.xml --sarif r.sarif "$stacks/guard.so" "$name" other.http
    holds r.json '"rule": "fuzz.app.entered"' '"outcome": "failed"' '"status": 1'
    holds r.sarif '"ruleId": "fuzz.app.entered"'
    holds r.xml 'fuzz.app.entered is found again'
    err "$name: found again" 'members was entered' '[fuzz.app.entered]'
    no_err 'other.http'
    run 1 check "$stacks/guard.so" "$name"
    out 'findings: 1 error, ' "of these with all oracles of fuzzing: 1, first $name [fuzz.app.entered]"
    run 0 check "$stacks/guard.so" fuzz.head.differs-01234567.http other.http
    no_err 'found again'
    out 'findings: 0 errors, '
    no_out 'oracles of fuzzing'
    run 0 check "$stacks/guard_alone.so" "$name"
    err "$name: no app is protected" 'stackrig show --protect APP '
    run 2 min "$stacks/guard_alone.so" "$name"
    err "$name: fuzz.app.entered is not found with " ' (--rule takes it); no app is protected: --protect APP names one'
    run 2 emit-c "$stacks/guard_alone.so" "$name"
    err '; no app is protected: --protect APP names one'
    run 1 min --protect members "$stacks/guard_alone.so" "$name"
    no_err 'no app is protected'
    run 1 check "$stacks/guard_modelled.so" "$name"
    err "$name: found again" '[fuzz.app.entered]'
    no_err 'no app is protected'
    run 0 emit-c "$stacks/guard_modelled.so" "$name"
    out 'rig_fuzz_replay(&rig_fuzz_target, '
}

what_hangs_ends() {
    scenario a.http 'GET /' 'X-A: 1' 'X-Debug: 1'
    run 1 min "$stacks/hang_when_shrunk.so" a.http
    out 'X-A: 1' 'X-Debug:'
    err 'while the scenario is shrunk: no end after 10 s in layer app, in hang_when_shrunk.so(+0x'
    HANG_BUILT=1 run 2 emit-c "$stacks/hang_when_shrunk.so" a.http
    err 'the stack cannot be built: no end after 10 s'
}

a_stack_that_dies_before_a_scenario_is_wrong_input() {
    local verb
    scenario a.http 'GET /'
    for verb in show min emit-c fuzz; do
        run 2 $verb --set mode=crash "$stacks/building.so" a.http
        err 'the stack cannot be built: Segmentation fault'
        run 2 $verb --set mode=destroy "$stacks/building.so" a.http
        err 'the stack was built, but no scenario is reached: Illegal instruction'
    done
}

# Its scenario takes more than 10 s, of which no play takes one.
a_slow_layer_does_not_hang() {
    local i
    SECONDS=0
    for i in 1 2 3 4; do printf '### \nPOST /login\nX-A: 1\nX-B: 1\n\na=1\n'; done >login.http
    run 0 show "$stacks/slow.so" login.http
    [ $SECONDS -gt 10 ] || complain "it took no more than $SECONDS s"
    no_out 'no end after'
}

show_prints_the_transcript() {
    scenario a.http 'POST /api/items' 'X-A: 1' '' 'name=lamp'
    run 0 show a.http
    out '# @escapes on' 'POST /api/items' 'name=lamp'
    printf '\001' >corpus
    run 0 show corpus
    out 'POST /'
    run 1 show "$examples/early_answer/stack_broken.so" a.http
    out '### 1 of 1' '  > authentication, answered 401' '= 401, 0 body bytes; delivered; the connection is out of step' \
        '[input.early_answer.unread]'
    run 0 show "$examples/early_answer/stack_mended.so" a.http
    out 'drained 9 bytes'
}

# Of a request that a layer makes a finding of: under names that are always secrets, and under others.
secret_requests() {
    printf '### \nPOST /leak?ticket=hunter2hunter2&token=visible1\nAuthorization: Bearer abcdef123456\nX-Internal: zyxwvut987\nCookie: sid=s3cr3ts3cr3t\nX-Copy: zyxwvut987\n\nx_ticket=correcthorse&a=b\n' >secret.http
    secrets=(hunter2 visible1 abcdef zyxwv s3cr3t correcth)
    names=(--mask ticket --mask X-Ticket --mask http_x_internal)
}

# What is shown has none, what is to be run again has what it was given, and a valid secret of the run is in neither.
secrets_of_a_scenario() {
    local secrets names file
    secret_requests
    rm -rf saved
    mkdir -p saved
    run 1 fuzz --runs 1 --seed 1 "${names[@]}" --format text --save saved --json r.json --sarif r.sarif --junit r.xml \
        --tap r.tap --github r.github "$stacks/findings.so" secret.http
    out 'a header named "Bearer ****"' 'Authorization: Bearer ****'
    for file in out err r.json r.sarif r.xml r.tap r.github; do
        lacks "$file" "${secrets[@]}"
    done
    holds r.json '"scenario": ' 'Authorization: Bearer ****'
    set -- saved/response.header_name.token-????????.http
    holds "$1" 'Authorization: Bearer abcdef123456'
    run 1 check --server http1 "$stacks/findings.so" "$1"
    out '[response.header_name.token]'
    run 1 show "${names[@]}" "$stacks/findings.so" secret.http
    out 'POST /leak?ticket=****&token=****' 'Authorization: Bearer ****' 'X-Internal: ****' 'Cookie: sid=****' 'X-Copy: ****' \
        'x_ticket=****&a=b'
    no_out "${secrets[@]}"
    run 0 show "${names[@]}" secret.http
    no_out "${secrets[@]}"
    run 0 show secret.http
    out hunter2hunter2 zyxwvut987 correcthorse
    no_out visible1 abcdef s3cr3t
    printf '# their names\n[project]\nno such = key\n[ masks ]\nname = ticket\n  name=x_ticket\nname = X-Internal\n' >stackrig.conf
    run 0 show secret.http
    no_out "${secrets[@]}"
    printf '[masks]\nname = a b\n' >stackrig.conf
    run 2 show secret.http
    err 'stackrig.conf:2: name: wants the name'
    rm stackrig.conf
    run 1 min "${names[@]}" "$stacks/findings.so" secret.http
    out 'Authorization: Bearer abcdef123456'
    err 'a header named "Bearer ****"'
    no_err "${secrets[@]}"
    run 0 emit-c "${names[@]}" "$stacks/findings.so" secret.http
    out '{"Authorization", "Bearer abcdef123456"}'
    run 2 min --mask : "$stacks/findings.so" secret.http
    err '--mask wants the name'
    # valid ones are made for the run: no reproducer has them
    scenario as.http '# @as valid bearer' 'GET /leak' 'X-A: 1'
    rm -rf saved
    mkdir -p saved
    run 1 fuzz --runs 1 --seed 1 --save saved "$stacks/findings.so" as.http
    out 'a header named "Basic ****"'
    cat saved/*.http >all.http
    holds all.http '# @as valid '
    lacks all.http Authorization
    # nor has what a check says of them, which are made for the run
    run 1 check "$stacks/findings.so" as.http
    out 'a header named "Bearer ****"'
    run 0 trace "$stacks/findings.so" as.http
    out '****'
    no_out 'Bearer a'
}

# What a program of fuzzing says has none either; it keeps the text as it was sent.
secrets_of_a_fuzzers_scenario() {
    local secrets names
    secret_requests
    printf '#include "%s/findings.c"\n#include <stackrig/fuzz.h>\nRIG_FUZZ(build);\n' "$sources" >fuzzed.c
    if ! ${CC:-cc} -std=c11 ${EXTRA:-} -I"$top/harness/include" -I"$top/mocks/include" -I"$top/fuzz/include" fuzzed.c \
        -Wl,-u,LLVMFuzzerTestOneInput "$built/lib/libstackrig-replay.a" "$built/lib/libstackrig-fuzz.a" \
        "$built/lib/libstackrig.a" -o fuzzed >out 2>err; then
        complain 'it does not compile'
        return
    fi
    rm -rf bytes kept
    mkdir bytes
    ./fuzzed --encode bytes secret.http 2>err || complain 'it is not encoded'
    export STACKRIG_MASK=ticket,X-Ticket,http_x_internal
    ./fuzzed bytes >out 2>&1
    out 'a header named "Bearer ****"' 'Authorization: Bearer ****' 'RIG_FUZZ_SAVE=FOLDER keeps it as it was sent'
    no_out "${secrets[@]}"
    RIG_FUZZ_SAVE=kept ./fuzzed bytes >out 2>&1
    out '  as it was sent, with its secrets: kept/response.header_name.token-'
    no_out "${secrets[@]}"
    holds "$(echo kept/*.http)" 'Authorization: Bearer abcdef123456' ticket=hunter2hunter2
    unset STACKRIG_MASK
}

# Nothing is waited for, and why is said.
what_is_no_file_is_no_scenario() {
    local verb
    rm -rf folder pipe
    mkdir folder
    mkfifo pipe
    timeout 5 bash -c ': >pipe' & # who would read it, would come to an end
    run 2 show pipe
    err 'Not a regular file'
    [ -z "$complaints" ] || return
    for verb in show min emit-c 'fuzz --runs 1'; do
        run 2 $verb "$stacks/fine.so" pipe
        err 'stackrig: cannot read pipe: Not a regular file'
        run 2 $verb "$stacks/fine.so" none.http
        err 'stackrig: cannot read none.http: No such file or directory'
        [ "$verb" = 'fuzz --runs 1' ] || run 2 $verb "$stacks/fine.so" folder
        [ "$verb" = 'fuzz --runs 1' ] || err 'stackrig: cannot read folder: Is a directory'
    done
}

a_stack_is_no_scenario() {
    for verb in show 'show --protect a' min emit-c; do
        set -- "$stacks/fine.so"
        [ "$verb" = show ] || set -- "$1" "$1"
        run 2 $verb "$@"
        err 'fine.so is a program or a shared object, not a scenario'
        silent out
    done
    run 2 fuzz --runs 1 "$stacks/fine.so" "$stacks/fine.so"
    err 'fine.so is a program or a shared object, not a scenario'
}

what_is_not_found_is_said() {
    scenario quiet.http 'POST /' '' 'a=1'
    for verb in min emit-c; do
        run 2 $verb --rule foo "$examples/early_answer/stack_broken.so" quiet.http
        err 'no rule is called foo'
        run 2 $verb --rule input.early_answer.unraed "$examples/early_answer/stack_broken.so" quiet.http
        err 'is it input.early_answer.unread'
    done
    run 2 min --rule next.call.twice "$examples/early_answer/stack_broken.so" quiet.http
    err 'quiet.http: next.call.twice is not found with '
    run 2 emit-c --rule next.call.twice "$examples/early_answer/stack_broken.so" quiet.http
    err 'quiet.http: next.call.twice is not found with '
    scenario a.http 'GET /'
    run 0 min "$examples/early_answer/stack_mended.so" a.http
    err 'a.http: nothing is found with'
    silent out
    run 2 emit-c "$examples/early_answer/stack_mended.so" a.http
    err 'a.http: nothing is found with'
    silent out
    scenario a.http 'POST /' '' 'a'
    run 2 min --rule env.identity.replaced "$examples/early_answer/stack_broken.so" a.http
    err "env.identity.replaced is not found with"
}

a_test_is_of_the_rule_that_the_file_is_named_after() {
    scenario two.http '# @connection a' 'POST /' '' 'a=1' '' '###' '# @connection a' 'GET /'
    run 0 emit-c "$examples/early_answer/stack_broken.so" two.http
    out '"input.early_answer.unread"'
    cp two.http input.early_answer.misdirected-00000000.http
    run 0 emit-c "$examples/early_answer/stack_broken.so" input.early_answer.misdirected-00000000.http
    out '"input.early_answer.misdirected"'
    run 0 emit-c --rule input.early_answer.unread "$examples/early_answer/stack_broken.so" \
        input.early_answer.misdirected-00000000.http
    out '"input.early_answer.unread"'
}

# Its method and target are not known: it is a piece of a body.
what_stands_behind_a_request_has_a_name() {
    printf '# @escapes on\n# @connection l\n# @malformed on\nGET /\nTransfer-Encoding: chunked\n\n0;a="b"\\r\\n\\r\n0\\r\\n\\r\\n\n' >behind.http
    run 1 show "$examples/early_answer/stack_broken.so" behind.http
    out ': error: what is sent next got a 400: authentication left the chunks of GET /'
}

# Longer than a string literal of ISO C: -Wpedantic must not tell of it.
a_long_scenario_compiles() {
    printf '# @escapes on\nPOST /\n\n%05000d\n' 0 >long.http
    run 0 emit-c "$examples/early_answer/stack_broken.so" long.http
    cp out long.c
    # shellcheck disable=SC2046 # paths without blanks
    emitted 1 long.c $(find "$requests_of/early_answer" -name '*.c' ! -name 'stack_mended.c' ! -name 'test_*')
    scenario short.http 'POST /' '' 'a=1'
    run 0 emit-c "$examples/early_answer/stack_broken.so" short.http
    no_out pragma
}

# Its build takes the secret that the fuzzer hands over, whoever sends the request.
a_finding_without_credentials_is_run_again_by_check() {
    scenario plain.http 'GET /'
    run 0 check "$stacks/guard.so" plain.http
    run 0 trace "$stacks/guard.so" plain.http
    run 1 check "$stacks/guard_alone.so" plain.http
    out ' while the stack was built [crash]'
    cp plain.http input.body.eaten-0123abcd.http
    run 0 check "$stacks/guard_alone.so" input.body.eaten-0123abcd.http
    run 0 trace "$stacks/guard_alone.so" input.body.eaten-0123abcd.http
    cp plain.http crash-0123abcg.http
    run 1 check "$stacks/guard_alone.so" crash-0123abcg.http
}

reproducer_options_that_are_wrong() {
    local verb
    for verb in min emit-c; do
        run 2 "$verb" "$stacks/fine.so"
        err 'expected STACK.so FILE'
        run 2 "$verb" --seed few "$stacks/fine.so" a.http
        err '--seed wants a number, not few'
        run 2 "$verb" "$stacks/fine.so" none.http
        err 'cannot read none.http: No such file'
        run 2 "$verb" "$stacks/no_export.so" a.http
        err 'exports no stack'
    done
    run 2 show
    err 'expected [STACK.so] FILE'
    printf 'no request\n' >a.http
    run 2 show a.http
    err 'a.http:1:'
}

every_test_but scenario emitted example secret_requests
