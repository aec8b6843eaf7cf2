#!/usr/bin/env bash
# Runs test programs and ends with "N passed, N failed, N skipped": tools/run-tests.sh program...
#
# test_* programs are cmocka's and speak TAP; one that dies early or runs nothing has failed. Samples and scripts
# pass with exit status 0 and skip with 77; a script that ends with a line of totals counts as these. A sample with tests/samples/NAME.out must print exactly that, and exit
# with the number in NAME.status if there is one.
# RUN_UNDER: a command to run programs (not scripts) under. TEST_TIMEOUT: seconds for one, 300.
set -u
export BUILD=${BUILD:-build}
export STACKRIG=$BUILD/bin/stackrig
logs=$BUILD/test-logs
rm -rf "$logs"
mkdir -p "$logs"
export logs

# Counts TAP's lines. A test that was planned and not reported has failed: the program died in it.
count_tap() {
    awk '
        /^1\.\.[0-9]+$/ { planned += substr($0, 4) }
        /^ok [0-9]/ { passed++ }
        /^not ok [0-9]+ # SKIP/ { skipped++; next }
        /^not ok 0 / { outside++; next }
        /^not ok [0-9]/ { failed++ }
        END {
            lost = planned - passed - failed - skipped
            print planned + 0, passed + 0, failed + outside + (lost > 0 ? lost : 0), skipped + 0
        }' "$1"
}

run_program() {
    local program=$1 under=${RUN_UNDER:-} log=$2
    local source=${program#"$BUILD"/}
    case $program in *.sh) under= program="bash $program" ;; esac
    if [ -e "$source.out" ]; then
        CMOCKA_MESSAGE_OUTPUT=STDOUT timeout -k 5 "${TEST_TIMEOUT:-300}" $under $program >"$log" 2>&1 </dev/null
        local status=$? expected=0
        [ ! -e "$source.status" ] || expected=$(cat "$source.status")
        if ! diff -u "$source.out" "$log" >"$log.diff"; then
            mv "$log.diff" "$log"
            return 1
        fi
        rm -f "$log.diff"
        [ "$status" = "$expected" ] || echo "exit status $status, expected $expected" >>"$log"
        [ "$status" = "$expected" ]
        return
    fi
    CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 "${TEST_TIMEOUT:-300}" $under $program >"$log" 2>&1 </dev/null
}

run_one() {
    local program=$1 log=$logs/${1//\//_}
    run_program "$program" "$log"
    local status=$? planned passed failed skipped
    read -r planned passed failed skipped < <(count_tap "$log")
    case $program in
    *.sh | */sample_*)
        local totals
        totals=$(tail -n 1 "$log" | grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$')
        if [ -n "$totals" ]; then
            read -r passed _ failed _ skipped _ <<<"$totals"
        elif [ "$planned" = 0 ]; then
            case $status in 0) passed=1 ;; 77) skipped=1 ;; *) failed=1 ;; esac
        fi
        ;;
    *) [ "$planned" != 0 ] || failed=1 ;;
    esac
    # a leak or a race found at the end shows in the exit status only
    if [ "$status" != 0 ] && [ "$status" != 77 ] && [ "$failed" = 0 ]; then
        failed=1
    fi
    echo "$passed $failed $skipped $status" >"$log.count"
}

report_one() {
    local program=$1 log=$logs/${1//\//_} passed failed skipped status
    read -r passed failed skipped status <"$log.count"
    if [ "$failed" != 0 ]; then
        echo "FAILED $program ($failed; exit status $status)"
        sed 's/^/    /' "$log"
    else
        echo "ok     $program ($passed)"
    fi
    [ "$skipped" = 0 ] || awk -v p="$program" '/# SKIP/ { sub(/.*# SKIP */, ""); print "skipped: " p ": " $0; n++ }
        /^skip / { print "skipped: " p ": " substr($0, 6); n++ } END { if (!n) print "skipped: " p }' "$log"
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    total_skipped=$((total_skipped + skipped))
}

export -f run_one run_program count_tap
jobs=${JOBS:-2}
[ "$jobs" = 1 ] || jobs=$((jobs + 1)) # some tests only wait, for a limit of ten seconds
[ $# = 0 ] || printf '%s\0' "$@" | xargs -0 -n 1 -P "$jobs" bash -c 'run_one "$0"'
total_passed=0 total_failed=0 total_skipped=0
for program; do
    report_one "$program"
done
if [ $((total_passed + total_failed + total_skipped)) = 0 ]; then
    echo "there are no tests: nothing was checked"
    total_failed=1
fi
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ "$total_failed" = 0 ]
