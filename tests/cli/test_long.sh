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
    grep -qE '^stackrig: 1 of 2 requests, [1-9][0-9.]*/min, [0-9]+ s left, 0 findings$' err || complain 'no such line'
    requests a.http /hang
    run 1 check --quiet --timeout 10.5 "$stacks/hang.so" a.http
    no_err 'stackrig:'
}

a_line_on_a_terminal() {
    needs script || return
    requests a.http /b /hang
    TERM=xterm script -qec "'$bin' check --server http1 --timeout 1.5 '$stacks/hang.so' a.http" /dev/null >out 2>err </dev/null
    grep -qE $'\r1 of 2 requests, [0-9.]+/(s|min), [0-9]+ s left, 0 findings' out || complain 'no such line'
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
    interrupted 2 check -j 2 --server memory --server http1 --timeout 60 "$stacks/hang.so" a.http
    out 'interrupted: there may be more' 'not run: 2 of 4' '[input.early_answer.unread]' # which is http1's
    interrupted 2 check --server http1 --timeout 60 --baseline base --update-baseline "$stacks/hang.so" a.http
    [ ! -e base ] || complain 'half a baseline'
    err 'base is left as it was: the check was interrupted'
}

# its parent dies with it
a_process_that_is_killed_is_told() {
    requests a.http /a /hang /b
    echo before >base
    "$bin" check -j 2 --server http1 --server memory --timeout 3 --baseline base --update-baseline "$stacks/hang.so" a.http >out 2>err </dev/null &
    local checking=$! part='' i
    for ((i = 0; i < 100 && $(wc -w <<<"$part") < 2; i++)); do
        sleep 0.1
        part=$(pgrep -P "$checking")
    done
    sleep 0.5
    kill -KILL "$(head -n 1 <<<"$part")"
    wait "$checking"
    i=$?
    [ "$i" = 2 ] || complain "status $i, wanted 2"
    err 'was ended by a signal: Killed' 'base is left as it was: not all requests were run'
    out 'not run: 2 of 6' '[hang]'
    no_out 'could not be built'
    [ "$(cat base)" = before ] || complain 'the baseline was written'
}

ctrl_c_in_other_verbs() {
    interrupted 3 fuzz --runs 100000000 --seed 5 "$examples/early_answer/stack_broken.so"
    out '[input.early_answer.unread]' 'interrupted: '
    interrupted 3 fuzz --runs 100000000 --seed 5 "$stacks/token.so"
    out 'entered by nobody, though the stack has it: members' 'valid credentials opened nothing: ' ' oracles armed' 'interrupted: '
    printf '### \n# @name in question\nGET /\n' >a.http
    # timeout(1) sends it to the command, and to its group
    timeout --preserve-status 3 "$bin" fuzz --runs 100000000 --seed 5 "$examples/early_answer/stack_broken.so" >out 2>err </dev/null
    status=$?
    [ "$status" = 130 ] || complain "SIGTERM: status $status, wanted 130"
    out '[input.early_answer.unread]' 'interrupted: '
    SECONDS=0
    interrupted 2 bisect --timeout 30 --set guilty=3,11 --set how=hang --json r.json "$stacks/guilty.so" a.http
    [ "$SECONDS" -lt 20 ] || complain 'it was waited for the hung run'
    out 'interrupted in the first run, of the whole stack'
    no_out 'no end after'
    [ ! -s r.json ] || holds r.json '"interrupted": true' '"outcome": "not run"'
    SECONDS=0
    interrupted 4 bisect --timeout 1.5 --set guilty=3,11 --set how=hang "$stacks/guilty.so" a.http
    [ "$SECONDS" -lt 20 ] || complain 'it was waited for the next runs'
    out 'in question under http1: no end after 1500 ms' 'interrupted after ' 'layers are under suspicion'
    [ -e "$built/lib/libstackrig-host-microhttpd.so" ] || return 0
    printf '### \nGET /echo\n\n%.0s' {1..200} >a.http
    interrupted 2 parity --json r.json "$stacks/served.so" a.http
    grep -qE '^interrupted: [0-9]+ requests?, 0 differ between the rig and microhttpd' out || complain 'parity says nothing'
    [ ! -s r.json ] || holds r.json '"interrupted": true' '"status": 130' '"outcome": "passed"' '"outcome": "not run"'
}

# at a terminal: how far it is, then a cleared line and what there is
on_a_terminal_every_verb_says_how_far_it_is() {
    needs script || return
    printf '### \n# @name in question\nGET /\n' >a.http
    TERM=xterm script -qec "timeout --foreground -s INT 4 '$bin' bisect --timeout 30 --set guilty=3,11 --set how=hang '$stacks/guilty.so' a.http" /dev/null >out 2>err </dev/null
    grep -qE $'\r0 runs, 0.0/min' out || complain 'bisect shows nothing'
    grep -qF $'\r\033[Kinterrupted in the first run' out || complain 'the line of bisect is not cleared'
    [ -e "$built/lib/libstackrig-host-microhttpd.so" ] || return 0
    printf '### \nGET /echo\n\n%.0s' {1..200} >a.http
    TERM=xterm script -qec "timeout --foreground -s INT 3 '$bin' parity '$stacks/served.so' a.http" /dev/null >out 2>err </dev/null
    grep -qE ' of 200 requests, [0-9.]+/s, [0-9]+ s left, 0 findings' out || complain 'parity shows nothing'
    grep -qE $'\r\033\\[Kinterrupted: [0-9]+ requests' out || complain 'the line of parity is not cleared'
}

colours_are_for_a_terminal_that_wants_them() {
    needs script || return
    local check="'$bin' check --server http1 '$examples/early_answer/stack_broken.so' '$requests_of/early_answer/requests.http'"
    TERM=xterm script -qec "$check" /dev/null >out 2>err </dev/null
    grep -q $'\033\[' out || complain 'no colour'
    NO_COLOR=1 TERM=xterm script -qec "$check" /dev/null >out 2>err </dev/null
    ! grep -q $'\033\[' out || complain 'colours, with NO_COLOR'
    eval "$check" >out 2>err </dev/null
    ! grep -q $'\033\[' out || complain 'colours in a file'
}

every_test_but interrupted
