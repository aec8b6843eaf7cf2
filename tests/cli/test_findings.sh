#!/usr/bin/env bash
# stackrig check: what was found, expected, left out.
. tests/cli/common.sh

a_long_list_is_cut() {
    requests a.http /copied /copied /copied /copied /copied /copied /copied
    run 1 check --set 'quiet=next.*' "$stacks/findings.so" a.http
    count out 1 '[env.identity.replaced]'
    out 'a.http:18: ' 'and 2 more requests'
    no_out 'a.http:22: '
}

a_finding_of_some_profiles_says_so() {
    printf '### \n# @name own\n# @server memory\nGET /copied HTTP/1.1\nHost: a\n\n### \nGET /copied HTTP/1.1\nHost: a\n' >a.http
    run 1 check --server memory --server http1 "$stacks/findings.so" a.http
    out ': own (only under memory)' '  what the layers below set'
    no_out 'http1: what'
    printf '### \n# @server memory\nGET /copied HTTP/1.1\nHost: a\n' >a.http
    run 1 check --server http1 "$stacks/findings.so" a.http
    out '  memory: what the layers below set'
}

levels_decide_the_status() {
    printf '### \nPOST /closed HTTP/1.1\nHost: a\n\n123456789\n' >a.http
    run 0 check --server memory "$stacks/findings.so" a.http
    out 'findings.c:12: note: ' 'a.http:2: POST /closed'
    run 0 check --server memory --fail-on warning "$stacks/findings.so" a.http
    run 1 check --server memory --fail-on note "$stacks/findings.so" a.http
}

what_follows_says_of_which_request() {
    { printf '### \nPOST /a HTTP/1.1\nHost: a\n\nsmall\n\n### \nPOST /b HTTP/1.1\nHost: a\n\n'; head -c 300000 /dev/zero | tr '\0' x; echo; } >a.http
    run 1 check --server nginx+plain "$examples/early_answer/stack_broken.so" a.http
    out 'nginx+plain, of a.http:2 [warning]: the client has the answer' 'nginx+plain, of a.http:8: if the gateway is still sending'
    count out 1 '[input.early_answer.unread]'
}

copied_env_is_found() {
    requests a.http /copied
    run 1 check "$stacks/findings.so" a.http
    grep -qE 'findings\.c:[0-9]+: error: .* \[env\.identity\.replaced\]$' out || complain 'no compiler form'
    out ': layer copier'
}

expected_findings_do_not_count() {
    printf '### \n# @expect finding env.identity.replaced\nGET /copied HTTP/1.1\nHost: a\n' >a.http
    run 0 check "$stacks/findings.so" a.http
    out 'error (expected): ' '0 errors' '1 expected' 'expectations: 1, failed: 0'
    printf '\n### \n# @name other\nGET /copied HTTP/1.1\nHost: a\n' >>a.http
    run 1 check "$stacks/findings.so" a.http
    out ': error: ' '1 error,' '(expected)' ': other'
}

expectations_that_fail() {
    printf '### \n# @name one\n# @expect status 418\n# @expect finding next.call.twice\nGET /a HTTP/1.1\nHost: a\n' >a.http
    run 1 check --server http1 --server memory "$stacks/fine.so" a.http
    out 'a.http:3: error: one: expected status 418, got 200 under http1, memory [@expect]' \
        'a.http:4: error: one: expected finding next.call.twice, there was none under http1, memory [@expect]' \
        'expectations: 2, failed: 2'
}

a_request_names_its_server() {
    printf '### \n# @server memory\nGET /a HTTP/1.1\nHost: a\n\n### \nGET /b HTTP/1.1\nHost: a\n' >a.http
    run 0 check --server passenger3 "$stacks/fine.so" a.http
    out '2 requests, 1 layer, 2 profiles (passenger3, memory)'
    run 0 check --server passenger3 --filter /a "$stacks/fine.so" a.http
    out '1 request, 1 layer, 1 profile (memory)'
}

filter_takes_a_part() {
    requests a.http /one /two
    run 0 check --filter tw "$stacks/fine.so" a.http
    out '1 request,'
}

