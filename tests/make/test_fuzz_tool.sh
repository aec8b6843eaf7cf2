# tools/fuzz.sh: what it calls fuzz targets with, and what it makes of what they say. Targets, gcovr and afl-fuzz are scripts.
. tests/make/common.sh
unset FUZZ_SECONDS FUZZ_SEED FUZZ_MORE JOBS

here=$work/here
build=$here/build targets=$here/build/tests/fuzz/targets corpora=$here/tests/fuzz/corpora
mkdir -p "$here/tests/fuzz/targets" "$corpora/x" "$corpora/s" "$targets" "$work/bin"
ln -s "$root/tools" "$here/tools"
printf 'x bytes - - -\ns scenario - - -\np scenario - - some.rule\nunbuilt bytes - - -\n' >"$here/tests/fuzz/targets/table"
echo one >"$corpora/x/a.txt" # a seed: x/a.txt-1
echo 'GET /' >"$corpora/s/b.http"

# A program in place of a target, which says how it was called; of scenarios it knows the verbs, whose bytes are the text.
target() {
    cat >"$targets/$1" <<'END'
#!/bin/sh
case $1 in
--dict) echo '"word"'; exit ;;
--encode | --decode)
    to=$2 end=
    [ "$1" = --encode ] || end=.http
    shift 2
    for file; do cp "$file" "$to/$(basename "$file" .http)$end"; done
    exit
    ;;
esac
echo "$0" "$@" >>"$0.calls"
END
    printf '%s\n' "$2" >>"$targets/$1"
    chmod +x "$targets/$1"
    rm -f "$targets/$1.calls"
}
tool() { # tool STATUS WHAT ARGUMENT...
    local wanted=$1 status=0
    shift
    (cd "$here" && PATH=$work/bin:$PATH bash tools/fuzz.sh "$@") >"$work/log" 2>&1 || status=$?
    [ "$status" = "$wanted" ] || fail "status $status, wanted $wanted: fuzz.sh $*: $(cat "$work/log")"
}
says() { grep -qF -e "$1" "$work/log" || fail "not said: $1: $(cat "$work/log")"; }
called() { grep -qF -e "$2" "$targets/$1.calls" || fail "not called with: $2: $(cat "$targets/$1.calls")"; }
for name in x s p; do target $name ''; done

# ---- wrong use ----

tool 2
says 'WHAT BUILD TARGET...'
tool 2 nonsense build x
says 'nonsense is none of regress, run, one, merge, coverage, pack, afl'
for what in run one merge coverage pack afl; do
    tool 2 $what build
    says 'There are: x s p unbuilt'
    tool 2 $what build y z
    says 'there is no fuzz target y. There are: x s p unbuilt'
    tool 2 $what build unbuilt z
    says 'unbuilt is not built: there is no build/tests/fuzz/targets/unbuilt'
done
! make -s -C "$root" fuzz-nothing >"$work/log" 2>&1 || fail 'make fuzz-nothing passes'
says 'there is no fuzz target nothing here. There are: basic_auth codec '

# ---- one: with the arguments of the user, and its status ----

target s 'exit 7'
tool 7 one build s -runs=9 -seed=2
called s 'build/tests/fuzz/targets/s -dict=build/fuzz-seeds/s.dict -artifact_prefix=build/ -runs=9 -seed=2 build/corpus/s build/fuzz-seeds/s'
[ "$(cat "$build/fuzz-seeds/s/s/b")" = 'GET /' ] || fail 'the seed is not there'
[ "$(cat "$build/fuzz-seeds/s.dict")" = '"word"' ] || fail 'no dictionary'
target x ''
tool 0 one build x
called x 'targets/x -artifact_prefix=build/ build/corpus/x build/fuzz-seeds/x' # no words of its own

# ---- run ----

