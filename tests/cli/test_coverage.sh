#!/usr/bin/env bash
# stackrig coverage: the tables of runs, merged and judged.
. tests/cli/common.sh

users=$requests_of/basic_auth/users.txt
auth_stack=$examples/basic_auth/stack_basic_auth.so

# seen FOLDER ARGUMENT...: a check that writes its table there
seen() {
    export STACKRIG_COVERAGE=$PWD/$1
    run 0 check --set "credentials=$users" "${@:2}"
    unset STACKRIG_COVERAGE
}

all_of_basic_auth_is_seen() {
    seen all "$auth_stack" "$requests_of/basic_auth/requests.http"
    run 0 coverage all
    out 'coverage of 1 run' 'basic_auth.c), decides who may pass' 'seen: 14 of 14, 100.0 %' \
        'auth paths seen: 14 of 14, 100.0 %' '    expired         refused 1                 refused 1'
    lacks out never
    run 0 coverage --layer basic_auth all
}

what_is_missing_is_named() {
    seen some --filter 'no credentials' "$auth_stack" "$requests_of/basic_auth/requests.http"
    run 1 coverage some
    out 'seen: 2 of 14, 14.3 %' '    never refused: wrong scheme, with a body' '      POST /, Authorization: Other x' \
        '    never let in: valid, without a body' '      GET /, # @as valid basic'
    err 'auth paths: 14.3 % were seen, 100.0 % are asked for'
    run 0 coverage --fail-under-outcome 14 some
    run 1 coverage --fail-under-outcome 15 some
    run 1 coverage --without expired --without basic_auth:other_user some
    out 'seen: 2 of 10, 20.0 %'
    lacks out 'expired, '
    run 1 coverage --fail-under-outcome 0 --without basic_uath:expired some
    out 'seen: 2 of 14'
    err 'no run has visited a layer basic_uath, of --without; is it basic_auth?'
}

