#!/usr/bin/env bash
# stackrig check of requests that say whose credentials they carry, and when their client goes away.
. tests/cli/common.sh

# Secrets of this run for the stack, and the request that carries them, or a part of one.
credentials_are_made_for_the_run() {
    printf '### \n# @as valid\n# @expect status 200\nGET /\n###\n# @as prefix\n# @expect status 401\nGET /\n' >a.http
    printf '###\n# @expect status 401\nGET /\n' >>a.http
    run 0 check "$examples/basic_auth/stack_basic_auth.so" a.http
    printf '# @as me\nGET /\n' >a.http
    run 2 check "$examples/basic_auth/stack_basic_auth.so" a.http
    err 'a.http:2: there are no credentials "me"; there are none, valid, '
    { printf '# @as valid bearer\nGET /\n'; seq -f 'X-%g: a' 16; } >a.http
    run 2 check "$examples/basic_auth/stack_basic_auth.so" a.http
    err 'a.http:2: beside credentials a request has fewer than 16 headers'
}

a_client_goes_away() {
    printf '### \n# @disconnect 5\nPOST /api/items\n\nname=pump\n' >a.http
    run 0 check "$examples/early_answer/stack_broken.so" a.http # in the head: the stack never runs
    printf '### \nPOST /api/items\n\nname=pump\n' >a.http
    run 1 check "$examples/early_answer/stack_broken.so" a.http
}

every_test_but
