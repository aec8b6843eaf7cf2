#!/usr/bin/env bash
# The verbs that only print.
. tests/cli/common.sh

no_verb() {
    run 2
    err 'expected a verb: check, explain, rules, list, servers, parity, bisect, trace, fuzz, show, min, emit-c or coverage' '--help'
    silent out
}

unknown_verb() {
    run 2 chekc
    err 'unknown verb chekc; is it check?' 'stackrig --help'
    run 2 nonsense
    err 'unknown verb nonsense; expected check, explain, rules, list, servers, parity, bisect, trace, fuzz, show, min, emit-c or coverage'
    run 2 --nonsense
    err 'unknown option --nonsense; there are --help and --version'
    run 2 --verison
    err 'unknown option --verison; is it --version?'
}

help_and_version() {
    local verb
    run 0 --help
    out 'usage: stackrig' check explain rules list servers parity bisect trace fuzz show min emit-c coverage
    silent err
    run 0 --version
    out 'stackrig 0.' 'ABI 1'
    for verb in check explain rules list servers parity bisect trace fuzz show min emit-c coverage; do
        run 0 "$verb" --help
        out "usage: stackrig $verb"
        silent err
    done
}

options_that_are_wrong() {
    local verb
    for verb in check explain rules list servers parity bisect trace fuzz show min emit-c coverage; do
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
    run 2 check --sever http1
    err 'unknown option --sever; is it --server'
    run 2 fuzz --run 3
    run 2 fuzz --rnus 3
    err 'is it --runs?'
    run 2 coverage --htlm=x
    err 'unknown option --htlm; is it ' '--html?'
    run 2 check --format xml
    err 'there is no format xml; there are ' 'text' 'junit' 'sarif'
    run 2 check --format jsno
    err 'is it json?'
    run 2 rules a.so more
    err "rules: 'more' is too much"
    run 2 explain
    err 'explain: expected RULE|AREA.*'
    run 2 list
    err 'list: expected FILE.http...'
}

help_fits_a_screen() {
    local verb
    for verb in '' check explain rules list servers parity bisect trace fuzz show min emit-c coverage; do
        by_itself 0 $verb --help
        [ "$(wc -l <out)" -le 24 ] || complain "$verb: $(wc -l <out) lines of help"
        [ "$(wc -L <out)" -le 80 ] || complain "$verb: $(wc -L <out) columns of help"
        grep -q "^  \(STACKRIG_.*=[^ ]* \)\?stackrig ${verb:-check}" out || complain "$verb: no example"
    done
    for verb in '' check fuzz bisect parity; do
        by_itself 0 $verb --help
        out 130
    done
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

explain_an_area() {
    run 0 explain 'input.*'
    out 'input.early_answer.unread: '
    no_out 'next.call'
    [ "$(wc -l <out)" -gt 5 ] || complain 'not all of them'
    run 2 explain 'inptu.*'
    err 'no rule is called inptu.*'
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
        run 2 check "$stacks/fine.so" wrong.http
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

every_test
