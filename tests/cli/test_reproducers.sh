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
    if ! ${CC:-cc} -std=c11 -Wall -Wextra -Werror ${EXTRA:-} -I"$top/harness/include" -I"$top/mocks/include" \
        -I"$top/fuzz/include" "$test" "$@" "$built/lib/libstackrig-fuzz.a" "$built/lib/libstackrig.a" -lcmocka \
        -o program >out 2>err; then
        complain "$test does not compile with $1"
        return
    fi
    ./program >out 2>&1
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
    run 0 emit-c --protect members "$stacks/guard_alone.so" open.http
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
    err 'Segmentation fault [crash]'
    cp out smaller.http
    run 0 emit-c "$stacks/crash.so" smaller.http
    out '.target = "/segv"' 'cmocka_unit_test_setup_teardown(crash, '
    run 1 show "$stacks/crash.so" smaller.http
    out '! Segmentation fault'
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

what_is_not_found_is_said() {
    scenario a.http 'GET /'
    run 0 min "$examples/early_answer/stack_mended.so" a.http
    err 'a.http: nothing is found with'
    silent out
    run 2 emit-c "$examples/early_answer/stack_mended.so" a.http
    err 'a.http: nothing is found with'
    silent out
    scenario a.http 'POST /' '' 'a'
    run 0 min --rule env.identity.replaced "$examples/early_answer/stack_broken.so" a.http
    err 'env.identity.replaced is found with'
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

reproducer_options_that_are_wrong() {
    local verb
    for verb in min emit-c; do
        run 2 "$verb" "$stacks/fine.so"
        err 'expected STACK.so FILE'
        run 2 "$verb" --seed few "$stacks/fine.so" a.http
        err '--seed wants a number, not few'
        run 2 "$verb" "$stacks/fine.so" none.http
        err 'cannot read none.http'
        run 2 "$verb" "$stacks/no_export.so" a.http
        err 'exports no stack'
    done
    run 2 show
    err 'expected [STACK.so] FILE'
    printf 'no request\n' >a.http
    run 2 show a.http
    err 'a.http:1:'
}

every_test_but scenario emitted example
