#!/usr/bin/env bash
# Our fuzz targets: tools/fuzz.sh WHAT BUILD TARGET... (see fuzz/fuzz.mk). Their table is tests/fuzz/targets/table.
#   regress   each file of corpora and reproducers once, of all targets; an empty corpus is a failure
#   run       under libFuzzer, FUZZ_SECONDS each; with FUZZ_SEED so many executions, the same each time
#   one       one TARGET [ARGUMENT...]
#   merge     what fuzzing found and the seeds do not cover, into tests/fuzz/corpora
#   coverage  regress with gcov, then what was covered
#   pack      TARGET OUT: program, its libraries, dictionary, options and seeds as OSS-Fuzz wants them
#   afl       under AFL++, until the planted mistake is found
set -u
die() { echo "tools/fuzz.sh: $1" >&2 && exit 2; }
[ $# -ge 2 ] || die 'WHAT BUILD TARGET..., where WHAT is regress, run, one, merge, coverage, pack or afl'
what=$1 build=$2
shift 2
table=tests/fuzz/targets/table corpora=tests/fuzz/corpora reproducers=tests/fuzz/reproducers
passed=0 failed=0 skipped=0
still= # without addresses that differ from run to run
memory=-rss_limit_mb=4096
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
if [ -n "${FUZZ_SEED:-}" ]; then
    export RIG_FUZZ_SEED=$FUZZ_SEED
    ! setarch -R true 2>/dev/null || still='setarch -R'
    # libFuzzer watches the memory in a thread. What that allocates as it starts is taken for the target's: the seed that
    # runs just then is run once more, for a leak. AddressSanitizer's watch allocates nothing.
    memory='-rss_limit_mb=0 -malloc_limit_mb=4096' ASAN_OPTIONS=$ASAN_OPTIONS:hard_rss_limit_mb=4096
fi

column() { awk -v name="$1" -v n="$2" '$1 == name { print $n }' "$table"; }
targets() { awk '/^[a-z]/ { printf "%s%s", n++ ? " " : "", $1 }' "$table"; }
program() { echo "$build/tests/fuzz/targets/$1"; }
files_in() { find "$1" -type f ! -path '*/.stackrig/*' 2>/dev/null | wc -l; }
tell() { # tell ok|FAILED|skip TEXT
    printf '%-7s %s\n' "$1" "$2"
    case $1 in ok) passed=$((passed + 1)) ;; skip) skipped=$((skipped + 1)) ;; *) failed=$((failed + 1)) ;; esac
}

# known TARGET...: each has a row and a program
known() {
    local target
    [ $# -gt 0 ] || die "$what: of which target? There are: $(targets)"
    for target; do
        [ -n "$(column "$target" 1)" ] || die "there is no fuzz target $target. There are: $(targets)"
        [ -x "$(program "$target")" ] || die "$target is not built: there is no $(program "$target")"
    done
}

# ---- seeds ----

# lines FOLDER FILE: an input a line, with printf's escapes
lines() {
    local n=0 line
    while IFS= read -r line; do
        n=$((n + 1))
        printf '%b' "$line" >"$1/${2##*/}-$n"
    done <"$2"
}

# strings FOLDER FILE.jsonl: what recorded cases hold in quotes
strings() {
    grep -o '"[^"\\]\{3,200\}"' "$2" | sort -u | head -n 400 |
        awk -v to="$1/${2##*/}" '{ file = to "-" NR; printf "%s", substr($0, 2, length($0) - 2) >file; close(file) }'
}

# probes FOLDER FILE: raw requests as tests/conformance/gateways has them
probes() {
    awk -v folder="$1" '/^= / { close(file); file = folder "/probe-" $2 } /^> ?/ && file {
        line = substr($0, 3); end = "\r\n"
        if (sub(/\\$/, "", line)) end = ""
        printf "%s%s", line, end >file }' "$2"
}

# seeds TARGET: a folder of its seeds as bytes, which is named; or what is no seed, and a failure
seeds() {
    local target=$1 kind folder=$build/fuzz-seeds/$1 encoder file texts=()
    kind=$(column "$target" 2)
    rm -rf "$folder" "$folder.log"
    mkdir -p "$folder"
    for file in $(column "$target" 4 | tr ',' ' ') $(find "$corpora/$target" "$reproducers/$target" -type f 2>/dev/null | sort); do
        [ -f "$file" ] || continue
        case $kind:$file in
        scenario:*.http | encoded:*.http) case "${texts[*]-} " in *"${file%/*}/ "*) ;; *) texts+=("${file%/*}/") ;; esac ;;
        *.jsonl) strings "$folder" "$file" ;;
        */probes.txt) probes "$folder" "$file" ;;
        *.txt) lines "$folder" "$file" ;;
        *) cp "$file" "$folder/${file//\//-}" ;;
        esac
    done
    encoder=$(program "$([ "$kind" = encoded ] && echo planted || echo "$target")")
    for file in "${texts[@]}"; do # folders
        file=${file%/}
        mkdir -p "$folder/${file##*/}"
        "$encoder" --encode "$folder/${file##*/}" "$file"/*.http 2>>"$folder.log" || { cat "$folder.log"; return 1; }
        rm -rf "$folder/${file##*/}/.stackrig" # whose file would be a seed; these are of this program alone
    done
    echo "$folder"
}

