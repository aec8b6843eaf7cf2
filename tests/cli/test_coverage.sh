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
    run 1 coverage --without other:expired some
    out 'seen: 2 of 14'
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

# what a layer does before it crashes is seen
a_crash_loses_only_its_own_request() {
    export STACKRIG_COVERAGE=$PWD/crashed
    printf 'GET /ok\n###\nGET /segv\n' >crash.http
    run 1 check "$stacks/crash.so" crash.http
    unset STACKRIG_COVERAGE
    run 0 coverage crashed
    out 'passed 1'
}

wrong_use() {
    run 2 coverage
    err 'coverage: expected [option...] FOLDER|FILE...'
    run 2 coverage nowhere
    err 'cannot read nowhere: No such file or directory'
    mkdir -p empty
    run 2 coverage empty
    err 'no run has written a table'
    printf 'stackrig-coverage 1\nlayer\n' >cut.cov
    run 2 coverage cut.cov
    err 'cut.cov:2: a layer has a name'
    run 2 coverage --fail-under-outcome 101 cut.cov
    err "expected a percentage, found '101'"
    run 2 coverage --without nothing cut.cov
    err "expected none, wrong_scheme, malformed, wrong_secret, expired, other_user or valid, found 'nothing'"
    seen all "$auth_stack" "$requests_of/basic_auth/requests.http"
    run 1 coverage --layer basic_auth --layer another all
    err 'no run has visited a layer another'
    printf '# @credentials wrogn\nGET /\n' >wrong.http
    run 2 check "$auth_stack" wrong.http
    err 'expected a class of credentials'
}

without_auth_layers_nothing_is_asked() {
    export STACKRIG_COVERAGE=$PWD/none
    run 0 check "$examples/copied_env/stack_mended.so" "$requests_of/copied_env/requests.http"
    unset STACKRIG_COVERAGE
    run 0 coverage none
    out 'no layer was given to a stack with .auth = true: nothing was asked for' 'api_version (' 'error_reporter ('
    lacks out 'auth paths seen'
}

every_test_but seen
