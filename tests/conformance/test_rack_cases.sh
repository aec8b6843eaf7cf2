# The recorded cases of Rack, each of which binds or is written down; in fewer pieces where a run is slow.
: "${BUILD:=build}"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
$RUN_UNDER "$BUILD/rack-cases" --strict ${RUN_UNDER:+--quick} tests/conformance/rack >"$log" 2>&1
status=$?
cat "$log"
awk -v status="$status" '
    match($0, /^[a-z_]+: [0-9]+ passed, [0-9]+ failed, [0-9]+ differ, [0-9]+ skipped$/) {
        area = $1; passed += $2 + $6; failed += $4; skipped += $8
    }
    /^  skipped [0-9]+: / { sub(/^  /, ""); print "skip " area " " $0 }
    END {
        if (status != 0 && !failed) failed = 1
        print passed + 0 " passed, " failed + 0 " failed, " skipped + 0 " skipped"
    }' "$log"
exit $status
