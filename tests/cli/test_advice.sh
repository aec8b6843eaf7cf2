#!/usr/bin/env bash
# What the command says of what it found: once, in the words of its reader, and as the README promises.
. tests/cli/common.sh

what_is_no_rule_is_explained() {
    local word
    for word in crash hang refused unhandled @expect; do
        run 0 explain $word
        out "$word: "
    done
}

a_wrong_return_is_told_once() {
    requests a.http /wrong
    run 1 check "$stacks/failing.so" a.http
    out '[usage.return.invalid]' 'findings: 1 error,'
    no_out '[unhandled]'
}

a_stack_without_an_app_is_one_block() {
    requests a.http /a /b /c
    run 1 check --set mode=no_app --server http1 --server memory "$stacks/building.so" a.http
    count out 1 '[usage.stack.no_app]'
    out 'a.http:2: error: stack "stack" has no app' '  a.http:10: GET /c' 'findings: 1 error,'
}

a_limited_drain_is_told_as_that() {
    printf '### \nPOST /limited\n\n123456789\n' >a.http
    run 1 check "$stacks/findings.so" a.http
    out '[input.early_answer.unread]' '  it drained up to its LIMIT: give it more, or answer with Connection: close'
}

advice_is_of_files() {
    printf '### \nGET /a\\x41\n### \nPOST /a\nContent-Length: 3\n\n12345\n' >a.http
    run 1 check "$stacks/fine.so" a.http
    out 'in a file of requests wants # @escapes on; or say # @malformed on to send it' 'or say # @malformed on if that is'
    no_out '.malformed'
}

requests_of_the_readme() {
    sed -n '/^```http$/,/^```$/{/^```/!p}' "$requests_of/../README.md" >a.http
    run 0 check --server http1 --server nginx+plain --server apache+plain "$examples/early_answer/stack_mended.so" a.http
    out '2 requests, ' 'findings: 0 errors, 0 warnings, 0 notes' 'expectations: 1, failed: 0'
    no_out refused
}

a_sanitizer_comes_second() {
    local runtime
    runtime=$(cc -print-file-name=libasan.so)
    case $runtime$(ldd "$bin") in
    /*libasan.so.[0-9]* | [!/]*) return ;; # the command has it already; there is none
    esac
    requests a.http /a
    env -u ASAN_OPTIONS LD_PRELOAD="$runtime" ASAN_OPTIONS=detect_leaks=0 "$bin" check --server http1 --now 978307200 --each-malloc "$stacks/fine.so" a.http >out 2>err
    out 'findings: 0 errors' 'allocations that failed in turn'
    no_err 'ASan runtime'
}

every_test
