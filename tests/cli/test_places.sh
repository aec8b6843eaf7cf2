#!/usr/bin/env bash
# Texts that say where a stack looks for credentials: `# @credential`.
. tests/cli/common.sh

# a stack that says nothing of its fuzzing, and a finding of it that was saved: $file
found() {
    local top=$here/../..
    [ ! -f near.so ] || return 0
    # shellcheck disable=SC2086 # flags are words
    ${CC:-cc} -shared -fPIC ${EXTRA:-} -DNEAR -DBARE -I"$top/harness/include" -I"$top/mocks/include" \
        -I"$top/fuzz/include" "$sources/token.c" -o near.so 2>err || { complain 'it does not compile' && return; }
    run 1 fuzz --runs 20000 --seed 5 --credential header=X-Auth-Token --save saved near.so
    out '# @credential header=X-Auth-Token'
    file=$(echo saved/fuzz.credentials.near-????????.http)
}

# without the option
a_saved_finding_names_its_places() {
    local verb
    found
    holds "$file" '# @escapes on' '# @credential header=X-Auth-Token' '# @as '
    run 1 check near.so "$file"
    err "$file: found again" '[fuzz.credentials.near]'
    for verb in show min; do
        run 1 "$verb" near.so "$file"
        out '# @credential header=X-Auth-Token'
    done
    run 0 trace near.so "$file"
    out '= 200'
}

# nor has its test in C need of anything
its_test_in_c_names_them() {
    found
    run 0 emit-c near.so "$file"
    out 'what.credential_header = "X-Auth-Token";' '"# @credential header=X-Auth-Token\n"'
    printf '# @credential header=X-Auth-Token\n# @as prefix header\n# @expect status 403\nGET /\n' >expected.http
    run 1 check near.so expected.http
}

the_name_of_a_file_goes_before_an_options() {
    found
    run 1 min near.so "$file"
    cp out smaller.http
    run 1 show --credential header=X-Other near.so smaller.http
    out '[fuzz.credentials.near]'
    run 0 check "$stacks/token_named.so" smaller.http
    sed 's/X-Auth-Token/X-Other/' smaller.http >other.http
    run 0 show "$stacks/token_named.so" other.http
    out '= 403'
}

what_names_no_place_is_hinted_at() {
    found
    grep -v '@credential ' "$file" >unnamed.http
    run 2 emit-c near.so unnamed.http
    err 'nothing is found with near.so; it has credentials in the header X-Api-Key: --credential header=NAME names another'
    run 0 min near.so unnamed.http
    err '--credential header=NAME'
    run 0 min --credential header=X-Other near.so unnamed.http
    no_err '--credential'
}

seeds_have_the_names_of_the_run() {
    found
    run 0 fuzz --runs 1 --seed 5 near.so "$file"
    err "$file: has its credentials in the header X-Auth-Token, this run in X-Api-Key: --credential header=X-Auth-Token"
    run 1 fuzz --runs 1 --seed 5 --credential header=X-Auth-Token near.so "$file"
    no_err 'has its credentials'
    out '[fuzz.credentials.near]'
}

a_name_holds_for_the_rest_of_the_file() {
    found
    printf '# @as valid header\n# @expect status 403\nGET /\n\n###\n# @credential header=X-Auth-Token\n' >later.http
    printf '# @as valid header\n# @expect status 200\nGET /%s\n\n###\n' a b >>later.http
    run 0 check near.so later.http
    run 2 show near.so later.http
    err 'later.http:9:1: a scenario has the same @credential for all its requests'
}

every_test_but found
