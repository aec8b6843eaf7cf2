#!/usr/bin/env bash
# stackrig check: operands, options and files that are wrong.
. tests/cli/common.sh

check_operands() {
    run 2 check
    err "a stack's shared object is missing" 'stackrig check --help'
    run 2 check "$stacks/fine.so"
    err 'a file with requests is missing'
}

option_values() {
    local bad
    requests a.http /a
    run 2 check --server nginx9 "$stacks/fine.so" a.http
    err 'no server profile is called nginx9; is it nginx?'
    run 2 check --server another "$stacks/fine.so" a.http
    err 'no server profile is called another' '`stackrig servers`'
    for bad in abc 0 -1 1x '' nan inf 1e9; do
        run 2 check "--timeout=$bad" "$stacks/fine.so" a.http
        err '--timeout wants seconds'
    done
    run 2 check --fail-on fatal "$stacks/fine.so" a.http
    err '--fail-on wants note, warning or error, not fatal'
    run 2 check --require-armed no.such.rule "$stacks/fine.so" a.http
    err 'no rule is called no.such.rule'
    run 2 check --set password "$stacks/fine.so" a.http
    err '--set wants key=value'
    run 2 check --set =hunter2 "$stacks/fine.so" a.http
    err '--set wants key=value'
    no_err hunter2
    run 2 check --set a=hunter2 --set a=hunter3 "$stacks/fine.so" a.http
    err '--set a was given twice'
    no_err hunter
    printf '### \nGET /a HTTP/1.1\n\n### \n# @server nowhere\nGET /b HTTP/1.1\n' >server.http
    run 2 check --filter /b "$stacks/fine.so" server.http
    err 'server.http:6: no server profile is called nowhere'
    run 2 check --filter nothing-like-it "$stacks/fine.so" a.http
    err "no request's name holds nothing-like-it"
    run 2 check --filter '' "$stacks/fine.so" a.http
    err '--filter wants'
    run 2 check --filter /a --filter /b "$stacks/fine.so" a.http
    err '--filter is given twice'
}

a_request_without_host() {
    printf '###\n# @host off\n# @expect status 400\nGET /a HTTP/1.1\n\n###\n# @host off\n# @expect status 200\nGET /b HTTP/1.0\n' >a.http
    run 0 check "$stacks/fine.so" a.http
    out 'HTTP/1.1 without Host' 'expectations: 2, failed: 0'
    printf '###\n# @host off\n# @expect status 200\nGET /a HTTP/1.1\n\n###\n# @host off\n# @server nginx+plain\n# @expect status 200\nGET /b HTTP/1.0\n' >a.http
    run 0 check --server direct+microhttpd "$stacks/fine.so" a.http
    out 'expectations: 2, failed: 0'
    printf '###\n# @host off\n# @expect status 400\nGET /b HTTP/1.1\n' >a.http
    run 0 check --server nginx+plain "$stacks/fine.so" a.http
    out 'refused by nginx'
    printf '###\n# @host off\nGET /a HTTP/1.1\nhost: a\n' >b.http
    run 2 check "$stacks/fine.so" b.http
    err 'b.http:4:1: expected no Host with # @host off'
}

stacks_that_are_none() {
    requests a.http /a
    run 2 check ./missing.so a.http
    err 'cannot read ./missing.so: No such file'
    run 2 check a.http a.http
    err './a.http is not a shared object'
    run 2 check . a.http
    err 'not a shared object'
    echo 'int main(void) { return 0; }' >stack.c
    run 2 check stack.c a.http
    err './stack.c is not a shared object but its source; build it: cc -shared -fPIC ./stack.c'
    : >empty.so
    run 2 check empty.so a.http
    err './empty.so is not a shared object'
    printf '\177ELF and nothing more' >short.so
    run 2 check short.so a.http
    err 'cannot load the stack: ./short.so'
    run 2 check "$stacks/no_export.so" a.http
    err 'no_export.so exports no stack' 'RIG_EXPORT(build);'
    run 2 check "$stacks/other_abi.so" a.http
    err 'other_abi.so was built for ABI 42, this stackrig has ABI 1'
    run 2 check "$stacks/no_build.so" a.http
    err 'without a build function'
    silent out
}

stack_that_does_not_resolve() {
    requests a.http /a
    run 2 check "$stacks/unresolved.so" a.http
    err 'cannot load the stack' 'nobody_has_this'
}

unreadable_files() {
    requests a.http /a
    run 2 check "$stacks/fine.so" a.http missing.http
    err 'cannot read missing.http'
    printf '### \nGET /a HTTP/1.1\nbad header\n' >bad.http
    run 2 check "$stacks/fine.so" bad.http
    err 'bad.http:3:1: expected'
    printf '### \n# @server nowhere\nGET /a HTTP/1.1\n' >server.http
    run 2 check "$stacks/fine.so" server.http
    err 'server.http:' 'nowhere'
    silent out
}

build_that_fails() {
    requests a.http /a
    run 2 check "$stacks/building.so" a.http
    err "building.so: the stack's build function returned -22 (EINVAL)"
    run 2 check --set mode=misuse "$stacks/building.so" a.http
    grep -qE 'building\.so: [^ ]*building\.c:[0-9]+: rig_use was given a NULL .*; the stack.s build function returned -22' err ||
        complain 'no place'
    run 1 check --set mode=crash "$stacks/building.so" a.http
    out 'building.so: error: SIGSEGV while the stack was built [crash]' 'not run: 1 of 1'
    run 1 check --set mode=hang --timeout 0.3 "$stacks/building.so" a.http
    out 'error: no end after 0.3 s while the stack was built [hang]'
    run 1 check "$stacks/constructor.so" a.http
    out 'error: SIGSEGV while the stack was loaded [crash]'
    run 1 check --server http1 --server memory --set mode=destroy "$stacks/building.so" a.http
    out 'SIGILL while the stack was freed [crash]' 'crashed or hung: 2'
    no_out 'not run'
    requests a.http /a /b
    run 1 check --set mode=warm_up "$stacks/building.so" a.http
    out 'building.c:' '[input.early_answer.unread]' '[usage.stack.warm_up]' 'findings: 1 error,'
}

every_test
