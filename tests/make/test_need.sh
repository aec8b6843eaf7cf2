# Missing packages: named with NO_INSTALL and without apt-get; else installed, with no service started meanwhile.
. tests/make/common.sh
unset NO_INSTALL CC CPPFLAGS

tools/need.sh gcc:cc libc6-dev:stdio.h || fail "found nothing missing, but failed"
if NO_INSTALL=1 tools/need.sh gcc:cc one:no-such-command two-dev:no/such/header.h >"$work/out" 2>&1; then
    fail "NO_INSTALL=1 with missing packages passed"
fi
grep -q '^missing: one two-dev$' "$work/out" || fail "wrong list: $(cat "$work/out")"

# apt-get's part is played by a script, in a copy of need.sh that has its policy-rc.d in $work
mkdir "$work/bin"
sed "s:/usr/sbin/policy-rc.d:$work/policy-rc.d:" tools/need.sh >"$work/need.sh"
chmod +x "$work/need.sh"
cat >"$work/bin/apt-get" <<EOF
#!/bin/sh
echo "\$*" >>$work/calls
case " \$* " in
*" install "*)
    $work/policy-rc.d && exit 3
    [ -z "\${BREAK:-}" ] || exit 100
    printf '#!/bin/sh\n' >$work/bin/new-tool && chmod +x $work/bin/new-tool ;;
esac
EOF
printf '#!/bin/sh\n[ "$1" != -n ] || shift\nexec "$@"\n' >"$work/bin/sudo"
chmod +x "$work/bin/apt-get" "$work/bin/sudo"
PATH=$work/bin:$PATH

echo mine >"$work/policy-rc.d"
if BREAK=1 "$work/need.sh" pkg:new-tool >"$work/out" 2>&1; then
    fail "a failed installation passed"
fi
grep -q mine "$work/policy-rc.d" || fail "policy-rc.d was not put back after a failure"
"$work/need.sh" pkg:new-tool >"$work/out" 2>&1 || fail "$(cat "$work/out")"
grep -q 'install .*pkg' "$work/calls" || fail "not installed: $(cat "$work/calls")"
grep -q mine "$work/policy-rc.d" || fail "policy-rc.d was not put back"
[ ! -e "$work/policy-rc.d.before-stackrig" ] || fail "a saved policy-rc.d was left"

: >"$work/calls"
"$work/need.sh" pkg:new-tool
[ ! -s "$work/calls" ] || fail "apt-get was called with nothing missing"
rm "$work/policy-rc.d" "$work/bin/new-tool"
"$work/need.sh" pkg:new-tool >"$work/out" 2>&1 || fail "$(cat "$work/out")"
[ ! -e "$work/policy-rc.d" ] || fail "policy-rc.d was left where there was none"
