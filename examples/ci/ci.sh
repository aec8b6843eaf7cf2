#!/bin/sh
# What continuous integration does for a project that uses Stackrig: ci.sh STEP, in the project's folder. The workflows
# beside it call nothing else, so each step runs the same at your desk. Written for the Makefile of ../consumer.
#
#   install    Stackrig itself, into $RIG, from its sources in $STACKRIG_SOURCE
#   unit       the tests, and the requests of tests/ through the stack
#   asan       the same under AddressSanitizer and UndefinedBehaviorSanitizer
#   check      the requests with each fault of the body and the client; reports for the platform in reports/
#   fuzz       $FUZZ_RUNS scenarios of chance, also against who enters without the key; findings become reports/found/*.http
#   coverage   which paths of the auth layers were never taken: one is enough to fail
# shellcheck disable=SC2086 # $REQUESTS and the like are lists
set -eu

RIG=${RIG:-$PWD/.stackrig}
# with RIG_EXPORT, and a RIG_FUZZ that says in .protect which apps not everybody may enter
STACK=${STACK:-build/items.so}
# as many files as there are
REQUESTS=${REQUESTS:-tests/*.http}
# programs that the Makefile builds
TESTS=${TESTS:-test_require_key}
# credentials that the layers know none of; see `stackrig coverage --help`
WITHOUT=${WITHOUT-wrong_scheme malformed expired other_user}
FUZZ_RUNS=${FUZZ_RUNS:-100000}
# the same scenarios for the same commit
FUZZ_SEED=${FUZZ_SEED:-1}
stackrig=$RIG/bin/stackrig
reports=${REPORTS:-reports}
mkdir -p "$reports"

case ${1:-} in
install)
    make -C "$STACKRIG_SOURCE" install PREFIX="$RIG"
    ;;
unit)
    make check PREFIX="$RIG" STACKRIG="$stackrig"
    ;;
asan)
    # a sanitizer's report must fail the run: UBSan's does not by default
    sanitize='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
    for test in $TESTS; do
        make "build/asan/$test" BUILD=build/asan PREFIX="$RIG" CFLAGS="$sanitize"
        "build/asan/$test"
    done
    ;;
check)
    make PREFIX="$RIG"
    "$stackrig" check --faults --json "$reports/check.json" --sarif "$reports/check.sarif" \
        --junit "$reports/check.xml" ${GITHUB_ACTIONS:+--format github} "$STACK" $REQUESTS
    ;;
fuzz)
    make PREFIX="$RIG"
    mkdir -p "$reports/found"
    "$stackrig" fuzz --runs "$FUZZ_RUNS" --seed "$FUZZ_SEED" --save "$reports/found" \
        --sarif "$reports/fuzz.sarif" "$STACK" $REQUESTS
    ;;
coverage)
    make PREFIX="$RIG"
    rm -rf build/coverage
    STACKRIG_COVERAGE=$PWD/build/coverage "$stackrig" check "$STACK" $REQUESTS
    for class in $WITHOUT; do
        set -- "$@" --without "$class"
    done
    shift
    "$stackrig" coverage "$@" --html "$reports/coverage.html" --json "$reports/coverage.json" build/coverage
    ;;
*)
    sed -n 's/^#   //p' "$0" >&2
    exit 2
    ;;
esac