required_rules() {
    requests a.http /a
    run 1 check --require-armed input.early_answer.unread "$stacks/fine.so" a.http
    out 'never armed, but required: input.early_answer.unread (armed when'
    printf '### \nPOST /a HTTP/1.1\nHost: a\n\nbody\n' >b.http
    run 0 check --require-armed input.early_answer.unread "$stacks/fine.so" b.http
    no_out 'but required'
}

suppressed_findings_are_told() {
    printf '### \nPOST /closed HTTP/1.1\nHost: a\n\n123456789\n' >a.http
    run 0 check --set 'quiet=input.*' "$stacks/findings.so" a.http
    out 'suppressed: input.early_answer.unread by input.*, 1 time' '0 errors'
    run 0 check --set 'quiet=input.*' --server http1 --server passenger3 "$stacks/findings.so" a.http
    out 'suppressed: input.early_answer.unread by input.*, 2 times'
}

an_unhandled_error_fails_the_run() {
    requests a.http /translated /late /nameless /app /answered /handled /a
    run 1 check --server http1 --server memory "$stacks/failing.so" a.http
    grep -qE 'failing\.c:[0-9]+: error: guard #2 returned -5 \(EIO\), which left the stack as -13 \(EACCES\), and no layer handled it \[unhandled\]$' out ||
        complain 'no compiler form'
    out 'error: guard returned -32 (EPIPE), and' 'error: guard #2 returned -1234, and' \
        'error: answer returned -2 (ENOENT), and' 'error: guard #2 returned -95 (ENOTSUP), and' \
        ': layer guard #2' 'a.http:2: GET /translated' '  the client gets a 500' '# @expect error EACCES' \
        '# @expect error -1234' '  EIO from a call of the rig means: ' 'findings: 0 errors' 'unhandled errors: 10'
    count out 5 '[unhandled]'
    count out 2 'from a call of the rig means'
    no_out 'GET /handled' 'http1: the client'
    line=$(grep -n 'res, .status = 201' "$sources/failing.c" | cut -d: -f1)
    out "failing.c:$line: error: guard #2 returned -95"
}

an_expected_error_does_not_count() {
    printf '### \n# @expect error EACCES\nGET /translated\n###\n# @expect error -1234\nGET /nameless\n' >a.http
    run 0 check "$stacks/failing.so" a.http
    out 'error (expected): guard #2 returned -5' 'findings: 0 errors, 0 warnings, 0 notes' 'expectations: 2, failed: 0'
    no_out 'unhandled errors:' '; 1 expected'
    printf '### \n# @name one\n# @expect error EIO\nGET /translated\n###\n# @name two\n# @expect error EIO\nGET /a\n' >a.http
    run 1 check --server http1 --server memory "$stacks/failing.so" a.http
    out 'a.http:3: error: one: expected error -5 (EIO), got -13 (EACCES) under http1, memory [@expect]' \
        'a.http:7: error: two: expected error -5 (EIO), got none under http1, memory [@expect]' \
        ': error: guard #2 returned' 'unhandled errors: 2' 'expectations: 2, failed: 2'
    printf '### \n# @expect status 500\nGET /app\n' >a.http
    run 1 check "$stacks/failing.so" a.http
    out 'unhandled errors: 1' 'failed: 0'
}

