#!/bin/bash -eu
# Builds the fuzz targets for OSS-Fuzz and ClusterFuzzLite, which set CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE,
# SANITIZER, OUT, SRC and WORK. Into $OUT go TARGET, TARGET.dict, TARGET.options and TARGET_seed_corpus.zip.
# Without the adapters of frameworks, whose targets need shared libraries, and without planted mistakes.
cd "$SRC/stackrig"
build=$WORK/stackrig-${SANITIZER:-address}
targets=${TARGETS:-$(awk '/^[a-z]/ && $3 !~ /^(microhttpd|fcgi|ulfius)$/ && $5 == "-" { print $1 }' tests/fuzz/targets/table)}
programs=()
for target in $targets planted; do # planted: its program encodes codec's seeds
    programs+=("$build/tests/fuzz/targets/$target")
done
make -j"$(nproc)" NO_INSTALL=1 WERROR='' BUILD="$build" CC="$CC" CFLAGS="$CFLAGS" EXTRA=-fno-sanitize-recover=undefined \
    FUZZ_LINK="$CXX $CXXFLAGS" FUZZ_ENGINE="$LIB_FUZZING_ENGINE" "${programs[@]}"
for target in $targets; do
    tools/fuzz.sh pack "$build" "$target" "$OUT"
done
