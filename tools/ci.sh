#!/usr/bin/env bash
# Runs make targets one after the other, all of them whatever fails, and ends with one line of totals.
# A target without counts of its own counts as one. gateways mostly waits: it runs beside those that follow it, so speed
# comes before it.
set -u
export BUILD=${BUILD:-build}
logs=$BUILD/ci
mkdir -p "$logs"
passed=0 failed=0 skipped=0 table=

# account TARGET STATUS SECONDS: its line of the table, from its log
account() {
    local target=$1 status=$2 seconds=$3 p=0 f=0 s=0 verdict=ok line
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$logs/$target.log" | tail -n 1)
    [ -z "$line" ] || read -r p _ f _ s _ <<<"$line"
    if [ "$status" != 0 ]; then
        verdict=FAILED
        [ "$f" != 0 ] || f=1
    elif [ -z "$line" ]; then
        p=1
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    table+=$(printf '%-7s %-9s %4d s  %s' "$verdict" "$target" "$seconds" "${line:-}")$'\n'
}

run_target() {
    local start=$SECONDS status
    echo "---- make $1"
    "${MAKE:-make}" "$1" </dev/null 2>&1 | tee "$logs/$1.log"
    status=${PIPESTATUS[0]}
    account "$1" "$status" $((SECONDS - start))
}

run_beside() {
    local start=$SECONDS
    "${MAKE:-make}" "$1" </dev/null >"$logs/$1.log" 2>&1
    echo "$? $((SECONDS - start))" >"$logs/$1.status"
}

beside=
for target; do
    if [ "$target" = gateways ]; then
        rm -f "$logs/$target.status"
        run_beside "$target" &
        beside=$target
    else
        run_target "$target"
    fi
done
if [ -n "$beside" ]; then
    wait
    echo "---- make $beside (beside the others)"
    cat "$logs/$beside.log"
    read -r status seconds <"$logs/$beside.status" || status=1 seconds=0
    account "$beside" "$status" "$seconds"
fi
printf '\n%s\n' "$table"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
