# tools/readme-samples.sh and tools/readme-rules.sh notice what is wrong in a README.
. tests/make/common.sh
cd "$work"
mkdir -p build/lib
ar rcs build/lib/libstackrig.a

# sample NAME MARKER-TAIL STATEMENT EXPECTED: one more sample in README.md
sample() {
    printf '<!-- sample: %s%s -->\n```c\n#include <stdio.h>\n#include <stdlib.h>\nint main(void)\n{\n    %s\n}\n```\n' "$1" "$2" "$3"
    printf '\nIt prints:\n\n```text\n%s\n```\n\n' "$4"
} >>README.md
expect() {
    totals=$1 status=$2 got=0
    "$root/tools/readme-samples.sh" README.md build >out 2>&1 || got=$?
    [ "$(tail -n 1 out)" = "$totals" ] || fail "expected '$totals': $(cat out)"
    [ "$got" = "$status" ] || fail "exit status $got, expected $status: $(cat out)"
    rm README.md
}

sample good '' 'printf("a\n"); fprintf(stderr, "b\n"); printf("c\n"); return 0;' "a
b
c"
sample aborts ', exit 134' 'puts("bye"); abort();' bye
expect '2 passed, 0 failed, 0 skipped' 0
sample good '' 'puts("a"); return 0;' b
expect '0 passed, 1 failed, 0 skipped' 1
sample good '' 'puts("a"); return 3;' a
expect '0 passed, 1 failed, 0 skipped' 1
sample good ', exit 3' 'puts("a"); return 0;' a
expect '0 passed, 1 failed, 0 skipped' 1
sample good '' 'int unused; puts("a"); return 0;' a
expect '0 passed, 1 failed, 0 skipped' 1
printf '```c\nint main(void);\n```\n' >README.md
expect '0 passed, 1 failed, 0 skipped' 1
echo 'no samples' >README.md
expect '0 passed, 1 failed, 0 skipped' 1
sample Bad-Name '' 'return 0;' ''
expect '0 passed, 1 failed, 0 skipped' 1

sample aborts ', exit 134' 'puts("bye"); abort();' old
UPDATE=1 "$root/tools/readme-samples.sh" README.md build >out 2>&1 || fail "$(cat out)"
expect '1 passed, 0 failed, 0 skipped' 0

printf '#!/bin/sh\necho "a.b_c  error    one | two"\necho "a.d    note     three (off unless enabled)"\n' >stackrig
chmod +x stackrig
printf 'x\n<!-- rules -->\nold\n<!-- /rules -->\ny\n' >README.md
CHECK=1 "$root/tools/readme-rules.sh" README.md ./stackrig >out 2>&1 && fail "an old table is not noticed"
"$root/tools/readme-rules.sh" README.md ./stackrig
CHECK=1 "$root/tools/readme-rules.sh" README.md ./stackrig || fail "its own table is old"
cat >wanted <<'EOF'
x
<!-- rules -->
| rule | at worst | what is wrong |
| --- | --- | --- |
| `a.b_c` | error | one \| two |
| `a.d` | note, off by default | three |
<!-- /rules -->
y
EOF
diff -u wanted README.md
echo x >README.md
"$root/tools/readme-rules.sh" README.md ./stackrig 2>/dev/null && fail "missing markers are not noticed"
exit 0
