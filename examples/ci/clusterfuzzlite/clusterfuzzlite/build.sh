#!/bin/bash -eu
# Builds one fuzz target. The platform sets CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE, SANITIZER, OUT, SRC and WORK.
target=items                    # its name
project=$SRC/project
# the file with RIG_FUZZ, and your layers
sources=${SOURCES:-$project/src/stack.c $project/src/items.c $project/src/require_key.c}
seeds=${SEEDS:-$project/tests} # a folder of .http files

# The library too is instrumented: the platform takes a program with less than a hundred counters for a bad build.
make -C "$SRC/stackrig" -j"$(nproc)" NO_INSTALL=1 WERROR='' BUILD="$WORK/stackrig" CC="$CC" CFLAGS="$CFLAGS" \
    EXTRA=-fno-sanitize-recover=undefined \
    "$WORK/stackrig/lib/libstackrig.a" "$WORK/stackrig/lib/libstackrig-fuzz.a"

objects=()
for source in $sources; do
    object=$WORK/$(basename "$source").o
    $CC $CFLAGS -fno-sanitize-recover=undefined -I"$SRC/stackrig/harness/include" -I"$SRC/stackrig/mocks/include" \
        -I"$SRC/stackrig/fuzz/include" -c "$source" -o "$object"
    objects+=("$object")
done
$CXX $CXXFLAGS -Wl,-u,LLVMFuzzerTestOneInput "${objects[@]}" $LIB_FUZZING_ENGINE "$WORK/stackrig/lib/libstackrig-fuzz.a" \
    "$WORK/stackrig/lib/libstackrig.a" -o "$OUT/$target"

"$OUT/$target" --dict >"$OUT/$target.dict"
printf '[libfuzzer]\nmax_len = 4096\ndict = %s.dict\n' "$target" >"$OUT/$target.options"
rm -rf "$WORK/seeds"
mkdir "$WORK/seeds"
"$OUT/$target" --encode "$WORK/seeds" "$seeds"/*.http
rm -f "$OUT/${target}_seed_corpus.zip"
zip -q -j "$OUT/${target}_seed_corpus.zip" "$WORK/seeds"/*
