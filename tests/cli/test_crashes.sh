#!/usr/bin/env bash
# stackrig check: layers that die, hang, run out of memory, or meddle with the pipe.
. tests/cli/common.sh

crashes_are_reported_and_the_rest_goes_on() {
    requests a.http /a /segv /b /abort /exit /above /c
    run 1 check "$stacks/crash.so" a.http
    out 'SIGSEGV in layer victim [crash]' 'SIGABRT in layer victim [crash]' \
        'the process ended itself with exit status 3 in layer victim [crash]' 'SIGFPE in layer above [crash]' \
        'a.http:6: GET /segv' ': layer victim' 'crashed or hung: 4' '7 requests, 2 layers'
    grep -qE 'crash\.c:[0-9]+: error: SIGSEGV' out || complain 'no line'
    no_out 'not run'
    requests a.http /crash
    run 1 check "$stacks/failing.so" a.http
    out 'SIGSEGV in layer guard #2 [crash]' ': layer guard #2'
}

two_crashes_are_two_blocks() {
    requests a.http /segv /segv_too /segv
    run 1 check "$stacks/crash.so" a.http
    count out 2 'SIGSEGV in layer victim [crash]'
    count out 2 "  in a call from crash.so(+0x"
    out ": addr2line -fe $stacks/crash.so 0x" '  a.http:10: GET /segv' 'crashed or hung: 3'
    requests a.http /hang
    run 1 check --timeout 0.3 "$stacks/hang.so" a.http
    out '  in a call from hang.so(+0x' '  if that is a sleep: with --now TIME the clock jumps'
    run 1 check --timeout 0.3 --now 978307200 "$stacks/hang.so" a.http
    no_out 'if that is a sleep'
}

a_crash_under_each_profile_is_one_block() {
    requests a.http /segv
    run 1 check --server http1 --server memory "$stacks/crash.so" a.http
    count out 1 '[crash]'
    out 'under http1, memory' 'crashed or hung: 2'
}

# What layers call is the library's: with a core of the command's own they would run beside its requests.
the_core_is_the_librarys_alone() {
    command -v nm >/dev/null || return
    nm "$bin" >out 2>err
    no_out ' rig_run_here' ' T rig_stack_new' ' T rig_env_set_at'
}

# The three are one crash, at one place of the code.
each_allocation_fails() {
    requests a.http /ann /b
    run 1 check --each-malloc "$stacks/memory.so" a.http
    out 'error: SIGSEGV in layer greeter when allocation 3 (100 bytes) failed, in memory.so(' 'a.http:2: GET /ann' \
        'allocations that failed in turn: 8; crashed or hung: 3' 'crashed or hung: 3'
    count out 1 '[crash]'
    run 1 check --each-malloc --server http1 --server memory "$stacks/memory.so" a.http
    count out 1 '[crash]'
    out 'under http1, memory' 'allocations that failed in turn: 16; crashed or hung: 6'
    requests a.http /b
    run 0 check --each-malloc "$stacks/memory.so" a.http
    out 'allocations that failed in turn: 2; crashed or hung: 0'
    run 0 check "$stacks/memory.so" a.http
    no_out 'allocations'
    printf '### \n# @malformed on\nGET /b HTTP/1.1\nHost: a\nHost: b\n' >a.http
    run 1 check --server http1 --each-malloc "$stacks/memory.so" a.http
    out 'not tried with allocations that fail: 1, first a.http:3 (it is malformed, or was refused)'
}

# Which allocation it is: the leak, or the lie, is in its finding.
what_a_failed_allocation_leaves_behind() {
    requests a.http /leak /hide /b
    run 1 check --server http1 --each-malloc "$stacks/memory.so" a.http
    out 'error: greeter keeps memory of every request, 40960 bytes of 1024 alike, taken in memory.so(' \
        '[state.memory.leaked]' 'with malloc at allocation 2' 'a.http:2: GET /leak' \
        'error: greeter answered 200 though memory ran out' '[response.shortage.hidden]' 'a.http:6: GET /hide' \
        'findings: 2 errors'
    grep -q '^  addr2line -fe memory.so 0x[0-9a-f]* names the line' out || complain 'how to find the line is not told'
    no_out 'GET /b'
}

# The process is gone; what it had found is not.
a_crash_for_want_of_memory_loses_nothing() {
    requests a.http /both
    run 1 check --server http1 --each-malloc "$stacks/memory.so" a.http
    out 'error: greeter keeps memory of every request' '[state.memory.leaked]' 'with malloc at allocation 2' \
        'when allocation 3 (70 bytes) failed' 'findings: 1 error'
    count out 1 '[crash]'
}

one_missing_check_is_one_crash() {
    requests a.http /there
    run 1 check --server http1 --each-malloc "$stacks/memory.so" a.http
    out 'when allocation 1 (40 bytes) failed' 'in 2 runs, of which this is the first' 'crashed or hung: 2'
    count out 1 '[crash]'
}

