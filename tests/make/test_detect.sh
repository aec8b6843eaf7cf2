# The whole table of tests/detect, of a few stacks: in its order whoever ends first, and an exit status that is honest.
. tests/make/common.sh

detect=$BUILD/tests/detect/test_detect
[ -x "$detect" ] || exit 77
# detect STATUS OPTION...
detect() {
    local expected=$1 status=0
    shift
    "$detect" --all --seeds 3 --jobs 3 "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" = "$expected" ] || fail "$*: exit status $status: $(cat "$work/out" "$work/err")"
}
says() { grep -q "$1" "$work/out" || fail "not said: $1: $(cat "$work/out")"; }

detect 0 --execs 3000 drains_late denies_at_once routes_get
says '^denies_at_once .* plain  *[0-9]* *[0-9]*$'
says '^routes_get .* -  *[0-9]* *[0-9]*$'
says '^drains_late .* silent for 3000$'
says '^2 planted: 1 found by plain checks, 2 by the fuzzer .* 0 not found, 0 skipped; 1 correct: 0 false alarms; [0-9]* s$'
[ "$(sed -n 's/^\([a-z_]*\)  .*/\1/p' "$work/out" | tr '\n' ' ')" = 'denies_at_once routes_get drains_late ' ] || fail "$(cat "$work/out")"

detect 1 --execs 1 first_wins drains_late
says '^first_wins .* not found some seeds do not$'
says '^1 planted: 0 found by plain checks, 0 by the fuzzer .* 1 not found'
detect 2 --execs 1 nobody
grep -q 'no stack is called so' "$work/err" || fail "$(cat "$work/err")"
