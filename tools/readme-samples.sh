#!/usr/bin/env bash
# Compiles and runs the C samples of a README and compares what they print: tools/readme-samples.sh README.md BUILD_DIR
#
# A sample is `<!-- sample: NAME -->` or `<!-- sample: NAME, exit N -->`, a ```c block, then a ```text block with all
# it prints (no such block: it prints nothing). In the place of the C a ```sh block: its commands are run where the README
# lies, with the built stackrig; build/ is BUILD_DIR. UPDATE=1 writes what they print into the README instead.
# From the environment: CC, CPPFLAGS, CFLAGS, LDFLAGS, LIB (BUILD_DIR/lib/libstackrig.a).
set -u
if [ $# != 2 ] || [ ! -r "$1" ] || [ ! -d "$2" ]; then
    echo "usage: ${0##*/} README.md BUILD_DIR" >&2
    exit 2
fi
readme=$1
built=$2
work=$(cd "$2" && pwd)/readme
lib=$(realpath -m "${LIB:-$2/lib/libstackrig.a}")
root=$(cd "$(dirname "$0")/.." && pwd)
passed=0 failed=0 skipped=0
rm -rf "$work"
mkdir -p "$work" || exit 2
ulimit -c 0

# What the standard says of stderr, for stdout too: a sample's lines stay in their order.
cat >"$work/unbuffered.c" <<'EOF'
#include <stdio.h>
__attribute__((constructor)) static void unbuffer(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
}
EOF

# Writes NAME.c, NAME.expected and NAME.exit of each sample, and their names in order into names.
extract() {
    awk -v work="$work" '
        function complain(what) { printf "%s:%d: %s\n", FILENAME, FNR, what >"/dev/stderr"; bad = 1 }
        /^<!-- sample: / {
            if (!match($0, /^<!-- sample: [a-z0-9_]+(, exit [0-9]+)? -->$/)) { complain("a sample marker that cannot be read"); next }
            name = $3; sub(/,$/, "", name)
            if (name in seen) { complain("a second sample " name); next }
            seen[name] = 1; pending = name; last = ""
            print name >(work "/names")
            print ($4 == "exit" ? $5 : 0) >(work "/" name ".exit")
            printf "" >(work "/" name ".expected")
            next
        }
        !inside && /^```c$/ {
            if (pending == "") { complain("a C block without a sample marker"); next }
            file = work "/" pending ".c"; last = pending; pending = ""; inside = 1; next
        }
        !inside && /^```sh$/ && pending != "" {
            file = work "/" pending ".sh"; last = pending; pending = ""; inside = 1; next
        }
        !inside && /^```text$/ && last != "" { file = work "/" last ".expected"; last = ""; inside = 1; next }
        !inside && /^```./ { last = ""; inside = 1; file = ""; next }
        inside && /^```$/ { inside = 0; next }
        inside { if (file != "") print >file; next }
        pending != "" && NF { complain("sample " pending " is not followed by a block of C or sh"); pending = "" }
        last != "" && /^#/ { last = "" }
        END { if (inside) complain("a block is not closed"); exit bad }' "$readme"
}

compile() {
    local name=$1 libraries= rig=$lib host
    if [ -f "$work/$name.sh" ]; then
        sed -i "s:\bbuild/:$built/:g" "$work/$name.sh"
        return
    fi
    if grep -q 'cmocka' "$work/$name.c"; then
        libraries=-lcmocka
    fi
    # a host's library brings the shared one with it
    host=$(sed -n 's/.*rig_serve_\(microhttpd\|fastcgi\)(.*/\1/p' "$work/$name.c" | head -n 1)
    [ -z "$host" ] || rig="-L${lib%/*} -lstackrig-host-$host -lstackrig -Wl,-rpath,${lib%/*}"
    (cd "$work" && ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror ${CPPFLAGS:-} \
        -I"$root/harness/include" -I"$root/mocks/include" ${CFLAGS:--O1 -g} "$name.c" unbuffered.c \
        $rig ${LDFLAGS:-} $libraries -o "$name") >"$work/$name.log" 2>&1
}

run() {
    local name=$1
    if [ -f "$work/$name.sh" ]; then
        (cd "$root" && PATH=$(realpath "$built")/bin:$PATH exec timeout -k 5 60 bash "$work/$name.sh") \
            >"$work/$name.actual" 2>&1 </dev/null
        return
    fi
    { (cd "$work" && CMOCKA_MESSAGE_OUTPUT=STDOUT exec timeout -k 5 60 "./$name") \
        >"$work/$name.actual" 2>&1 </dev/null; } 2>/dev/null
}

check() {
    local name=$1 wanted status
    wanted=$(cat "$work/$name.exit")
    if ! compile "$name"; then
        cat "$work/$name.log"
        return 1
    fi
    run "$name"
    status=$?
    if [ "$status" != "$wanted" ]; then
        echo "exit status $status, not $wanted; it printed:"
        cat "$work/$name.actual"
        return 1
    fi
    [ -n "${UPDATE:-}" ] || diff -u --label README --label actual "$work/$name.expected" "$work/$name.actual"
}

# The README with each sample's ```text block replaced.
update() {
    awk -v work="$work" '
        /^<!-- sample: / { name = $3; sub(/,$/, "", name) }
        /^```text$/ && name != "" {
            print
            while ((getline line <(work "/" name ".actual")) > 0) print line
            name = ""; dropping = 1; next
        }
        dropping && !/^```$/ { next }
        { dropping = 0; print }' "$readme" >"$work/updated" && cat "$work/updated" >"$readme"
}

if ! extract; then
    echo "not ok $readme"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
touch "$work/names"
cmocka=yes
echo '#include <cmocka.h>' | ${CC:-cc} ${CPPFLAGS:-} -include stdarg.h -include stddef.h -include stdint.h \
    -include setjmp.h -E -x c - >/dev/null 2>&1 || cmocka=
while read -r name; do
    if [ -z "$cmocka" ] && grep -qs 'cmocka' "$work/$name.c"; then
        echo "skip $name: there is no cmocka.h here"
        skipped=$((skipped + 1))
    elif check "$name"; then
        echo "ok $name"
        passed=$((passed + 1))
    else
        echo "not ok $name"
        failed=$((failed + 1))
    fi
done <"$work/names"
if [ "$passed$failed$skipped" = 000 ]; then
    echo "not ok $readme: no samples in it"
    failed=1
fi
[ -z "${UPDATE:-}" ] || [ "$failed" != 0 ] || update
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
