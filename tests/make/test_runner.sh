# tools/run-tests.sh counts what programs report, and what they fail to.
. tests/make/common.sh
runner=$root/tools/run-tests.sh
cd "$work"
mkdir -p bin tests/samples
export BUILD=bin

program() {
    printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
    chmod +x "bin/$1"
}
expect() {
    totals=$1 status=$2
    shift 2
    got=0
    "$runner" "$@" >out 2>&1 || got=$?
    [ "$(tail -n 1 out)" = "$totals" ] || fail "expected '$totals': $(cat out)"
    [ "$got" = "$status" ] || fail "exit status $got, expected $status: $(cat out)"
}

program test_good 'echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"'
program test_mixed 'echo 1..3; echo "ok 1 - a"; echo "not ok 2 - b"; echo "not ok 3 # SKIP c"; exit 1'
program test_skip 'echo 1..1; echo "not ok 1 # SKIP slow"'
program test_dies 'echo 1..3; echo "ok 1 - a"; kill -SEGV $$'
program test_empty ':'
program test_zero 'echo 1..0'
program test_leaks 'echo 1..1; echo "ok 1 - a"; exit 23'
program test_setup 'echo 1..2; echo "not ok 0 - g [  FAILED  ] GROUP SETUP"; exit 1'
program sample_good 'echo hello'
program sample_bad 'exit 1'
program sample_cmocka 'echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"'

printf 'echo "skip b: slow"\necho "3 passed, 0 failed, 1 skipped"\n' >bin/test_totals.sh
printf 'echo "3 passed, 0 failed, 0 skipped"\nexit 4\n' >bin/test_totals_bad.sh
printf 'echo no\nexit 77\n' >bin/test_skips.sh

expect '3 passed, 0 failed, 1 skipped' 0 bin/test_totals.sh
grep -q '^skipped: bin/test_totals.sh: b: slow$' out || fail "the skip is not said: $(cat out)"
expect '3 passed, 1 failed, 0 skipped' 1 bin/test_totals_bad.sh
expect '0 passed, 0 failed, 1 skipped' 0 bin/test_skips.sh
expect '2 passed, 0 failed, 0 skipped' 0 bin/test_good
expect '1 passed, 1 failed, 1 skipped' 1 bin/test_mixed
grep -q '^skipped: bin/test_mixed: c$' out || fail "the skip is not said: $(cat out)"
expect '0 passed, 0 failed, 1 skipped' 0 bin/test_skip
expect '1 passed, 2 failed, 0 skipped' 1 bin/test_dies
expect '0 passed, 1 failed, 0 skipped' 1 bin/test_empty
expect '0 passed, 1 failed, 0 skipped' 1 bin/test_zero
expect '1 passed, 1 failed, 0 skipped' 1 bin/test_leaks
expect '0 passed, 3 failed, 0 skipped' 1 bin/test_setup
expect '0 passed, 1 failed, 0 skipped' 1 bin/test_missing
expect '3 passed, 0 failed, 0 skipped' 0 bin/sample_good bin/sample_cmocka
expect '0 passed, 1 failed, 0 skipped' 1 bin/sample_bad
expect '0 passed, 1 failed, 0 skipped' 1

mkdir -p bin/tests/samples
mv bin/sample_good bin/sample_bad bin/tests/samples/
echo hello >tests/samples/sample_good.out
expect '1 passed, 0 failed, 0 skipped' 0 bin/tests/samples/sample_good
echo other >tests/samples/sample_good.out
expect '0 passed, 1 failed, 0 skipped' 1 bin/tests/samples/sample_good
: >tests/samples/sample_bad.out
expect '0 passed, 1 failed, 0 skipped' 1 bin/tests/samples/sample_bad
echo 1 >tests/samples/sample_bad.status
expect '1 passed, 0 failed, 0 skipped' 0 bin/tests/samples/sample_bad
