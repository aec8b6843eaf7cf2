# Nothing is rebuilt when nothing changed; a changed header, other flags and a deleted source do rebuild.
# On a small tree with the real Makefile.
. tests/make/common.sh
unset BUILD EXTRA CFLAGS
cd "$work"
mkdir -p harness/core harness/cli mocks/apps examples/one tests/unit
cp -r "$root/Makefile" "$root/tools" .
cp -r "$root/harness/include" harness/
cp -r "$root/mocks/include" mocks/
echo '#define VALUE 1' >harness/core/value.h
printf '#include "harness/core/value.h"\n#include <stackrig/base.h>\nunsigned rig_version(void)\n{\n return VALUE;\n}\n' \
    >harness/core/a.c
printf 'int rig_b(void);\nint rig_b(void)\n{\n return 1;\n}\n' >mocks/apps/b.c
printf '#include <stackrig/base.h>\nint main(void)\n{\n return rig_version() != VALUE;\n}\n' >harness/cli/main.c
sed -i '1i #include "harness/core/value.h"' harness/cli/main.c
printf 'int stack_one(void);\nint stack_one(void)\n{\n return 1;\n}\n' >examples/one/stack_one.c

# what make would do, by the commands it prints
build() {
    make V=1 "$@" >log 2>&1 || fail "make $*: $(cat log)"
}
compiled() {
    grep -c -e ' -c ' log || true
}
linked() {
    grep -c -e '-o build/\(bin\|lib\|examples\)' -e '^ar ' log || true
}

build all
[ "$(compiled)" = 4 ] || fail "first build: $(cat log)"
build/bin/stackrig || fail "the command does not run from the build tree"
build all
[ "$(compiled) $(linked)" = "0 0" ] || fail "rebuilt without a change: $(cat log)"

sleep 0.01
echo '#define VALUE 2' >harness/core/value.h
build all
[ "$(compiled)" = 2 ] || fail "changed header: $(cat log)"
build/bin/stackrig || fail "not all that sees the header was rebuilt"

build all CFLAGS=-O1
[ "$(compiled)" = 4 ] || fail "other flags: $(cat log)"
build all CFLAGS=-O1
[ "$(compiled) $(linked)" = "0 0" ] || fail "rebuilt with the same flags: $(cat log)"

rm mocks/apps/b.c
build all CFLAGS=-O1
ar t build/lib/libstackrig.a | grep -q '^b.o$' && fail "a deleted source is still in the library"
rm harness/core/value.h
sed -i '/value.h/d; s/VALUE/3/' harness/core/a.c harness/cli/main.c
build all CFLAGS=-O1
build/bin/stackrig || fail "a deleted header"

build all CFLAGS=-O1 BUILD=other
[ -x other/bin/stackrig ] || fail "BUILD=other"
