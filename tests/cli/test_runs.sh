#!/usr/bin/env bash
# stackrig check: a run from its beginning to its end.
. tests/cli/common.sh

a_clean_run() {
    printf '### \n# @name hello\n# @expect status 200\nPOST /a HTTP/1.1\nHost: a\n\nbody\n' >a.http
    run 0 check "$stacks/fine.so" a.http
    out '1 request, 1 layer, 1 profile (http1)' 'rules armed' 'never armed:' 'findings: 0 errors, 0 warnings, 0 notes' \
        'expectations: 1, failed: 0'
    no_out 'layers may print' '[crash]'
    err 'layers may print'
    run 0 check --server memory --server passenger3 --server memory "$stacks/fine.so" a.http
    out '2 profiles (memory, passenger3)'
}

stack_in_the_working_directory() {
    requests a.http /a
    cp "$stacks/fine.so" here.so
    run 0 check here.so a.http
    out '1 layer'
}

early_answer_is_found() {
    printf '### \n# @name one\nPOST /closed HTTP/1.1\nHost: a\n\n123456789\n### \n# @name two\nPOST /closed HTTP/1.1\nHost: a\n\n1234\n' >a.http
    run 1 check --server http1 --server passenger3 --server memory "$stacks/findings.so" a.http
    count out 1 '[input.early_answer.unread]'
    grep -qE 'findings\.c:[0-9]+: error: .*gate.* \[input\.early_answer\.unread\]$' out || complain 'no compiler form'
    out '  a.http:3: one' '  a.http:9: two' ': layer gate' '  http1: the 9 bytes become' \
        '  passenger3 (modelled) [warning]: the client has the answer' \
        '; it logs "Cannot read response from backend process: Connection reset by peer (104)"' 'findings: 1 error,'
    no_out 'the 4 bytes become'
}

three_profiles_by_default() {
    printf '### \nPOST /closed HTTP/1.1\nHost: a\n\n123456789\n' >a.http
    by_itself 1 check "$stacks/findings.so" a.http
    count out 1 '[input.'
    out '3 profiles (http1, nginx+plain, haproxy+plain)' '  http1: ' 'nginx+plain [warning]: ' \
        'haproxy+plain [note]: ' '1 error, 0 warnings, 0 notes'
    run 0 check --server haproxy+plain "$stacks/findings.so" a.http
    out ': note: nobody read the 9 bytes' '0 errors, 0 warnings, 1 note'
}

profiles_are_put_together() {
    printf '### \n# @server nginx:fastcgi+drains\nPOST /closed HTTP/1.1\nHost: a\n\n123456789\n' >a.http
    run 0 check --server http1 "$stacks/findings.so" a.http
    out '1 profile (nginx:fastcgi+drains)'
    requests a.http /a
    run 0 check --server nginx:unix+unicorn --server nginx:unix+unicorn "$stacks/fine.so" a.http
    out '1 profile (nginx:unix+unicorn)'
    run 2 check --server nginx+nothing "$stacks/fine.so" a.http
    err 'no server profile is called nginx+nothing: no engine is called nothing; `stackrig servers`'
    run 2 check --server nginx+unicron "$stacks/fine.so" a.http
    err 'no engine is called unicron; is it unicorn?'
    run 2 check --server ngin+unicorn "$stacks/fine.so" a.http
    err 'no front is called ngin; is it nginx?'
    run 2 check --server memroy "$stacks/fine.so" a.http
    err 'no server profile is called memroy; is it memory?'
    run 2 check --server apache:scgi "$stacks/fine.so" a.http
    err 'apache has no "scgi"; there are apache:http, apache:fastcgi, apache:passenger, apache:passenger:stream;'
    run 0 servers
    out 'nginx:fastcgi:stream' 'unix ' 'microhttpd'
}

# A program that does not speak the protocol cannot stand there; what can, but was not measured, is told as that.
profiles_that_cannot_be() {
    requests a.http /a
    run 2 check --server nginx:fastcgi+unicorn "$stacks/fine.so" a.http
    err 'unicorn does not speak fastcgi; behind nginx:fastcgi fit plain, ' ', libfcgi, uwsgi,'
    run 2 check --server apache:passenger+puma "$stacks/fine.so" a.http
    err 'puma does not speak passenger; behind apache:passenger fit passenger6'
    run 2 check --server passenger3+unicorn "$stacks/fine.so" a.http
    err 'passenger3 starts its own handlers, not unicorn; behind it fit plain, '
    run 2 check --server direct+libfcgi "$stacks/fine.so" a.http
    run 0 check --server apache:passenger "$stacks/fine.so" a.http
    printf '### \nPOST /api/items HTTP/1.1\nHost: a\n\n123456789\n' >a.http
    run 1 check --server nginx:fastcgi+uwsgi "$examples/early_answer/stack_broken.so" a.http
    out '  nginx:fastcgi+uwsgi (not measured): ' '(a race: worked out from its parts, which were not measured together)'
    no_out ' of 20'
    run 0 check --server haproxy+puma "$examples/early_answer/stack_broken.so" a.http
    out '  haproxy+puma (not measured): by what its parts do nothing goes wrong; they were not measured together'
    run 0 servers
    out 'Unicorn: rewindable, closes after each answer with SHUT_WR (http)' 'report says so: (not measured)'
}

every_test
