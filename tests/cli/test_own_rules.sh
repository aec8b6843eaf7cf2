#!/usr/bin/env bash
# Rules that a stack brings itself: everything that knows rules knows them.
. tests/cli/common.sh

own=$stacks/own_rules.so more=$stacks/own_rules_more.so

prepare() {
    rm -rf ./*
    : >out
    : >err
    printf '###\n# @name shown\nGET /debug\n\n###\n# @name plain\nGET /plain\n' >a.http
}

they_are_listed_and_explained() {
    prepare
    run 0 rules "$own"
    out 'next.call.twice ' 'another.off                                   warning  a status was set (off unless enabled)' \
        'myteam.no_debug_header                        error    a header for debugging goes out'
    [ "$(tail -n 3 out | cut -d' ' -f1 | tr '\n' ' ')" = 'another.off myteam.no_debug_header myteam.second ' ] ||
        complain 'they are not the last, sorted'
    run 0 rules
    no_out myteam.
    run 0 rules "$stacks/fine.so"
    no_out myteam.
    run 0 explain myteam.no_debug_header "$own"
    out 'myteam.no_debug_header: a header for debugging goes out' '  a header goes out' '  error at worst' \
        '  it tells strangers <what> is "inside"' '  set it where DEBUG is set' '  https://wiki.example/incidents/7'
    no_out since
    run 0 explain another.off "$own"
    out '  warning, off unless enabled'
    no_out source
    run 0 explain next.call.twice "$own"
    out 'since:'
}

one_that_is_none_is_not_explained() {
    prepare
    run 2 explain myteam.no_debug_heade "$own"
    err 'no rule is called myteam.no_debug_heade; is it myteam.no_debug_header?'
    run 2 explain nothing.like.it "$own"
    err 'no rule is called nothing.like.it; `stackrig rules STACK.so` lists them'
    run 2 explain myteam.no_debug_header
    err 'no rule of the rig is called myteam.no_debug_header; for one that a stack brings: stackrig explain myteam.no_debug_header STACK.so'
    run 0 explain 'myteam.*' "$own"
    out 'myteam.no_debug_header: a header' 'myteam.second: '
    no_out another.off
    run 2 explain next.call.twise
    err 'is it next.call.twice?'
    run 2 explain myteam.no_debug_header missing.so
    err 'cannot read missing.so: No such file'
    run 2 rules a.http
    err 'a.http is not a shared object'
}

a_check_finds_and_counts_them() {
    prepare
    run 1 check "$own" a.http
    out "own_rules.c:$(grep -n '/\* debug \*/' "$sources/own_rules.c" | cut -d: -f1): error: debugs sends X-Debug [myteam.no_debug_header]" \
        'it tells strangers <what> is "inside"' 'set it where DEBUG is set, and nowhere else' 'a.http:3: shown' \
        'note: this is request 2 of the client [myteam.second]' ' of 117 rules armed' 'findings: 1 error, 0 warnings, 1 note' \
        ', another.off'
    no_out 'a status was set'
    run 0 check --filter plain "$own" a.http
    out 'never armed: ' ' myteam.second'
    no_out 'myteam.no_debug_header'
    # each profile has a client of its own
    run 1 check --server http1 --server memory "$own" a.http
    count out 1 '[myteam.no_debug_header]'
    cp out one_by_one
    run 1 check --server http1 --server memory --jobs 2 "$own" a.http
    cmp -s out one_by_one || complain 'with --jobs it says something else'
    run 1 check --faults "$own" a.http
    count out 1 '[myteam.no_debug_header]'
    run 1 check --each-malloc "$own" a.http
    count out 1 '[myteam.no_debug_header]'
    no_out '[state.memory.leaked]'
}

# A stack without rules is loaded as often as ever, and counts the rig's alone.
others_are_as_they_were() {
    prepare
    run 0 check "$stacks/fine.so" a.http
    out ' of 114 rules armed'
}

they_can_be_required() {
    prepare
    run 1 check --filter plain --require-armed myteam.no_debug_header --require-armed another.off "$own" a.http
    out 'never armed, but required: another.off (armed when it was)'
    no_out 'required: myteam.no_debug_header'
    run 2 check --require-armed myteam.nothing "$own" a.http
    err '--require-armed: no rule is called myteam.nothing'
    no_out armed
    run 2 check --require-armed myteam.no_debug_header "$stacks/fine.so" a.http
    err '--require-armed: no rule is called myteam.no_debug_header'
    run 2 check --require-armed next.nothing "$own" a.http
    err 'no rule is called next.nothing'
}

