#!/usr/bin/env bash
# What happens in a request, layer by layer.
. tests/cli/common.sh
schema=$here/../../docs/trace.schema.json

the_copied_env() {
    local line
    run 0 trace "$examples/copied_env/stack_broken.so" "$requests_of/copied_env/requests.http"
    out 'failing action, GET /items/13 under http1' '> error_reporter, env#1' '| | |   copies the env: env#7' \
        'env app.request_id: absent -> request-1' 'env action_controller.instance: absent -> an object' \
        'next, with env#7' '< items returned -5 (EIO)' 'logs: an unknown controller failed (-5)' \
        'answered: status 500' 'X-Request-Id: request-1  by request_id' '= 500' '[env.identity.replaced]' '= 200'
    no_out 'failed (-5)\x0a'
    line=$(grep -n 'rig_env_copy(env)' "$requests_of/copied_env/stack_broken.c" | cut -d: -f1)
    grep 'copies the env' out | grep -q "stack_broken.c:$line\$" || complain "the copy has not its line $line"
    # each layer that is entered is left, in turn
    [ "$(grep -c '> ' out)" -ge 10 ] || complain 'fewer layers than there are'
    [ "$(sed -n 's/^[| ]*> \([a-z_]*\), .*/\1/p' out | sort)" = "$(sed -n 's/^[| ]*< \([a-z_]*\)[ ,].*/\1/p' out | sort)" ] ||
        complain 'who is entered is not who is left'
    silent err
}

reads_and_filters() {
    run 0 trace --filter 'anonymous POST' "$examples/early_answer/stack_mended.so" "$requests_of/early_answer/requests.http"
    out 'drain 9 bytes' 'took 9 bytes of the body' 'answered: status 401'
    [ "$(grep -c ' under http1$' out)" = 1 ] || complain 'more than the request asked for'
    run 0 trace --filter 'anonymous POST' "$examples/early_answer/stack_broken.so" "$requests_of/early_answer/requests.http"
    out '[input.early_answer.unread]'
    no_out 'drain 9'
}

a_crash_ends_it() {
    printf 'GET /fine\n\n###\nGET /\n\n###\nGET /fine\n' >three.http
    run 1 trace --set guilty=4 --set how=crash "$stacks/guilty.so" three.http
    out 'three.http:1: ' 'three.http:4: ' '> four, ' '! signal 11' 'the requests after it were not sent'
    no_out 'three.http:7: '
}

a_hang_without_a_pipe_ends_too() {
    printf 'GET /\n' >one.http
    run 1 trace --timeout 0.5 --set guilty=4 --set how=shut "$stacks/guilty.so" one.http
    out '> four, ' '! no end after 500 ms'
}

# valid: out is JSON as its documented schema has it
valid() {
    jsonschema -i out "$schema" >complaints 2>&1 || complain "not as the schema has it: $(grep -v -i deprecat complaints | tail -n 3)"
}

# of_json EXPRESSION: what Python makes of it
of_json() {
    python3 -c 'import json, sys
trace = json.load(open("out"))
requests = trace["requests"]
print(eval(sys.argv[1]))' "$1"
}

# says EXPRESSION TEXT
says() {
    local said
    said=$(of_json "$1" 2>&1)
    [ "$said" = "$2" ] || complain "$1 is $said, wanted $2"
}

hostile_requests() {
    cat >hostile.http <<'EOF'
### </script>
# @name </script><script>
# @escapes on
POST /drains?q=%3Cscript%3E&token=visible1&x='%22%ff
Host: a
X-Internal: internal-value-of-the-client
Authorization: Basic am9lOmNvcnJlY3Rob3JzZQ==
Cookie: sid=tasty-secret

hello <script>window.hurt = 1</script>

### leaves the body
POST /leaves
Host: a

0123456789
EOF
}

json_has_all_of_it() {
    hostile_requests
    run 0 trace --json --now 2026-01-01T00:00:00Z --mask X-Internal "$stacks/traced.so" hostile.http
    valid
    silent err
    says 'trace["format"], trace["version"], len(requests), trace["stacks"][0][-9:]' "('stackrig-trace', 1, 2, 'traced.so')"
    says '[hop["layer"] for hop in requests[0]["hops"]]' "['<i>writer</i>', 'retry', 'reader', 'app', 'reader', 'app']"
    says '[hop["parent"] for hop in requests[0]["hops"]]' '[None, 0, 1, 2, 1, 4]'
    says '[hop["next_calls"] for hop in requests[0]["hops"]]' '[1, 2, 1, 0, 1, 0]'
    says '[hop["app"] for hop in requests[0]["hops"]]' '[False, False, False, True, False, True]'
    says 'requests[0]["answered_by"], requests[0]["result"]["status"], requests[0]["result"]["body_bytes"]' '(3, 200, 12)'
    says '[(hop["body"]["offered"], hop["body"]["read"], hop["body"]["drained"]) for hop in requests[0]["hops"]][2:4]' '[(38, 4, 0), (34, 0, 34)]'
    says '[(step["before"] and step["before"]["text"], step["after"] and step["after"]["text"]) for step in requests[0]["steps"] if step.get("key") == "app.path"]' \
        "[(None, '/drains'), ('/drains', 'rewritten'), ('rewritten', None)]"
    says '[step["hop"] for step in requests[0]["steps"] if step["kind"] == "header"]' '[0, 5, 5]'
    says '[(step["key"], step["after"]["bytes"]) for step in requests[0]["steps"] if step["kind"] == "set"][0]' "('app.large', 1048576)"
    says '[(one["rule"], one["hop"], one["text"][0].count(one["message"])) for one in requests[0]["findings"]]' \
        "[('next.call.twice', 1, 1), ('input.body.eaten', 3, 1)]"
    # the reader sleeps for a millisecond, each time: the rig's clock moves on and it takes no time
    says '[hop["clock_out_ns"] - hop["clock_in_ns"] for hop in requests[0]["hops"]]' '[2000000, 2000000, 1000000, 0, 1000000, 0]'
    says 'all(0 <= hop["own_wall_ns"] <= hop["wall_ns"] for one in requests for hop in one["hops"])' True
    says 'requests[1]["result"]["unread"], requests[1]["result"]["offered"], requests[1]["result"]["connection"]' "(2, 10, 'desynchronised')"
}

