# make detect's program: how far it is, and Ctrl-C, which ends it with what there is so far.
. tests/make/common.sh
detect=$BUILD/tests/detect/test_detect
[ -x "$detect" ] || { echo "# SKIP $detect is not built"; exit 77; }
endless=(--all --execs 1000000000 --seeds 1 --jobs 2)

# one planted mistake is found at once; a correct stack has no end
status=0
timeout --foreground --preserve-status -s INT 12 "$detect" "${endless[@]}" denies_at_once but_health \
    >"$work/out" 2>"$work/err" </dev/null || status=$?
[ $status = 130 ] || fail "status $status: $(cat "$work/err")"
grep -q '^denies_at_once .*input.early_answer.unread' "$work/out" || fail "what was found is lost: $(cat "$work/out")"
grep -q '^interrupted: 1 planted: .* 1 by the fuzzer .* 0 correct: 0 false alarms' "$work/out" || fail "no summary: $(cat "$work/out")"
grep -qE '^stackrig: 1 of 2 stacks, [0-9.]+/min, [0-9]+ s left, 1 finding, on the way: but_health$' "$work/err" ||
    fail "no line after ten seconds: $(cat "$work/err")"
for pid in $(pgrep -f -- "$detect --all --execs 1000000000" || true); do
    grep -q '^State:.*zombie' "/proc/$pid/status" 2>/dev/null || [ ! -e "/proc/$pid" ] || fail "process $pid goes on"
done
status=0
"$detect" --all --execs 2000 --seeds 1 denies_at_once but_health >"$work/out" 2>&1 || status=$?
[ $status = 0 ] || fail "status $status of what ended: $(cat "$work/out")"
