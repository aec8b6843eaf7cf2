#!/usr/bin/env bash
# clang-format, cppcheck and clang-tidy over everything: tools/lint.sh source.c...
# All three run whatever the others say. DEEP=1: the analyzer follows each function as far as it does by default, which
# takes four times as long.
set -u
include=(-Iharness/include -Imocks/include -Ifuzz/include -I.)
jobs=${JOBS:-2}
depth='--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes=40000'
[ -z "${DEEP:-}" ] || depth=
export depth
result=0

step() {
    local name=$1 start=$SECONDS
    shift
    if "$@"; then
        echo "ok     $name ($((SECONDS - start)) s)"
    else
        echo "FAILED $name"
        result=1
    fi
}

format() {
    find harness mocks examples tests tools fuzz \( -name '*.[ch]' -o -name '*.cc' \) -print0 2>/dev/null |
        xargs -0 -r clang-format --dry-run -Werror
}

# missingIncludeSystem and the like are not findings; a wrong #include fails the build anyway
check() {
    mkdir -p "${BUILD:-build}/cppcheck"
    cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --cppcheck-build-dir="${BUILD:-build}/cppcheck" -j "$jobs" "${include[@]}" \
        --library=gnu --suppressions-list=tools/cppcheck.suppress "$@"
}

# clang's own warnings are findings too. clang-tidy's "N warnings generated" counts those of system headers that it does
# not show. In tests the analyzer is off: it does not know that cmocka's assertions do not come back.
tidy() {
    printf '%s\0' "$@" | xargs -0 -n 1 -P "$jobs" sh -c \
        'case $1 in tests/* | */test_*) analyzer=--checks=-clang-analyzer-* ;; *) analyzer=$depth ;; esac
         clang-tidy --quiet $analyzer "$1" -- -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Iharness/include -Imocks/include -Ifuzz/include -I. -isystem /usr/include/libxml2 2>&1 |
         awk "!/warnings? generated/ { print; bad = bad || /(warning|error):/ } END { exit bad }"' tidy
}

step clang-format format
step cppcheck check "$@"
step clang-tidy tidy "$@"
exit $result