stats='printf "#9\tNEW\nstat::number_of_executed_units: 1234\nstat::average_exec_per_sec: 56\n" >&2'
target x "$stats"
target s "$stats"
FUZZ_SECONDS=3 tool 0 run build x s
called x '-max_total_time=3 -max_len=4096 -timeout=25 -rss_limit_mb=4096 '
called s '-dict=build/fuzz-seeds/s.dict build/corpus/s build/fuzz-seeds/s'
says 'ok      x: 1234 executions, 56/s, 0 files'
says '2 passed, 0 failed, 0 skipped'
target x "$stats; echo 'it crashed here'; exit 1"
tool 1 run build x s
called x "-artifact_prefix=build/found/x-"
says 'FAILED  x: 1234 executions, 56/s; stat::'
says 'it crashed here'
says '1 passed, 1 failed, 0 skipped'
target p "$stats; echo 'error [some.rule]'; exit 1" # planted: it must be found, from nothing
tool 0 run build p
says 'ok      p: some.rule is found, as expected: 1234 executions'
! grep -q 'build/corpus/p\|fuzz-seeds/p$' "$targets/p.calls" || fail "it began with something: $(cat "$targets/p.calls")"
# FUZZ_SEED: nothing that differs from run to run
FUZZ_SEED=7 FUZZ_SECONDS=3 tool 0 run build p
called p '-runs=5000000 -max_total_time=300 -seed=7 -use_cmp=0'
target x "$stats"
called p '-timeout=25 -rss_limit_mb=0 -malloc_limit_mb=4096 '
target s "$stats; echo secrets \$RIG_FUZZ_SEED, \$ASAN_OPTIONS >>\$0.calls"
FUZZ_SEED=7 FUZZ_SECONDS=3 tool 0 run build x s
called x "-runs=30000 -max_total_time=36 -seed=7 -use_cmp=0 -use_memmem=0 -max_len=4096"
called x '-seed_inputs=@build/fuzz-seeds/x.list'
called s '-runs=3000 '
called s 'secrets 7'
called s ':hard_rss_limit_mb=4096'
! grep -q build/corpus "$targets/x.calls" || fail "what another run left: $(cat "$targets/x.calls")"
[ "$(cat "$build/fuzz-seeds/x.list")" = build/fuzz-seeds/x/a.txt-1 ] || fail "$(cat "$build/fuzz-seeds/x.list")"
says 'ok      x: 1234 executions, 56/s of seed 7'
target p "$stats"
tool 1 run build p
says 'FAILED  p: some.rule is not found: 1234 executions'

# ---- merge: what is new beside the seeds, as text where it is one ----

