#!/usr/bin/env bash
# Compiles every public header alone (C11, C17, C++11 to C++20), the C sources with clang, and builds and runs the
# C++ tests. The first line of a test says the oldest C++ it is for: // C++11: ..., // C++20: ...
set -u
build=${BUILD:-build}/cxx
mkdir -p "$build"
include=(-Iharness/include -Imocks/include)
strict=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
passed=0 failed=0

try() {
    local what=$1
    shift
    if "$@" >"$build/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $what"
        sed 's/^/    /' "$build/log"
    fi
}

headers_alone() {
    local header name
    for header; do
        name=stackrig/${header##*/stackrig/}
        echo "#include <$name>" >"$build/alone.c"
        cp "$build/alone.c" "$build/alone.cc"
        # cxx.h is the C++ half of base.h
        [ "$name" = stackrig/cxx.h ] || for std in c11 c17; do
            for cc in gcc clang; do
                try "$name: $cc -std=$std" $cc -std=$std "${strict[@]}" "${include[@]}" -fsyntax-only "$build/alone.c"
            done
        done
        for std in c++11 c++17 c++20; do
            for cc in g++ clang++; do
                try "$name: $cc -std=$std" $cc -std=$std "${strict[@]}" "${include[@]}" -fsyntax-only "$build/alone.cc"
            done
        done
    done
}

clang_sources() {
    local std file
    for std in c11 c17; do
        for file in harness/*/*.c mocks/*/*.c examples/*/*.c tests/*/*.c tests/conformance/*/*.c; do
            [ ! -e "$file" ] || echo "$file"
        done | xargs -r -n 8 -P "${JOBS:-2}" \
            clang -std=$std "${strict[@]}" "${include[@]}" -I. -fsyntax-only || return 1
    done
}

cxx_tests() {
    local file std cc program oldest
    for file in tests/cxx/*.cc; do
        [ -e "$file" ] || continue
        oldest=$(sed -n '1s|^// C++\([0-9]*\):.*|\1|p' "$file")
        try "$file: its first line says the oldest C++" [ -n "$oldest" ]
        for std in c++11 c++17 c++20; do
            [ "${std#c++}" -ge "${oldest:-11}" ] || continue
            for cc in g++ clang++; do
                program=$build/$(basename "$file" .cc)-$cc-$std
                try "$file: $cc -std=$std" $cc -std=$std -g -Wall -Wextra -Wpedantic -Werror \
                    -Wno-missing-field-initializers "${include[@]}" "$file" \
                    "${BUILD:-build}/lib/libstackrig.a" -lcmocka -o "$program"
                [ ! -x "$program" ] || try "$program" timeout 60 "$program"
            done
        done
    done
}

rm -f "$build"/*++-*
headers_alone "$@"
try "the C sources with clang, C11 and C17" clang_sources
cxx_tests
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
