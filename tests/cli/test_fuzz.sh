#!/usr/bin/env bash
# stackrig fuzz.
. tests/cli/common.sh

the_same_seed_says_the_same() {
    run 1 fuzz --runs 3000 --seed 5 "$examples/early_answer/stack_broken.so"
    cp out first
    run 1 fuzz --runs 3000 --seed 5 "$examples/early_answer/stack_broken.so"
    cmp -s out first || complain 'not the same'
    out 'seed 5' '[input.early_answer.unread]' '  layer authentication' '3000 scenarios, '
}

# each error rule is an oracle: how often it was armed, or that it never was, and what could not be
how_often_each_oracle_was_armed() {
    run 0 fuzz --runs 3000 --seed 5 --ignore 'fuzz.head.*' --json r.json "$examples/early_answer/stack_mended.so"
    out ' oracles armed, how often:' '  input.* 5 of 8: ' '  usage.* 15 of 15: ' ' each' 'never armed: body.* (6), ' \
        'of sweeps, not of fuzzing: input.pieces.matter, ' 'off: env.log.written, fuzz.app.entered' '(nothing is protected)' \
        'ignored: fuzz.head.differs'
    grep -qE '^  fuzz\.\* [0-9]+ of 12: [0-9]+ ' out || complain 'not how often the rules of fuzzing were armed'
    no_out 'microhttpd.' 'request.body'
    awk 'length > 120 || (length > 79 && !/^[0-9]+ scenarios/)' out | grep . && complain 'a long line'
    holds r.json '"oracles": [' '"rule": "usage.stack.loop"' '"state": "ignored"' '"state": "sweeps"' '"armed": 0'
    [ "$(grep -c '"armed": ' r.json)" -gt 80 ] || complain 'not all oracles are in the report'
}