json_pins_a_finding_to_its_visit() {
    printf 'GET /again\nHost: a\n' >again.http
    run 0 trace --json "$stacks/traced.so" again.http
    says '[(one["rule"], one["hop"]) for one in requests[0]["findings"]]' "[('next.call.twice', 1), ('env.script_name.leading_slash', 5)]"
}

json_counts_allocations() {
    printf 'GET /\n' >one.http
    run 0 trace --json "$stacks/traced.so" one.http
    valid
    case $(of_json 'requests[0]["hops"][0]["allocations"]') in
    None) unable='libstackrig-malloc.so cannot stand before this build' ;;
    *) says '[(hop["allocations"], hop["own_allocations"]) for hop in requests[0]["hops"]]' '[(5, 1), (4, 0), (2, 2), (0, 0), (2, 2), (0, 0)]' ;;
    esac
}

whatever_the_bytes() {
    hostile_requests
    run 0 trace --json --mask X-Internal "$stacks/traced.so" hostile.http
    valid
    ! LC_ALL=C grep -q '[^ -~]' out || complain 'not all of it is printable ASCII'
    says '[step["after"]["text"] for step in requests[0]["steps"] if step.get("key") == "app.bytes"][0]' 'gr\xc3\xbcn \xff\xfe\xe2\x80\xa8 \xe2\x80\xae'
    run 0 trace --html page.html --mask X-Internal "$stacks/traced.so" hostile.http
    silent out
    silent err
    [ "$(grep -c '<script' page.html)" = 2 ] || complain 'what came with a request is in the page as it came'
    grep -qF '\u003c/script\u003e\u003cscript\u003ewindow.hurt' page.html || complain 'the value is not in the page'
    ! grep -q 'https\?://' page.html || complain 'the page names something outside of it'
}

what_was_left_of_a_body_is_told_apart() {
    printf '# @escapes on\nPOST /api/items\nHost: a\n\nGET /api/admin HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n\n' >smuggled.http
    run 0 trace --json "$examples/early_answer/stack_broken.so" smuggled.http
    valid
    says '[(hop["number"], hop["parent"], hop["exchange"]) for hop in requests[0]["hops"]], requests[0]["answered_by"]' '([(0, None, 0), (1, None, 1)], 0)'
    run 0 trace "$examples/early_answer/stack_broken.so" smuggled.http
    count out 2 '> authentication'
    count out 1 '+ what was left of the body, taken for a request'
}

two_stacks() {
    run 0 trace --json --beside "$examples/copied_env/stack_mended.so" "$examples/copied_env/stack_broken.so" \
        "$requests_of/copied_env/requests.http"
    valid
    says '[(one["stack"], one["case"], len(one["findings"])) for one in requests]' '[(0, 0, 2), (0, 1, 2), (1, 0, 0), (1, 1, 0)]'
    says '[path.split("/")[-1] for path in trace["stacks"]]' "['stack_broken.so', 'stack_mended.so']"
    run 0 trace --beside "$examples/copied_env/stack_mended.so" "$examples/copied_env/stack_broken.so" \
        "$requests_of/copied_env/requests.http"
    out 'failing action, GET /items/13 under http1, ' 'stack_broken.so' 'stack_mended.so'
}

the_rigs_clock_beside_the_real_one() {
    printf 'GET /slow\n' >one.http
    run 0 trace --now 2026-01-01T00:00:00Z "$stacks/hang.so" one.http
    grep -qE "^< sleeper, .* us \\(by the rig's clock 50000.0 us\\)" out || complain 'the sleep is not told'
    grep -E '^\| < answer' out | grep -q clock && complain 'the app has slept, too'
    grep -E '^< sleeper' out | grep -qE ', 0.0 us' && complain 'no time really passed'
    run 0 trace "$stacks/hang.so" one.http
    no_out clock
    grep -qE '^< sleeper, .* [0-9]{5,}\.[0-9] us' out || complain 'a sleep takes no time'
}

