#!/usr/bin/env bash
# stackrig check --faults.
. tests/cli/common.sh

posts() { # posts FILE TARGET...: one POST each
    local file=$1 target
    shift
    for target; do
        printf '### \nPOST %s HTTP/1.1\nHost: example.org\n\nname=lamp\n\n' "$target"
    done >"$file"
}

faults_show_what_no_request_does() {
    local broken=$examples/truncated_body/stack_broken.so
    run 0 check "$broken" "$requests_of/truncated_body/requests.http"
    no_out 'with faults'
    run 1 check --faults "$broken" "$requests_of/truncated_body/requests.http"
    count out 1 '[input.truncated.accepted]'
    out 'stack_broken.c:19: error: uploads answered 201 though it had not got all of the body' 'the first with eintr at read 1' \
        'requests.http:4: an upload' 'findings: 1 error' 'expectations: 1, failed: 0'
    grep -qE '^with faults: [0-9]{3,} requests; of [0-9]{2,} faults [0-9]+ unharmed, [0-9]+ answered 4xx or 5xx, .* [1-9][0-9]* lied, 0 spoiled$' out ||
        complain 'what came of the faults is not told'
    run 0 check --faults "$broken" "$requests_of/truncated_body/broken.http"
    out 'error (expected): uploads answered 201'
    run 1 check "$broken" "$requests_of/truncated_body/broken.http"
    out 'expected finding input.truncated.accepted, there was none'
}

mended_examples_are_silent_under_faults() {
    local stack
    for stack in early_answer/stack_mended copied_env/stack_mended basic_auth/stack_basic_auth truncated_body/stack_mended; do
        run 0 check --faults --fail-on note --set "credentials=$requests_of/basic_auth/users.txt" "$examples/$stack.so" \
            "$requests_of/${stack%/*}/requests.http"
        out 'with faults: ' 'findings: 0 errors, 0 warnings, 0 notes'
    done
}

a_request_has_its_own_fault() {
    local broken=$examples/truncated_body/stack_broken.so
    printf '# @fault read 1 EIO\n# @expect finding input.truncated.accepted\n# @expect status 201\n' >a.http
    printf 'POST /upload HTTP/1.1\nHost: a\n\nabc\n' >>a.http
    run 0 check --server http1 --server nginx+plain "$broken" a.http
    out 'its read failed here with -5 (the connection broke) after 0 bytes' 'expectations: 2, failed: 0'
    sed -i 1d a.http
    run 1 check --server http1 "$broken" a.http
    out 'expected finding input.truncated.accepted, there was none'
    printf '# @name a\n# @fault read 1 EIO\nGET / HTTP/1.1\nHost: a\n' >a.http
    run 2 check "$broken" a.http
    err 'a.http:2:1: expected a request with a body for @fault to read'
}

a_crash_with_a_fault_names_it() {
    posts a.http /crash /lie /fine
    run 1 check --server http1 --faults "$stacks/fragile.so" a.http
    out 'SIGSEGV in layer fragile, with eintr at read 1 [crash]' 'a.http:2: POST /crash' 'crashed or hung: 20' \
        'in 20 runs, of which this is the first' ', 20 of which crashed or hung; of ' \
        'warning: fragile had a read fail' '[input.error.swallowed]' 'a.http:8: POST /lie'
    no_out 'POST /fine' 'not run' 'not tried'
    count out 1 '[crash]'
}

# What was found with the faults before it is kept, and those after it are tried.
a_crash_with_a_fault_loses_nothing() {
    posts a.http /lie-or-crash /fine
    run 1 check --server http1 --faults "$stacks/fragile.so" a.http
    out 'SIGSEGV in layer fragile, with error at read 1 [crash]' 'fragile had a read fail with -4 (interrupted)' \
        'in 16 runs, the first with eintr at read 1' '[input.error.swallowed]' ', 4 of which crashed or hung; of '
    no_out 'not run' 'not tried'
}

# A stack that falls down whatever is left out is left at that, not for ever, and that is said.
a_stack_that_always_crashes() {
    posts a.http /lie-until-tired /crash
    run 1 check --server http1 --faults "$stacks/fragile.so" a.http
    out 'in 53 runs, of which this is the first' '[input.error.swallowed]' 'POST /crash' 'in 2 runs, the first with eintr' \
        'not tried with faults: 1, first a.http:2 (not all: it crashed or hung too often, or without a fault)'
    no_out 'not run'
}

a_hang_with_a_fault_names_it() {
    posts a.http /wait /fine
    run 1 check --server http1 --timeout 0.5 --faults "$stacks/fragile.so" a.http
    out 'no end after 0.5 s in layer fragile, with eintr at read 1 [hang]' 'crashed or hung: 5' \
        'not tried with faults: 1, first a.http:2 (not all'
    no_out 'not run'
}

every_test_but posts
