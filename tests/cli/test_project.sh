#!/usr/bin/env bash
# Living with findings: baselines, stackrig.conf, suppressions.
. tests/cli/common.sh

# project STATUS ARGUMENT...: a check whose sources are beside it: a layer that leaves the body unread
project() {
    local wanted=$1
    shift
    by_itself "$wanted" check --server http1 "$@" "$examples/early_answer/stack_broken.so" requests.http
}

prepare() {
    rm -rf ./*
    cp "$requests_of/early_answer/requests.http" .
    : >out
    : >err
}

a_baseline_lets_old_findings_pass() {
    prepare
    project 2 --baseline base
    err 'cannot read base: No such file' '--update-baseline writes it'
    project 0 --baseline base --update-baseline
    holds base '# stackrig baseline 1' ' error input.early_answer.unread authentication'
    project 0 --baseline base
    out 'known, not shown: 1 (base)' 'findings: 0 errors'
    no_out '[input.early_answer.unread]'
    project 1 # without it
    cp base before
    project 0 --baseline base --update-baseline
    cmp -s base before || complain 'it is written otherwise the second time'
    # another one is new
    printf '\n### \n# @name other\n# @expect status 418\nGET /\n' >>requests.http
    project 1 --baseline base
    out 'known, not shown: 1' '[@expect]'
}

what_is_gone_is_told() {
    prepare
    project 0 --baseline base --update-baseline
    by_itself 0 check --server http1 --baseline base "$examples/early_answer/stack_mended.so" requests.http
    out 'in the baseline and gone: 1; --update-baseline drops them'
}

compiled() {
    cc -shared -fPIC -I"$here/../../harness/include" -I"$here/../../mocks/include" stack.c -o stack.so -L"$built/lib" -lstackrig
}

# stable_key: of the finding of stack.c
stable_key() {
    compiled || return
    by_itself 1 check --server http1 --json r.json ./stack.so a.http
    sed -n 's/.*"key": "\(.*\)".*/\1/p' r.json
}

# the keys of a finding and of a crash, before and after other lines were added and removed
keys_are_stable_under_unrelated_edits() {
    prepare
    needs cc || return
    printf '### \nPOST /a\n\nbody\n\n### \nGET /crash\n' >a.http
    cat >stack.c <<'C'
#include <stackrig/stackrig.h>
#include <stdlib.h>
#include <string.h>
static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/crash") == 0)
        abort();
    return rig_respond(res, .status = 200);
}
static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(app));
}
RIG_EXPORT(build);
C
    local before after
    before=$(stable_key)
    [ "$(wc -l <<<"$before")" = 2 ] || complain "keys: $before"
    by_itself 0 check --server http1 --baseline base --update-baseline ./stack.so a.http
    { printf '/* a comment\n * of lines */\n' && sed 's/(void)self;/int unrelated = 2;\n\n    (void)self, (void)unrelated;/' stack.c; } >new.c
    mv new.c stack.c
    after=$(stable_key)
    [ "$before" = "$after" ] || complain "before: $before, after: $after"
    by_itself 0 check --server http1 --baseline base ./stack.so a.http
    out 'known, not shown: 2'
    sed -i 's/.status = 200/.status = 201/' stack.c
    stable_key >/dev/null
    by_itself 1 check --server http1 --baseline base ./stack.so a.http # that line is another one now
    out 'known, not shown: 1' 'answered 201'
}

# it is one only behind nginx, where the answer arrives all the same
a_finding_that_got_worse_is_new() {
    prepare
    by_itself 0 check --server nginx+plain --baseline base --update-baseline "$examples/early_answer/stack_broken.so" requests.http
    holds base ' warning input.early_answer.unread'
    by_itself 0 check --server nginx+plain --fail-on warning --baseline base "$examples/early_answer/stack_broken.so" requests.http
    out 'known, not shown: 1'
    by_itself 1 check --server http1 --baseline base "$examples/early_answer/stack_broken.so" requests.http
    out '[input.early_answer.unread]' 'known, not shown: 0'
}