headers_that_go_out_otherwise() {
    printf 'GET /\n\n###\nGET /\n' >one.http
    run 0 trace "$stacks/headers.so" one.http
    out '| |   header X-Early: one -> two' '|   header X-Late: first -> "<b>\x01' '|   header X-Gone: was here -> absent' \
        '|   header Set-Cookie: sid=**** -> sid=****'
    no_out 'header X-Same' 'header X-Kept' secret
    count out 6 '  header X-' # the second request begins anew
    run 0 trace --json "$stacks/headers.so" one.http
    valid
    says '[(step["hop"], step["name"], step["before"]["text"], step["after"] and step["after"]["text"]) for step in requests[1]["steps"] if step["kind"] == "replace"][:3]' \
        "[(1, 'X-Early', 'one', 'two'), (0, 'X-Late', 'first', '\"<b>\\\\x01'), (0, 'X-Gone', 'was here', None)]"
    says '[step["site"] for step in requests[0]["steps"] if step["kind"] == "replace" and not step["after"]]' '[None]'
}

what_is_lost_is_valid_too() {
    printf 'GET /fine\n\n###\nGET /\n\n###\nGET /fine\n' >three.http
    run 1 trace --json --set guilty=4 --set how=crash "$stacks/guilty.so" three.http
    valid
    says 'len(requests), requests[1]["result"], requests[1]["lost"][:9], requests[1]["hops"][-1]["left"]' "(2, None, 'signal 11', False)"
    printf '# @malformed on\nGET / HTTP/1.1\nHost: a\nHost: b\n' >refused.http
    run 0 trace --json "$stacks/guilty.so" refused.http
    valid
    says 'requests[0]["result"]["outcome"], requests[0]["hops"], requests[0]["result"]["refused"] is None' "('refused', [], False)"
}

a_name_more_is_masked_everywhere() {
    hostile_requests
    local words secrets='internal-value made-by-the-layer am9l correcthorse tasty visible1'
    for words in '0 trace --text' '0 trace --json' '1 check'; do
        run $words --mask x_internal "$stacks/traced.so" hostile.http
        no_out $secrets
        no_err $secrets
    done
    run 0 trace --text "$stacks/traced.so" hostile.http
    out internal-value made-by-the-layer
    STACKRIG_MASK=other,HTTP_X_INTERNAL run 0 trace --html page.html "$stacks/traced.so" hostile.http
    lacks page.html $secrets
    run 2 trace --mask '' "$stacks/traced.so" hostile.http
    err '--mask wants the name'
}

what_a_named_request_asks_for() {
    printf '# @name log in\nPOST /login?token=visible1\n\na=b\n###\nGET /plain?token=visible1\n' >named.http
    run 0 trace "$stacks/traced.so" named.http
    out 'named.http:2: log in, POST /login?token=**** under http1' 'named.http:6: GET /plain?token=**** under http1'
    no_out visible1
}

a_secret_that_is_cut_off_is_masked() {
    printf 'GET /\nAuthorization: Bearer x%s\n' "$(printf 'tasty-%.0s' {1..500})" >long.http
    run 0 trace "$stacks/traced.so" long.http
    out 'env app.seen: absent -> Bearer ****... (3008 bytes)'
    no_out tasty
}

secrets_are_masked() {
    local secret
    secret=$(printf 'joe:correcthorse' | base64)
    printf '### \nGET /leak?token=visible1 HTTP/1.1\nHost: a\nAuthorization: Basic %s\n' "$secret" >a.http
    printf '\n###\nGET /leak\nAuthorization: Basic gr\303\274n-key\n' >>a.http
    run 0 trace --set password=hunter2222 "$stacks/findings.so" a.http
    no_out "$secret" correcthorse hunter2222 visible1 n-key
    no_err "$secret" correcthorse hunter2222 visible1
}

wrong_use() {
    printf 'GET /\n' >one.http
    run 2 trace --each-malloc "$stacks/guilty.so" one.http
    err 'trace has no --each-malloc'
    run 2 trace --framework fcgi "$stacks/guilty.so" one.http
    err 'trace has no --framework'
    run 2 trace --quiet "$stacks/guilty.so" one.http
    err 'trace has no --quiet'
    run 2 trace "$stacks/guilty.so"
    err 'trace: a file with requests is missing'
    run 2 trace "$stacks/no_export.so" one.http
    err 'exports no stack'
    run 2 trace --text --json "$stacks/guilty.so" one.http
    err 'would both go to the output'
    run 2 trace "$stacks/guilty.so" one.http --html
    err '--html needs a value'
    run 2 trace --html=a --html=b "$stacks/guilty.so" one.http
    err '--html is given twice'
    run 2 trace --html /nowhere/page.html "$stacks/guilty.so" one.http
    err 'cannot write /nowhere/page.html: No such file'
    run 2 trace --html /dev/full "$stacks/guilty.so" one.http
    err 'cannot write /dev/full: No space left'
    run 2 trace --beside "$stacks/no_export.so" "$stacks/guilty.so" one.http
    err 'exports no stack'
}

every_test_but valid of_json says hostile_requests
