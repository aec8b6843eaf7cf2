#!/usr/bin/env bash
# Tests of the command: tests/cli/run.sh STACKRIG_BIN BUILD_DIR
# Prints `ok NAME` or `not ok NAME` for each, and ends with `N passed, N failed, N skipped`.
# shellcheck disable=SC2016,SC2181 # backquotes are looked for as they are
set -u

if [ $# -ne 2 ]; then
    echo "usage: tests/cli/run.sh STACKRIG_BIN BUILD_DIR" >&2
    exit 2
fi
bin=$(readlink -f "$1")
stacks=$(readlink -f "$2")/tests/cli/stacks
sources=$(readlink -f "$(dirname "$0")")/stacks
examples=$(readlink -f "$2")/examples requests_of=$(readlink -f "$(dirname "$0")")/../../examples
results=$(readlink -f "$(dirname "$0")")/../conformance/early_response/results.tsv
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
name='' complaints=''

cd "$work" || exit 2
export LC_ALL=C
unset NO_COLOR
# a sanitizer's own handlers would turn a signal into an exit status
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0:handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0

# ---- what tests are made of ----

complain() { complaints+="    $1"$'\n'; }

# by_itself STATUS ARGUMENT...: the command, its output into $work/out and $work/err
by_itself() {
    local wanted=$1 status
    shift
    "$bin" "$@" >out 2>err </dev/null
    status=$?
    [ "$status" -eq "$wanted" ] || complain "status $status, wanted $wanted: stackrig $*"
}

# run STATUS ARGUMENT...: the same, a check under http1 alone unless it names its profiles
run() {
    case "$* " in
    *' --server'*) by_itself "$@" ;;
    [0-9]' check '*) by_itself "$1" check --server http1 "${@:3}" ;;
    *) by_itself "$@" ;;
    esac
}

# out TEXT..., err TEXT...: each is part of it; no_out: none is
holds() {
    local file=$1 text
    shift
    for text; do
        grep -qF -e "$text" "$file" || complain "$file lacks: $text"
    done
}
out() { holds out "$@"; }
err() { holds err "$@"; }
lacks() {
    local file=$1 text
    shift
    for text; do
        ! grep -qF -e "$text" "$file" || complain "$file has: $text"
    done
}
no_out() { lacks out "$@"; }
no_err() { lacks err "$@"; }
silent() { [ ! -s "$1" ] || complain "$1 is not empty: $(head -n 1 "$1")"; }
count() { # count FILE N TEXT
    local found
    found=$(grep -cF -e "$3" "$1")
    [ "$found" -eq "$2" ] || complain "$1 has $found lines with, wanted $2: $3"
}

# A zombie that nobody has reaped is dead.
alive() {
    kill -0 "$1" 2>/dev/null && ! grep -q '^State:.*zombie' "/proc/$1/status" 2>/dev/null
}

verdict() {
    if [ -z "$complaints" ]; then
        echo "ok $name"
        passed=$((passed + 1))
    else
        echo "not ok $name"
        printf '%s' "$complaints"
        sed 's/^/    | /' out err | head -n 15
        failed=$((failed + 1))
    fi
}

skip() {
    echo "ok $1 # skipped: $2"
    skipped=$((skipped + 1))
}

check() { # check FUNCTION
    name=$1 complaints=''
    : >out
    : >err
    "$1"
    verdict
}

requests() { # requests FILE TARGET...: one GET each
    local file=$1 target
    shift
    for target; do
        printf '### \nGET %s HTTP/1.1\nHost: example.org\n\n' "$target"
    done >"$file"
}

# ---- verbs that only print ----

no_verb() {
    run 2
    err 'expected a verb: check, explain, rules, list or servers' '--help'
    silent out
}

unknown_verb() {
    run 2 chekc
    err 'unknown verb chekc; expected check, explain, rules, list or servers' 'stackrig --help'
    run 2 --nonsense
    err 'unknown option --nonsense'
}

help_and_version() {
    local verb
    run 0 --help
    out 'usage: stackrig' check explain rules list servers
    silent err
    run 0 --version
    out 'stackrig 0.' 'ABI 1'
    for verb in check explain rules list servers; do
        run 0 "$verb" --help
        out "usage: stackrig $verb"
        silent err
    done
}

