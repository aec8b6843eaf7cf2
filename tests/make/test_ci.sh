# tools/ci.sh runs every target whatever fails, gateways beside the others, and adds up what they say.
. tests/make/common.sh
cd "$work"
cat >make <<'EOF'
#!/bin/sh
case $1 in
gateways) [ -n "$WAITS" ] || exit 3; until [ -e seen ]; do sleep 0.1; done; echo '5 passed, 0 failed, 1 skipped' ;;
asan) touch seen; echo '2 passed, 0 failed, 0 skipped' ;;
lint) echo fine ;;
*) echo '3 passed, 2 failed, 0 skipped'; exit 1 ;;
esac
EOF
chmod +x make
export MAKE=./make BUILD=build

status=0
WAITS=1 timeout 60 "$root/tools/ci.sh" broken gateways asan lint >out 2>&1 || status=$?
[ $status = 1 ] || fail "exit status $status: $(cat out)"
[ "$(tail -n 1 out)" = '11 passed, 2 failed, 1 skipped' ] || fail "$(cat out)"
for line in '^ok  *gateways ' '^FAILED  *broken ' '^ok  *lint '; do
    grep -q "$line" out || fail "not said: $line: $(cat out)"
done

status=0
WAITS= "$root/tools/ci.sh" gateways asan >out 2>&1 || status=$?
[ $status = 1 ] && [ "$(tail -n 1 out)" = '2 passed, 1 failed, 0 skipped' ] || fail "gateways failed unseen: $(cat out)"
WAITS=1 "$root/tools/ci.sh" asan gateways >out 2>&1 || fail "$(cat out)"