a_refused_request_is_told() {
    printf '### \n# @malformed on\n# @expect status 400\nGET /a\nBad Name: x\n###\n# @malformed on\nGET /a\nB C: x\n' >a.http
    run 1 check "$stacks/fine.so" a.http
    out 'refused by the server or a gateway before it: 2, first a.http:4 (' 'expectations: 1, failed: 0' 'findings: 0 errors' \
        'a.http:4: error: the server refused the request with 400: ' '  a.http:8: GET /a' '# @expect status 400' '[refused]'
    sed -i 's/^# @malformed on$/&\n# @expect status 400/; 3d' a.http
    run 0 check "$stacks/fine.so" a.http
    out 'error (expected): the server refused the request with 400: ' 'expectations: 2, failed: 0'
    printf '### \n# @malformed on\n# @expect status 200\nGET /a\nB C: x\n' >a.http
    run 1 check "$stacks/fine.so" a.http
    out 'expected status 200, got 400 under http1' 'a.http:4: error: the server refused'
    printf '### \nGET /a\nAuthorization: a\nAuthorization: b\n' >a.http
    run 0 check --server nginx+plain --server http1 "$stacks/fine.so" a.http
    out 'a.http:2: note: refused by nginx (400): ' 'first a.http:2 (refused by nginx (400): ' 'findings: 0 errors' \
        'it is about, # @expect status 400 and # @server nginx+plain'
    run 1 check --fail-on note --server nginx+plain "$stacks/fine.so" a.http
    no_out '# @server'
    sed -i 's/^### $/&\n# @expect status 400\n# @server nginx+plain/' a.http
    run 0 check --fail-on note --server nginx+plain --server http1 "$stacks/fine.so" a.http
    out 'note (expected): refused by nginx' 'expectations: 1, failed: 0'
    no_out 'and # @server'
}

more_findings_than_can_be_kept() {
    requests a.http /many
    run 1 check "$stacks/findings.so" a.http
    out 'findings: 2000 errors' 'too many findings to keep: 100 more'
}

a_request_that_cannot_be_sent() {
    printf '### \nGET /a\nContent-Length: 1\nContent-Length: 1\nTransfer-Encoding: chunked\n\nbody\n' >a.http
    run 1 check "$stacks/fine.so" a.http
    out '[request.'
    no_out '[unhandled]'
    sed -i '1s/.*/# @ignore request.*/' a.http
    run 1 check "$stacks/fine.so" a.http
    out 'a.http:2: error: the request could not be sent: error -22 (EINVAL) [unhandled]' 'unhandled errors: 1' \
        'suppressed: request.'
}

secrets_are_masked() {
    local secret
    secret=$(printf 'joe:correcthorse' | base64)
    printf '### \n# @enable env.log.written\nGET /leak?token=visible1 HTTP/1.1\nHost: a\nAuthorization: Basic %s\n' "$secret" >a.http
    run 1 check --set password=hunter2222 "$stacks/findings.so" a.http
    out '[response.header_name.token]' 'Basic ****' '[env.log.written]' 'GET /leak?token=****'
    no_out "$secret" correcthorse hunter2222 visible1
    no_err "$secret" correcthorse hunter2222 visible1
}

unarmed_rules_are_listed() {
    local all listed
    requests a.http /hang
    run 1 check --timeout 0.2 "$stacks/hang.so" a.http
    out '0 of ' ' request.* (' ' middleware.inner_body_not_closed,' 'off: env.log.written'
    requests a.http /a
    run 0 check "$stacks/fine.so" a.http
    out ' body.* (' ' env.identity.lost_write,'
    no_out fastcgi. microhttpd.
    # each rule is armed, listed by name, or one of an area
    all=$(sed -n 's/^\([0-9]*\) of \([0-9]*\) rules armed$/\2 - \1/p' out)
    listed=$(sed -n '/^never armed:/,/^findings:/p' out | grep -oE '[a-z_]+\.[a-z_.]+|\([0-9]+\)' | tr -d '()' |
        awk '{ n += /^[0-9]/ ? $0 : !/\.$/ } END { print n }')
    [ "$((all))" = "$listed" ] || complain "$listed rules are listed as unarmed, not $all"
}

# 8 rules of libmicrohttpd: one armed
rules_of_a_framework_are_listed_where_it_is_in_use() {
    local all
    requests a.http /a
    run 0 check "$stacks/fine.so" a.http
    all=$(sed -n 's/^[0-9]* of \([0-9]*\) rules armed$/\1/p' out)
    run 0 check "$stacks/foreign.so" a.http
    out " of $((all + 8)) rules armed" ' microhttpd.answer.early,' ' microhttpd.upload.not_taken'
    no_out microhttpd.header.refused fastcgi.
}

every_test