options_that_are_wrong() {
    local verb
    for verb in check explain rules list servers; do
        run 2 "$verb" --nonsense
        err 'unknown option --nonsense' "stackrig $verb --help"
        silent out
    done
    run 2 check -x
    err 'unknown option -x'
    run 2 check --server
    err '--server needs a value'
    run 2 check --help=yes
    err '--help takes no value'
    run 2 check --pasword=hunter2
    err 'unknown option --pasword'
    no_err hunter2
    run 2 rules more
    err "rules: 'more' is too much"
    run 2 explain
    err 'explain: expected RULE'
    run 2 list
    err 'list: expected FILE.http...'
}

rules_and_explain() {
    local rule
    run 0 rules
    out 'input.early_answer.unread' 'env.identity.replaced' 'off unless enabled'
    cp out all
    while read -r rule _; do
        run 0 explain "$rule"
        out "$rule: " 'armed when:' 'level:' 'why:' 'how to mend it:' 'source:' 'since:'
    done <all
    run 0 explain env.log.written
    out 'off unless enabled'
}

explain_unknown() {
    run 2 explain input.early_answer.unraed
    err 'no rule is called input.early_answer.unraed' 'is it input.early_answer.unread'
    run 2 explain early_answer
    err 'or input.early_answer.unread?'
    run 2 explain next.call.
    err 'next.call.after_answer or next.call.twice?'
    run 2 explain zzzzzz
    err '`stackrig rules`'
    run 2 explain ''
    err 'no rule is called'
    run 2 explain "$(printf 'x%.0s' {1..300})"
    err 'no rule is called xxx'
    run 2 explain $'a\e[31m'
    err 'a\x1b[31m'
    silent out
}

servers_are_listed() {
    run 0 servers
    out 'http1' '(the default)' 'memory' 'passenger3'
    head -n 1 out | grep -q '^http1' || complain 'the first is not the default'
}

list_requests() {
    printf '### \n# @name log in\nPOST /login?token=abcdefgh HTTP/1.1\nHost: a\n\nx=1\n### \n# @name two\nGET /b HTTP/1.1\nHost: a\n' >a.http
    requests b.http /c
    run 0 list a.http b.http
    out 'a.http:3: log in  POST /login?token=****' 'a.http:9: two  GET /b' 'b.http:2: GET /c  GET /c'
    no_out abcdefgh
}

list_what_is_wrong() {
    requests good.http /a
    run 2 list missing.http good.http
    err 'cannot read missing.http: No such file'
    out 'good.http:2:'
    run 2 list .
    err 'cannot read .: Is a directory'
    : >empty.http
    run 2 list empty.http
    err 'empty.http'
    cp "$stacks/fine.so" stack.http
    run 2 list stack.http
    err 'stack.http is a program or a shared object, not a file of requests'
    truncate -s 65M big.http
    run 2 list big.http
    err 'cannot read big.http: File too large'
    printf '### \nGET /a HTTP/1.1\nno colon here\n' >bad.http
    run 2 list bad.http
    err 'bad.http:3:1: expected'
}

rules_in_a_file_that_are_none() {
    wrong() {
        printf '### \nGET /\n###\n# @%s\nGET /' "$1" >wrong.http
        run 2 list wrong.http
        err "wrong.http:4:$2" "$3"
    }
    wrong 'expect finding next.call.twise' '19: expected the id of a rule' "is none; is it next.call.twice?"
    wrong 'expect finding next.*' '19: ' 'is it next.call.after_answer, next.call.twice or next.lifetime.stale?'
    wrong 'ignore imput.*' '11: expected a rule or area.*' "matches none; is it input.*?"
    wrong 'enable env.log' '11: ' 'is it env.log.written?'
    wrong 'enable nothing.like.it' '11: ' 'matches none; `stackrig rules` lists them'
    wrong 'expect status 1000' '18: ' "found '1000'"
    no_err 'stackrig rules'
}

# ---- stackrig check: input ----

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
    err 'no server profile is called nginx9' '`stackrig servers`'
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

