#!/usr/bin/env bash
# stackrig check says of the examples what was measured with real servers.
. tests/cli/common.sh

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

every_test_but measured says