another_crash_of_the_layer_is_new() {
    prepare
    needs cc || return
    printf '### \nGET /a\n' >a.http
    cat >stack.c <<'C'
#include <stackrig/stackrig.h>
#include <signal.h>
#include <string.h>
static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)res;
    (void)raise(strcmp(rig_env_get(env, "PATH_INFO"), "/a") == 0 ? SIGSEGV : SIGABRT);
    return 0;
}
static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(app));
}
RIG_EXPORT(build);
C
    compiled
    by_itself 0 check --server http1 --baseline base --update-baseline ./stack.so a.http
    printf '### \nGET /b\n' >>a.http
    by_itself 1 check --server http1 --baseline base ./stack.so a.http
    out 'known, not shown: 1' 'SIGABRT'
}

a_baseline_holds_no_secrets() {
    prepare
    needs cc || return
    printf '### \nGET /\nX-Api-Key: hunter2secret9\n' >a.http
    cat >stack.c <<'C'
#include <stackrig/stackrig.h>
#include <stdio.h>
static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    char name[100];
    (void)self;
    (void)snprintf(name, sizeof name, "%s\r", rig_env_get(env, "HTTP_X_API_KEY"));
    (void)rig_response_set_header(res, name, "1");
    return rig_respond(res, .status = 200);
}
static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(app));
}
RIG_EXPORT(build);
C
    compiled
    by_itself 0 check --server http1 --baseline base --update-baseline ./stack.so a.http
    holds base 'response.header_name' '****'
    ! grep -q hunter2 base || complain 'the secret is in it'
    by_itself 0 check --server http1 --baseline base ./stack.so a.http
}

baselines_that_are_none() {
    prepare
    printf 'what is this\n' >base
    project 2 --baseline base
    err 'base:1: is no baseline'
    printf '# stackrig baseline 1\n0123 too.short\n' >base
    project 2 --baseline base
    err 'base:2: expected the key of a finding'
    printf '# stackrig baseline 1\n0123456789abcdef input.early_answer.unread\n' >base
    project 2 --baseline base
    err 'base:2: expected error, warning or note behind the key'
    : >base
    project 2 --baseline base
    err 'cannot read base: it is empty'
    project 2 --update-baseline
    err '--update-baseline needs --baseline FILE'
    project 2 --baseline base --update-baseline --filter a
    err 'would drop all other findings'
    project 2 --baseline none/base --update-baseline
    err 'cannot write none/base'
    silent out
    run 2 check --baseline requests.http --update-baseline "$examples/early_answer/stack_broken.so" requests.http
    err '--baseline requests.http: there is such a file, which is no report'
}

conf() { cat >stackrig.conf; }
basic() {
    printf '[project]\nstack = %s\nfiles = requests.http\nservers = http1\n' "$examples/early_answer/stack_broken.so"
}

the_project_is_checked_without_arguments() {
    prepare
    by_itself 2 check
    err "check: a stack's shared object is missing, and there is no stackrig.conf here"
    run 2 check a.http
    err "check: a stack's shared object is missing before a.http"
    { basic && printf 'json = r.json\n\n# a comment\n[thresholds]\nfail-on = warning\n'; } | conf
    by_itself 1 check
    out '1 profile (http1)' '[input.early_answer.unread]'
    [ -s r.json ] || complain 'no report'
    by_itself 1 check --server memory --fail-on note
    out '1 profile (memory)' # the command line counts
    by_itself 0 check --server memory "$examples/early_answer/stack_mended.so" requests.http # not asked for
    mv stackrig.conf other.conf
    by_itself 1 check --conf other.conf
    by_itself 0 check --conf other.conf "$examples/early_answer/stack_mended.so" requests.http
    by_itself 2 check --conf none.conf
    err 'cannot read none.conf: No such file'
    cp requests.http more.http
    { basic | sed 's/^files.*/files = *.http/' && printf 'jobs = 2\nfaults = no\n'; } | conf
    by_itself 1 check
    out '6 requests'
}