stacks_that_are_none() {
    requests a.http /a
    run 2 check ./missing.so a.http
    err 'cannot read ./missing.so: No such file'
    run 2 check a.http a.http
    err './a.http is not a shared object'
    run 2 check . a.http
    err 'not a shared object'
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
    err "stackrig: the stack's build function returned -22 (EINVAL)"
    run 2 check --set mode=misuse "$stacks/building.so" a.http
    grep -qE 'building\.c:[0-9]+: rig_use was given a NULL .*; the stack.s build function returned -22' err ||
        complain 'no place'
    run 1 check --set mode=crash "$stacks/building.so" a.http
    out 'building.so: error: SIGSEGV while the stack was built [crash]' 'not run: 1 of 1'
    run 1 check --set mode=hang --timeout 0.3 "$stacks/building.so" a.http
    out 'error: no end after 0.3 s while the stack was built [hang]'
    run 1 check "$stacks/constructor.so" a.http
    out 'error: SIGSEGV while the stack was loaded [crash]'
    run 1 check --server http1 --server memory --set mode=second "$stacks/building.so" a.http
    out 'SIGSEGV while the stack was built' 'crashed or hung: 1'
    no_out 'not run'
    run 1 check --server http1 --server memory --set mode=destroy "$stacks/building.so" a.http
    out 'SIGILL while the stack was freed [crash]' 'crashed or hung: 2'
    no_out 'not run'
    requests a.http /a /b
    run 1 check --set mode=warm_up "$stacks/building.so" a.http
    out 'building.c:' '[input.early_answer.unread]' '[usage.stack.warm_up]' 'findings: 1 error,'
}

# ---- stackrig check: runs ----

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

# ---- what was measured ----

# measured: for each front and bytes what came to an engine that closes with the body unread (E3), and whether always;
# of sizes in between both neighbours count
measured() {
    awk -F'\t' '
        function add(bytes, i, outcome, part) {
            cell[$1 " " bytes]
            for (i = split($7, outcome, " "); i > 0; i--) {
                split(outcome[i], part, "=")
                if (part[1] ~ /^401/) { kept[$1 " " bytes] = 1; continue }
                lost[$1 " " bytes] = part[1] ~ /^50/ ? substr(part[1], 1, 3) : "closed"
            }
            if ($8 ~ /readv\(\) failed|Cannot read response|was dropped after accept/) logged[$1 " " bytes] = 1
        }
        $2 != "E3" || $5 == "expect" { next }
        $3 == 1 || $3 == 1024 { add(9) }
        $3 == 65536 || $3 == 1048576 { add(102400) }
        $3 == 1048576 { add(1048576) }
        END {
            for (i in cell)
                print i, lost[i] ? lost[i] : logged[i] ? "logged" : "fine", lost[i] && kept[i] ? "race" : "sure"
        }
    ' "$results"
}

# says SERVER OUTCOME HOW: the line of that profile in `out`
says() {
    local line wanted
    line=$(grep -E "^  (.*, )?${1//+/\\+}(,.*)?( \(modelled\))?( \[[a-z]+\])?: " out)
    case $2 in
    50?) wanted="answers $2" ;;
    closed) wanted="closes the client's connection without a byte" ;;
    logged) wanted='it logs "' ;;
    fine) wanted='[note]: on this server nothing goes wrong' ;;
    esac
    [[ $line == *"$wanted"* ]] || complain "$1 does not say \"$wanted\": $line"
    case $2-$3 in
    *-race) [[ $line == *'(a race: '* ]] || complain "$1 does not say that it is a race: $line" ;;
    fine-* | *-sure) [[ $line != *'(a race: '* ]] || complain "$1 was no race: $line" ;;
    esac
}

the_broken_example_as_it_was_measured() {
    local wanted status front bytes outcome how said=0
    local -A servers=([nginx-proxy-tcp-on]=nginx+plain [nginx-proxy-unix-on]=nginx:unix [haproxy-tcp]=haproxy+plain
        [nginx-proxy-tcp-off]=nginx:stream [apache-proxy_http-tcp]=apache+plain [apache-proxy_http-unix]=apache:unix
        [lighttpd-proxy-tcp-buf]=lighttpd+plain [nginx+p3hop-unix]=passenger3)
    measured >cells
    for wanted in 9=0 102400=1 1048576=1; do
        printf '### \nPOST /api/items HTTP/1.1\nHost: a\n\n%*s' "${wanted%=*}" . >a.http
        run "${wanted#*=}" check "${servers[@]/#/--server=}" "$examples/early_answer/stack_broken.so" a.http
        while read -r front bytes outcome how; do
            [ "$bytes$front" = "${wanted%=*}${servers[$front]+$front}" ] || continue
            says "${servers[$front]}" "$outcome" "$how"
            said=$((said + 1))
        done <cells
    done
    [ "$said" -eq 24 ] || complain "$said cells were compared, not 24"
}

