#!/usr/bin/env bash
# Where stackrig writes to, and what it writes there.
. tests/cli/common.sh

output_that_cannot_be_written() {
    if [ -c /dev/full ]; then
        "$bin" rules >/dev/full 2>err
        [ $? -eq 2 ] || complain 'a full disk is not status 2'
        err 'cannot write to standard output: No space left'
    fi
    { "$bin" rules 2>err; echo $? >status; } | true
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ -s status ] && break
        sleep 0.1
    done
    # The reader may have lived long enough: then nothing was lost.
    if [ "$(cat status)" -ne 0 ]; then
        [ "$(cat status)" -eq 2 ] || complain "a closed pipe is status $(cat status)"
        err 'cannot write to standard output'
    fi
    "$bin" rules >&- 2>err
    [ $? -eq 2 ] || complain 'a closed stdout is not status 2'
    err 'cannot write to standard output'
}

# By what runs a child, too, and before it runs long.
a_fuzzer_says_so_first() {
    requests a.http /a
    for verb in show min emit-c 'fuzz --runs 999999999'; do
        # shellcheck disable=SC2086 # words
        timeout 60 "$bin" $verb "$stacks/fine.so" a.http >&- 2>err
        [ $? -eq 2 ] || complain "$verb: a closed stdout is not status 2"
        [ "$(cat err)" = 'stackrig: cannot write to standard output: Bad file descriptor' ] || complain "$verb: $(cat err)"
    done
    [ ! -c /dev/full ] || timeout 60 "$bin" fuzz --runs 999999999 "$stacks/fine.so" >/dev/full 2>err
    [ "$(cat err)" = 'stackrig: cannot write to standard output: No space left on device' ] || complain "$(cat err)"
}

streams_that_are_closed() {
    requests a.http /a /segv
    "$bin" check --server http1 "$stacks/crash.so" a.http <&- >&- 2>err
    [ $? -eq 2 ] || complain 'a closed stdout is not status 2'
    err 'cannot write to standard output'
    "$bin" check --server http1 "$stacks/crash.so" a.http <&- >out 2>&-
    [ $? -eq 1 ] || complain 'a closed stderr is not status 1'
    out 'SIGSEGV in layer victim' 'crashed or hung: 1'
    "$bin" check --server http1 "$stacks/fine.so" a.http <&- >out 2>&-
    [ $? -eq 0 ] || complain 'what a layer prints got into the pipe'
}

colours_only_on_a_terminal() {
    needs script || return
    requests a.http /segv
    run 1 check "$stacks/crash.so" a.http
    no_out $'\e'
    TERM=xterm script -qec "'$bin' check --server http1 '$stacks/crash.so' a.http" /dev/null >out 2>err </dev/null
    out $'\e['
    printf '### \nPOST /closed HTTP/1.1\nHost: a\n\nbody\n' >a.http
    TERM=xterm script -qec "'$bin' check --server passenger3 '$stacks/findings.so' a.http" /dev/null >out 2>err </dev/null
    out $'\e[1;35mwarning:'
    TERM=xterm script -qec "'$bin' check --server memory '$stacks/findings.so' a.http" /dev/null >out 2>err </dev/null
    out $'\e[1;36mnote:'
    requests a.http /segv
    TERM=xterm NO_COLOR=1 script -qec "'$bin' check --server http1 '$stacks/crash.so' a.http" /dev/null >out 2>err </dev/null
    out '[crash]'
    no_out $'\e['
}

progress_only_on_a_terminal() {
    needs script || return
    requests a.http /b /hang
    run 1 check --timeout 1.5 "$stacks/hang.so" a.http
    no_err '1 of 2'
    TERM=xterm script -qec "'$bin' check --server http1 --timeout 1.5 '$stacks/hang.so' a.http" /dev/null >out 2>err </dev/null
    out '1 of 2'
    : >err
}

names_are_escaped() {
    local file=$'a\e[31m.http'
    requests "$file" /a
    run 0 list "$file"
    out 'a\x1b[31m.http:2:'
    no_out $'\e'
    run 2 list $'b\nc'
    err 'b\x0ac'
    requests a.http /twice
    run 1 check "$stacks/findings.so" a.http
    out 'odd\x1b[31m' '[next.call.twice]'
    no_out $'\e'
}

every_test
