#!/usr/bin/env bash
# Crashes that are not the scenario's own: those of a play that an oracle made beside it, and of what was before.
. tests/cli/common.sh

stack=$stacks/dies_beside.so

# scenario FILE PATH FIELD
scenario() {
    printf '### \nGET %s\n%s\n' "$2" "$3" >"$1"
}

# In some of the scenarios an oracle asks who is let in.
the_play_that_ends_the_process_is_told_and_saved() {
    local files=() i
    for i in {1..24}; do
        scenario "$i.http" /in "X-Long: $i"
        files+=("$i.http")
    done
    run 1 fuzz --quiet --runs 24 --seed 5 --save saved "$stack" "${files[@]}"
    out ': error: Segmentation fault, ' ' [crash]' '# @as valid bearer' 'GET /in' '24 scenarios, 1 finding'
    no_out 'X-Long' 'not by this scenario alone'
    # and what the stack writes as it is shrunk is not shown
    times=$(sed -n 's/.*Segmentation fault, \([0-9]*\) times.*/\1/p' out)
    count err "$times" 'this is its end'
    set -- saved/crash-????????.http
    holds "$1" '# @as valid bearer' 'GET /in'
    run 1 check "$stack" "$1"
    out 'SIGSEGV in layer page [crash]'
    run 1 min "$stack" "$1"
    cmp -s out "$1" || complain 'it is not as small as it can be'
    no_err 'in a play that'
}

min_and_emit_c_go_to_the_play_that_ends_it() {
    scenario in.http /in 'X-Long: 1'
    run 1 min "$stack" in.http
    out '# @as valid bearer' 'GET /in'
    no_out X-Long
    err 'in a play that an oracle makes beside it: that is what is shrunk [crash]'
    count err 1 'this is its end'
    run 0 emit-c "$stack" in.http
    out '/* credentials: valid */' '.target = "/in"' '"Authorization", "Bearer '
}

# An oracle asks of any query who is let in.
a_good_reproducer_stays_one() {
    printf '# @as valid bearer\nGET /in?a=1\nX-Long: 1\n' >good.http
    run 1 min "$stack" good.http
    out '# @as valid bearer' 'GET /in?'
    no_out X-Long
    no_err 'in a play that'
}

# It takes two plays.
what_no_text_holds_is_said_so() {
    scenario again.http /again 'X-Long: 1'
    run 1 fuzz --quiet --runs 2 --seed 5 --save two "$stack" again.http again.http
    out '; not by this scenario alone, but in a play that an oracle makes beside it [crash]' 'GET /again'
    no_out X-Long
    [ -z "$(ls two)" ] || complain "saved: $(ls two)"
    run 1 min "$stack" again.http
    out 'GET /again'
    err '; not by this scenario alone, but in a play that an oracle makes beside it [crash]'
    run 2 emit-c "$stack" again.http
    silent out
    err 'again.http: Segmentation fault' 'which no test of its requests shows'
}

what_others_did_before_is_said_and_not_saved() {
    scenario first.http /first 'X-None: 1'
    scenario later.http /later 'X-None: 1'
    run 1 fuzz --quiet --runs 2 --seed 5 --save behind "$stack" first.http later.http
    out '; not by this scenario alone, but behind others: memory was probably damaged before, ' \
        'build the stack with -fsanitize=address [crash]' 'GET /later' '2 scenarios, 1 finding'
    [ -z "$(ls behind)" ] || complain "saved: $(ls behind)"
}

# Asked in its own code, or on the way to a call: the calls of a loop.
a_loop_with_calls_is_one_hang() {
    local places
    [ "$(uname -m)" = x86_64 ] || unable='stubs are known on x86_64 alone'
    [ -z "$unable" ] || return 0
    scenario stub.http / 'X-A: stub'
    scenario loop.http / 'X-A: loop'
    run 1 check --timeout 0.3 "$stacks/hangs_in_calls.so" stub.http
    out 'in a call from hangs_in_calls.so(+0x'
    # the call in page, not the jump
    places=$(sed -n 's/.*(+0x\([0-9a-f]*\)).*/\1/p' out)
    addr2line -fe "$stacks/hangs_in_calls.so" "0x$places" | grep -qx page || complain "another place: $places"
    run 1 fuzz --quiet --runs 2 --seed 5 "$stacks/hangs_in_calls.so" stub.http loop.http
    out 'no end after 10 s, 2 times [crash]' ', 1 finding'
}

# Not one place for all, that in the runtime where what nobody catches ends.
what_cxx_throws_is_told_where_it_was_thrown() {
    local top=$here/../..
    needs "${CXX:-g++}" || return
    cat >throws.cc <<'C'
#include <stackrig/stackrig.h>
#include <stdexcept>
static int page(void *, struct rig_env *env, struct rig_response *)
{
    if (rig_env_get(env, "HTTP_X_A")) {
        throw std::runtime_error("one");
    }
    throw std::logic_error("another");
}
static int build(struct rig_stack *stack, const struct rig_setup *)
{
    return rig_run(stack, RIG_APP(page));
}
RIG_EXPORT(build);
C
    # shellcheck disable=SC2086 # flags are words
    ${CXX:-g++} -std=c++20 ${EXTRA:-} -shared -fPIC -I"$top/harness/include" -I"$top/mocks/include" throws.cc -o throws.so \
        >out 2>err || { complain 'it does not compile' && return; }
    scenario a.http / 'X-A: 1'
    scenario b.http / 'X-B: 1'
    run 1 fuzz --quiet --runs 2 --seed 5 throws.so a.http b.http
    out ', 2 findings'
    count out 2 'in a call from throws.so(+0x'
}

every_test_but scenario
