#!/usr/bin/env bash
# Reports from the counts in $BUILD, and the limits: 95 % lines and 85 % branches of harness and mocks, 100 % and
# 95 % of the auth path in examples/basic_auth.
set -u
out=$BUILD/report
mkdir -p "$out"
common=(--root . --exclude-unreachable-branches --exclude-throw-branches)

gcovr "${common[@]}" -j "${JOBS:-2}" --object-directory "$BUILD/obj" "$BUILD/obj" \
    --filter harness/ --filter mocks/ --filter examples/ --json "$out/coverage.json" || exit 1

# report NAME LINES BRANCHES FILTER...: a table on the terminal, and a failure under the limits
report() {
    local name=$1 lines=$2 branches=$3 status
    shift 3
    mkdir -p "$out/$name"
    gcovr "${common[@]}" -a "$out/coverage.json" "${@/#/--filter=}" \
        --html-details "$out/$name/index.html" --xml "$out/$name.xml" --txt "$out/$name.txt" \
        --print-summary --fail-under-line "$lines" --fail-under-branch "$branches" >"$out/$name.summary"
    status=$?
    echo "$name (limits: lines $lines %, branches $branches %)"
    sed -n '/^lines\|^branches/s/^/  /p' "$out/$name.summary"
    [ $status = 0 ] || echo "  UNDER THE LIMIT: see $out/$name/index.html"
    return $status
}

result=0
report stackrig 95 85 harness/ mocks/ || result=1
report basic_auth 100 95 examples/basic_auth/ || result=1
echo "reports: $out"
exit $result