a_crash_some_time_after_the_allocation() {
    requests a.http /later
    run 1 check --server http1 --each-malloc "$stacks/memory.so" a.http
    out 'error: SIGABRT in layer greeter after an allocation failed, in memory.so('
    count out 1 '[crash]'
}

leaks_are_found_with_faults() {
    requests a.http /keep
    run 0 check --server http1 "$stacks/memory.so" a.http
    no_out 'leaks'
    "$bin" check --server http1 --faults "$stacks/memory.so" a.http >out 2>err </dev/null
    if grep -qF 'leaks were not looked for: libstackrig-malloc.so' out; then
        no_out '[state.memory.leaked]' # a sanitizer's command
    else
        out 'error: greeter keeps memory of every request, 24576 bytes of 1024 alike' 'with the request sent again'
    fi
}

the_clock_is_set() {
    local start=$SECONDS
    requests a.http '/time'
    run 0 check --now 2001-01-01T00:00:00Z "$stacks/memory.so" a.http
    run 0 check --now 978307200 --each-malloc "$stacks/memory.so" a.http
    [ $((SECONDS - start)) -lt 20 ] || complain 'it slept'
    for time in '' x 12x -1 0 99999999999 2001-01-01 2001-01-01T00:00:00; do
        run 2 check --now "$time" "$stacks/memory.so" a.http
        err '--now wants'
    done
}

a_crash_fails_its_expectations() {
    printf '### \n# @name one\n# @expect status 200\nGET /segv HTTP/1.1\nHost: a\n' >a.http
    run 1 check "$stacks/crash.so" a.http
    out 'a.http:3: error: one: expected status 200, but the request has no result' 'failed: 1'
}

a_crash_in_a_destructor() {
    local line
    line=$(sed -n "/the destructor's line/=" "$sources/crash.c")
    requests a.http /destroy /b
    run 1 check "$stacks/crash.so" a.http
    out "crash.c:$line: error: SIGBUS in layer victim [crash]" 'GET /destroy' 'crashed or hung: 1'
    no_out 'not run' 'GET /b'
}

a_crash_in_a_stream() {
    local line
    line=$(sed -n "/the stream's line/=" "$sources/crash.c")
    requests a.http /stream /b /stream_close
    run 1 check "$stacks/crash.so" a.http
    out "crash.c:$line: error: SIGSEGV in layer victim [crash]" 'GET /stream' 'SIGABRT in layer victim [crash]' \
        'crashed or hung: 2'
    no_out 'not run' 'GET /b'
}

a_layer_that_writes_into_the_pipe() {
    requests a.http /scribble /b
    run 1 check --timeout 2 "$stacks/crash.so" a.http
    out "the rig's own memory or pipe was overwritten by a layer or the app" 'GET /scribble' 'crashed or hung: 1'
    no_out 'not run' 'GET /b'
}

a_layer_that_closes_the_pipe() {
    requests a.http /close /b
    run 1 check --timeout 2 "$stacks/crash.so" a.http
    out 'GET /close' 'crashed or hung: 1'
    no_out 'not run' 'GET /b'
}

a_layer_that_leaves_a_child_behind() {
    local start=$SECONDS
    requests a.http /orphan /b
    run 1 check --timeout 9 "$stacks/crash.so" a.http
    out 'SIGKILL in layer victim [crash]' 'crashed or hung: 1'
    [ $((SECONDS - start)) -lt 8 ] || complain 'it waited for the child'
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        alive "$(cat orphan.pid)" || return
        sleep 0.1
    done
    complain 'the child was left behind'
}

a_hang_is_ended() {
    requests a.http /hang /b /hang
    run 1 check --timeout 0.5 "$stacks/hang.so" a.http
    out 'no end after 0.5 s in layer sleeper [hang]' 'a.http:2: GET /hang' 'a.http:10: GET /hang' 'crashed or hung: 2'
    grep -qE 'hang\.c:[0-9]+: error: ' out || complain 'no line'
    no_out 'not run'
}

# Not where the child came to its end.
what_ends_after_a_fork_is_told_where_it_is() {
    local place
    requests a.http /signal
    run 1 check --timeout 0.5 "$stacks/forks.so" a.http
    out 'no end after 0.5 s in layer forks [hang]' '  in forks.so(+0x'
    no_out 'in a call from forks.so'
    requests a.http /leave
    run 1 show "$stacks/forks.so" a.http
    place=$(grep -o 'exit status 3 in layer forks, in a call from forks.so(+0x[0-9a-f]*)' out)
    [ -n "$place" ] || complain 'no place'
    requests a.http /exit
    run 1 show "$stacks/forks.so" a.http
    out "$place"
}

every_test
