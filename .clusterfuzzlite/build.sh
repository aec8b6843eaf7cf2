#!/bin/bash -eu
# Builds the fuzz targets for OSS-Fuzz and ClusterFuzzLite, which set CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE,
# SANITIZER, OUT, SRC and WORK. Into $OUT go TARGET, TARGET.dict, TARGET.options and TARGET_seed_corpus.zip, and into
# $OUT/lib what the adapters of libfcgi and libmicrohttpd need. Without planted mistakes, and without Ulfius: its adapter
# is a shared library with a free() of its own, before libulfius and the thirty libraries that this needs.
cd "$SRC/stackrig"
build=$WORK/stackrig-${SANITIZER:-address}

# Whether the compiler takes this: the platform's libmicrohttpd may be older than enum MHD_Result.
takes() { echo "$1" | $CC $CFLAGS -fsyntax-only -x c - 2>/dev/null; }

without=ulfius
takes '#include <fcgiapp.h>' || without="$without|fcgi"
takes '#include <microhttpd.h>
enum MHD_Result some;' || without="$without|microhttpd"
takes '#include <elfutils/libdwfl.h>' || without="$without|fcgi|microhttpd"
targets=${TARGETS:-$(awk -v without="^($without)\$" '/^[a-z]/ && $3 !~ without && $5 == "-" { print $1 }' tests/fuzz/targets/table)}
echo "targets: $(echo $targets); adapters that are left out: ${without//|/, }"
programs=()
for target in $targets planted; do # planted: its program encodes codec's seeds
    programs+=("$build/tests/fuzz/targets/$target")
done
make -j"$(nproc)" NO_INSTALL=1 WERROR='' BUILD="$build" CC="$CC" CFLAGS="$CFLAGS" EXTRA=-fno-sanitize-recover=undefined \
    FUZZ_LINK="$CXX $CXXFLAGS" FUZZ_ENGINE="$LIB_FUZZING_ENGINE" "${programs[@]}"
for target in $targets; do
    tools/fuzz.sh pack "$build" "$target" "$OUT"
done