# what is advised for a layer of tokens, with a public route, reaches what it is advised for
advice_can_be_followed() {
    printf 'GET /\n###\nGET /admin\n###\n# @as valid bearer\nGET /admin\n' >bearer.http
    export STACKRIG_COVERAGE=$PWD/bearer
    run 0 check "$stacks/bearer.so" bearer.http
    unset STACKRIG_COVERAGE
    run 1 coverage bearer
    out 'GET /admin, Authorization: Bearer, with nothing behind it' 'POST /admin, # @as wrong bearer' 'seen: 2 of 14'
    # "      GET /admin, # @as wrong bearer": a request
    awk '/^      (GET|POST) / {
        print "###"
        credentials = $0; sub(/^ *[A-Z]* [^ ]*, /, "", credentials); sub(/, with nothing behind it/, "", credentials)
        sub(/^credentials that were right once, /, "", credentials)
        if (credentials ~ /^#/) print credentials
        print $1, substr($2, 1, length($2) - 1)
        if (credentials ~ /# @credentials expired/) print "Authorization: Bearer old"
        if (credentials ~ /^Auth/) print credentials
        print ($1 == "POST" ? "\na=b" : "")
    }' out >advised.http
    export STACKRIG_COVERAGE=$PWD/bearer
    run 0 check "$stacks/bearer.so" advised.http
    unset STACKRIG_COVERAGE
    run 0 coverage bearer
    out 'seen: 14 of 14'
}

runs_add_up() {
    seen half --filter 'no credentials' "$auth_stack" "$requests_of/basic_auth/requests.http"
    seen half --filter 'right credentials' "$auth_stack" "$requests_of/basic_auth/requests.http"
    run 1 coverage half
    out 'coverage of 2 runs' 'seen: 4 of 14'
    run 1 coverage half/*.cov
    out 'coverage of 2 runs' 'seen: 4 of 14'
}

credentials_made_for_the_run_have_their_class() {
    printf '# @as wrong basic\nGET /\n###\n# @as other basic\nGET /\n###\n# @as valid basic\nGET /\n' >as.http
    export STACKRIG_COVERAGE=$PWD/as
    run 0 check "$auth_stack" as.http
    unset STACKRIG_COVERAGE
    run 1 coverage as
    out 'wrong secret    refused 1' "other user's    refused 1" 'valid           let in 1'
}

fuzzing_counts_too() {
    export STACKRIG_COVERAGE=$PWD/fuzzed
    run 0 fuzz --runs 300 --seed 5 "$examples/early_answer/stack_mended.so"
    unset STACKRIG_COVERAGE
    run 1 coverage fuzzed
    out 'authentication' 'stack_mended.c), decides who may pass' 'none            refused'
}

# a corpus of bytes, played once, and a check: one table
corpora_and_checks_add_up() {
    mkdir -p corpus
    for i in 1 2 3 4; do printf '\1%s\377\2\3' "$i" >"corpus/$i"; done
    export STACKRIG_COVERAGE=$PWD/both
    run 0 fuzz --runs 4 --seed 5 --ignore 'fuzz.*' "$auth_stack" corpus/*
    unset STACKRIG_COVERAGE
    run 1 coverage --json corpus.json both
    out 'none            refused'
    seen both --filter 'right credentials' "$auth_stack" "$requests_of/basic_auth/requests.http"
    run 1 coverage both
    out 'coverage of 2 runs' 'none            refused' 'valid           let in' '      /: let in valid; refused none'
    run 1 coverage both/*.cov
    out 'coverage of 2 runs'
}

each_route_by_itself() {
    printf 'GET /admin/x\n###\n# @as valid basic\nGET /\n###\n# @as wrong basic\nPOST /api/7\n\na=b\n' >routes.http
    export STACKRIG_COVERAGE=$PWD/routes
    run 0 check "$auth_stack" routes.http
    unset STACKRIG_COVERAGE
    run 1 coverage --json c.json --html c.html routes
    out '      /admin: refused none' '      /: let in valid' '      /api: refused wrong secret'
    holds c.html '<th scope="row">/admin</th><td>refused 1</td>' '<th scope="row">/</th>'
    /usr/bin/python3 - >why 2>&1 <<'P' || complain "$(tail -n 1 why)"
import json
routes = {r["route"]: r["cells"] for r in json.load(open("c.json"))["layers"][0]["auth_paths"]["by_route"]}
assert routes["/admin"] == [{"class": "none", "body": False, "let_in": 0, "refused": 1, "failed": 0}], routes
assert [(c["class"], c["body"]) for c in routes["/api"]] == [("wrong_secret", True)], routes
assert [(c["class"], c["let_in"]) for c in routes["/"]] == [("valid", 1)], routes
P
}

# what a layer does before it crashes is seen
a_crash_loses_only_its_own_request() {
    export STACKRIG_COVERAGE=$PWD/crashed
    printf 'GET /ok\n###\nGET /segv\n' >crash.http
    run 1 check "$stacks/crash.so" crash.http
    unset STACKRIG_COVERAGE
    run 0 coverage crashed
    out 'passed 1'
}

# ---- reports, read by others' programs ----

# odd LAYER_NAME: a table in odd.cov, with a name that wants escaping
odd() {
    printf 'stackrig-coverage 2\nlayer\t%s\ta/b.c\t1\t1\t2\t0\t0\t0\t0\t0\ta/auth.c\n' "$1" >odd.cov
    printf 'auth\t%s\ta/b.c\t/<i>&"\t3\t0\t0\t2\t0\nend 1\n' "$1" >>odd.cov
}

# of a file a/auth.c with a line that never ran and one that took one of its branches
lines_of_auth() {
    mkdir -p a
    printf 'int f(void)\n{\n    if (x) {\n        return rig_next(next, env, res);\n    }\n    y();\n}\n' >a/auth.c
    cat >gcovr.json <<'E'
{"gcovr/format_version": "0.3", "files": [
  {"file": "a/auth.c", "lines": [
    {"line_number": 1, "count": 2, "branches": [], "gcovr/noncode": false},
    {"line_number": 3, "count": 2, "branches": [{"count": 2, "fallthrough": true, "throw": false},
      {"count": 0, "fallthrough": false, "throw": false}], "gcovr/noncode": false},
    {"line_number": 4, "count": 0, "branches": [], "gcovr/noncode": false},
    {"line_number": 6, "count": 0, "branches": [], "gcovr/noncode": false},
    {"line_number": 7, "count": 0, "branches": [], "gcovr/noncode": true}]},
  {"file": "a/other.c", "lines": [{"line_number": 1, "count": 0, "branches": [], "gcovr/noncode": false}]}]}
E
}

lines_join_the_outcomes() {
    odd auth
    lines_of_auth
    run 1 coverage --gcovr gcovr.json odd.cov
    out '    lines: 2 of 4, branches: 1 of 2, 50.0 %' 'a/auth.c:3: 1 of 2 branches taken; likely reached by: passed' \
        'a/auth.c:4: never run; likely reached by: passed' 'a/auth.c:6: never run; what would reach it is not known' \
        'branches of auth layers taken: 50.0 %'
    lacks out 'auth.c:7' 'other.c'
    run 0 coverage --gcovr gcovr.json --fail-under-outcome 0 --fail-under-auth-branch 50 odd.cov
    run 1 coverage --gcovr gcovr.json --fail-under-outcome 0 --fail-under-auth-branch 51 odd.cov
    err 'branches of auth layers: 50.0 % were taken, 51.0 % are asked for'
    run 1 coverage --gcovr gcovr.json --source a/other.c odd.cov
    out 'a/other.c:1: never run' 'lines: 2 of 5'
    run 2 coverage --fail-under-auth-branch 50 odd.cov
    err '--fail-under-auth-branch wants --gcovr FILE'
    echo '{"files": []}' >empty.json
    run 2 coverage --gcovr empty.json odd.cov
    err 'no line of the layer auth (a/auth.c) is in it'
    echo '{"files": [' >cut.json
    run 2 coverage --gcovr cut.json odd.cov
    err 'cut.json:'
    echo '[]' >list.json
    run 2 coverage --gcovr list.json odd.cov
    err 'not what gcovr --json writes'
}

json_is_as_its_schema() {
    needs jsonschema || return
    odd $'<script>\\x01\xff"&'
    lines_of_auth
    run 1 coverage --gcovr gcovr.json --json c.json odd.cov
    jsonschema -i c.json "$here/../../docs/coverage.schema.json" >complaints 2>&1 ||
        complain "not as the schema has it: $(grep -v -i deprecat complaints | tail -n 3)"
    holds c.json '"version": 1' '"missing": "POST ' '"likely_reached_by": "passed"' '"class": "other_users"'
    sed 's/"version": 1/"version": 2/' c.json >wrong.json
    ! jsonschema -i wrong.json "$here/../../docs/coverage.schema.json" >/dev/null 2>&1 || complain 'the schema takes anything'
}

cobertura_is_valid() {
    needs xmllint || return
    odd $'<script>\\x01\xff"&'
    lines_of_auth
    for with in '' '--gcovr gcovr.json'; do
        # shellcheck disable=SC2086 # two words
        run 1 coverage $with --cobertura c.xml odd.cov
        xmllint --noout --nonet --relaxng "$here/../coverage/cobertura.rng" c.xml 2>complaints ||
            complain "not valid: $(head -n 2 complaints)"
    done
    [ "$(in_xml 'string(//class/@filename)')" = a/auth.c ] || complain 'another file name'
    [ "$(in_xml 'count(//method)')" = 7 ] || complain 'not seven classes of credentials'
    [ "$(in_xml 'string(//method[@name="wrong secret"]/lines/line/@condition-coverage)')" = '50% (1/2)' ] ||
        complain 'another condition'
}

in_xml() { xmllint --nonet --xpath "$1" c.xml; }

# same EXPRESSION VALUE: of c.xml
same() {
    [ "$(in_xml "$1")" = "$2" ] || complain "$1 is $(in_xml "$1"), not $2"
}

# What CI systems read: rates, each line with its hits and branches, at its own file.
cobertura_says_what_the_text_does() {
    needs xmllint || return
    odd auth
    lines_of_auth
    run 1 coverage --gcovr gcovr.json --source a/other.c --cobertura c.xml odd.cov
    out 'lines: 2 of 5, branches: 1 of 2, 50.0 %'
    same 'concat(//coverage/@lines-covered, " ", //coverage/@lines-valid)' '2 5'
    same 'concat(//coverage/@line-rate, " ", //package/@line-rate)' '0.4000 0.4000'
    same 'concat(//coverage/@branches-covered, " ", //coverage/@branches-valid)' '1 2'
    same 'concat(//coverage/@branch-rate, " ", //package/@branch-rate)' '0.5000 0.5000'
    same 'count(//class)' 2
    same 'concat(//class[1]/@name, " ", //class[2]/@name)' 'auth auth'
    same 'concat(//class[1]/@filename, " ", //class[2]/@filename)' 'a/auth.c a/other.c'
    same 'concat(//class[1]/@line-rate, " ", //class[1]/@branch-rate)' '0.5000 0.5000'
    same 'concat(//class[2]/@line-rate, " ", //class[2]/@branch-rate)' '0.0000 1.0000'
    same 'count(//class[1]/methods/method)' 7
    same 'count(//class[2]/methods/method)' 0
    same 'count(//class[1]/lines/line)' 4
    same 'count(//class[2]/lines/line)' 1
    same 'string(//class[1]/lines/line[@number="1"]/@hits)' 2
    same 'string(//class[1]/lines/line[@number="4"]/@hits)' 0
    same 'concat(//class[1]/lines/line[@number="3"]/@hits, " ", //class[1]/lines/line[@number="3"]/@condition-coverage)' '2 50% (1/2)'
    same 'concat(//method[@name="none"]/@line-rate, " ", //method[@name="none"]/@branch-rate)' '0.0000 0.0000'
    same 'concat(//method[@name="wrong secret"]/@line-rate, " ", //method[@name="wrong secret"]/@branch-rate)' '1.0000 0.5000'
    same 'string(//method[@name="valid"]/@signature)' 'let in'
    # without gcovr the auth paths stand for both
    run 1 coverage --cobertura c.xml odd.cov
    out 'seen: 1 of 14'
    same 'concat(//coverage/@lines-covered, " ", //coverage/@lines-valid, " ", //class/@line-rate, " ", //class/@branch-rate)' \
        '1 14 0.0714 0.0714'
    same 'count(//class/lines/line)' 0
}

html_escapes_what_comes_from_elsewhere() {
    needs xmllint || return
    odd '<script>alert(1)</script>'
    run 1 coverage --html c.html odd.cov
    holds c.html '&lt;script&gt;alert(1)&lt;/script&gt;' '/&lt;i&gt;&amp;&quot;' 'prefers-color-scheme: dark' 'never let in'
    lacks c.html '<script' '<i>' 'http:' 'https:'
    xmllint --html --noout c.html 2>complaints
    [ -z "$(grep -v 'Tag section invalid\|<section>\|^ *^$' complaints)" ] || complain "$(head -n 3 complaints)"
}

what_cannot_be_written() {
    odd auth
    run 2 coverage --json nowhere/c.json odd.cov
    err 'cannot write nowhere/c.json: No such file or directory'
    [ -e /dev/full ] || unable='no /dev/full'
    [ -n "$unable" ] || run 2 coverage --html /dev/full odd.cov
}

wrong_use() {
    run 2 coverage
    err 'coverage: expected [option...] FOLDER|FILE...'
    run 2 coverage nowhere
    err 'cannot read nowhere: No such file or directory'
    mkdir -p empty
    run 2 coverage empty
    err 'no run has written a table'
    printf 'stackrig-coverage 2\nlayer\n' >cut.cov
    run 2 coverage cut.cov
    err 'cut.cov:2: a layer has a name'
    run 2 coverage "$auth_stack"
    err 'stack_basic_auth.so:1: not a file of coverage'
    run 2 coverage --fail-under-outcome 101 cut.cov
    err "expected a percentage, found '101'"
    run 2 coverage --without nothing cut.cov
    err "expected none, wrong_scheme, malformed, wrong_secret, expired, other_user or valid, found 'nothing'"
    seen all "$auth_stack" "$requests_of/basic_auth/requests.http"
    run 1 coverage --layer basic_auth --layer another all
    err 'no run has visited a layer another'
    run 2 coverage --gcovr nope.json all
    err 'cannot read nope.json: No such file or directory'
    printf '# @credentials wrogn\nGET /\n' >wrong.http
    run 2 check "$auth_stack" wrong.http
    err 'expected a class of credentials'
}

# the verbs leave by _exit: what the stack's own compiler counts is written all the same
lines_that_ran_under_the_command() {
    local compiler verb
    for compiler in gcc clang; do
        command -v $compiler >/dev/null || continue
        mkdir -p "$compiler"
        $compiler --coverage -O0 -shared -fPIC -I"$here/../../harness/include" -I"$here/../../mocks/include" -o "$compiler/bearer.so" "$sources/bearer.c" \
            -L"$built/lib" -lstackrig -Wl,-rpath,"$built/lib" >out 2>&1 || complain "$compiler builds no stack"
        for verb in 'check --server http1' 'check --server http1 --faults' trace 'fuzz --runs 20 --seed 1' 'check --each-malloc -j 2'; do
            find . -name '*.gcda' -delete
            run 0 $verb "$compiler/bearer.so" bearer.http
            [ -n "$(find . -name '*.gcda' -size +200c)" ] || complain "$compiler, $verb: no line was counted"
        done
    done
    command -v gcc >/dev/null || return
    # that is no request's doing: how the object's own destructors end does not matter
    printf '#include "%s"\n#include <stdlib.h>\n__attribute__((destructor)) static void end(void) { abort(); }\n' "$sources/bearer.c" >end.c
    gcc --coverage -O0 -shared -fPIC -I"$here/../../harness/include" -I"$here/../../mocks/include" -o end.so end.c \
        -L"$built/lib" -lstackrig -Wl,-rpath,"$built/lib" >out 2>&1 || complain 'gcc builds no stack'
    run 0 check --server http1 ./end.so bearer.http
    no_out '[crash]'
}

without_auth_layers_nothing_is_asked() {
    export STACKRIG_COVERAGE=$PWD/none
    run 0 check "$examples/copied_env/stack_mended.so" "$requests_of/copied_env/requests.http"
    unset STACKRIG_COVERAGE
    run 0 coverage none
    out 'no layer was given to a stack with .auth = true: nothing was asked for' 'api_version (' 'error_reporter ('
    lacks out 'auth paths seen'
}

every_test_but seen odd lines_of_auth in_xml same
