# make install: a program is compiled by pkg-config against what was installed, shared and static, and runs; a stack
# is loaded by the installed command; make uninstall leaves nothing.
. tests/make/common.sh
make=${MAKE:-make}
dest=$work/dest
prefix=/opt/rig

$make install BUILD="$BUILD" DESTDIR="$dest" PREFIX=$prefix NO_INSTALL=1 >"$work/log" 2>&1 || fail "$(cat "$work/log")"
PKG_CONFIG_SYSROOT_DIR=$dest PKG_CONFIG_PATH=$dest$prefix/lib/pkgconfig
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_PATH
flags=$(pkg-config --cflags --libs stackrig) || fail "pkg-config does not find stackrig"
cat >"$work/a.c" <<'EOF'
#include <stackrig/stackrig.h>
static int hello(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .body = "hello");
}
int main(void)
{
    struct rig_client *client = rig_client_new(RIG_APP(hello), (struct rig_client_options){0});
    int status = rig_get(client, "/")->status;
    rig_client_free(client);
    return status != 200 || rig_version() != RIG_VERSION;
}
EOF
cd "$work"
${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror a.c $flags -o shared || fail "does not compile"
LD_LIBRARY_PATH=$dest$prefix/lib ./shared || fail "the program with the shared library failed"
readelf -d shared 2>/dev/null | grep -q 'NEEDED.*libstackrig.so.[0-9]' || fail "no soname: $(readelf -d shared)"
[ "$(pkg-config --modversion stackrig)" ] || fail "no version"
static=$(echo "$flags" | sed 's/-lstackrig/-l:libstackrig.a/')
${CC:-cc} -std=c11 a.c $static -o static || fail "does not compile statically"
./static || fail "the program with the static library failed"
[ ! -e "$root/harness/cli" ] || "$dest$prefix/bin/stackrig" rules >/dev/null || fail "the installed command does not run"

cd "$root"
$make uninstall BUILD="$BUILD" DESTDIR="$dest" PREFIX=$prefix >"$work/log" 2>&1 || fail "$(cat "$work/log")"
left=$(find "$dest" ! -type d)
[ -z "$left" ] || fail "left after uninstall: $left"