a_file_of_requests_names_them() {
    prepare
    printf '# @expect finding myteam.no_debug_header\nGET /debug\n\n###\n# @ignore myteam.*\nGET /debug\n\n###\n# @enable another.off\n# @expect finding another.off\n# @ignore myteam.no_debug_header\nGET /debug\n' >b.http
    run 0 check "$own" b.http
    out '; 2 expected' 'suppressed: myteam.no_debug_header by myteam.*, 1 time' 'suppressed: myteam.no_debug_header by myteam.no_debug_header, 1 time' \
        'suppressed: myteam.second by myteam.*, 1 time'
    run 0 list b.http
    run 2 check "$stacks/fine.so" b.http
    err "b.http:1:19: expected the id of a rule, 'myteam.no_debug_header' is none" \
        "b.http:5:11: expected a rule or area.*, 'myteam.*' matches none" "b.http:9:11: expected" "b.http:10:19: expected" "b.http:11:11: expected"
    silent out
    printf '#\n# @ignore myteam.no_debug_heade\nGET /\n' >c.http
    run 2 check "$own" c.http
    err "c.http:2:11: expected a rule or area.*, 'myteam.no_debug_heade' matches none; is it myteam.no_debug_header?"
    printf '# @expect finding myteam.no_debug_header\nGET /plain\n' >d.http
    run 1 check "$own" d.http
    out 'd.http:1: error: ' '[@expect]'
}

baseline_and_suppressions_take_them() {
    prepare
    run 0 check --baseline base --update-baseline "$own" a.http
    holds base ' myteam.no_debug_header debugs X-Debug' ' myteam.second -'
    run 0 check --baseline base "$own" a.http
    out 'known, not shown: 2 (base)'
    printf '[project]\nstack = %s\nfiles = a.http\n[thresholds]\nrequire-armed = %s\n[suppression]\nrule = %s\nreason = later\nuntil = 2999-12-31\n' \
        "$own" myteam.second 'myteam.*' >stackrig.conf
    by_itself 0 check --server http1
    out 'stackrig.conf:6: suppressed: myteam.*, 2 findings'
    sed -i 's/myteam\.\*/myteam.nothing/' stackrig.conf
    by_itself 2 check --server http1
    err 'stackrig.conf:7: rule: no rule is called myteam.nothing'
    sed -i 's/myteam\.nothing/next.*/; s/myteam\.second/myteam.secund/' stackrig.conf
    by_itself 2 check --server http1
    err 'stackrig.conf:5: require-armed: no rule is called myteam.secund; is it myteam.second?'
    sed -i 's/next\.\*/inputt/' stackrig.conf
    by_itself 2 check --server http1
    err 'stackrig.conf:7: rule: no rule is called inputt'
}

reports_explain_them() {
    prepare
    run 1 check --json r.json --sarif r.sarif --junit r.xml --tap r.tap --github r.github "$own" a.http
    holds r.json '"rule": "myteam.no_debug_header"' '"title": "a header for debugging goes out"' \
        'Why: it tells strangers <what> is \"inside\".' 'Why: nothing.\nHow' 'Source: https://wiki.example/incidents/7.'
    holds r.sarif '"id": "myteam.no_debug_header"' '"ruleIndex": 0' 'How to mend it: set it where DEBUG is set'
    holds r.xml 'type="myteam.no_debug_header"'
    holds r.tap 'not ok 1 - ' 'myteam.no_debug_header'
    holds r.github '::error title=myteam.no_debug_header,file='
    needs xmllint || return
    xmllint --noout --relaxng "$here/../reports/junit.rng" r.xml 2>why || complain "$(head -n 3 why)"
}

a_row_that_is_none() {
    prepare
    local verb
    for verb in "check $stacks/own_rules_wrong.so a.http" "rules $stacks/own_rules_wrong.so" "trace $stacks/own_rules_wrong.so a.http" \
        "explain myteam.rule $stacks/own_rules_wrong.so" "fuzz --runs 5 $stacks/own_rules_wrong.so"; do
        # shellcheck disable=SC2086 # words
        run 2 $verb
        err 'own_rules_wrong.so: RIG_EXPORT_RULES, rule 0 (myteam.rule): .title holds a byte that is not printable ASCII'
        count err 1 RIG_EXPORT_RULES
    done
    run 2 check "$stacks/own_rules_other.so" a.http
    err 'own_rules_other.so: its rules were built for another version of stackrig: build it anew'
}

# with_odd WHAT STATUS ARGUMENT...
with_odd() {
    local ODD=$1
    export ODD
    shift
    run "$@"
    unset ODD
}

