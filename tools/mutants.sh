#!/usr/bin/env bash
# Breaks the library on purpose, one place at a time: a test must go red for each.
#
# Every rule gets a mutant that drops its findings: the test of its broken layer, which the rule table names, must
# notice. All of these are one build, told by RIG_MUTANT what to drop. Further mutants stand in tests/mutants/table.
#
# A mutant does not go through make, which would cost more than the rest: what its file goes into is compiled and its
# test programs are linked by the commands that make names, beside the build, which stays as it is.
# MUTANTS: a pattern, to run only those whose name it matches. CHECK=1: only whether the table fits the sources.
# MUTANTS_PART=I/N: of the table, every Nth from the Ith on; /N: from the one on that the commit's name picks.
# JOBS workers and two more, as many mutants are found by a timeout, share them; each has a copy of the sources.
set -u
shopt -s extglob
root=$PWD
BUILD=${BUILD:-build}
case $BUILD in /*) trees=$BUILD/mutants ;; *) trees=$root/$BUILD/mutants ;; esac
table=$root/tests/mutants/table
static=$BUILD/lib/libstackrig.a
jobs=$((${JOBS:-2} + 2))
red=0 survived=0 skipped=0

die() {
    echo "mutants: $1"
    exit 1
}

wanted() {
    [[ $1 == ${MUTANTS:-*} ]]
}

# Sets value to what follows the first word of a line.
value_of() {
    value=${1#*:}
    value=${value#"${value%%[![:space:]]*}"}
}

# Calls: FUNCTION name file tests sed...; for each wanted mutant of the table.
# A merge may have lost the empty line between two: each begins with its name, too.
each_mutant() {
    local function=$1 line value name= file= tests= seds=()
    while IFS= read -r line || [ -n "$line" ]; do
        value_of "$line"
        case $line in
        mutant:* | *([[:space:]]))
            [ -z "$name$file$tests" ] || ! wanted "$name" || "$function" "$name" "$file" "$tests" "${seds[@]}"
            name= file= tests= seds=()
            [[ $line != mutant:* ]] || name=$value
            ;;
        '#'*) ;;
        file:*) file=$file$value ;; # two, by a merge: there is none of that name
        tests:*) tests=$value ;;
        sed:*) seds+=("$value") ;;
        *) die "$table: not a line of a mutant: $line" ;;
        esac
    done < <(cat "$table" && echo)
}

# Sets part and parts, of MUTANTS_PART.
read_part() {
    local commit
    part=0 parts=1
    case ${MUTANTS_PART:-} in
    '') ;;
    [0-9]*/[1-9]*) part=${MUTANTS_PART%/*} parts=${MUTANTS_PART#*/} ;;
    /[1-9]*)
        parts=${MUTANTS_PART#/}
        commit=$(git rev-parse --short=7 HEAD 2>/dev/null) && part=$((16#$commit % parts)) || parts=1
        ;;
    *) die "MUTANTS_PART is I/N or /N, not $MUTANTS_PART" ;;
    esac
    [ "$parts" = 1 ] || echo "part $part of $parts of the table (MUTANTS_PART=$part/$parts)"
}

# ---- does the table fit the sources? ----

# A mutant that is none is a failure too.
spoiled() {
    echo "FAILED   $1: $2"
    survived=$((survived + 1))
}

fits() {
    local name=$1 file=$2 tests=$3 test source changed
    shift 3
    checked=$((checked + 1))
    [ -z "${named[$name]:-}" ] || { spoiled "$name" "a second mutant of that name"; return; }
    named[$name]=1
    [ -n "$name" ] && [ -n "$file" ] && [ -n "$tests" ] && [ $# != 0 ] ||
        { spoiled "$name" "mutant, file, sed and tests are all needed"; return; }
    [ -f "$file" ] || { spoiled "$name" "there is no $file"; return; }
    for test in $tests; do
        [[ $test == @(tests/cli/*.sh|tests/page/*.mjs) && -f $test ]] || [[ $file == tools/* && $test == tests/make/*.sh && -f $test ]] || [ -f "$test.c" ] || grep -q "^\$(BUILD)/$test:" Makefile || { spoiled "$name" "there is no test $test"; return; }
    done
    IFS= read -r -d '' source <"$file"
    changed=$(sed "${@/#/-e}" "$file" 2>/dev/null) || { spoiled "$name" "sed does not understand the expression"; return; }
    [ "$changed" != "${source%$'\n'}" ] || spoiled "$name" "the sed expression changes nothing in $file"
}

table_fits() {
    local -A named=()
    local checked=0
    each_mutant fits
    [ -z "${CHECK:-}" ] || echo "$((checked - survived)) passed, $survived failed, 0 skipped"
    [ "$survived" = 0 ]
}

# ---- compiling and linking, as make would ----

declare -A compile_of link_of members_of

# make's commands: how each object is compiled, what archives hold, how each program is linked
read_commands() {
    local line target
    while IFS= read -r line; do
        target=${line##* -o }
        case $line in
        *" -c "*" -o "*) compile_of[$target]=${line% -o *} ;;
        *" rcs $BUILD/"*) line=${line##* rcs } && members_of[${line%% *}]=" ${line#* } " ;;
        *" -o $BUILD/"*) link_of[$target]=${line% -o *} ;;
        esac
    done <"$trees/commands"
    [ -n "${members_of[$static]:-}" ] || die "make does not say how it builds $static"
}

# Sets archives: those that hold the object.
archives_with() {
    local archive
    archives=()
    for archive in "${!members_of[@]}"; do
        [[ ${members_of[$archive]} != *" $1 "* ]] || archives+=("$archive")
    done
}

# Whether the object goes into one of these programs.
goes_into() {
    local object=$1 program archive archives
    archives_with "$object"
    shift
    for program; do
        for archive in "$object" "${archives[@]}"; do
            [[ "${link_of[$program]:-} " != *" $archive "* ]] || return 0
        done
    done
    return 1
}

# Archives with the mutated objects in place of their own; in $again which.
archive_again() {
    local object archive line
    again=()
    for archive in "${!members_of[@]}"; do
        line=${members_of[$archive]}
        for object in "${mutated[@]}"; do
            line=${line/" $object "/" $out/${object#"$BUILD"/} "}
        done
        [ "$line" != "${members_of[$archive]}" ] || continue
        mkdir -p "$(dirname "$out/${archive#"$BUILD"/}")"
        rm -f "$out/${archive#"$BUILD"/}"
        ar rcs "$out/${archive#"$BUILD"/}" $line || return 1
        again+=("$archive")
    done
}

# Links a target with the mutated objects and archives in place of its own. Leaves alone (returns 2) what holds none.
link_again() {
    local target=$1 own="${link_of[$1]:-} " line file
    line=$own
    for file in "${mutated[@]}" "${again[@]}"; do
        line=${line/" $file "/" $out/${file#"$BUILD"/} "}
    done
    [ "$line" != "$own" ] || return 2
    mkdir -p "$(dirname "$out/${target#"$BUILD"/}")"
    rm -f "$out/${target#"$BUILD"/}"
    eval "$line -o $out/${target#"$BUILD"/}"
}

# Compiles all that the file of the tree goes into. -O0: most of them run once.
compile_again() {
    local file=$1 object
    shift
    mutated=()
    [[ $file != harness/page/* ]] || file=harness/cli/trace/trace_html.c # which takes them in
    for object in $(grep -rlwF --include='*.d' "$file" "$BUILD/obj"); do
        object=${object%.d}.o
        [ -n "${compile_of[$object]:-}" ] && goes_into "$object" "$@" || continue
        mkdir -p "$out/$(dirname "${object#"$BUILD"/}")"
        (cd "$tree" && eval "${compile_of[$object]} -O0 -g0 -o $out/${object#"$BUILD"/}") || return 1
        mutated+=("$object")
    done
}

# The shared libraries that the programs load from a folder beside their own.
libraries_of() {
    local program
    for program; do
        [[ ${link_of[$BUILD/$program]:-} != *" -L$BUILD/lib "* ]] || { echo "$BUILD"/lib/*.so* "$BUILD"/lib/stackrig/*.so*; return; }
    done
    echo "$BUILD"/lib/libstackrig-*.so
}

# The mutated file into the programs, which are then in $out; in $linked what holds it.
build() {
    local file=$1 program target libraries
    shift
    rm -rf "$out"
    mkdir -p "$out/lib/stackrig"
    ln -s "$(realpath "$BUILD")"/lib/*.* "$out/lib"
    ln -s "$(realpath "$BUILD")"/lib/stackrig/*.so* "$out/lib/stackrig"
    libraries=$(libraries_of "$@")
    linked=
    compile_again "$file" $libraries "${@/#/$BUILD/}" && archive_again || return 1
    for target in $libraries "${@/#/$BUILD/}"; do
        link_again "$target"
        case $? in
        0) linked="$linked $target" ;;
        2) ;;
        *) return 1 ;;
        esac
    done
    # what holds none of it may load a library that does
    for program; do
        [ -e "$out/$program" ] || { mkdir -p "$(dirname "$out/$program")" && cp "$BUILD/$program" "$out/$program"; } || return 1
    done
}

# ---- a mutant for each rule ----

# The programs whose source has that test.
programs_with() {
    grep -lF "void $1(void " tests/unit/test_*.c tests/fuzz/test_*.c tests/frameworks/test_*.c examples/*/test_*.c 2>/dev/null | sed 's:\.c$::'
}

# Prints what the program says of that test with that rule dropped: ok, not ok, or nothing if it died before.
verdict() {
    local rule=$1 program=$2 test=$3 log
    log=$out/$rule.${program//\//_}
    [ -e "$log" ] || RIG_MUTANT=$rule CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 60 "$out/$program" >"$log" 2>/dev/null </dev/null
    awk -v test="$test" '$NF == test && /^(not )?ok / { print $1; exit }' "$log"
}

# A rule's mutant is red when the test of its broken layer fails, and the twin's still passes.
rule_mutant() {
    local rule=$1 broken=$2 twin=$3 program noticed= seen=
    for program in $(programs_with "$broken"); do
        seen=1
        [ "$(verdict none "$program" "$broken")" = ok ] || continue
        [ "$(verdict "$rule" "$program" "$broken")" = ok ] || noticed=1
    done
    for program in $(programs_with "$twin"); do
        [ "$(verdict "$rule" "$program" "$twin")" = ok ] || twin_red=$twin_red" $rule"
    done
    [ -n "$(programs_with "$twin")" ] || twin_red=$twin_red" $rule"
    if [ -n "$noticed" ]; then
        echo "red      $rule ($broken)"
        red=$((red + 1))
    else
        echo "SURVIVED $rule ($([ -n "$seen" ] || echo 'there is no ')$broken)"
        survived=$((survived + 1))
    fi
}

rule_mutants() {
    local file=harness/core/finding.c rules rule broken twin twin_red=
    ${CC:-cc} -Iharness/include -Imocks/include tests/mutants/rules.c ${EXTRA:-} "$static" -o "$trees/rules" ||
        die "rules.c does not build"
    rules=$("$trees/rules" | while read -r rule broken twin; do ! wanted "$rule" || echo "$rule $broken $twin"; done)
    [ -n "$rules" ] || return 0
    sed -i -e '/^int rig_find(/i #include <stdlib.h>\n#include <string.h>' -e '/^int rig_find(/,/^{/ s/^{/{\
    const char *dropped_ = getenv("RIG_MUTANT");\
    if (dropped_ \&\& strcmp(rig_rules(NULL)[find->rule].id, dropped_) == 0) {\
        return 0;\
    }/' "$tree/$file"
    ! cmp -s "$file" "$tree/$file" || die "$file has no rig_find that could be broken"
    build "$file" $(while read -r rule broken twin; do programs_with "$broken"; programs_with "$twin"; done <<<"$rules" |
        sort -u) >"$log" 2>&1 || { cat "$log"; die "the library that can drop a rule does not build"; }
    while read -r rule broken twin; do
        rule_mutant "$rule" "$broken" "$twin"
    done <<<"$rules"
    if [ -n "$twin_red" ]; then
        echo "FAILED   the twin of a rule is missing or red:$twin_red"
        survived=$((survived + 1))
    fi
    cp -p "$file" "$tree/$file"
}

# ---- the table ----

# Whether this worker is the first to ask for it.
claim() {
    mkdir "$trees/claimed/${1//\//_}" 2>/dev/null
}

# What a test is built from: scripts of the command run it.
programs_of() {
    local test
    for test; do
        case $test in
        *.sh | *.mjs) echo bin/stackrig ;;
        *) echo "$test" ;;
        esac
    done | sort -u
}

# Where the tests are: a script finds the command in $out, the stacks and examples that are no mutants beside it.
tests_in() {
    local test
    for test; do
        case $test in
        *.sh | *.mjs)
            mkdir -p "$out/tests"
            ln -sfn "$(realpath "$BUILD")/tests/cli" "$out/tests/cli"
            [ -e "$out/examples" ] || ln -s "$(realpath "$BUILD")/examples" "$out/examples"
            ;;&
        *.sh) echo "$test" ;;
        *.mjs)
            mkdir -p "$out/page"
            ln -sfn "$(realpath "$BUILD")/page/node_modules" "$out/page/node_modules"
            echo tools/page.sh
            ;;
        *) echo "$out/$test" ;;
        esac
    done
}