# flat TARGET FOLDER: its seeds, in no folders of their own; or a failure, which is told
flat() {
    local folder file name
    folder=$(seeds "$1") || { tell FAILED "$1: a seed is left out: $folder"; return 1; }
    rm -rf "$2"
    mkdir -p "$2"
    find "$folder" -type f | while IFS= read -r file; do
        name=${file#"$folder"/}
        cp "$file" "$2/${name//\//-}"
    done
}

dictionary() { # of its own words
    [ "$(column "$1" 2)" = scenario ] || return
    "$(program "$1")" --dict >"$build/fuzz-seeds/$1.dict" && echo "-dict=$build/fuzz-seeds/$1.dict"
}

# ---- what is done ----

# a mistake that is planted: each reproducer finds it
regress_expected() {
    local target=$1 rule=$2 folder=$3 file n=0
    for file in "$folder"/*/"$rule"-*; do
        n=$((n + 1))
        { "$(program "$target")" "$file"; } >"$folder.log" 2>&1
        grep -qF "[$rule]" "$folder.log" || { tell FAILED "$target: $rule is not found in $(basename "$file")"; return; }
    done
    [ "$n" -gt 0 ] && tell ok "$target: $rule is found by $n reproducers" || tell FAILED "$target: no reproducer of $rule"
}

regress() {
    local target=$1 rule folder
    [ -f "tests/fuzz/targets/$target.c" ] || { tell FAILED "$target: there is no tests/fuzz/targets/$target.c"; return; }
    [ -e "$(program "$target")" ] || { tell skip "$target: not built, its adapter's library is missing"; return; }
    folder=$(seeds "$target") || { tell FAILED "$target: a seed is left out: $folder"; return; }
    rule=$(column "$target" 5)
    if [ "$(files_in "$folder")" -eq 0 ]; then
        tell FAILED "$target: an empty corpus"
    elif [ "$rule" != - ]; then
        regress_expected "$target" "$rule" "$folder"
    elif "$(program "$target")" "$folder" ${FUZZ_MORE:+$([ -d "$FUZZ_MORE/$target" ] && echo "$FUZZ_MORE/$target")} >"$folder.log" 2>&1; then
        tell ok "$target: $(grep ' inputs$' "$folder.log" | tail -n 1)"
    else
        tell FAILED "$target: $(tail -n 60 "$folder.log")"
    fi
}

# every file has its row
rows() {
    local file
    for file in tests/fuzz/targets/*.c; do
        [ -n "$(column "$(basename "$file" .c)" 1)" ] || tell FAILED "$file has no row in $table"
    done
}

# limits TARGET EXPECTED: libFuzzer's options, how long it runs. FUZZ_SEED: it does the same each time, whatever the machine.
limits() {
    local seconds=${FUZZ_SECONDS:-60} rate=1000
    [ "$(column "$1" 2)" = bytes ] && rate=10000
    if [ "$2" != - ]; then # until it is found
        echo -runs=5000000 -max_total_time=300
    elif [ -n "${FUZZ_SEED:-}" ]; then
        echo "-runs=$((seconds * rate)) -max_total_time=$((seconds * 12))"
    else
        echo "-max_total_time=$seconds"
    fi
    # cmp and memmem try values that may be addresses
    [ -z "${FUZZ_SEED:-}" ] || echo "-seed=$FUZZ_SEED -use_cmp=0 -use_memmem=0"
}

# inputs TARGET EXPECTED SEEDS: what it begins with. A mistake that is planted is found from nothing; the same each time:
# the seeds in their order, not what another run has left.
inputs() {
    if [ "$2" = - ] && [ -n "${FUZZ_SEED:-}" ]; then
        find "$3" -type f | LC_ALL=C sort | paste -s -d , | tr -d '\n' >"$3.list"
        echo "-seed_inputs=@$3.list"
    elif [ "$2" = - ]; then
        mkdir -p "$build/corpus/$1"
        echo "$build/corpus/$1 $3"
    fi
}

# in a process of its own: its line goes to a file
run() {
    local target=$1 rule seeds corpus=$build/corpus/$1 log=$build/runs/$1.log
    rule=$(column "$target" 5)
    seeds=$(seeds "$target") || { echo "FAILED $target: a seed is left out: $seeds"; return; }
    mkdir -p "$build/runs" "$build/found"
    # shellcheck disable=SC2046,SC2086 # words
    RIG_FUZZ_SAVE=$build/found $still "$(program "$target")" $(limits "$target" "$rule") -max_len=4096 -timeout=25 $memory \
        -print_final_stats=1 -artifact_prefix="$build/found/$target-" $(dictionary "$target") $(inputs "$target" "$rule" "$seeds") >"$log" 2>&1
    local status=$? figures
    figures=$(awk '/stat::number_of_executed_units/ { n = $2 } /stat::average_exec_per_sec/ { r = $2 } /^#[0-9]/ { last = substr($1, 2) }
        END { printf "%d executions%s", n ? n : last, n ? ", " r "/s" : "" }' "$log")
    if [ "$rule" != - ] && grep -qF "[$rule]" "$log"; then
        echo "ok $target: $rule is found, as expected: $figures"
    elif [ "$rule" != - ]; then
        echo "FAILED $target: $rule is not found: $figures"
    elif [ "$status" -eq 0 ]; then
        echo "ok $target: $figures$([ -n "${FUZZ_SEED:-}" ] && echo " of seed $FUZZ_SEED" || echo ", $(files_in "$corpus") files")"
    else
        echo "FAILED $target: $figures; $(grep -v '^#[0-9]' "$log" | tail -n 60)"
    fi
}

run_all() {
    local target lines=$build/runs/lines verdict text
    mkdir -p "$build/runs"
    rm -f "$lines".*
    for target; do
        while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-2}" ]; do wait -n; done
        run "$target" >"$lines.$target" &
    done
    wait
    for target; do
        read -r verdict text <"$lines.$target"
        tell "$verdict" "$text$(tail -n +2 "$lines.$target" | sed 's/^/\n    /' | tr -d '\r')"
    done
}

# The seeds go first: what comes to them covers more than they do.
merge() {
    local target=$1 kind folder=$build/merged/$1 new=$build/merged/$1.new text=$build/merged/$1.text file
    kind=$(column "$target" 2)
    [ -d "$build/corpus/$target" ] || { tell skip "$target: it was not fuzzed, there is no $build/corpus/$target"; return; }
    flat "$target" "$folder" || return
    rm -rf "$new" "$text"
    mkdir -p "$new" "$text"
    (cd "$folder" && ls) >"$folder.seeds"
    "$(program "$target")" -merge=1 -max_len=4096 "$folder" "$build/corpus/$target" >"$folder.log" 2>&1 ||
        { tell FAILED "$target: $(tail -n 5 "$folder.log")"; return; }
    (cd "$folder" && ls) | grep -vxFf "$folder.seeds" | while IFS= read -r file; do cp "$folder/$file" "$new/"; done
    [ "$(files_in "$new")" -gt 0 ] || { tell ok "$target: nothing new"; return; }
    if [ "$kind" = bytes ]; then
        cp "$new"/* "$text/"
    else
        file=$(program "$([ "$kind" = encoded ] && echo planted || echo "$target")")
        "$file" --decode "$text" "$new"/* >"$folder.log" 2>&1 || { tell FAILED "$target: $(tail -n 5 "$folder.log")"; return; }
    fi
    mkdir -p "$corpora/$target" && cp "$text"/* "$corpora/$target/" || { tell FAILED "$target: cannot write $corpora/$target"; return; }
    tell ok "$target: $(files_in "$text") new files in $corpora/$target"
}

# libraries TARGET: those of its that not every machine has
libraries() {
    ldd "$(program "$1")" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
        grep -vE '/(lib(c|m|pthread|dl|rt|util|resolv|gcc_s|stdc\+\+)|ld-linux[^/]*)\.so'
}

# one folder of seeds without folders in it; libraries are not executable, or they would be taken for targets
pack() {
    local target=$1 out=$2 flat=$build/fuzz-seeds/$1.flat file
    command -v zip >/dev/null || die 'pack needs zip: apt-get install zip'
    [ -d "$out" ] || die "pack: there is no folder $out"
    out=$(realpath "$out")
    flat "$target" "$flat" || return
    [ "$(files_in "$flat")" -gt 0 ] || { tell FAILED "$target: an empty corpus"; return; }
    rm -f "$out/${target}_seed_corpus.zip"
    (cd "$flat" && find . -type f | zip -q -@ "$out/${target}_seed_corpus.zip") || die "$target: zip failed"
    install -m 755 "$(program "$target")" "$out/$target" || die "$target: cannot write to $out"
    for file in $(libraries "$target"); do
        install -D -m 644 "$file" "$out/lib/${file##*/}" || die "$target: cannot write to $out/lib"
    done
    printf '[libfuzzer]\nmax_len = 4096\n' >"$out/$target.options"
    if [ -n "$(dictionary "$target")" ]; then
        cp "$build/fuzz-seeds/$target.dict" "$out/$target.dict"
        echo "dict = $target.dict" >>"$out/$target.options"
    fi
    tell ok "$target: $(files_in "$flat") seeds"
}