# Requests of one connection, and of two that share what a gateway keeps: the second gets a 400 for the first.
a_connection_is_named() {
    local second stack=$examples/early_answer/stack_broken.so
    for second in same another; do
        printf '### \n# @connection same\nPOST /api/items\n\nname=pump\n### \n# @connection %s\nGET /x\n' $second >a.http
        run 1 check --server nginx+kept "$stack" a.http
        out "stack_broken.c:10: error: GET /x got a 400: authentication left 9 bytes of POST /api/items on the connection" \
            '[input.early_answer.misdirected]' '  a.http:3: POST /api/items, 9 bytes left' 'findings: 2 errors'
        run 1 check "$stack" a.http
        count out "$([ $second = same ] && echo 1 || echo 0)" '[input.early_answer.misdirected]'
        run 0 check --server direct+unicorn "$stack" a.http # closes: the client opens another
        no_out '[input.early_answer.misdirected]' refused
    done
    printf '### \n# @connection\nGET /\n' >a.http
    run 2 check "$stack" a.http
    err 'expected the name of one connection'
}

the_mended_examples_are_silent_under_every_profile() {
    local server profiles=() stack
    run 0 servers
    while read -r server _ && [ -n "$server" ]; do
        profiles+=(--server "$server")
    done <out
    [ "${#profiles[@]}" -ge 30 ] || complain 'the list of profiles was not read'
    for stack in early_answer/stack_mended copied_env/stack_mended basic_auth/stack_basic_auth truncated_body/stack_mended; do
        run 0 check --fail-on note --set "credentials=$requests_of/basic_auth/users.txt" "${profiles[@]}" "$examples/$stack.so" "$requests_of/${stack%/*}/requests.http"
        out " $((${#profiles[@]} / 2)) profiles (" 'findings: 0 errors, 0 warnings, 0 notes'
    done
}

# ---- findings ----

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
    out 'a.http:2: note: '
    run 0 check --server memory --fail-on warning "$stacks/findings.so" a.http
    run 1 check --server memory --fail-on note "$stacks/findings.so" a.http
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

# ---- stackrig check: layers that die ----

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

a_crash_under_each_profile_is_one_block() {
    requests a.http /segv
    run 1 check --server http1 --server memory "$stacks/crash.so" a.http
    count out 1 '[crash]'
    out 'under http1, memory' 'crashed or hung: 2'
}

