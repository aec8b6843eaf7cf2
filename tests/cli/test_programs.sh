#!/usr/bin/env bash
# Programs with a main(), as they were built for the real servers.
# shellcheck disable=SC2016,SC2154 # backquotes are looked for as they are; common.sh has the variables
. "$(dirname "$0")/common.sh"

programs=$built/tests/cli/programs
program=$programs/microhttpd_program fcgi=$programs/fcgi_program
source_of=$here/programs/microhttpd_program.c
if [ ! -x "$program" ]; then
    echo 'skip programs: the adapters of frameworks are not built here'
    echo '0 passed, 0 failed, 1 skipped'
    exit 77
fi

# line TEXT FILE: the line of the source that says so
line() { grep -n -m 1 -F -e "$1" "${2:-$source_of}" | cut -d : -f 1; }

expecting() { # expecting FILE STATUS TARGET...: one GET each
    local file=$1 status=$2 target
    shift 2
    for target; do
        printf '### \n# @expect status %s\nGET %s HTTP/1.1\nHost: example.org\n\n' "$status" "$target"
    done >"$file"
}

# ---- it runs as it is ----

every_way_to_wait() {
    local way
    expecting a.http 200 /a /b
    for way in reads sleeps pauses loop 'loop epoll' 'loop wait'; do
        by_itself 0 check --server direct+microhttpd --arg "$way" "$program" a.http
        out '2 requests, a microhttpd program, 1 profile (direct+microhttpd)' 'expectations: 2, failed: 0'
        silent err
    done
}

its_own_profiles_by_default() {
    expecting a.http 200 /a
    by_itself 0 check "$program" a.http
    out '3 profiles (direct+microhttpd, nginx+microhttpd, haproxy+microhttpd)' 'expectations: 1, failed: 0'
}

each_profile_has_a_process() {
    expecting a.http 200 /count
    by_itself 0 check --server http1 --server memory --server nginx+microhttpd "$program" a.http
    out 'expectations: 1, failed: 0'
}

findings_name_callback_and_line() {
    printf '### \nPOST /early HTTP/1.1\nHost: a\n\nbody\n' >a.http
    by_itself 1 check --server direct+microhttpd "$program" a.http
    out "microhttpd_program.c:$(line 'answers */'): error: serve answered 401 in the first call" \
        "microhttpd_program.c:$(line 'starts */'): layer serve" '[microhttpd.answer.early]' 'a.http:2: POST /early'
    no_out 'nothing goes wrong' # as the note of an unread body says of other servers
}

advice_is_of_the_framework() {
    requests a.http /forgets
    by_itself 1 check --server direct+microhttpd "$program" a.http
    out '[response.missing]' 'queue a response (MHD_queue_response)'
    printf '### \nPOST /headless HTTP/1.1\nHost: a\n\nbody\n' >b.http
    by_itself 1 check --server fastcgi "$fcgi" b.http
    out '[input.early_answer.unread]' 'read the body to its end before you finish: FCGX_GetStr until it gives 0'
    by_itself 1 check "$fcgi" b.http
    out "fcgi_program.c:$(line 'writes */' "$here/programs/fcgi_program.c"): note: nobody read the 4 bytes" \
        'libfcgi takes the rest when the request is finished; the profile fastcgi is of a library that does not'
    no_out 'rig_'
}

closing_without_an_answer_is_told() {
    requests a.http /silent
    by_itself 1 check --server direct+microhttpd "$program" a.http
    out 'serve closed the connection without an answer, error -103 (ECONNABORTED) [unhandled]' \
        "the client gets nothing, or a gateway's 502" '@expect error ECONNABORTED'
}

fastcgi_programs_too() {
    printf '### \n# @expect status 200\nPOST /a HTTP/1.1\nHost: a\n\nbody\n\n### \n# @expect status 202\nGET /b HTTP/1.1\nHost: a\n\n' >a.http
    by_itself 0 check "$fcgi" a.http
    out '2 requests, a fcgi program, 2 profiles (nginx:fastcgi+libfcgi, apache:fastcgi+libfcgi)' 'expectations: 2, failed: 0'
    requests b.http /headless
    by_itself 1 check --server fastcgi "$fcgi" b.http
    out "fcgi_program.c:$(line 'writes */' "$here/programs/fcgi_program.c"): error: accept_all" 'fastcgi.head.invalid' \
        "fcgi_program.c:$(line 'accepts */' "$here/programs/fcgi_program.c"): layer accept_all"
    by_itself 2 check --arg twice --server fastcgi "$fcgi" a.http
    err 'accepts in more than one thread'
}