# A line for each file: how many lines it has, how many ran; the page has the lines themselves.
coverage() {
    local pages=$build/coverage
    command -v gcovr >/dev/null || die 'coverage needs gcovr: apt-get install gcovr'
    rm -rf "$pages" && mkdir -p "$pages" && find "$build" -name '*.gcda' -delete
    for target; do regress "$target"; done
    gcovr --root . --object-directory "$build" --filter 'fuzz/' --filter 'harness/' --filter 'examples/' --filter 'mocks/' \
        --csv "$pages/lines.csv" --html-details "$pages/index.html" --print-summary "$build" >"$pages/summary" 2>"$build/coverage.log" ||
        { tell FAILED "gcovr: $(tail -n 5 "$build/coverage.log")"; return; }
    awk -F , 'NR > 1 { printf "%-46s %4d of %4d lines %4.0f %%\n", $1, $3, $2, 100 * $4 }' "$pages/lines.csv"
    cat "$pages/summary"
    echo "which lines: $pages/index.html"
}

# the same source under AFL++, from one empty input
afl() {
    local target=$1 rule folder=$build/afl/out stats crash
    rule=$(column "$target" 5)
    rm -rf "$folder"
    mkdir -p "$build/afl/in"
    printf '\0' >"$build/afl/in/zero"
    env -u ASAN_OPTIONS -u UBSAN_OPTIONS AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_BENCH_UNTIL_CRASH=1 AFL_NO_AFFINITY=1 \
        AFL_CUSTOM_MUTATOR_LIBRARY=$build/lib/libstackrig-afl.so RIG_FUZZ_SEED=1 \
        afl-fuzz -V "${FUZZ_SECONDS:-60}" -i "$build/afl/in" -o "$folder" -- "$build/afl/tests/fuzz/targets/$target" \
        >"$build/afl/log" 2>&1
    stats=$folder/default/fuzzer_stats
    crash=$(find "$folder/default/crashes" -name 'id*' 2>/dev/null | head -n 1)
    [ -f "$stats" ] || { tell FAILED "$target: AFL++ did not start: $(tail -n 20 "$build/afl/log")"; return; }
    [ -n "$crash" ] || { tell FAILED "$target: AFL++ found nothing: $(grep -E 'execs_done|run_time' "$stats" | tr -s ' \n' ' ')"; return; }
    { RIG_FUZZ_SEED=1 "$build/tests/fuzz/targets/$target" "$crash"; } >"$build/afl/found" 2>&1
    if grep -qF "[$rule]" "$build/afl/found"; then
        tell ok "$target: AFL++ found $rule: $(awk '/execs_done/ { e = $3 } /run_time/ { t = $3 } END { print e " executions, " t " s" }' "$stats")"
    else
        tell FAILED "$target: AFL++ found something else: $(tail -n 20 "$build/afl/found")"
    fi
}

case $what in
run | merge | coverage | afl) known "$@" ;;
one | pack) known "${@:1:1}" ;;
esac
case $what in
regress)
    rows
    for target in $(targets); do regress "$target"; done
    ;;
run) run_all "$@" ;;
one)
    target=$1
    seeds=$(seeds "$1") || die "$target: a seed is left out: $seeds"
    shift
    mkdir -p "$build/corpus/$target"
    # shellcheck disable=SC2046 # words
    exec "$(program "$target")" $(dictionary "$target") -artifact_prefix="$build/" "$@" "$build/corpus/$target" "$seeds"
    ;;
merge) for target; do merge "$target"; done ;;
pack) [ $# = 2 ] || die 'pack wants TARGET OUT' && pack "$@" ;;
coverage) coverage "$@" ;;
afl) afl "$@" ;;
*) die "$what is none of regress, run, one, merge, coverage, pack, afl" ;;
esac
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