# Whether make page has run here: it needs a browser.
has_page() {
    [ -e "$BUILD/page/node_modules/.of" ] && command -v node >/dev/null && command -v chromium >/dev/null
}

# A tool's tests run in the copy of the sources. A browser wants the machine for itself; scripts take longer than programs.
run_tests() {
    local limit=20 test
    case " $* " in
    *tests/make/*)
        for test; do (cd "$tree" && BUILD=$trees/.. timeout -k 5 100 bash "$test") || [ $? = 77 ] || return 1; done ;;
    *.mjs*) BUILD=$out JOBS=1 TEST_TIMEOUT=300 STOP_AT_FIRST=1 flock "$trees/claimed" tools/run-tests.sh $(tests_in "$@") ;;
    *) [[ $* != *.sh* ]] || limit=200
        BUILD=$out JOBS=1 TEST_TIMEOUT=$limit tools/run-tests.sh $(tests_in "$@") ;;
    esac
}

# Scripts find surroundings that are not those of make test. Whether they are green in them without a mutant: looked at once.
green_without() {
    local file=$1 tests=$2 seen=$trees/green/${2//[\/ ]/_}
    [[ $tests == *.sh* || $tests == *.mjs* ]] || return 0
    [ -e "$seen" ] || {
        { [[ $file == tools/* ]] || build "$file" $(programs_of $tests); } >"$seen.log" 2>&1 && run_tests $tests >>"$seen.log" 2>&1
        echo $? >"$seen"
    }
    [ "$(cat "$seen")" = 0 ]
}

table_mutant() {
    local name=$1 file=$2 tests=$3
    met=$((met + 1))
    [ $((met % parts)) = "$part" ] && claim "$name" || return 0
    if [[ $tests == *.mjs* ]] && ! has_page; then
        echo "skipped  $name: make page has not run here"
        skipped=$((skipped + 1))
        return
    fi
    shift 3
    log=$trees/logs/${name//\//_} # is kept: for what its test went red
    sed -i "${@/#/-e}" "$tree/$file"
    if [[ $file != tools/* ]] && ! build "$file" $(programs_of $tests) >"$log" 2>&1; then
        sed 's/^/    /' "$log"
        spoiled "$name" "does not build"
    elif [[ $file != tools/* && -z $linked ]]; then
        spoiled "$name" "$file is no part of $tests"
    elif run_tests $tests >"$log" 2>&1; then
        echo "SURVIVED $name (green: $tests)"
        survived=$((survived + 1))
    elif cp -p "$file" "$tree/$file" && green_without "$file" "$tests"; then
        echo "red      $name"
        red=$((red + 1))
    else
        spoiled "$name" "$tests are red without it, too: see $trees/green"
    fi
    cp -p "$file" "$tree/$file"
}

# ---- the workers ----

worker() {
    local folder
    tree=$trees/$1 out=$trees/$1/build log=$trees/$1/log
    mkdir -p "$tree"
    for folder in Makefile tools harness mocks fuzz examples tests .clusterfuzzlite; do
        [ ! -e "$folder" ] || cp -a "$folder" "$tree"/
    done
    ! claim rules || rule_mutants
    met=-1
    each_mutant table_mutant
    echo "$red $survived $skipped" >"$trees/$1.counts"
}

read_part
table_fits || exit 1
[ -z "${CHECK:-}" ] || exit 0
rm -rf "$trees"
mkdir -p "$trees/claimed" "$trees/logs" "$trees/green"
# one command a line
"${MAKE:-make}" -n -B V=1 programs 2>"$trees/log" | sed -e :a -e '/\\$/ { N; s/\\\n//; ta; }' >"$trees/commands"
read_commands
for ((i = 1; i <= jobs; i++)); do
    (worker $i) &
done
wait
for ((i = 1; i <= jobs; i++)); do
    read -r r s k <"$trees/$i.counts" || die "worker $i did not come to its end"
    red=$((red + r)) survived=$((survived + s)) skipped=$((skipped + k))
done
[ $((red + survived + skipped)) != 0 ] || die "there is no mutant named ${MUTANTS:-*}"
echo "$red passed, $survived failed, $skipped skipped"
[ $survived = 0 ]
