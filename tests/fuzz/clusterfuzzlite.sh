#!/usr/bin/env bash
# Plays the platform that runs .clusterfuzzlite/build.sh, and that of examples/ci/clusterfuzzlite: builds for address and for
# undefined with its variables, moves $OUT elsewhere, and looks at each program as its bad-build check does. Skipped without
# clang, its runtime and zip. Builds the library twice: make fuzz-platform.
. tests/make/common.sh

for command in clang clang++ zip unzip objdump; do
    command -v $command >/dev/null || { echo "no $command: skipped"; exit 77; }
done
[ -n "$(find "$(clang -print-resource-dir)/lib" -name 'libclang_rt.fuzzer-*.a' 2>/dev/null)" ] ||
    { echo 'no fuzzer runtime of clang: skipped'; exit 77; }

export CC=clang CXX=clang++ LIB_FUZZING_ENGINE=-fsanitize=fuzzer
export SRC=$work/src WORK=$work/work
mkdir -p "$SRC" "$WORK"
ln -s "$root" "$SRC/stackrig"
cp -r "$root/examples/consumer" "$SRC/project" # as the template's names are
unset BUILD

# calls SANITIZER PROGRAM: how many calls of its runtime there are
calls() { objdump -d --no-show-raw-insn "$2" | grep -cE "call.*<__$1" || true; }

checked=0
# check SANITIZER FOLDER TARGET DICT: a program as the platform found it in $OUT
check() {
    program=$2/$3
    for file in "$3" "$3.options" "$3_seed_corpus.zip" ${4:+"$3.dict"}; do
        [ -s "$2/$file" ] || fail "$1: no $file"
    done
    unzip -tq "$2/$3_seed_corpus.zip" >"$work/log" || fail "$1: $3_seed_corpus.zip: $(cat "$work/log")"
    grep -q '^max_len = ' "$2/$3.options" || fail "$1: $3.options"
    mkdir -p "$work/seeds"
    (cd "$2" && "$program" -runs=4 -seed=1337 ${4:+-dict=$3.dict} "$work/seeds") >"$work/log" 2>&1 ||
        fail "$1: $3 does not run: $(tail -n 20 "$work/log")"
    counters=$(sed -n 's/.*(\([0-9]*\) inline 8-bit counters).*/\1/p' "$work/log" | head -n 1)
    [ "${counters:-0}" -ge 100 ] || fail "$1: $3 has ${counters:-no} counters"
    asan=$(calls asan "$program") ubsan=$(calls ubsan "$program")
    if [ "$1" = address ]; then
        [ "$asan" -ge 6 ] || fail "$3 has $asan calls of ASan in a build for address"
    else
        [ "$asan" -eq 0 ] || fail "$3 has $asan calls of ASan in a build for $1"
        [ "$ubsan" -ge 1 ] || fail "$3 has no calls of UBSan in a build for $1"
    fi
    checked=$((checked + 1))
    echo "ok      $3, built for $1"
}

for SANITIZER in address undefined; do
    CFLAGS="-O1 -fno-omit-frame-pointer -gline-tables-only -fsanitize=$SANITIZER -fsanitize=fuzzer-no-link"
    CXXFLAGS=$CFLAGS OUT=$work/out
    export SANITIZER CFLAGS CXXFLAGS OUT
    mkdir -p "$OUT"
    # some of ours: of scenarios, of bytes, and of adapters, with libraries of their own
    TARGETS='early_answer multipart fastcgi microhttpd' bash -eu "$root/.clusterfuzzlite/build.sh" >"$work/log" 2>&1 ||
        fail "$SANITIZER: $(tail -n 20 "$work/log")"
    # with the library that was just built
    ln -sfn "stackrig-$SANITIZER" "$WORK/stackrig"
    bash -eu "$root/examples/ci/clusterfuzzlite/clusterfuzzlite/build.sh" >"$work/log" 2>&1 ||
        fail "$SANITIZER, the template: $(tail -n 20 "$work/log")"
    mv "$OUT" "$work/elsewhere"
    executables=$(find "$work/elsewhere" -type f -perm -u+x | wc -l)
    [ "$executables" -eq 5 ] || fail "$SANITIZER: something else is executable: $(ls -l "$work/elsewhere")"
    check $SANITIZER "$work/elsewhere" early_answer dict
    check $SANITIZER "$work/elsewhere" multipart ''
    for target in fastcgi microhttpd; do
        check $SANITIZER "$work/elsewhere" $target dict
        ldd "$work/elsewhere/$target" >"$work/log"
        ! grep '=> /' "$work/log" | grep -vF "=> $work/elsewhere/lib/" | grep -vE '[[:space:]]lib(c|m|pthread|dl|rt|resolv|gcc_s|stdc\+\+)\.so' ||
            fail "$SANITIZER: $target takes libraries of this machine: $(cat "$work/log")"
    done
    check $SANITIZER "$work/elsewhere" items dict
    rm -rf "$work/elsewhere"
done

[ "$(ls examples/ci/clusterfuzzlite/workflows | wc -l)" -eq 4 ] || fail 'not four workflows'
echo "$checked passed, 0 failed, 0 skipped"
