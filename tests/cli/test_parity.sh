#!/usr/bin/env bash
# stackrig parity: the same requests in the rig and behind the real libmicrohttpd.
. tests/cli/common.sh

parity() { # parity STATUS TARGET|FILE...
    by_itself "$1" parity "$stacks/served.so" "${@:2}"
}

examples_are_the_same() {
    local example
    for example in early_answer copied_env truncated_body; do
        for stack in "$examples/$example"/stack_*.so; do
            by_itself 0 parity "$stack" "$requests_of/$example"/*.http
            out ', 0 differ between the rig and microhttpd'
        done
    done
    by_itself 0 parity --set "credentials=$requests_of/basic_auth/users.txt" "$examples/basic_auth/stack_basic_auth.so" \
        "$requests_of/basic_auth/requests.http"
    out '17 requests, 0 differ between the rig and microhttpd'
    by_itself 0 parity --filter 'no credentials, with a body' --set "credentials=$requests_of/basic_auth/users.txt" \
        "$examples/basic_auth/stack_basic_auth.so" "$requests_of/basic_auth/requests.http"
    out '1 request, 0 differ'
}

what_a_server_does_as_the_rig() {
    cat >same.http <<'E'
### a body
POST /echo
Content-Type: text/plain

one
two
### in chunks
# @chunks 1,2
POST /echo
Transfer-Encoding: chunked

0123456789
### no body
HEAD /echo
### a stream that breaks off
GET /breaks
### an error that nobody handles
GET /fails
### an answer that leaves the body
POST /early

0123456789
### kept
# @connection one
POST /early

0123456789
###
# @connection one
POST /echo

abc
### a wrong request
# @malformed on
GET /echo HTTP/1.1
Host: a
Host: b

###
GET /echo
Connection: close
E
    parity 0 same.http
    out '10 requests, 0 differ between the rig and microhttpd'
}

what_differs_is_told() {
    requests differs.http /body '/header?token=sesame' /status
    parity 1 differs.http
    out 'differs.http:2: GET /body: body: the rig 6 bytes, microhttpd 6; from byte 5 on they differ: "call 1", "call 2"' \
        ': header: X-Call: the rig "call 3", microhttpd "call 4"' \
        ': header: X-Bad: the rig "a\x0d\x0ab", microhttpd none' \
        ': header: X-Token: the rig "****", microhttpd "****"' \
        ': status: the rig 42, microhttpd 500' \
        '3 requests, 3 differ between the rig and microhttpd'
    no_out sesame
    err "header X-Bad: left out"
    no_err sesame
}

both_sides_get_the_credentials() {
    printf '# @as valid basic\n# @expect status 200\nGET /\n###\n# @as wrong basic\nGET /\n###\n# @as valid query\nGET /?a=b\n' >as.http
    by_itself 0 parity --json r.json "$examples/basic_auth/stack_basic_auth.so" as.http
    out '3 requests, 0 differ'
    printf '# @as valid bearer\nGET /authorization\n###\n# @as valid header\nGET /echo\n' >as.http
    parity 1 as.http
    out 'body: the rig ' '"call 1 Bearer ****", "call 2 Bearer ****"'
}

names_of_secrets_in_parity() {
    requests differs.http '/header?ticket=sesame123' '/body'
    parity 1 --mask x_call --mask ticket --format text --json r.json --sarif r.sarif --junit r.xml --tap r.tap --github r.github differs.http
    out 'X-Call: the rig "****", microhttpd "****"' 'GET /header?ticket=****'
    for file in out r.json r.sarif r.xml r.tap r.github; do
        lacks "$file" sesame 'X-Call: the rig "call' 'X-Call: the rig \"call' 'X-Call: the rig &quot;call'
    done
    holds r.json 'X-Call: the rig \"****\"'
    printf '[masks]\nname = ticket\nname = X-Call\n' >stackrig.conf
    parity 1 differs.http
    rm stackrig.conf
    out 'X-Call: the rig "****", microhttpd "****"' 'GET /header?ticket=****'
    parity 2 --mask 'a b' differs.http
    err '--mask wants the name of a header or a variable, not a b'
}

a_crash_is_told() {
    requests crash.http /echo /crash
    parity 1 crash.http
    out 'crash.http:6: error: the stack crashed: Aborted'
}

without_the_library() {
    mkdir -p alone/bin alone/lib
    cp "$bin" alone/bin/
    cp -P "$(dirname "$bin")"/../lib/libstackrig.so* alone/lib/
    requests one.http /echo
    bin=$PWD/alone/bin/stackrig parity 2 one.http
    err 'cannot load the host microhttpd (`make hosts` builds it): libstackrig-host-microhttpd.so: cannot open'
}

wrong_usage() {
    by_itself 2 parity
    err "parity: a stack's shared object is missing" 'stackrig parity --help'
    by_itself 2 parity x.so
    err 'parity: a file with requests is missing'
    by_itself 2 parity --host apache x.so y.http
    err 'unknown host apache; there are microhttpd and fastcgi'
    by_itself 2 parity --host fastcgi x.so y.http
    err 'stands behind a web server: --address and --front say where'
    requests one.http /echo
    parity 2 --address 192.0.2.7:1 one.http
    err 'microhttpd: cannot listen at 192.0.2.7:1: '
    by_itself 2 parity none.so one.http
    err 'cannot read ./none.so'
}

every_test_but parity