a_stack_that_does_not_load() {
    prepare
    run 0 check "$stacks/own_rules_odd.so" a.http
    with_odd crash 2 rules "$stacks/own_rules_odd.so"
    err 'the rules of ' 'own_rules_odd.so cannot be read: Segmentation fault while it was loaded'
    no_out next.call
    with_odd exit 2 explain odd.first "$stacks/own_rules_odd.so"
    err 'its process ended itself with exit status 3 while it was loaded'
    with_odd crash 1 check --require-armed myteam.unknowable "$stacks/own_rules_odd.so" a.http
    out 'SIGSEGV while the stack was loaded' '[crash]'
    with_odd hang 1 check --timeout 0.3 "$stacks/own_rules_odd.so" a.http
    out 'while the stack was loaded' '[hang]'
}

one_that_tells_nothing_is_not_waited_for() {
    prepare
    with_odd garble 2 rules "$stacks/own_rules_odd.so"
    err 'own_rules_odd.so cannot be read: what it told of them while it was loaded makes no sense'
    with_odd mute 2 rules "$stacks/own_rules_odd.so"
    err 'own_rules_odd.so cannot be read: what it told of them while it was loaded makes no sense'
    local began=$SECONDS
    with_odd deaf 1 check --timeout 0.3 "$stacks/own_rules_odd.so" a.http
    [ $((SECONDS - began)) -lt 10 ] || complain 'it was waited for'
    out 'while the stack was loaded'
}

# compile FILE ARGUMENT...: a shared object of a program on stdin
compile() {
    local file=$1
    shift
    cat >"$file.c"
    # shellcheck disable=SC2086 # flags are words
    ${CC:-cc} -std=c11 -shared -fPIC ${EXTRA:-} -I"$here/../../harness/include" \
        -I"$here/../../mocks/include" "$file.c" "$@" -o "$file" 2>why ||
        complain "$(head -n 5 why)"
}

rules_stand_in_the_stack_itself() {
    prepare
    needs cc || return
    compile libteam.so <<<'#include <stackrig/rules.h>
static int look(const struct rig_own_seen *seen) { return seen != 0; }
static const struct rig_own_rule rule = {.id = "team.rule", .level = RIG_LEVEL_NOTE, .title = "a", .armed_when = "b",
    .why = "c", .mend = "d", .hears = RIG_OWN_HEARS(END), .check = look};
const struct rig_own_rule *const team_rules[] = {&rule, 0};
RIG_EXPORT_RULES(team_rules);'
    compile linked.so ./libteam.so <<<'#include <stackrig/rules.h>
extern const struct rig_own_rule *const team_rules[];
const void *taken(void) { return team_rules; }
static int answer(void *self, struct rig_env *env, struct rig_response *res)
{ (void)self; (void)env; return rig_respond(res, .status = 200); }
static int build(struct rig_stack *stack, const struct rig_setup *setup) { (void)setup; return rig_run(stack, RIG_APP(answer)); }
RIG_EXPORT(build);'
    run 2 check ./linked.so a.http
    err 'RIG_EXPORT_RULES must stand in ./linked.so itself, not in ./libteam.so, which it is linked to'
    # the linker keeps the end of a longer name once
    compile longer.so <<<"#include \"$sources/own_rules.c\"
int team_rig_exported_rules = 1;"
    run 0 explain myteam.second ./longer.so
    out 'a client sent two requests'
}

a_stack_that_is_built_anew_meanwhile() {
    prepare
    with_odd change 2 check "$stacks/own_rules_odd.so" a.http
    err 'own_rules_odd.so brings other rules than a moment ago: it was built anew meanwhile; run this again'
    with_odd change 0 check "$stacks/own_rules_odd.so" a.http
}

trace_and_bisect_know_them() {
    prepare
    run 0 trace "$own" a.http
    out '[myteam.no_debug_header]'
    printf '# @expect finding myteam.no_debug_header\nGET /debug\n' >named.http
    run 2 trace --beside "$stacks/fine.so" "$own" named.http
    err "named.http:1:19: expected the id of a rule, 'myteam.no_debug_header' is none"
    silent out
    run 0 trace --beside "$own" "$own" named.http
    run 1 bisect --finding myteam.no_debug_header "$own" a.http
    out 'layer debugs alone, before the app, makes it fail'
    run 1 bisect "$own" a.http # of its own accord
    out 'layer debugs alone, before the app, makes it fail'
    run 0 bisect --finding another.off "$own" a.http
    out 'nothing fails: ' 'another.off is off unless a request (# @enable) or a layer (.enable) enables it'
    run 2 bisect --finding myteam.no_debug_heade "$own" a.http
    err 'no rule is called myteam.no_debug_heade; is it myteam.no_debug_header?'
    printf '# @ignore myteam.nothing\nGET /\n' >b.http
    run 2 trace "$own" b.http
    err 'b.http:1:11: '
}

