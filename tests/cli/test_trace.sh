#!/usr/bin/env bash
# What happens in a request, layer by layer.
. tests/cli/common.sh

the_copied_env() {
    local line
    run 0 trace "$examples/copied_env/stack_broken.so" "$requests_of/copied_env/requests.http"
    out 'failing action under http1' '> error_reporter, env#1' '| | |   copies the env: env#7' \
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
    err 'trace has no --faults'
    run 2 trace "$stacks/guilty.so"
    err 'trace: a file with requests is missing'
    run 2 trace "$stacks/no_export.so" one.http
    err 'exports no stack'
}

every_test