errors_name_line_and_key() {
    prepare
    error() { # error TEXT LINE...: the file's lines after the basic ones, 4
        local text=$1
        shift
        { basic && printf '%s\n' "$@"; } | conf
        by_itself 2 check
        err "$text"
    }
    error 'stackrig.conf:5: [project] has no key servrs; is it servers' 'servrs = http1'
    error 'stackrig.conf:5: server: no server profile is called nonsense' 'server = nonsense'
    error 'stackrig.conf:5: timeout: wants seconds' 'timeout = soon'
    error 'stackrig.conf:5: faults: wants yes or no, not maybe' 'faults = maybe'
    error 'stackrig.conf:6: fail-on: wants note' '[thresholds]' 'fail-on = often'
    error 'stackrig.conf:6: [thresholds] has no key fail_on; is it fail-on?' '[thresholds]' 'fail_on = error'
    error 'stackrig.conf:5: there is no section [mask]; is it masks?' '[mask]'
    error 'stackrig.conf:5: expected [section] or key = value' 'what is this'
    error 'stackrig.conf:5: set: has no value' 'set ='
    error 'stackrig.conf:5: files: there is no file none*.http' 'files = none*.http'
    error 'stackrig.conf:5: [suppression] has no reason' '[suppression]' 'rule = input.early_answer.unread' 'until = 2999-01-01'
    error 'stackrig.conf:5: [suppression] has no until' '[suppression]' 'rule = input.early_answer.unread' 'reason = x'
    error 'stackrig.conf:8: until: wants a day as 2026-12-31, not 2026-02-31' '[suppression]' 'rule = input.*' 'reason = x' \
        'until = 2026-02-31'
    error 'stackrig.conf:6: rule: no rule is called input.early_answer.unred; is it input.early_answer.unread' '[suppression]' \
        'rule = input.early_answer.unred' 'reason = x' 'until = 2999-01-01'
    error 'stackrig.conf:6: rule: @expect cannot be suppressed' '[suppression]' 'rule = @expect' 'reason = x' 'until = 2999-01-01'
    error 'stackrig.conf:7: rule: this suppression has one already' '[suppression]' 'rule = input.*' 'rule = env.*'
    error 'stackrig.conf:6: [suppression] has no key reson; is it reason' '[suppression]' 'reson = x'
    printf 'stack = x\n' | conf
    by_itself 2 check
    err 'stackrig.conf:1: stack: no section has begun'
    printf '[project]\nfiles = requests.http\n' | conf
    by_itself 2 check
    err 'stackrig.conf: [project] has no stack'
    printf '[project]\0\n' | conf
    by_itself 2 check
    err 'holds a zero byte'
}

# suppress UNTIL LINE...
suppress() {
    local until=$1
    shift
    { basic && printf '%s\n' '[suppression]' 'reason = the gateway reads it, ticket 12' "until = $until" "$@"; } | conf
}

a_suppression_counts_until_its_day() {
    prepare
    suppress 2999-12-31 'rule = input.early_answer.unread' 'layer = authentication' 'file = early_answer/stack_broken.c'
    by_itself 0 check --sarif r.sarif --junit r.xml
    out 'stackrig.conf:5: suppressed: input.early_answer.unread, 1 finding, until 2999-12-31: the gateway reads it, ticket 12' \
        'findings: 0 errors'
    no_out '[input.early_answer.unread]'
    holds r.sarif '"justification": "the gateway reads it, ticket 12"'
    holds r.xml 'failures="0"'
    suppress 2020-12-31 'rule = input.early_answer.unread'
    by_itself 1 check
    out 'stackrig.conf:5: expired, so that it fails again: input.early_answer.unread, 1 finding, until 2020-12-31' \
        '[input.early_answer.unread]'
    { basic && for until in 2020-12-31 2999-12-31; do printf '%s\n' '[suppression]' 'rule = input.*' 'reason = x' "until = $until"; done; } | conf
    by_itself 0 check
    out 'nothing is left to suppress: input.*, 0 findings, until 2020-12-31' 'suppressed: input.*, 1 finding, until 2999-12-31'
    suppress "$(date -u +%Y-%m-%d)" 'rule = input.early_answer.unread' # the last day counts
    by_itself 0 check
}

