#!/usr/bin/env bash
# Runs make targets one after the other, all of them whatever fails, and ends with one line of totals.
# A target without counts of its own counts as one.
set -u
export BUILD=${BUILD:-build}
logs=$BUILD/ci
mkdir -p "$logs"
passed=0 failed=0 skipped=0 table=

run_target() {
    local target=$1 log=$logs/$1.log start=$SECONDS p=0 f=0 s=0 verdict=ok
    echo "---- make $target"
    "${MAKE:-make}" "$target" </dev/null 2>&1 | tee "$log"
    local status=${PIPESTATUS[0]} line
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
    [ -z "$line" ] || read -r p _ f _ s _ <<<"$line"
    if [ "$status" != 0 ]; then
        verdict=FAILED
        [ "$f" != 0 ] || f=1
    elif [ -z "$line" ]; then
        p=1
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    table+=$(printf '%-7s %-9s %4d s  %s' "$verdict" "$target" $((SECONDS - start)) "${line:-}")$'\n'
}

for target; do
    run_target "$target"
done
printf '\n%s\n' "$table"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
