#!/usr/bin/env bash
# Which layers make a request fail.
. tests/cli/common.sh

printf '# @name fine\nGET /fine\n\n###\n# @name in question\nGET /\n' >two.http

# runs N: at most so many
runs() {
    local took
    took=$(sed -n 's/^layers: 12, runs: //p' out)
    [ -n "$took" ] && [ "$took" -le "$1" ] || complain "took ${took:-no} runs, wanted at most $1"
}

# where NAME...: the line of each in the source, which its message must have
blames() {
    local layer
    for layer; do
        out "guilty.c:$(grep -n 'rig_use(stack, &middleware' "$sources/guilty.c" | cut -d: -f1): error: layer $layer "
    done
    count out $# ' [bisect]'
}

the_copied_env() {
    run 1 bisect --expect 'env action_controller.instance present after' "$examples/copied_env/stack_broken.so" \
        "$requests_of/copied_env/requests.http"
    out 'failing action under http1: expected env action_controller.instance present after, it was absent' \
        'error: layer api_version alone, before the app, makes it fail so [bisect]' \
        'the whole stack passes without api_version' 'first difference, on entering timing: the env' \
        'with it: a copy, made at' 'stack_broken.c:' 'api_version was given env#1 and passed on' 'layers: 4, runs: '
    run 0 bisect --expect 'env action_controller.instance present after' "$examples/copied_env/stack_mended.so" \
        "$requests_of/copied_env/requests.http"
    out 'nothing fails: 2 requests under http1, 4 layers'
    silent err
}

one_of_twelve() {
    run 1 bisect --expect 'status 200' --set guilty=7 "$stacks/guilty.so" two.http
    out 'two.http:6: in question under http1: expected status 200, got 403' 'the whole stack passes without seven'
    blames seven
    out 'first difference: without it eight is entered, with it six comes to its end'
    runs 40
}

two_of_twelve_together() {
    run 1 bisect --expect 'status 200' --set guilty=3,11 "$stacks/guilty.so" two.http
    out 'layer three with the 1 below makes it fail so; each alone does not fail in the same way'
    blames three eleven
    no_out 'their order matters'
    runs 200
    run 1 bisect --expect 'status 200' --set guilty=3,11 --set ordered=1 "$stacks/guilty.so" two.http
    blames three eleven
    out "their order matters: with three and eleven in each other's place it passes, and so does the whole stack"
    runs 200
}

crash_hang_error() {
    run 1 bisect --set guilty=5 --set how=crash "$stacks/guilty.so" two.http
    out 'in question under http1: signal 11 (Segmentation fault) in layer five'
    blames five
    run 1 bisect --set guilty=12 --set how=hang --timeout 0.5 "$stacks/guilty.so" two.http
    out 'in question under http1: no end after 500 ms in layer twelve'
    blames twelve
    run 1 bisect --set guilty=2 --set how=error "$stacks/guilty.so" two.http
    out 'an error that no layer handled: -5 (EIO)'
    blames two
}

what_check_would_say() {
    printf '# @expect status 200\nGET /\n' >expects.http
    run 1 bisect --set guilty=4 "$stacks/guilty.so" expects.http
    out 'expected status 200, got 403'
    blames four
    run 1 bisect "$examples/early_answer/stack_broken.so" "$requests_of/early_answer/requests.http"
    out 'under http1: a finding of input.early_answer.unread' 'error: layer authentication alone'
}

three_of_twelve_together() {
    run 1 bisect --expect 'status 200' --set guilty=2,5,9 --format text --json r.json "$stacks/guilty.so" two.http
    out 'layer two with the 2 below makes it fail so; without any one of them it does not fail in the same way'
    blames two five nine
    runs 200
    [ ! -s r.json ] || holds r.json '"message": "layers two, five and nine make the request fail together"'
    run 1 bisect --expect 'status 200' --set guilty=2,5 --json r.json "$stacks/guilty.so" two.http
    [ ! -s r.json ] || holds r.json '"message": "layers two and five make the request fail together"'
}

another_failure_says_nothing() {
    run 1 bisect --expect 'status 200' --set guilty=9 --set needs=2 --set how=app "$stacks/guilty.so" two.http
    out 'expected status 200, got 403'
    count out 1 ' [bisect]'
    out 'layer nine, among the others, makes it fail so' 'the whole stack passes without nine'
    no_out 'layer two'
}

# needs KIND EXPECTATION: stacks whose app, or a layer, needs what another one provides
needs() {
    run 1 bisect --set "case=$1" ${2:+--expect "$2"} "$stacks/needing.so" "${3:-one.http}"
    no_out 'no layer is to blame' 'layer session' 'layer innocent'
}