a_suppression_is_of_what_it_names() {
    prepare
    for line in 'layer = other' 'file = other.c' 'file = roken.c' 'key = 0123456789abcdef'; do
        suppress 2999-12-31 'rule = input.*' "$line"
        by_itself 1 check
        out 'nothing is left to suppress: input.*, 0 findings'
    done
    suppress 2999-12-31 'rule = input.*'
    by_itself 0 check
    by_itself 0 check --baseline base --update-baseline # what is suppressed is in no baseline
    [ "$(wc -l <base)" = 1 ] || complain 'it is in the baseline'
}

thresholds_of_levels() {
    prepare
    by_itself 0 check --server nginx+plain "$examples/early_answer/stack_broken.so" requests.http
    by_itself 1 check --server nginx+plain --max-warnings 0 "$examples/early_answer/stack_broken.so" requests.http
    out 'more than 0 warnings: 1'
    by_itself 0 check --server nginx+plain --max-warnings 1 "$examples/early_answer/stack_broken.so" requests.http
}

where_a_key_belongs() {
    wrong() { # wrong LINE MESSAGE: what stands in the file is told so
        printf "$3" >wrong.conf
        run 2 check --conf wrong.conf
        err "wrong.conf:$1: $2"
    }
    wrong 2 '[project] has no key watch; it is an option of the command line alone, --watch' '[project]\nwatch = yes\n'
    wrong 2 '[project] has no key fail-on; [thresholds] has it' '[project]\nfail-on = note\n'
    wrong 2 '[thresholds] has no key stack; [project] has it' '[thresholds]\nstack = a.so\n'
    wrong 2 '[project] has no key baselin; is it baseline?' '[project]\nbaselin = a\n'
    wrong 2 '[project] has no key once' '[project]\nonce = yes\n'
    no_err 'is it once'
    wrong 3 'stack: line 2 has one already' '[project]\nstack = a.so\nstack = b.so\n'
    wrong 4 'baseline: line 2 has one already' '[project]\nbaseline = a\n\nbaseline = b\n'
    wrong 3 'fail-on: line 2 has one already' '[thresholds]\nfail-on = note\nfail-on = error\n'
    wrong 2 'jobs: wants a number from 1 to ' '[project]\njobs = many\n'
    wrong 3 'rule: no rule is called next.call.twise' '[suppression]\nreason = a\nrule = next.call.twise\nuntil = 2030-01-01\n'
    wrong 4 'until: wants a day' '[suppression]\nreason = a\nrule = next.call.twice\nuntil = 2030-02-31\n'
    printf '[project]\nset = a=1\nset = b=1\nfile = a\nfile = b\n[masks]\nname = a\nname = b\n' >good.conf
    run 2 check --conf good.conf
    err 'good.conf: [project] has no stack'
    no_err 'has one already'
    rm good.conf wrong.conf
}

names_of_secrets() {
    prepare
    printf '### \nPOST /?ticket=hunter2hunter2 HTTP/1.1\nHost: a\nX-Ticket: zyxwvut987\n\nx_ticket=correcthorse\n' >requests.http
    { basic && printf '[masks]\nname = ticket\nname = x-ticket\n'; } | conf
    by_itself 1 check --server http1 --junit r.xml
    out '****'
    lacks out hunter2hunter2 zyxwvut987 correcthorse
    lacks r.xml hunter2hunter2 zyxwvut987 correcthorse
    by_itself 1 check --conf stackrig.conf "$examples/early_answer/stack_broken.so" requests.http
    lacks out hunter2hunter2
}

every_test_but project prepare compiled stable_key conf basic suppress error
