#!/usr/bin/env bash
# `stackrig check --watch`: once more at each change, the failing file first, until Ctrl-C.
. "${0%/*}/common.sh"

# Waits until the output has N lines with TEXT.
wait_for() {
    local i
    for ((i = 0; i < 300; i++)); do
        [ "$(grep -cF -e "$2" out)" -lt "$1" ] || return 0
        alive "$watching" || break
        sleep 0.1
    done
    complain "not $1 times in the output: $2"
    return 1
}

begin_watch() {
    mkdir tmp
    cp "$examples/early_answer/stack_broken.so" app.so
    cp "$requests_of/early_answer/requests.http" one.http
    cp "$requests_of/early_answer/broken.http" other.http
    # a shell's children in the background ignore Ctrl-C
    TMPDIR=$work/tmp env --default-signal=INT "$bin" check --server http1 --watch "$@" >out 2>err </dev/null &
    watching=$!
}

end_watch() {
    local status
    kill -INT "$watching"
    wait "$watching"
    status=$?
    [ "$status" = 130 ] || complain "status $status, wanted 130"
    [ -z "$(ls tmp)" ] || complain "left behind: $(ls tmp)"
    rm -rf tmp app.so one.http other.http new.so stackrig.conf
}

runs_again_when_the_stack_changes() {
    begin_watch app.so one.http
    if wait_for 1 'watching the stack and 1 file;'; then
        out 'input.early_answer.unread'
        cp "$examples/early_answer/stack_mended.so" new.so
        mv new.so app.so
        wait_for 1 'app.so changed' && wait_for 2 'watching the stack'
        out 'findings: 0 errors'
    fi
    end_watch
}

# other.http expects the mistake: once it is mended, that is the file that fails
puts_the_failing_file_first() {
    begin_watch --json report.json app.so one.http other.http
    cp "$examples/early_answer/stack_mended.so" new.so
    if wait_for 1 'watching the stack and 2 files;'; then
        mv new.so app.so
        wait_for 2 'watching' && grep -m 1 '"file"' report.json | grep -q one.http || complain 'one.http, which failed, is not first'
        echo >>one.http
        wait_for 3 'watching' && grep -m 1 '"file"' report.json | grep -q other.http || complain 'other.http, which failed, is not first'
    fi
    end_watch
}

waits_while_a_file_is_gone() {
    begin_watch app.so one.http
    if wait_for 1 'watching'; then
        rm app.so
        sleep 0.5
        count out 1 'watching'
        cp "$examples/early_answer/stack_mended.so" app.so
        wait_for 2 'watching'
        out 'findings: 0 errors'
        silent err
    fi
    end_watch
}

watches_what_the_conf_names() {
    printf '[project]\nstack = app.so\nfiles = one.http\nservers = http1\n' >stackrig.conf
    begin_watch
    if wait_for 1 'watching the stack and 1 file;'; then
        echo '# another line' >>stackrig.conf
        wait_for 1 'stackrig.conf changed' && wait_for 2 'watching'
    fi
    end_watch
}

goes_on_after_a_check_that_was_killed() {
    cat >kill.c <<'C'
#include <signal.h>
#include <stackrig/stackrig.h>
#include <unistd.h>
static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    if (access("kill", F_OK) == 0)
        (void)kill(getppid(), SIGKILL);
    return rig_run(stack, RIG_APP(NULL));
}
RIG_EXPORT(build);
C
    begin_watch app.so one.http
    if wait_for 1 'watching'; then
        : >kill
        cc -shared -fPIC -I"$here/../../harness/include" -I"$here/../../mocks/include" kill.c -o new.so -L"$built/lib" -lstackrig
        mv new.so app.so
        wait_for 2 'watching'
        err '--watch: the check was ended by a signal: Killed'
        cp "$examples/early_answer/stack_mended.so" new.so
        mv new.so app.so
        wait_for 3 'watching' && out 'findings: 0 errors'
    fi
    rm -f kill kill.c
    end_watch
}

# an option may be cut short
watches_with_the_option_cut_short() {
    begin_watch --w app.so one.http
    wait_for 1 'watching the stack and 1 file;'
    end_watch
    count out 1 'watching'
}

first_wants_one_of_the_files() {
    requests a.http /a
    run 2 check --first b.http "$stacks/plain.so" a.http
    err '--first wants one of the files, not b.http'
}

every_test_but wait_for begin_watch end_watch