# guilty NAME N: its line, and how many are named
guilty() {
    out "needing.c:$(grep -n "rig_use(stack, .*$1" "$sources/needing.c" | head -n 1 | cut -d: -f1): error: layer $2"
    count out "$3" ' [bisect]'
}

what_the_app_needs() {
    printf 'GET /\n' >one.http
    needs status 'status 200'
    guilty stripping 'strip, among the others, makes it fail so' 1
    out 'without any layer it fails so, too' 'the whole stack passes without strip' 'on entering app: app.user'
    needs twice 'status 200'
    guilty stripping 'strip with the 1 below, among the others, makes it fail so' 2
    no_out 'the whole stack passes without strip'
    needs gate 'status 200'
    guilty stripping 'strip, among the others, makes it fail so' 1
    no_out 'without any layer it fails so, too' 'layer gate'
    needs above 'env app.user present after'
    guilty copying 'copier, among the others, makes it fail so' 1
}

lost_elsewhere() {
    printf 'GET /\n' >one.http
    needs crash '' one.http
    out 'signal 11 (Segmentation fault) in layer bad' 'without it app is entered, with it nothing more happens'
    guilty crashing 'bad alone' 1
    needs earlier '' two.http # without session the request before it is lost
    out 'in question under http1: signal 11' 'the whole stack passes without bad'
    guilty crashing 'bad, among the others, makes it fail so' 1
}

found_elsewhere() {
    printf 'GET /\n' >one.http
    needs finding ''
    guilty guarding 'guard alone' 1
    run 1 bisect --set case=finding --finding response.header_name.token "$stacks/needing.so" one.http
    guilty guarding 'guard alone' 1
}

another_status_is_no_guilt() {
    printf 'GET /\n' >one.http
    needs renamed 'env app.user present after'
    guilty copying 'copier alone' 1
    no_out 'layer created'
}

the_second_set() {
    printf 'GET /\n' >one.http
    needs two 'status 200'
    guilty guilty_a 'guilty_a alone' 2
    guilty guilty_b 'guilty_b alone' 2
    out 'and, without that:' 'the stack without the layers above passes without guilty_b' \
        'without it app is entered, with it innocent comes to its end'
    no_out 'the whole stack passes'
}

# The password is a part of the rule's name, the layer's, or another word of the output.
secrets_that_are_words() {
    local word
    for word in early authentication REQUEST_METHOD; do
        printf 'POST /x?password=%s\nContent-Length: 9\n\nname=pump\n' "$word" >word.http
        run 1 bisect --finding input.early_answer.unread "$examples/early_answer/stack_broken.so" word.http
        out 'POST /x?password=****' 'error: layer authentication alone' '[input.early_answer.unread]'
        no_out "password=$word"
    done
}

values_behind_equals_signs() {
    run 1 bisect --expect='status 200' --html=e.html --set=guilty=7 "$stacks/guilty.so" two.http
    blames seven
    holds e.html 'guilty.so without seven'
    run 0 bisect --finding=env.identity.replaced "$stacks/guilty.so" two.http
    out 'nothing fails: 2 requests'
}

no_layer_to_blame() {
    printf 'GET /\n' >one.http
    run 1 bisect --expect 'status 404' "$stacks/guilty.so" one.http
    out 'expected status 404, got 200' 'the app alone makes it fail so, and leaving layers out does not mend it: no layer is to blame'
    run 0 bisect --finding env.identity.replaced "$stacks/guilty.so" one.http
    out 'nothing fails: 1 request under http1, '
}

the_two_runs_as_a_page() {
    run 1 bisect --html page.html --expect 'env action_controller.instance present after' \
        "$examples/copied_env/stack_broken.so" "$requests_of/copied_env/requests.http"
    out 'error: layer api_version alone'
    holds page.html 'stack_broken.so without api_version"],' '"opens_with":0,' '"stack":1,"case":0,'
    printf 'GET /\n' >one.http
    run 1 bisect --html app.html --expect 'status 404' "$stacks/guilty.so" one.http
    holds app.html '"stack":0,"case":0,'
    lacks app.html '"stack":1'
    run 2 bisect --html /dev/full --expect 'status 404' "$stacks/guilty.so" one.http
    err 'cannot write /dev/full'
}

wrong_use() {
    printf 'GET /\n' >one.http
    run 2 bisect --expect 'statsu 200' "$stacks/guilty.so" one.http
    err "--expect wants 'status 200'" "not 'statsu 200'"
    run 2 bisect --expect 'env' "$stacks/guilty.so" one.http
    run 2 bisect --expect
    err '--expect needs a value'
    run 2 bisect --finding no.such.rule "$stacks/guilty.so" one.http
    err 'no rule is called no.such.rule'
    run 2 bisect --expect 'status 200' --finding env.identity.replaced "$stacks/guilty.so" one.http
    err 'one --expect or --finding is enough'
    run 2 bisect --faults "$stacks/guilty.so" one.http
    err 'bisect has no --faults'
    local option
    for option in --each-malloc --require-armed=a.b --fail-on=note --framework=fcgi --arg=a --jobs=2 --baseline=b \
        --update-baseline --conf=c --max-warnings=1 --max-notes=3 --watch --first=one.http --each-file; do
        run 2 bisect "$option" --expect 'status 200' "$stacks/guilty.so" one.http
        err "bisect has no ${option%=*}"
    done
    run 2 bisect -j2 "$stacks/guilty.so" one.http
    err 'unknown option -j'
    printf '[check]\nstack = %s\nfiles = one.http\n' "$stacks/guilty.so" >stackrig.conf
    run 2 bisect --expect 'status 200'
    err "bisect: a stack's shared object is missing"
    no_err 'has no'
    rm stackrig.conf
    run 2 bisect --html a.html --html b.html "$stacks/guilty.so" one.http
    err '--html is given twice'
    run 2 bisect "$stacks/guilty.so"
    err 'bisect: a file with requests is missing'
    run 2 bisect "$stacks/no_export.so" one.http
    err 'exports no stack'
    run 2 bisect nothing.so one.http
    err 'cannot read ./nothing.so'
}

every_test_but runs blames needs guilty