# as libFuzzer: not what covers nothing more
merges='[ "$1" = -merge=1 ] || exit 1
for file in "$4"/*; do
    for known in "$3"/*; do [ "$(cat "$file")" != "$(cat "$known")" ] || continue 2; done
    cp "$file" "$3"
done'
target x "$merges"
target s "$merges"
rm -r "$build/corpus"
tool 0 merge build x
says 'skip    x: it was not fuzzed, there is no build/corpus/x'
mkdir -p "$build/corpus/x" "$build/corpus/s"
echo one >"$build/corpus/x/00aa"
tool 0 merge build x
says 'ok      x: nothing new'
[ "$(ls "$corpora/x")" = a.txt ] || fail "new: $(ls "$corpora/x")"
echo new >"$build/corpus/x/00ff"
echo 'GET /new' >"$build/corpus/s/00ee"
tool 0 merge build x s
called x 'targets/x -merge=1 -max_len=4096 build/merged/x build/corpus/x'
says 'ok      x: 1 new files in tests/fuzz/corpora/x'
says 'ok      s: 1 new files in tests/fuzz/corpora/s'
[ "$(ls "$corpora/x" | tr '\n' ' ')" = '00ff a.txt ' ] || fail "of the corpus: $(ls "$corpora/x")"
[ "$(cat "$corpora/s/00ee.http")" = 'GET /new' ] || fail 'it is not there'
tool 0 merge build x s
says 'ok      x: nothing new'
target x 'echo "no such option"; exit 1'
tool 1 merge build x
says 'FAILED  x: no such option'
rm "$corpora/x/00ff" "$corpora/s/00ee.http"

# ---- pack ----

if command -v zip >/dev/null && command -v unzip >/dev/null; then
    mkdir "$here/out"
    tool 0 pack build s out
    says 'ok      s: 1 seeds'
    [ -x "$here/out/s" ] || fail 'no program'
    [ "$(cat "$here/out/s.dict")" = '"word"' ] || fail 'no dictionary'
    [ "$(cat "$here/out/s.options")" = "$(printf '[libfuzzer]\nmax_len = 4096\ndict = s.dict')" ] || fail "$(cat "$here/out/s.options")"
    [ "$(unzip -p "$here/out/s_seed_corpus.zip" s-b)" = 'GET /' ] || fail "$(unzip -l "$here/out/s_seed_corpus.zip")"
    tool 0 pack build x "$here/out"
    ! grep -q dict "$here/out/x.options" || fail 'a dictionary of bytes'
    [ "$(ls "$here/out" | wc -l)" = 7 ] || fail "something else is packed: $(ls "$here/out")"
    mkdir "$here/other" # libraries that not every machine has go along, and are no targets
    touch "$work/libother.so.2"
    printf '#!/bin/sh\nprintf "\\tlibc.so.6 => /none/libc.so.6 (0x1)\\n\\tlibother.so.2 => %s (0x2)\\n"\n' "$work/libother.so.2" >"$work/bin/ldd"
    chmod +x "$work/bin/ldd"
    tool 0 pack build x other
    [ "$(cd "$here/other/lib" && find . -type f ! -perm /111)" = ./libother.so.2 ] || fail "libraries: $(ls -lR "$here/other")"
    rm "$work/bin/ldd"
    tool 1 pack build p out
    says 'FAILED  p: an empty corpus'
    tool 2 pack build x nowhere
    says 'there is no folder nowhere'
    tool 2 pack build x
    says 'pack wants TARGET OUT'
fi

# ---- what the platform builds: no planted mistake, and the adapters whose libraries are there ----

mkdir -p "$work/src/stackrig/tools" "$work/src/stackrig/tests/fuzz/targets" "$work/platform"
cp tests/fuzz/targets/table "$work/src/stackrig/tests/fuzz/targets/"
printf '#!/bin/sh\n' >"$work/platform/make"
printf '#!/bin/sh\necho "$1 $3"\n' >"$work/src/stackrig/tools/fuzz.sh"
chmod +x "$work/platform/make" "$work/src/stackrig/tools/fuzz.sh"
platform() {
    env -u TARGETS PATH="$work/platform:$PATH" SRC="$work/src" WORK="$work" OUT="$work" CC="$1" CFLAGS= CXX="$1" CXXFLAGS= LIB_FUZZING_ENGINE= \
        bash -eu .clusterfuzzlite/build.sh >"$work/log" 2>&1 || fail "build.sh: $(cat "$work/log")"
}
platform true
for target in basic_auth codec fastcgi microhttpd wire; do says "pack $target"; done
says 'adapters that are left out: ulfius'
! grep -q 'pack \(planted\|ulfius\)' "$work/log" || fail "$(cat "$work/log")"
platform false
says 'adapters that are left out: ulfius, fcgi, microhttpd'
says 'pack basic_auth'
! grep -q 'pack \(fastcgi\|microhttpd\)' "$work/log" || fail "$(cat "$work/log")"

# ---- coverage ----

target x 'echo "1 inputs"'
cat >"$work/bin/gcovr" <<'END'
#!/bin/sh
while [ $# -gt 1 ]; do
    [ "$1" != --csv ] || printf 'filename,line_total,line_covered,line_percent\nfuzz/a.c,40,10,0.25\n' >"$2"
    shift
done
echo 'lines: 25.0% (10 out of 40)'
END
chmod +x "$work/bin/gcovr"
touch "$here/tests/fuzz/targets/x.c" "$build/old.gcda"
tool 0 coverage build x
says '  10 of   40 lines   25 %'
says 'lines: 25.0% (10 out of 40)'
says 'which lines: build/coverage/index.html'
says 'ok      x: 1 inputs'
[ ! -e "$build/old.gcda" ] || fail 'what ran before counts'
printf '#!/bin/sh\necho "no data" >&2\nexit 1\n' >"$work/bin/gcovr"
tool 1 coverage build x
says 'FAILED  gcovr: no data'

# ---- afl ----

cat >"$work/bin/afl-fuzz" <<'END'
#!/bin/sh
echo "$@" >afl.calls
[ ! -e afl.dies ] || { echo 'no core pattern'; exit 1; }
while [ "$1" != -o ]; do shift; done
mkdir -p "$2/default/crashes"
printf 'run_time          : 3\nexecs_done        : 400\n' >"$2/default/fuzzer_stats"
[ -e afl.finds ] && echo crash >"$2/default/crashes/id:0"
exit 0
END
chmod +x "$work/bin/afl-fuzz"
target p 'grep -q crash "$1" && echo "error [some.rule]"'
touch "$here/afl.finds"
FUZZ_SECONDS=4 tool 0 afl build p
says 'ok      p: AFL++ found some.rule: 400 executions, 3 s'
grep -qF -e '-V 4 -i build/afl/in -o build/afl/out -- build/afl/tests/fuzz/targets/p' "$here/afl.calls" || fail "$(cat "$here/afl.calls")"
target p 'echo "error [other.rule]"'
tool 1 afl build p
says 'FAILED  p: AFL++ found something else: error [other.rule]'
rm "$here/afl.finds"
tool 1 afl build p
says 'FAILED  p: AFL++ found nothing: run_time : 3 execs_done : 400'
touch "$here/afl.dies"
tool 1 afl build p
says 'FAILED  p: AFL++ did not start: no core pattern'