each_allocation_fails() {
    requests a.http /ann /b
    run 1 check --each-malloc "$stacks/memory.so" a.http
    out 'error: SIGSEGV in layer greeter when allocation 3 (100 bytes) failed, in memory.so(' 'a.http:2: GET /ann' \
        'when allocation 2 (5 bytes) and all after it failed, in memory.so(' \
        'allocations that failed in turn: 8; crashed or hung: 3' 'crashed or hung: 3'
    count out 3 '[crash]'
    run 1 check --each-malloc --server http1 --server memory "$stacks/memory.so" a.http
    count out 3 '[crash]'
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
    no_out 'GET /b'
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

a_hang_is_ended() {
    requests a.http /hang /b /hang
    run 1 check --timeout 0.5 "$stacks/hang.so" a.http
    out 'no end after 0.5 s in layer sleeper [hang]' 'a.http:2: GET /hang' 'a.http:10: GET /hang' 'crashed or hung: 2'
    grep -qE 'hang\.c:[0-9]+: error: ' out || complain 'no line'
    no_out 'not run'
}

# ---- faults ----

posts() { # posts FILE TARGET...: one POST each
    local file=$1 target
    shift
    for target; do
        printf '### \nPOST %s HTTP/1.1\nHost: example.org\n\nname=lamp\n\n' "$target"
    done >"$file"
}

faults_show_what_no_request_does() {
    local broken=$examples/truncated_body/stack_broken.so
    run 0 check "$broken" "$requests_of/truncated_body/requests.http"
    no_out 'with faults'
    run 1 check --faults "$broken" "$requests_of/truncated_body/requests.http"
    count out 1 '[input.truncated.accepted]'
    out 'stack_broken.c:19: error: uploads answered 201 though it had not got all of the body' 'with eintr at read 1' \
        'requests.http:4: an upload' 'findings: 1 error' 'expectations: 1, failed: 0'
    grep -qE '^with faults: [0-9]{3,} requests; of [0-9]{2,} faults [0-9]+ unharmed, [0-9]+ answered 4xx or 5xx, .* [1-9][0-9]* lied, 0 spoiled$' out ||
        complain 'what came of the faults is not told'
    run 0 check --faults "$broken" "$requests_of/truncated_body/broken.http"
    out 'error (expected): uploads answered 201'
    run 1 check "$broken" "$requests_of/truncated_body/broken.http"
    out 'expected finding input.truncated.accepted, there was none'
}

mended_examples_are_silent_under_faults() {
    local stack
    for stack in early_answer/stack_mended copied_env/stack_mended basic_auth/stack_basic_auth truncated_body/stack_mended; do
        run 0 check --faults --fail-on note --set "credentials=$requests_of/basic_auth/users.txt" "$examples/$stack.so" \
            "$requests_of/${stack%/*}/requests.http"
        out 'with faults: ' 'findings: 0 errors, 0 warnings, 0 notes'
    done
}

a_crash_with_a_fault_names_it() {
    posts a.http /crash /lie /fine
    run 1 check --server http1 --faults "$stacks/fragile.so" a.http
    out 'SIGSEGV in layer fragile, with eintr at read 1 [crash]' 'a.http:2: POST /crash' 'crashed or hung: 1' \
        'warning: fragile had a read fail' '[input.error.swallowed]' 'a.http:8: POST /lie'
    no_out 'POST /fine' 'not run'
}

a_hang_with_a_fault_names_it() {
    posts a.http /wait /fine
    run 1 check --server http1 --timeout 0.5 --faults "$stacks/fragile.so" a.http
    out 'no end after 0.5 s in layer fragile, with eintr at read 1 [hang]' 'crashed or hung: 1'
    no_out 'not run'
}

# ---- where it writes ----

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

for test in no_verb unknown_verb help_and_version options_that_are_wrong rules_and_explain explain_unknown \
    servers_are_listed list_requests list_what_is_wrong rules_in_a_file_that_are_none check_operands option_values stacks_that_are_none \
    stack_that_does_not_resolve unreadable_files build_that_fails a_clean_run stack_in_the_working_directory \
    early_answer_is_found three_profiles_by_default profiles_are_put_together profiles_that_cannot_be \
    the_broken_example_as_it_was_measured a_connection_is_named the_mended_examples_are_silent_under_every_profile a_long_list_is_cut a_finding_of_some_profiles_says_so \
    levels_decide_the_status copied_env_is_found expected_findings_do_not_count \
    expectations_that_fail a_request_names_its_server filter_takes_a_part required_rules suppressed_findings_are_told \
    an_unhandled_error_fails_the_run an_expected_error_does_not_count a_request_that_cannot_be_sent a_refused_request_is_told more_findings_than_can_be_kept secrets_are_masked crashes_are_reported_and_the_rest_goes_on \
    a_crash_under_each_profile_is_one_block a_crash_fails_its_expectations each_allocation_fails what_a_failed_allocation_leaves_behind leaks_are_found_with_faults the_clock_is_set a_crash_in_a_destructor a_crash_in_a_stream \
    a_layer_that_writes_into_the_pipe a_layer_that_closes_the_pipe a_layer_that_leaves_a_child_behind unarmed_rules_are_listed rules_of_a_framework_are_listed_where_it_is_in_use a_hang_is_ended \
    faults_show_what_no_request_does mended_examples_are_silent_under_faults a_crash_with_a_fault_names_it a_hang_with_a_fault_names_it \
    output_that_cannot_be_written streams_that_are_closed \
    names_are_escaped; do
    check "$test"
done
for test in colours_only_on_a_terminal progress_only_on_a_terminal; do
    if command -v script >/dev/null; then
        check "$test"
    else
        skip "$test" 'script(1) is not installed'
    fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