ulfius_programs_too() {
    expecting a.http 200 /items/7
    by_itself 0 check "$programs/ulfius_program" a.http
    out '1 request, a ulfius program, 3 profiles (direct+ulfius, nginx+ulfius, haproxy+ulfius)' 'expectations: 1, failed: 0'
    by_itself 0 check --faults --server direct+ulfius "$programs/ulfius_program" a.http
    no_out '[state.memory.leaked]' # libulfius frees all, also of a request that failed early
    requests b.http /crash
    by_itself 1 check --server direct+ulfius "$programs/ulfius_program" b.http
    out 'SIGABRT in layer crash (GET /crash, priority 0)'
}

no_socket_is_opened() {
    expecting a.http 200 /a
    "$programs/without_sockets" "$bin" check --arg loop "$program" a.http >out 2>err </dev/null
    case $? in 0) out 'expectations: 1, failed: 0' ;; 77) unable='it cannot be watched here' ;; *) complain 'a socket was opened' ;; esac
    "$programs/without_sockets" "$bin" check --server fastcgi "$fcgi" a.http >out 2>err </dev/null
    case $? in 0 | 77) ;; *) complain 'a socket was opened for FastCGI' ;; esac
    requests b.http /socket
    "$programs/without_sockets" "$bin" check --server memory "$program" b.http >out 2>err </dev/null
    case $? in 1) out 'SIGSYS in layer serve' ;; 77) ;; *) complain 'a socket would not be seen' ;; esac
}

the_clock_is_the_clients() {
    expecting a.http 200 /time
    by_itself 0 check --server memory --now 1750000000 "$program" a.http
    out 'expectations: 1, failed: 0'
}

allocations_fail_in_turn() {
    requests a.http /memory
    by_itself 1 check --server memory --each-malloc "$program" a.http
    if grep -q 'another malloc stands before' err; then # a sanitizer's
        complaints='' unable='another malloc stands before'
        return
    fi
    out 'SIGSEGV in layer serve when allocation'
}

allocations_of_fastcgi_programs_too() {
    requests a.http /memory
    by_itself 1 check --server fastcgi --server nginx:fastcgi+libfcgi --each-malloc "$fcgi" a.http
    if grep -q 'another malloc stands before' err; then # a sanitizer's
        complaints='' unable='another malloc stands before'
        return
    fi
    out 'SIGSEGV in layer accept_all when allocation 1 (8 bytes) failed' 'not tried: malloc in libfcgi, which ends the process'
    no_out 'not run'
    by_itself 1 check --server fastcgi --faults "$fcgi" a.http
    out 'error: accept_all keeps memory of every request' '[state.memory.leaked]'
}

one_that_ends_after_some_requests_is_started_again() {
    expecting a.http 200 /a
    expecting b.http 202 /b
    cat b.http >>a.http && expecting b.http 200 /c && cat b.http >>a.http
    by_itself 0 check --server fastcgi --server nginx:fastcgi+libfcgi --arg few "$fcgi" a.http
    out 'expectations: 3, failed: 0' 'the program ended by itself after some requests, and was started again: 2 times'
    no_out 'crash' 'not run'
    by_itself 0 check --server fastcgi --arg few --faults "$fcgi" a.http
    out 'not tried with faults: 3, first a.http:3 (the program ends by itself after so many requests)'
    by_itself 1 check --server fastcgi --arg unfinished "$fcgi" a.http
    # with a leak of its request, where a sanitizer looks for it: 1
    grep -q 'the process ended itself with exit status [01] in layer accept_all \[crash\]' out || complain 'its end is not told'
    err 'the program ends before it has finished the request'
}

one_that_ends_by_itself_after_a_crash() {
    requests a.http /trusts
    expecting b.http 200 /b
    cat b.http >>a.http
    by_itself 1 check --server fastcgi --arg few --arg 5 --each-malloc "$fcgi" a.http
    if grep -q 'another malloc stands before' err; then # a sanitizer's
        complaints='' unable='another malloc stands before'
        return
    fi
    out 'SIGSEGV in layer accept_all when allocation 1 (8 bytes) failed' 'crashed or hung: 1' 'expectations: 1, failed: 0' \
        'not tried with allocations that fail: 2' 'was started again: 1 time'
    no_out 'not run'
}

what_a_library_makes_of_a_shortage_is_told_once() {
    requests a.http /items/7
    by_itself 1 check --server memory --each-malloc "$programs/ulfius_program" a.http
    if grep -q 'another malloc stands before' err; then # a sanitizer's
        complaints='' unable='another malloc stands before'
        return
    fi
    count out 1 'note: libulfius.so'
    out 'ends the process when it gets no memory, before or after the handlers [crash]' "that is the library's, not the program's" \
        'error: SIGSEGV in layer show (GET /items/:id, priority 0) when allocation'
    no_out 'in layer ulfius when' 'not tried with allocations' # all of them were, though the heap was broken in some
}

