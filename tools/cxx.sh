#!/usr/bin/env bash
# Compiles every public header alone (C11, C17, C++11 to C++20) and builds and runs the C++ tests, JOBS at a time. The C
# sources are not here: make lint has clang read them, with the same warnings.
# The first line of a test says the oldest C++ it is for: // C++11: ..., // C++20: ...
# tools/cxx.sh header.h...
set -u
build=${BUILD:-build}/cxx
include=(-Iharness/include -Imocks/include -Ifuzz/include)
strict=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)

# Checks are lines: what is tried, a tab, the command. Each prints `ok WHAT`, or `FAILED WHAT` and what the command said.
headers_alone() {
    local header name alone std cc
    for header; do
        name=stackrig/${header##*/stackrig/}
        alone=$build/${name//\//_}
        echo "#include <$name>" | tee "$alone.c" >"$alone.cc"
        # cxx.h is the C++ half of base.h
        [ "$name" = stackrig/cxx.h ] || for std in c11 c17; do
            for cc in gcc clang; do
                printf '%s\t%s\n' "$name: $cc -std=$std" "$cc -std=$std ${strict[*]} ${include[*]} -fsyntax-only $alone.c"
            done
        done
        for std in c++11 c++17 c++20; do
            for cc in g++ clang++; do
                printf '%s\t%s\n' "$name: $cc -std=$std" "$cc -std=$std ${strict[*]} ${include[*]} -fsyntax-only $alone.cc"
            done
        done
    done
}

cxx_tests() {
    local file std cc program oldest
    for file in tests/cxx/*.cc; do
        [ -e "$file" ] || continue
        oldest=$(sed -n '1s|^// C++\([0-9]*\):.*|\1|p' "$file")
        [ -n "$oldest" ] || printf '%s\tfalse\n' "$file: its first line says the oldest C++"
        for std in c++11 c++17 c++20; do
            [ "${std#c++}" -ge "${oldest:-11}" ] || continue
            for cc in g++ clang++; do
                program=$build/$(basename "$file" .cc)-$cc-$std
                printf '%s\t%s\n' "$file: $cc -std=$std" "$cc -std=$std -Wall -Wextra -Wpedantic -Werror \
-Wno-missing-field-initializers ${include[*]} $file ${BUILD:-build}/lib/libstackrig.a -lcmocka -o $program && timeout 60 $program"
            done
        done
    done
}

try() {
    local check said
    for check; do
        if said=$(eval "${check#*$'\t'}" 2>&1 </dev/null); then
            echo "ok ${check%%$'\t'*}"
        else
            printf 'FAILED %s\n%s\n' "${check%%$'\t'*}" "$(sed 's/^/    /' <<<"$said")"
        fi
    done
}
export -f try

rm -rf "$build"
mkdir -p "$build"
{
    cxx_tests
    headers_alone "$@"
} | xargs -r -d '\n' -n 4 -P "${JOBS:-2}" bash -c 'try "$@"' try >"$build/log"
grep -v '^ok ' "$build/log"
passed=$(grep -c '^ok ' "$build/log") failed=$(grep -c '^FAILED ' "$build/log")
[ $((passed + failed)) != 0 ] || failed=1
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
