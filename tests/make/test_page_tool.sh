# Where no browser can be had, make page says so on a line of its own, counts it as skipped and does not fail.
. tests/make/common.sh
built=$work/build
mkdir -p "$built/bin"
NO_INSTALL=1 tools/page.sh "$built" no-such-package:no-such-browser >"$work/out" 2>"$work/err" || fail "it failed: $(cat "$work/out")"
grep -q '^skipped: the page in a browser: ' "$work/out" || fail "it does not say what is skipped: $(cat "$work/out")"
[ "$(tail -n 1 "$work/out")" = '0 passed, 0 failed, 1 skipped' ] || fail "$(cat "$work/out")"
grep -q 'apt-get install no-such-package' "$work/err" || fail "it does not say what is missing: $(cat "$work/err")"
[ ! -e "$built/page" ] || fail "it went on"