leaks_where_other_threads_stand_still() {
    local way
    requests a.http /leak
    for way in reads pauses receives; do
        by_itself 1 check --server direct+microhttpd --faults --arg "$way" "$program" a.http
        if grep -q 'libstackrig-malloc.so could not' out; then # a sanitizer's malloc stands before it
            complaints='' unable='another malloc stands before'
            return
        fi
        out 'error: serve keeps memory of every request' '[state.memory.leaked]'
        no_out 'leaks were not looked for'
    done
    for way in sleeps 'receives for a while'; do
        by_itself 0 check --server direct+microhttpd --faults --arg "$way" "$program" a.http
        out 'leaks were not looked for: another thread of the process runs meanwhile, or wakes by itself' 'a test linked to'
    done
}

a_sanitizer_that_does_not_get_to_the_leaks() {
    expecting a.http 200 /a
    ${CC:-cc} -g -fsanitize=address "$source_of" -lmicrohttpd -o sanitized 2>/dev/null || return 0
    readelf -d sanitized | grep -q libasan || return 0 # clang's is in the program
    by_itself 0 check --server direct+microhttpd --arg pauses ./sanitized a.http
    out "AddressSanitizer did not look for the program's leaks" 'when its input ended: 1 time'
    by_itself 0 check --server direct+microhttpd --arg pauses "$program" a.http
    case $(readelf -d "$program") in *libasan*) return ;; esac
    no_out AddressSanitizer
    by_itself 0 check --server direct+microhttpd ./sanitized a.http
    no_out AddressSanitizer
}

faults_are_tried() {
    printf '### \nPOST /a HTTP/1.1\nHost: a\n\nbody\n' >a.http
    by_itself 0 check --server direct+microhttpd --faults "$program" a.http
    out 'with faults: ' ' 0 lied, 0 spoiled'
    no_out 'not tried with faults'
    by_itself 0 check --server fastcgi --faults "$fcgi" a.http
    out 'with faults: ' ' 0 lied, 0 spoiled'
}

requests_from_a_pipe() {
    expecting a.http 200 /a
    "$bin" check --server memory "$program" /dev/stdin <a.http >out 2>err || complain "status $?"
    out 'expectations: 1, failed: 0'
    by_itself 2 check "$program" missing.http
    err 'cannot read missing.http'
}

a_name_without_a_slash() {
    cp "$program" here
    expecting a.http 200 /a
    by_itself 0 check --server memory here a.http
    out 'expectations: 1, failed: 0'
}

# what the README shows of it
the_example_of_the_readme() {
    cd "$requests_of/.." || return
    "$bin" check --server direct+microhttpd "$built/examples/microhttpd_auth/program" \
        examples/microhttpd_auth/requests.http >"$work/out" 2>"$work/err" && complain 'nothing was found'
    awk '/^    stackrig check .*microhttpd_auth\/program/ { here = 1 } here && /^```$/ { exit } lines { print } here && /^```text$/ { lines = 1 }' \
        README.md >"$work/shown"
    cd "$work" || return
    head -n "$(wc -l <shown)" out | diff shown - >differs || complain "the README shows something else: $(cat differs)"
    [ -s shown ] || complain 'the README shows nothing'
}

# ---- it does not ----

one_that_ends_at_once() {
    requests a.http /a
    by_itself 2 check --arg exits "$program" a.http
    err 'microhttpd_program ended with exit status 3 before it started a server; --arg gives it arguments' \
        'microhttpd_program printed:' '  | usage: microhttpd_program \x1b[1mWAY'
    silent out
}

one_that_crashes_at_once() {
    requests a.http /a
    by_itself 1 check --arg crashes "$program" a.http
    out 'SIGABRT before the program had a server [crash]' 'not run: 3 of 3, the program could not be started any more'
}

one_that_never_has_a_server() {
    requests a.http /a
    by_itself 2 check --timeout 0.5 --arg never "$program" a.http
    err 'started no server within 0.5 s (--timeout)'
    silent out
}

one_that_has_two() {
    requests a.http /a
    by_itself 2 check --arg two "$program" a.http
    err 'the program has 2 servers, and a check is of one: port 8081 (' "microhttpd_program.c:$(line 'starts */'))" 'port 8080'
    silent out
}

one_that_stops_it() {
    requests a.http /a
    by_itself 2 check --arg stops "$program" a.http
    err 'the program stopped its server at once'
}

a_crash_in_a_handler() {
    printf '### \nGET /crash HTTP/1.1\nHost: a\n\n### \n# @expect status 200\nGET /b HTTP/1.1\nHost: a\n' >a.http
    by_itself 1 check --server memory "$program" a.http
    out 'SIGABRT in layer serve [crash]' 'a.http:2: GET /crash' 'crashed or hung: 1' 'expectations: 1, failed: 0'
    err '  | about to crash'
}

