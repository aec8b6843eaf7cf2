#!/usr/bin/env bash
# Breaks the library on purpose, one place at a time, in a copy of the tree: a test must go red for each.
#
# Every rule gets a mutant that drops its findings: the test of its broken layer, which the rule table names, must
# notice. All of these are one build, told by RIG_MUTANT what to drop. Further mutants stand in tests/mutants/table.
# MUTANTS: a pattern, to run only those whose name it matches. JOBS workers, each with a tree of its own, share them.
set -u
root=$PWD
BUILD=${BUILD:-build}
trees=$root/$BUILD/mutants
case $BUILD in /*) trees=$BUILD/mutants ;; esac
table=$root/tests/mutants/table
jobs=${JOBS:-2}
red=0 survived=0 chosen=0

copy_tree() {
    local tree=$1
    mkdir -p "$tree/build"
    cp -a Makefile harness mocks examples tests tools "$tree"/
    # objects of the same flags and relative paths: only what a mutant touches is compiled again
    [ "$BUILD" != build ] || cp -a build/obj build/lib build/flags build/sources build/tests build/examples \
        "$tree/build/" 2>/dev/null
    cd "$tree" || exit 2
    export BUILD=build
}

build() {
    # its own make, not a part of the one that called: no jobserver is handed down
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL NO_INSTALL=1 make -j1 BUILD=build ${MUTANT_VARIABLES:-} "$@" \
        >build/mutant.log 2>&1 || { sed 's/^/    /' build/mutant.log; return 1; }
}

die() {
    echo "mutants: $1"
    exit 1
}

goes_red() {
    JOBS=1 TEST_TIMEOUT=60 tools/run-tests.sh "$@" >build/mutant.log 2>&1 && return 1
    return 0
}

judge() {
    local name=$1
    shift
    chosen=$((chosen + 1))
    if goes_red "$@"; then
        echo "red      $name"
        red=$((red + 1))
    else
        echo "SURVIVED $name (green: $*)"
        survived=$((survived + 1))
    fi
}

wanted() {
    [[ $1 == ${MUTANTS:-*} ]]
}

# ---- a mutant for each rule ----

# The programs whose source has that test, as paths in build/.
programs_with() {
    grep -lF "void $1(void " tests/unit/test_*.c tests/frameworks/test_*.c examples/*/test_*.c 2>/dev/null | sed 's:^:build/:; s:\.c$::'
}

# Prints what the program says of that test: ok, not ok, or nothing if it died before.
verdict() {
    local program=$1 test=$2
    CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 60 "$program" 2>/dev/null </dev/null |
        awk -v test="$test" '$NF == test && /^(not )?ok / { print $1; exit }'
}

# A rule's mutant is red when the test of its broken layer fails, and the twin's still passes.
rule_mutant() {
    local rule=$1 broken=$2 twin=$3 program noticed= seen=
    chosen=$((chosen + 1))
    for program in $(programs_with "$broken"); do
        seen=1
        [ "$(RIG_MUTANT=none verdict "$program" "$broken")" = ok ] || continue
        [ "$(RIG_MUTANT=$rule verdict "$program" "$broken")" = ok ] || noticed=1
    done
    for program in $(programs_with "$twin"); do
        [ "$(RIG_MUTANT=$rule verdict "$program" "$twin")" = ok ] || twin_red=$twin_red" $rule"
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
    cp -p $file build/saved
    sed -i -e '/^int rig_find(/i #include <stdlib.h>\n#include <string.h>' -e '/^int rig_find(/,/^{/ s/^{/{\
    const char *dropped_ = getenv("RIG_MUTANT");\
    if (dropped_ \&\& strcmp(rig_rules(NULL)[find->rule].id, dropped_) == 0) {\
        return 0;\
    }/' $file
    cmp -s $file build/saved && die "$file has no rig_find that could be broken"
    build programs || die "the library that can drop a rule does not build"
    ${CC:-cc} -Iharness/include -Imocks/include tests/mutants/rules.c build/lib/libstackrig.a -o build/rules ||
        die "rules.c does not build"
    rules=$(build/rules) || die "the rule table is empty"
    while read -r rule broken twin; do
        ! wanted "$rule" || rule_mutant "$rule" "$broken" "$twin"
    done <<<"$rules"
    if [ -n "$twin_red" ]; then
        echo "FAILED   the twin of a rule is missing or red:$twin_red"
        survived=$((survived + 1))
    fi
    cp -p build/saved $file
    touch $file
}

# ---- the table ----

# A mutant that is none is a failure too.
spoiled() {
    echo "FAILED   $1: $2"
    survived=$((survived + 1))
}

try_mutant() {
    local name=$1 file=$2 tests=$3
    shift 3
    sed -i "${@/#/-e}" "$file" || { spoiled "$name" "sed failed"; return; }
    ! cmp -s "$file" build/saved || { spoiled "$name" "the sed expression changes nothing in $file"; return; }
    tests=$(printf 'build/%s ' $tests)
    build $tests || { spoiled "$name" "does not build"; return; }
    judge "$name" $tests
}

table_mutant() {
    local name=$1 file=$2 tests=$3
    wanted "$name" && claim "$name" || return 0
    [ -n "$file" ] && [ -n "$tests" ] && [ $# -gt 3 ] || die "$name: file, sed and tests are all needed"
    [ -f "$file" ] || die "$name: there is no $file"
    cp -p "$file" build/saved
    try_mutant "$@"
    cp -p build/saved "$file"
    touch "$file"
}

table_mutants() {
    local line name= file= tests= seds=()
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '#'*) ;;
        mutant:*) name=$(sed 's/^mutant: *//' <<<"$line") ;;
        file:*) file=$(sed 's/^file: *//' <<<"$line") ;;
        tests:*) tests=$(sed 's/^tests: *//' <<<"$line") ;;
        sed:*) seds+=("$(sed 's/^sed: *//' <<<"$line")") ;;
        *[![:space:]]*) die "$table: not a line of a mutant: $line" ;;
        *)
            [ -z "$name$file$tests" ] || table_mutant "$name" "$file" "$tests" "${seds[@]}"
            name= file= tests= seds=()
            ;;
        esac
    done < <(cat "$table" && echo)
}

# ---- the workers ----

# Whether this worker is the first to ask for it.
claim() {
    mkdir "$trees/claimed/${1//\//_}" 2>/dev/null
}

worker() {
    copy_tree "$trees/$1"
    ! claim rules || rule_mutants
    table_mutants
    echo "$red $survived $chosen" >"$trees/$1.counts"
}

rm -rf "$trees"
mkdir -p "$trees/claimed"
twice=$(sed -n 's/^mutant: *//p' "$table" | sort | uniq -d)
[ -z "$twice" ] || die "two mutants have the name $twice"
for ((i = 1; i <= jobs; i++)); do
    (worker $i) &
done
wait
for ((i = 1; i <= jobs; i++)); do
    read -r r s c <"$trees/$i.counts" || die "worker $i did not come to its end"
    red=$((red + r)) survived=$((survived + s)) chosen=$((chosen + c))
done
[ $((chosen + survived)) != 0 ] || die "there is no mutant named ${MUTANTS:-*}"
echo "$red passed, $survived failed, 0 skipped"
[ $survived = 0 ]
