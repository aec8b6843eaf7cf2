#!/usr/bin/env bash
# stackrig fuzz.
. tests/cli/common.sh

the_same_seed_says_the_same() {
    run 1 fuzz --runs 3000 --seed 5 "$examples/early_answer/stack_broken.so"
    cp out first
    run 1 fuzz --runs 3000 --seed 5 "$examples/early_answer/stack_broken.so"
    cmp -s out first || complain 'not the same'
    out 'seed 5' '[input.early_answer.unread]' '  layer authentication' 'armed: fuzz.answer.varies, ' \
        'never armed: fuzz.app.entered' '3000 scenarios, '
}

what_is_found_is_saved_and_found_again() {
    mkdir -p saved
    run 1 fuzz --runs 3000 --seed 5 --save saved "$examples/early_answer/stack_broken.so"
    set -- saved/input.early_answer.unread-????????.http
    [ -e "$1" ] || complain 'no reproducer'
    run 1 check "$examples/early_answer/stack_broken.so" "$1"
    out '[input.early_answer.unread]'
    run 1 fuzz --runs 1 --seed 1 "$examples/early_answer/stack_broken.so" "$1" # as a seed alone
    out '[input.early_answer.unread]'
    run 2 fuzz --runs 3000 --seed 5 --save nowhere "$examples/early_answer/stack_broken.so"
    err 'cannot write nowhere/'
}

# What they do leave: a body that HEAD's answer has, and in basic_auth's app one that a GET has.
mended_examples_when_fuzzed() {
    run 0 fuzz --runs 20000 --seed 5 "$examples/early_answer/stack_mended.so"
    out '20000 scenarios, 0 findings'
    run 0 fuzz --runs 20000 --seed 5 --ignore response.head.body_forbidden "$examples/truncated_body/stack_mended.so"
    out '20000 scenarios, 0 findings'
    run 0 fuzz --runs 20000 --seed 5 --protect members --ignore response.head.body_forbidden \
        --ignore 'input.early_answer.*' "$examples/basic_auth/stack_basic_auth.so"
    out 'armed: fuzz.app.entered, ' 'the stack was built ' '20000 scenarios, 0 findings'
}

a_crash_is_a_finding_and_the_rest_goes_on() {
    printf '### \nGET /segv\n' >a.http
    mkdir -p saved
    run 1 fuzz --runs 200 --seed 5 --save saved "$stacks/crash.so" a.http
    out 'error: Segmentation fault [crash]' '# @escapes on' 'GET /segv' '200 scenarios, '
    set -- saved/crash-????????.http
    [ -e "$1" ] || complain 'no reproducer of the crash'
}

fuzz_options_that_are_wrong() {
    run 2 fuzz
    err 'expected a stack'
    run 2 fuzz --runs few "$stacks/fine.so"
    err '--runs wants a number, not few'
    run 2 fuzz --ignore nonsense "$stacks/fine.so"
    err '--ignore wants a rule'
    run 2 fuzz --server apache "$stacks/fine.so"
    err 'there is no profile to fuzz named apache'
    run 2 fuzz "$stacks/no_export.so"
    err 'exports no stack'
    printf 'no request\n' >a.http
    run 2 fuzz "$stacks/fine.so" a.http
    err 'a.http:1:'
    run 2 fuzz "$stacks/fine.so" none.http
    err 'cannot read none.http'
}

every_test_but