the_fuzzer_knows_them() {
    prepare
    mkdir saved
    run 1 fuzz --runs 2000 --seed 3 --save saved --sarif r.sarif "$stacks/own_rules_fuzz.so"
    out '[myteam.no_debug_header]' '2000 scenarios, 1 finding' # of the level error alone
    grep -qE '^  myteam\.\* 1 of 1: [0-9]+ no_debug_header$' out || complain 'not how often it was armed'
    no_out myteam.second
    holds r.sarif '"id": "myteam.no_debug_header"' 'How to mend it: set it where DEBUG is set'
    set -- saved/myteam.no_debug_header-????????.http
    [ -e "$1" ] || complain 'no reproducer'
    run 1 check "$own" "$1"
    out '[myteam.no_debug_header]'
    run 1 show "$own" "$1"
    out '[myteam.no_debug_header]'
    run 1 min "$own" "$1"
    err '[myteam.no_debug_header]'
    run 0 emit-c "$own" "$1"
    out 'extern const struct rig_export_rules rig_exported_rules;' '.rules = rig_exported_rules.rules' '#include <stackrig/rules.h>'
    cp out emitted.c
    run 0 fuzz --runs 2000 --seed 3 --ignore 'myteam.*' "$own"
    out 'ignored: myteam.no_debug_header'
    run 2 fuzz --runs 20 --ignore 'myteam.nothing' "$own"
    err '--ignore wants a rule' 'not myteam.nothing'
    needs cc || return
    # shellcheck disable=SC2086 # flags are words
    ${CC:-cc} -std=c11 -Wall -Werror ${EXTRA:-} -I"$here/../../harness/include" -I"$here/../../mocks/include" \
        -I"$here/../../fuzz/include" emitted.c "$sources/own_rules.c" "$built/lib/libstackrig.a" -lcmocka -o emitted 2>why ||
        complain "$(head -n 5 why)"
    ! ./emitted >why 2>&1 || complain 'the emitted test does not fail'
    grep -q 'sends X-Debug' why || complain "$(head -n 5 why)"
}

a_moment_of_two_findings_keeps_both() {
    prepare
    printf 'GET /two\n\n###\nGET /two/more\n' >two.http
    run 1 check "$more" two.http
    count out 1 'no Content-Security-Policy'
    count out 1 'no X-Frame-Options'
    out 'findings: 2 errors'
}

what_is_new_shows_beside_a_baseline() {
    prepare
    printf 'GET /old\n' >old.http
    printf 'GET /new\n\n###\nGET /old\n' >both.http
    run 0 check --baseline base --update-baseline "$more" old.http
    run 0 check --baseline base "$more" old.http
    run 1 check --baseline base "$more" both.http
    count out 1 'no Content-Security-Policy'
    out 'known, not shown: 1 (base)'
}

what_is_tried_leaves_nothing_in_a_client() {
    prepare
    printf 'POST /once\nContent-Type: text/plain\n\nabc\n\n###\nGET /then\n' >two.http
    run 0 check "$stacks/own_rules_counting.so" two.http
    run 0 check --faults "$stacks/own_rules_counting.so" two.http
    run 0 check --each-malloc "$stacks/own_rules_counting.so" two.http
    printf 'GET /once\n\n###\nGET /once\n' >twice.http
    run 1 check "$stacks/own_rules_counting.so" twice.http
    run 0 fuzz --runs 300 --seed 3 "$stacks/own_rules_counting.so"
}

a_check_that_crashes_or_hangs_is_named() {
    prepare
    printf 'GET /crash\n' >crash.http
    printf 'GET /hang\n' >hang.http
    run 1 check "$more" crash.http
    out "$(basename "$more"): error: SIGSEGV in the check of your rule more.wrong [crash]"
    no_out 'in layer'
    run 1 check --timeout 0.3 "$more" hang.http
    out ' in the check of your rule more.wrong [hang]'
    no_out 'in layer'
    run 1 bisect "$more" crash.http
    out 'in the check of your rule more.wrong'
    no_out ' in passes'
    run 1 fuzz --runs 1 --seed 1 "$more" crash.http
    out 'Segmentation fault in the check of your rule more.wrong [crash]'
    no_out '  layer'
    # what crashes afterwards is the layer's
    printf 'GET /layer\n' >layer.http
    run 1 check "$more" layer.http
    out 'SIGSEGV in layer passes [crash]'
}

# What docs/own-rules.md shows is what is built.
the_page_shows_the_example() {
    prepare
    sed -n '/^```c$/,/^```$/p' "$here/../../docs/own-rules.md" | sed '1d;$d' >page
    sed -n '/^static int look/,$p' "$requests_of/own_rules/no_store.c" >example
    [ -s page ] && diff page example >why || complain "$(head -n 5 why)"
}

every_test_but prepare with_odd compile
