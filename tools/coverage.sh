#!/usr/bin/env bash
# Reports from the counts in $BUILD, and the limits: 95 % lines and 85 % branches of harness and mocks, 100 % and
# 95 % of the auth path in examples/basic_auth, and all of its outcomes and branches.
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

# The auth paths of the layer: what its tests and its requests have seen, and the lines that they never took.
paths() {
    local example test
    rm -rf "$out/outcomes"
    export STACKRIG_COVERAGE=$out/outcomes
    for test in "$BUILD"/examples/basic_auth/test_*; do
        [ ! -x "$test" ] || "$test" >/dev/null 2>&1 || return 1
    done
    "$BUILD/bin/stackrig" check --set credentials=examples/basic_auth/users.txt \
        "$BUILD/examples/basic_auth/stack_basic_auth.so" examples/basic_auth/requests.http >/dev/null || return 1
    unset STACKRIG_COVERAGE
    example=examples/basic_auth
    "$BUILD/bin/stackrig" coverage --layer basic_auth --gcovr "$out/coverage.json" --source $example/credentials.c \
        --source $example/lenient.c --fail-under-outcome 100 --fail-under-auth-branch 100 --json "$out/paths.json" \
        --html "$out/paths.html" --cobertura "$out/paths.xml" "$out/outcomes" >"$out/paths.txt" || return 1
    echo "auth paths of basic_auth (limit: 100 %): see $out/paths.html"
    sed -n '/^auth paths\|^branches/s/^/  /p' "$out/paths.txt"
}

result=0
report stackrig 95 85 harness/ mocks/ || result=1
report basic_auth 100 95 examples/basic_auth/ || result=1
paths || { echo "AUTH PATHS OF basic_auth NEVER SEEN: see $out/paths.txt" && result=1; }
echo "reports: $out"
exit $result