a_hang_in_a_handler() {
    requests a.http /hang
    by_itself 1 check --server memory --timeout 0.5 "$program" a.http
    out 'no end after 0.5 s in layer serve [hang]'
}

an_exit_in_a_handler() {
    requests a.http /exit
    by_itself 1 check --server memory "$program" a.http
    out 'the process ended itself with exit status 7 in layer serve'
}

a_crash_at_the_end() {
    expecting a.http 200 /a
    by_itself 1 check --server memory --arg reads --arg crash "$program" a.http
    out 'SIGABRT while the program ended [crash]' 'expectations: 1, failed: 0'
}

what_is_left_running() {
    expecting a.http 200 /a
    by_itself 0 check --server memory --arg pauses "$program" a.http
    ! pgrep -f "$program pauses" >/dev/null || complain 'the program still runs'
}

files_that_are_no_programs() {
    requests a.http /a
    printf '#!/bin/sh\nexec true\n' >script
    chmod +x script
    by_itself 2 check script a.http
    err './script is a script; give the program that it starts'
    cp "$program" copy
    chmod -x copy
    by_itself 2 check copy a.http
    err './copy is a program, but not executable'
    chmod +x copy
    chmod u+s copy
    by_itself 2 check copy a.http
    err './copy has privileges of its own'
    chmod u-s copy
    printf '\377\177' | dd of=copy bs=1 seek=18 conv=notrunc 2>/dev/null
    by_itself 2 check copy a.http
    err './copy is built for another machine'
    by_itself 2 check "$programs/without_sockets" a.http
    err 'needs neither libmicrohttpd nor libulfius nor libfcgi' '--framework NAME'
    head -c 3000 "$program" >cut
    chmod +x cut
    by_itself 2 check cut a.http
    silent out
}

statically_linked_ones() {
    requests a.http /a
    printf 'int main(void) { return 0; }\n' >none.c
    ${CC:-cc} -static none.c -o static 2>/dev/null && ${CC:-cc} -static-pie none.c -o static_pie 2>/dev/null || return 0
    by_itself 2 check ./static a.http
    err './static is statically linked'
    by_itself 2 check ./static_pie a.http
    err './static_pie is statically linked'
}

loaders_that_fail() {
    requests a.http /a
    printf '#!/bin/sh\necho linux-vdso.so.1\necho "no libraries today" >&2\nexit 1\n' >loader
    chmod +x loader
    echo 'int main(void) { return 0; }' >none.c
    ${CC:-cc} -Wl,--dynamic-linker="$PWD/loader" none.c -o odd
    by_itself 2 check ./odd a.http
    err 'loader, the loader of ./odd, does not tell its libraries: no libraries today'
    silent out
}

frameworks_that_it_does_not_need() {
    requests a.http /a
    by_itself 2 check --framework fcgi "$program" a.http
    err '--framework fcgi:' 'microhttpd_program needs libmicrohttpd.so: it is a program for microhttpd'
    by_itself 2 check --framework ulfius "$program" a.http
    err 'it is a program for microhttpd'
    by_itself 2 check --framework microhttpd "$programs/ulfius_program" a.http
    err 'ulfius_program needs libulfius.so: it is a program for ulfius'
    expecting b.http 200 /a
    by_itself 0 check --framework fcgi --server fastcgi "$fcgi" b.http
    out 'expectations: 1, failed: 0'
}

servers_that_do_not_speak_to_it() {
    requests a.http /a
    by_itself 2 check --server nginx:fastcgi+libfcgi "$program" a.http
    err '--server: nginx:fastcgi+libfcgi does not speak HTTP' 'try direct+microhttpd, nginx+microhttpd'
    printf '###\n# @server nginx+plain\nGET / HTTP/1.1\nHost: a\n' >b.http
    by_itself 2 check "$fcgi" b.http
    err 'b.http:3: nginx+plain does not speak FastCGI'
    silent out
}

verbs_that_take_no_programs() {
    local verb
    requests a.http /a
    for verb in trace bisect parity fuzz; do
        by_itself 2 "$verb" "$program" a.http
        err "microhttpd_program is a program: only \`stackrig check\` takes programs"
    done
}

options_for_the_other_kind() {
    requests a.http /a
    by_itself 2 check --set a=b "$program" a.http
    err '--set is for a stack'
    by_itself 2 check --framework apache "$program" a.http
    err '--framework wants ulfius, microhttpd or fcgi, not apache'
    by_itself 2 check --framework fcgi "$stacks/fine.so" a.http
    err '--framework is for programs, and' 'fine.so is none'
    by_itself 2 check --arg 1 "$stacks/fine.so" a.http
    err '--arg is for programs'
}

every_test_but line expecting