what_is_found_is_saved_and_found_again() {
    mkdir -p saved
    run 1 fuzz --runs 3000 --seed 5 --save saved "$examples/early_answer/stack_broken.so"
    set -- saved/input.early_answer.unread-????????.http
    [ -e "$1" ] || complain 'no reproducer'
    run 1 check "$examples/early_answer/stack_broken.so" "$1"
    out '[input.early_answer.unread]'
    run 1 fuzz --runs 1 --seed 1 "$examples/early_answer/stack_broken.so" "$1" # as a seed alone
    out '[input.early_answer.unread]'
    rm -rf anew
    run 1 fuzz --runs 3000 --seed 5 --save anew "$examples/early_answer/stack_broken.so"
    [ "$(cat anew/*)" = "$(cat saved/*)" ] || complain 'no folder was made'
    : >a.file
    run 2 fuzz --runs 3000 --seed 5 --save a.file "$examples/early_answer/stack_broken.so"
    err '--save: cannot write to the folder a.file: Not a directory'
    silent out
    run 2 fuzz --runs 3000 --seed 5 --save /proc "$examples/early_answer/stack_broken.so"
    err '--save: cannot write to the folder /proc: '
    run 1 fuzz --runs 3000 --seed 5 --save no/where/yet "$examples/early_answer/stack_broken.so"
    [ "$(cat no/where/yet/*)" = "$(cat saved/*)" ] || complain 'no folders were made'
    # what cannot be saved is printed all the same
    rm anew/*
    mkdir "anew/$(basename "$1")"
    run 2 fuzz --runs 3000 --seed 5 --save anew --json r.json "$examples/early_answer/stack_broken.so"
    err 'cannot write anew/input.early_answer.unread-'
    out '[input.early_answer.unread]' '3000 scenarios, '
    holds r.json '"input.early_answer.unread"'
}

# Paths are meant from where the command was started.
a_stack_that_goes_elsewhere_takes_no_file_along() {
    local stack=$stacks/goes_elsewhere.so
    export ELSEWHERE=$work/elsewhere
    rm -rf elsewhere nearby
    mkdir elsewhere
    requests one.http /a
    requests two.http /b
    run 1 fuzz --runs 100 --seed 1 --save nearby --json r.json "$stack" one.http two.http
    out '[fuzz.status.undeclared]'
    run 1 show "$stack" "$(echo nearby/fuzz.status.undeclared-*.http)"
    run 1 min "$stack" nearby/*.http
    run 0 emit-c "$stack" nearby/*.http
    holds r.json '"fuzz.status.undeclared"'
    run 1 check "$stack" nearby/*.http
    [ -z "$(ls elsewhere)" ] || complain "elsewhere: $(ls elsewhere)"
    unset ELSEWHERE
}

# ten requests, two of them for another server; the last finds something; the third ends the process
a_long_file_is_several_scenarios() {
    local i
    for i in 1 2 3 4 5 6 7 8 9; do printf 'GET /%s\n###\n' "$i"; done >long.http
    printf 'POST /\n\nbody\n' >>long.http
    run 1 fuzz --runs 1 --seed 5 "$examples/early_answer/stack_broken.so" long.http
    out '[input.early_answer.unread]' '2 scenarios, '
    run 1 fuzz --runs 1 --seed 5 "$examples/early_answer/stack_broken.so" long.http long.http
    out '4 scenarios, '
    printf 'GET /1\n###\n# @server memory\nGET /2\n###\n# @server memory\nGET /3\n###\nGET /4\n' >servers.http
    run 0 fuzz --runs 1 --seed 5 "$examples/early_answer/stack_mended.so" servers.http
    out '3 scenarios, '
    { printf 'GET /segv\n###\n'; cat long.http; } >crash.http
    run 1 fuzz --runs 1 --seed 5 "$stacks/crash.so" crash.http
    out '[crash]' '2 scenarios, '
}

# Texts and bytes, in folders of it too; not what begins with a dot, nor a link to a folder, which may be one above.
a_folder_is_all_its_files() {
    rm -rf seeds
    mkdir -p seeds/deep seeds/.hidden none/.hidden
    printf 'GET /1\n' >seeds/b.http
    printf 'POST /\n\nbody\n' >seeds/deep/a.http
    printf 'no request\n' >seeds/.wrong.http
    cp seeds/.wrong.http seeds/.hidden/wrong.http
    cp seeds/.wrong.http none/.hidden/wrong.http
    : >seeds/bytes
    ln -s .. seeds/deep/above
    run 1 fuzz --runs 1 --seed 5 "$examples/early_answer/stack_broken.so" seeds/
    out '[input.early_answer.unread]' '3 scenarios, '
    run 1 fuzz --runs 1 --seed 5 "$examples/early_answer/stack_broken.so" seeds/b.http ./seeds seeds/b.http
    out '5 scenarios, '
    mkdir -p none
    run 2 fuzz --runs 1 --seed 5 "$examples/early_answer/stack_broken.so" seeds none
    err 'none: there are no files in this folder'
    silent out
    cp seeds/.wrong.http seeds/wrong.http
    run 2 fuzz --runs 1 --seed 5 "$examples/early_answer/stack_broken.so" seeds
    err 'seeds/wrong.http:1:'
    printf 'GET /1\n' >seeds/wrong.http
    run 2 fuzz --runs 1 --seed 5 --json seeds/b.http "$examples/early_answer/stack_broken.so" seeds
    err 'seeds/b.http'
}

settings_of_the_stack() {
    run 2 fuzz --set none "$examples/early_answer/stack_broken.so"
    err '--set wants key=value'
    run 2 fuzz --set a=hunter22 --set a=hunter22 "$examples/early_answer/stack_broken.so"
    err '--set a was given twice'
    no_err hunter22
    run 0 fuzz --runs 1 --set "credentials=$requests_of/basic_auth/users.txt" "$examples/basic_auth/stack_basic_auth.so"
    run 2 fuzz --runs 1 --set credentials=not.there "$examples/basic_auth/stack_basic_auth.so"
    err "stackrig: $examples/basic_auth/stack_basic_auth.so: " "the stack's build function returned -2 (ENOENT)"
    run 2 fuzz --runs 0 "$examples/early_answer/stack_broken.so"
    err '--runs wants a number from 1 on'
}

mended_examples_when_fuzzed() {
    run 0 fuzz --runs 20000 --seed 5 "$examples/early_answer/stack_mended.so"
    out '20000 scenarios, 0 findings'
    run 0 fuzz --runs 20000 --seed 5 "$examples/truncated_body/stack_mended.so"
    out '20000 scenarios, 0 findings'
    run 0 fuzz --runs 20000 --seed 7 --protect members "$examples/basic_auth/stack_basic_auth.so"
    out ' app.entered' '20000 scenarios, 0 findings'
    no_out 'nothing is protected'
    no_out 'the stack was built '
    # whose X-Request-Id is each time another
    run 0 fuzz --runs 20000 --seed 5 --ignore fuzz.status.undeclared "$examples/copied_env/stack_mended.so"
    out '20000 scenarios, 0 findings'
}

a_crash_is_a_finding_and_the_rest_goes_on() {
    printf '### \nGET /segv\n' >a.http
    mkdir -p saved
    run 1 fuzz --runs 200 --seed 5 --save saved "$stacks/crash.so" a.http
    out 'error: Segmentation fault [crash]' '# @escapes on' 'GET /segv' '200 scenarios, '
    set -- saved/crash-????????.http
    [ -e "$1" ] || complain 'no reproducer of the crash'
}

# scenario FILE METHOD TARGET [FIELD]: one request, with a body
scenario() {
    printf '### \n%s %s\n%s\n\nbody\n' "$2" "$3" "${4:-X-None: 1}" >"$1"
}

an_exit_is_a_crash_whatever_its_status() {
    scenario clean.http GET /exit_clean
    scenario usage.http GET /exit_usage
    scenario other.http GET /exit
    run 1 fuzz --runs 200 --seed 5 "$stacks/crash.so" clean.http usage.http other.http
    out 'error: the process ended itself with exit status 0 [crash]' 'with exit status 2 [crash]' 'with exit status 3 [crash]' \
        '200 scenarios, '
}

all_files_are_tried_though_each_crashes() {
    scenario a.http GET /segv
    scenario b.http GET /abort
    scenario c.http GET /above
    run 1 fuzz --runs 3 --seed 5 "$stacks/crash.so" a.http b.http c.http
    out 'Segmentation fault [crash]' 'Aborted [crash]' 'Floating point exception [crash]' '3 scenarios, 3 findings'
}

the_counts_of_all_children_are_one() {
    scenario a.http GET /segv
    run 1 fuzz --runs 200 --seed 5 "$stacks/crash.so" a.http
    count out 2 ' scenarios, ' # of all that was tried, and before the findings' number
    count out 2 '200 scenarios, '
    scenario b.http GET /
    run 1 fuzz --runs 3 --seed 5 "$stacks/crash.so" b.http b.http a.http # the last child has nothing to do
    out 'usage.* 15 of 15: 2 each'
    no_out 'usage.* (15)'
}

crashes_of_one_kind_are_one_and_are_shrunk() {
    local files=() i
    for i in 1 2 3 4 5 6 7 8 9; do
        scenario "$i.http" GET /segv "X-Long: $i"
        files+=("$i.http")
    done
    mkdir -p kinds
    run 1 fuzz --runs 9 --seed 5 --save kinds "$stacks/crash.so" "${files[@]}"
    out 'error: Segmentation fault, 9 times [crash]' '  in this scenario:' '9 scenarios, 1 finding'
    no_out 'X-Long' 'in request'
    set -- kinds/crash-????????.http
    [ $# -eq 1 ] || complain "saved: $*"
    ! grep -q X-Long "$1" || complain 'the reproducer is not shrunk'
}

# deep FILE FIELD...: which crash it is, its fields say
deep() {
    { printf '### \nGET /deep\nX-None: 1\n' && printf '%s\n' "${@:2}"; } >"$1"
}

# One signal in two layers, and at two places of one of them, again and again.
crashes_fold_by_layer_and_place() {
    local line
    line=$(sed -n '/where upper stands/=' "$sources/two_crashes.c")
    deep a.http 'X-A: 1'
    deep b.http 'X-Deep: 1'
    deep c.http 'X-Deep: 1' 'X-Far: 1'
    deep d.http 'X-B: 1' 'X-Deep: 1' 'X-Far: 1'
    rm -rf places
    run 1 fuzz --runs 4 --seed 5 --save places --json r.json "$stacks/two_crashes.so" a.http b.http c.http d.http
    out '4 scenarios, 3 findings' 'error: Segmentation fault, 2 times [crash]' 'X-Far:' \
        "two_crashes.c:$line: error: Segmentation fault [crash]" ": addr2line -fe $stacks/two_crashes.so 0x"
    no_out 'X-A' 'X-B' 'X-None'
    count out 1 '  layer upper'
    count out 2 '  layer lower'
    count out 3 '  in a call from two_crashes.so(+0x'
    count out 2 'X-Deep:'
    holds r.json '"layer": "upper"' '"layer": "lower"' 'in a call from two_crashes.so(+0x'
    [ "$(grep -o '"key": "[^"]*"' r.json | sort -u | wc -l)" -eq 3 ] || complain "keys: $(grep '"key": ' r.json)"
    set -- places/crash-????????.http
    [ $# -eq 3 ] || complain "saved: $*"
    # behind the layers below it
    scenario later.http GET /later
    run 1 fuzz --runs 2 --seed 5 "$stacks/two_crashes.so" a.http later.http
    out '2 scenarios, 2 findings'
    count out 2 '  layer upper'
    # at one place that both call
    scenario upper.http GET /fall
    scenario lower.http GET /fall 'X-Deep: 1'
    run 1 fuzz --runs 2 --seed 5 "$stacks/two_crashes.so" upper.http lower.http
    out '2 scenarios, 2 findings' '  layer upper' '  layer lower'
}

exits_fold_by_layer_and_place() {
    scenario a.http GET /exit
    scenario b.http GET /exit 'X-Far: 1'
    run 1 fuzz --runs 3 --seed 5 "$stacks/two_crashes.so" a.http b.http a.http
    out 'the process ended itself with exit status 3, 2 times [crash]' 'the process ended itself with exit status 3 [crash]' \
        '3 scenarios, 2 findings'
    count out 2 '  in a call from two_crashes.so(+0x'
}

# overflows RUNTIME OPTION...: with that sanitizer, as overflows.so
overflows() {
    runtime=$(${CC:-cc} -print-file-name="$1")
    ! nm "$bin" 2>/dev/null | grep -q __asan || unable='the command has a sanitizer of its own'
    [ -e "$runtime" ] || unable="there is no $1"
    [ -z "$unable" ] || return 1
    ${CC:-cc} -g -shared -fPIC "${@:2}" -I"$here/../../harness/include" -I"$here/../../mocks/include" \
        "$sources/overflows.c" -o overflows.so -L"$built/lib" -lstackrig 2>err || { complain 'it does not compile' && return 1; }
}

what_a_sanitizer_ends_folds_by_place() {
    local runtime
    overflows libasan.so -fsanitize=address || return
    scenario a.http GET /write
    scenario b.http GET /read
    LD_PRELOAD=$runtime ASAN_OPTIONS=detect_leaks=0 run 1 fuzz --runs 3 --seed 5 overflows.so a.http b.http a.http
    out '3 scenarios, 2 findings' 'error: AddressSanitizer: heap-buffer-overflow, 2 times [crash]' '  layer careless'
    count out 2 '  in a call from overflows.so(+0x'
    LD_PRELOAD=$runtime ASAN_OPTIONS=detect_leaks=0 run 1 check overflows.so a.http
    out 'error: AddressSanitizer: heap-buffer-overflow in layer careless [crash]' '  in a call from overflows.so(+0x'
}

undefined_behaviour_has_a_name_and_a_place() {
    local runtime
    overflows libubsan.so -fsanitize=undefined -fno-sanitize-recover=undefined || return
    scenario a.http GET /index
    run 1 fuzz --runs 1 --seed 5 overflows.so a.http
    out 'error: UndefinedBehaviorSanitizer: out-of-bounds-index [crash]' '  layer careless' '  in a call from overflows.so(+0x'
    # beside AddressSanitizer gcc has a library for each
    overflows libasan.so -fsanitize=address,undefined -fno-sanitize-recover=undefined || return
    LD_PRELOAD=$runtime ASAN_OPTIONS=detect_leaks=0 run 1 fuzz --runs 1 --seed 5 overflows.so a.http
    out 'error: UndefinedBehaviorSanitizer: out-of-bounds-index [crash]' '  in a call from overflows.so(+0x'
    # it is not what ends the process
    overflows libubsan.so -fsanitize=undefined || return
    scenario b.http GET /leave
    run 1 fuzz --runs 1 --seed 5 overflows.so b.http
    out 'error: the process ended itself with exit status 3 [crash]'
}

after_many_crashes_it_ends_and_says_so() {
    run 1 fuzz --runs 100000 --seed 5 "$stacks/dies.so"
    out 'error: Aborted, 500 times [crash]' ' scenarios, 1 finding'
    err 'after 500 crashes no more is tried'
}

# many FILE COUNT: requests, each with a finding of its own
many() {
    local i
    for ((i = 1; i <= $2; i++)); do printf '###\nPOST /%d\n\nbody\n' "$i"; done >"$1"
}

# Else both would be the one that is smaller.
findings_at_two_lines_stay_two() {
    scenario two.http POST / 'X-Two: 1'
    scenario one.http POST /
    run 1 fuzz --quiet --runs 2 --seed 5 "$stacks/two_lines.so" two.http one.http
    out 'two_lines.c:8: error: ' 'two_lines.c:10: error: ' 'X-Two:' '2 scenarios, 2 findings'
    count out 2 '[input.early_answer.unread]'
    no_out X-None
}

# More than there is room for are counted, each once.
findings_beyond_what_is_told_are_counted() {
    many 64.http 64
    many 70.http 70
    run 1 fuzz --runs 1 --seed 5 "$stacks/many_findings.so" 64.http 64.http
    out ', 64 findings'
    no_out 'not told'
    run 1 fuzz --runs 1 --seed 5 --json r.json "$stacks/many_findings.so" 70.http 70.http
    out ', 64 findings' 'more than 64 findings: 6 of other kinds, layers or lines not told'
    holds r.json 'more than 64 findings: 6 of other kinds'
}

# What one scenario leaves in the program is seen later: the one is looked for, shrunk and saved.
what_no_reset_puts_back_is_traced_to_its_scenario() {
    mkdir -p left
    run 1 fuzz --runs 20000 --seed 1 --save left "$stacks/leaves.so"
    out '[fuzz.answer.varies]' 'GET / is not answered as it was at first, but 404' 'GET /admin' ', 1 finding'
    set -- left/fuzz.answer.varies-????????.http
    [ -e "$1" ] || complain 'no reproducer'
    run 1 show "$stacks/leaves.so" "$1"
    out '[fuzz.answer.varies]'
    run 1 min "$stacks/leaves.so" "$1"
    out 'GET /admin'
}

# Its rule is that of its name, whatever else is found with it: here an X-Request-Id that is each time another.
a_saved_finding_stays_what_it_is() {
    local stack=$stacks/turns.so order=fuzz.variant.header_order-01234567.http
    printf '### \nGET /items/1\nX-A: a\nX-B: b\n' >"$order"
    cp "$order" fuzz.answer.varies-01234567.http
    cp "$order" two-things.http
    run 2 min "$stack" "$order"
    silent out
    err "$order: fuzz.variant.header_order is not found with " 'what is found is fuzz.answer.varies (--rule takes it)'
    run 2 emit-c "$stack" "$order"
    err 'fuzz.variant.header_order is not found with '
    run 1 min --rule fuzz.answer.varies "$stack" "$order"
    run 1 min "$stack" fuzz.answer.varies-01234567.http
    run 1 min "$stack" two-things.http
    err '[fuzz.answer.varies]'
}

the_report_counts_what_was_tried_alone() {
    local said
    run 1 fuzz --runs 300 --seed 5 --json report.json "$examples/early_answer/stack_broken.so"
    said=$(grep -o '300 scenarios, [0-9]* requests, .* violations' out)
    [ -n "$said" ] || complain 'no summary'
    grep -qF "$said" report.json || complain 'the report counts what was shrunk, too'
}

what_crashes_while_it_is_shrunk_is_printed_with_all_others() {
    scenario a.http POST /early 'X-Keep: 1'
    scenario b.http POST /other
    scenario c.http GET /segv 'X-Segv: 1'
    mkdir -p shrunk
    run 1 fuzz --runs 3 --seed 5 --save shrunk "$stacks/crash_when_shrunk.so" a.http b.http c.http
    out '  layer early' 'X-Keep:' '  layer other' 'Segmentation fault [crash]' 'Aborted [crash]' '3 scenarios, 4 findings'
    no_out 'X-None' # the others are shrunk
    err 'while a finding was shrunk, the stack crashed: Aborted'
    count out 2 '  layer early' # it is found to crash beside, too
    set -- shrunk/*.http
    [ $# -eq 4 ] || complain "saved: $*"
}

# The clock was no more than a wish.
without_a_second_start_the_environment_is_as_it_was() {
    printf '#include <errno.h>\nint execv(const char *, char *const *);\n%s\n' \
        'int execv(const char *path, char *const *arguments) { (void)path, (void)arguments; errno = EACCES; return -1; }' >refuse.c
    ${CC:-cc} -shared -fPIC refuse.c -o refuse.so 2>err || { complain 'it does not compile' && return; }
    LD_PRELOAD=$PWD/refuse.so run 0 fuzz --runs 1 --seed 5 "$stacks/environment.so"
    err "preloads $PWD/refuse.so, before none"
}

what_layers_print_is_not_in_the_report() {
    run 0 fuzz --runs 20 --seed 5 "$stacks/fine.so"
    no_out 'layers may print'
    err 'layers may print'
}

the_child_is_settled_and_ends_with_its_parent() {
    local parent child='' i
    "$bin" fuzz --runs 1000000000 --seed 5 "$stacks/crash_when_shrunk.so" >out 2>err <"$script" &
    parent=$!
    for ((i = 0; i < 500; i++)); do
        child=$(cat "/proc/$parent/task/$parent/children" 2>/dev/null)
        child=${child%% *}
        [ -n "$child" ] && [ "$(readlink "/proc/$child/fd/0")" = /dev/null ] && break
        sleep 0.02
    done
    [ "$i" -lt 500 ] || complain 'no child whose stdin is empty'
    [ "$(cut -d ' ' -f 5 "/proc/$child/stat")" = "$child" ] || complain 'no process group of its own'
    kill -KILL "$parent"
    wait "$parent" 2>/dev/null
    for ((i = 0; i < 250; i++)); do
        alive "$child" || return
        sleep 0.02
    done
    kill -KILL "$child"
    complain 'it lives on without its parent'
}

# What a stack is opened with is asked in a copy of the child first, which hangs here.
the_copy_that_is_asked_first_ends_with_the_command() {
    local parent child='' copy='' number i
    scenario a.http GET /
    for number in TERM KILL; do
        "$bin" show --set method=GET --set hang=1 "$stacks/dies_of_plain.so" a.http >out 2>err </dev/null &
        parent=$! copy=''
        for ((i = 0; i < 250 && ${#copy} == 0; i++)); do
            child=$(cat "/proc/$parent/task/$parent/children" 2>/dev/null)
            child=${child%% *}
            copy=$([ -z "$child" ] || cat "/proc/$child/task/$child/children" 2>/dev/null)
            copy=${copy%% *}
            sleep 0.02
        done
        [ -n "$copy" ] || complain 'no copy'
        kill -$number "$parent"
        wait "$parent" 2>/dev/null
        for ((i = 0; i < 100; i++)); do
            alive "$copy" || break
            sleep 0.02
        done
        alive "$copy" || continue
        kill -KILL "$copy" "$child" 2>/dev/null
        complain "after SIG$number it lives on"
    done
}

# time() in a layer is the rig's, which is the same each time: a stack that fails from 2026 on
layers_have_the_rigs_clock() {
    ! nm "$bin" 2>/dev/null | grep -q __asan || unable='the command has a sanitizer, and nothing is preloaded before that'
    [ -z "$unable" ] || return 0
    scenario a.http GET /
    run 0 fuzz --runs 200 --seed 5 "$stacks/by_the_clock.so" a.http
    out '200 scenarios, 0 findings'
    run 0 show "$stacks/by_the_clock.so" a.http
    out 'answered 204'
    run 0 min "$stacks/by_the_clock.so" a.http
    run 2 emit-c "$stacks/by_the_clock.so" a.http
    err 'nothing is found'
}

a_file_that_is_cut_is_named() {
    scenario long.http GET / "X-Long: $(printf '%017000d' 0)"
    run 0 fuzz --runs 1 --seed 5 "$stacks/fine.so" long.http
    err 'long.http: takes ' 'its end is left out'
    scenario short.http GET / "X-Long: $(printf '%016000d' 0)"
    run 0 fuzz --runs 1 --seed 5 "$stacks/fine.so" short.http
    no_err 'left out'
    head -c 1048577 /dev/zero >large.http
    run 2 fuzz --runs 1 --seed 5 "$stacks/fine.so" large.http
    err 'large.http is larger than a scenario can be'
}

# A run that looked for nobody is not clean.
a_name_that_no_app_has_is_no_clean_run() {
    run 2 fuzz --runs 500 --seed 5 --protect membrs "$stacks/token.so"
    out 'entered by nobody: membrs; is that the name of an app?'
    err "no app called membrs was entered, so nothing is known of it; the stack's apps: members"
    run 2 fuzz --runs 500 --seed 5 --protect membrs --json - "$stacks/token.so"
    out '"status": 2' '"rule": "incomplete"' 'no app called membrs was entered'
    err 'no app called membrs was entered'
    run 0 fuzz --runs 500 --seed 5 --protect members "$stacks/token.so"
    no_err 'no app called'
}

# What stands in a file alone is varied as the stack's own words are.
values_of_a_file_are_varied() {
    printf 'POST /\nContent-Type: application/x-www-form-urlencoded\n\nname=a&size=20&page=1\n' >form.http
    run 1 fuzz --runs 20000 --seed 5 "$stacks/form.so" form.http
    out 'form.c:32: error: ' ' [crash]' 'size=0&' # a signal's name, or a sanitizer's
}

# by default, by an option, and by the stack's own RIG_FUZZ, which check knows, too
where_credentials_are_looked_for() {
    run 0 fuzz --runs 2000 --seed 5 "$stacks/token.so"
    out 'entered by nobody, though the stack has it: members' 'header X-Api-Key, cookie session and parameter access_token;' \
        'valid credentials opened nothing: '
    run 0 fuzz --runs 20000 --seed 5 --credential header=X-Auth-Token "$stacks/token.so"
    no_out 'entered by nobody' 'X-Api-Key' 'opened nothing'
    run 0 fuzz --runs 20000 --seed 5 "$stacks/token_named.so"
    no_out 'entered by nobody'
    printf '# @as valid header\n# @expect status 200\nGET /\n' >token.http
    run 0 show --credential header=X-Auth-Token "$stacks/token.so" token.http
    out '= 200'
    run 0 check "$stacks/token_named.so" token.http
    run 0 trace "$stacks/token_named.so" token.http
    out '200'
    run 1 check "$stacks/token.so" token.http
    local wrong
    for wrong in X-Auth-Token header= header=a=b basic=a headers=a; do
        run 2 fuzz --credential "$wrong" "$stacks/token.so"
        err "--credential wants header=NAME, cookie=NAME or query=NAME, not $wrong"
    done
}

fuzz_options_that_are_wrong() {
    run 2 fuzz
    err 'expected a stack'
    run 2 fuzz --protect '' "$stacks/fine.so"
    err '--protect wants a name'
    run 2 fuzz --server '' "$stacks/fine.so"
    err '--server wants a name'
    run 2 fuzz --save '' "$stacks/fine.so"
    err '--save wants a folder'
    run 2 fuzz --save a --save b "$stacks/fine.so"
    err '--save is given twice'
    run 2 fuzz --runs few "$stacks/fine.so"
    err '--runs wants a number, not few'
    run 2 fuzz --ignore nonsense "$stacks/fine.so"
    err '--ignore wants a rule'
    run 2 fuzz --server apache "$stacks/fine.so"
    err 'there is no profile to fuzz named apache; there are http1, memory, ' ' and nginx:fastcgi+libfcgi'
    run 2 fuzz "$stacks/no_export.so"
    err 'exports no stack'
    printf 'no request\n' >a.http
    run 2 fuzz "$stacks/fine.so" a.http
    err 'a.http:1:'
    run 2 fuzz "$stacks/fine.so" none.http
    err 'cannot read none.http'
}

every_test_but scenario deep overflows many
