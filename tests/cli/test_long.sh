#!/usr/bin/env bash
# Long work: how far it is, and Ctrl-C.
. tests/cli/common.sh

# interrupted SECONDS ARGUMENT...: Ctrl-C after that time, to the command alone
interrupted() {
    local status
    timeout --foreground --preserve-status -s INT "$1" "$bin" "${@:2}" >out 2>err </dev/null
    status=$?
    [ $status = 130 ] || complain "status $status, wanted 130: ${*:2}"
}

a_line_every_ten_seconds() {
    requests a.http /a /hang
    run 1 check --timeout 11.5 "$stacks/hang.so" a.http
    count err 1 'stackrig: '
    grep -qE '^stackrig: 1 of 2 requests, 0\.[01]/s, [0-9]+ s left, 0 findings$' err || complain 'no such line'
    requests a.http /hang
    run 1 check --quiet --timeout 10.5 "$stacks/hang.so" a.http
    no_err 'stackrig:'
}

a_line_on_a_terminal() {
    needs script || return
    requests a.http /b /hang
    TERM=xterm script -qec "'$bin' check --server http1 --timeout 1.5 '$stacks/hang.so' a.http" /dev/null >out 2>err </dev/null
    grep -qE $'\r1 of 2 requests, [0-9.]+/s, [0-9]+ s left, 0 findings' out || complain 'no such line'
    TERM=xterm script -qec "'$bin' check --quiet --server http1 --timeout 1.5 '$stacks/hang.so' a.http" /dev/null >out 2>err </dev/null
    no_out '1 of 2'
    TERM=xterm script -qec "timeout --foreground -s INT 3 '$bin' fuzz --runs 100000000 '$examples/early_answer/stack_mended.so'" /dev/null >out 2>err </dev/null
    grep -qE ' of 100000000 scenarios, [0-9]+/s, [0-9]+ s left, 0 findings' out || complain 'fuzz shows nothing'
}

ctrl_c_tells_what_there_is() {
    printf '### \nPOST /\n\nbody\n\n### \nGET /hang\n' >a.http
    interrupted 2 check --server http1 --timeout 60 --json r.json "$stacks/hang.so" a.http
    out 'interrupted: there may be more' '2 requests' 'not run: 1 of 2'
    no_out 'could not be built'
    [ ! -s r.json ] || holds r.json '"interrupted": true' '"status": 130' '"outcome": "not run"'
    interrupted 2 check -j 2 --server http1 --server memory --timeout 60 "$stacks/hang.so" a.http
    out 'interrupted: there may be more'
    interrupted 2 check --server http1 --timeout 60 --baseline base --update-baseline "$stacks/hang.so" a.http
    [ ! -e base ] || complain 'half a baseline'
    err 'base is left as it was: the check was interrupted'
}

ctrl_c_in_other_verbs() {
    interrupted 3 fuzz --runs 100000000 --seed 5 "$examples/early_answer/stack_broken.so"
    out '[input.early_answer.unread]' 'interrupted: '
    printf '### \n# @name in question\nGET /\n' >a.http
    interrupted 2 bisect --timeout 30 --expect 'status 200' --set guilty=3,11 --set how=hang "$stacks/guilty.so" a.http
    out 'interrupted after '
}

every_test_but interrupted
