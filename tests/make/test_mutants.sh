# tools/mutants.sh tells a mutant that a test notices from one that none does, or that is none. On a small tree.
. tests/make/common.sh
unset BUILD EXTRA CFLAGS MUTANTS
cd "$work"
mkdir -p harness/core harness/http harness/checks tests/unit tests/mutants mocks examples
cp -r "$root/Makefile" "$root/tools" .
cp -r "$root/harness/include" harness/
cp -r "$root/mocks/include" mocks/
cp "$root/tests/mutants/rules.c" tests/mutants/
cp "$root/harness/core/event.h" harness/core/
cp "$root/harness/http/rare.h" harness/http/
cat >harness/core/finding.c <<'EOF'
#include "harness/core/event.h"
int rig_find(struct rig_run *run, const struct rig_find *find, const char *format, ...)
{
    (void)run;
    (void)find;
    (void)format;
    return 1;
}
EOF
cat >harness/checks/rules.c <<'EOF'
#include <stackrig/result.h>
static const struct rig_rule rules[] = {
    {.id = "a.b.noticed", .broken = "test_finds", .twin = "test_passes"},
    {.id = "a.b.overlooked", .broken = "test_passes", .twin = "test_passes"},
    {.id = "a.b.untested", .broken = "test_none", .twin = "test_passes"},
};
const struct rig_rule *rig_rules(size_t *count)
{
    if (count) {
        *count = 3;
    }
    return rules;
}
EOF
cat >tests/unit/test_a.c <<'EOF'
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "harness/core/event.h"
static void test_finds(void **state)
{
    (void)state;
    struct rig_find find = {.rule = 0};
    assert_int_equal(rig_find(0, &find, "x"), 1);
}
static void test_passes(void **state)
{
    (void)state;
}
int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_finds), cmocka_unit_test(test_passes)};
    return cmocka_run_group_tests(tests, 0, 0);
}
EOF
row() {
    printf 'mutant: %s\nfile: harness/core/finding.c\nsed: %s\ntests: tests/unit/test_a\n\n' "$1" "$2"
} >>tests/mutants/table
row seen 's/return 1;/return 2;/'
row unseen 's/(void)find;/&\n    (void)find;/'
row broken 's/return 1;/return 1/'
printf 'mutant: header\nfile: harness/core/event.h\nsed: s/struct rig_find {/& int more;/\ntests: tests/unit/test_a\n\n' >>tests/mutants/table
printf 'mutant: stranger\nfile: mocks/stranger.c\nsed: s/1/2/\ntests: tests/unit/test_a\n\n' >>tests/mutants/table
echo 'int stranger_ = 1;' >mocks/stranger.c

said() {
    grep -q "^$1" out || fail "not said: $1: $(cat out)"
}
fails() {
    status=0
    "$@" >out 2>&1 || status=$?
    [ $status = 1 ] || fail "exit status $status: $(cat out)"
}

NO_INSTALL=1 make programs >log 2>&1 || fail "$(cat log)"
find build -type f ! -path '*/ci/*' -exec cksum {} + | sort >before
fails tools/mutants.sh
said 'red      a.b.noticed (test_finds)'
said 'SURVIVED a.b.overlooked (test_passes)'
said 'SURVIVED a.b.untested (there is no test_none)'
said 'red      seen'
said 'SURVIVED unseen '
said 'SURVIVED header '
said 'FAILED   broken: does not build'
said 'FAILED   stranger: mocks/stranger.c is no part of tests/unit/test_a'
said '2 passed, 6 failed, 0 skipped'
grep -q 'return 1;' harness/core/finding.c || fail "the source itself was changed"
find build -type f ! -path '*/mutants/*' ! -path '*/ci/*' -exec cksum {} + | sort | cmp -s - before || fail "the build was changed"

# a table that no longer fits the sources: all that is wrong, at once, before anything is built
cp tests/mutants/table whole
row same 's/nothing like it/x/'
row seen 's/return 1;/return 3;/'
row unclear 's/return 1;/return 2;'
printf 'mutant: gone\nfile: harness/core/gone.c\nsed: s/1/2/\ntests: tests/unit/test_a\n\n' >>tests/mutants/table
printf 'mutant: untested\nfile: harness/core/finding.c\nsed: s/1/2/\ntests: tests/unit/test_b\n\n' >>tests/mutants/table
printf 'mutant: empty\nfile: harness/core/finding.c\ntests: tests/unit/test_a\n\n' >>tests/mutants/table
mv build elsewhere
fails tools/mutants.sh
fails env CHECK=1 tools/mutants.sh
said 'FAILED   same: the sed expression changes nothing in harness/core/finding.c'
said 'FAILED   seen: a second mutant of that name'
said 'FAILED   unclear: sed does not understand the expression'
said 'FAILED   gone: there is no harness/core/gone.c'
said 'FAILED   untested: there is no test tests/unit/test_b'
said 'FAILED   empty: mutant, file, sed and tests are all needed'
said '5 passed, 6 failed, 0 skipped'
[ ! -e build ] || fail "something was built"
mv elsewhere build
mv whole tests/mutants/table
CHECK=1 tools/mutants.sh >out 2>&1 || fail "$(cat out)"
said '5 passed, 0 failed, 0 skipped'

# a merge that lost an empty line loses no mutant
sed -i '/^$/d' tests/mutants/table
CHECK=1 tools/mutants.sh >out 2>&1 || fail "$(cat out)"
said '5 passed, 0 failed, 0 skipped'
MUTANTS=seen tools/mutants.sh >out 2>&1 || fail "$(cat out)"
said 'red      seen'

rm tests/mutants/table
row seen 's/return 1;/return 2;/'
MUTANTS=seen tools/mutants.sh >out 2>&1 || fail "$(cat out)"
said '1 passed, 0 failed, 0 skipped'

# the page's, where there is no browser
mkdir -p harness/page tests/page
echo 'one = 1' >harness/page/a.js
touch tests/page/test_page.mjs
printf 'mutant: page\nfile: harness/page/a.js\nsed: s/1/2/\ntests: tests/page/test_page.mjs\n\n' >>tests/mutants/table
MUTANTS=page tools/mutants.sh >out 2>&1 || fail "$(cat out)"
said 'skipped  page: make page has not run here'
said '0 passed, 0 failed, 1 skipped'

# two rows that a merge made one
printf 'mutant: two\nfile: harness/core/finding.c\nsed: s/return 1;/return 2;/\nfile: harness/core/finding.c\ntests: tests/unit/test_a\n\n' >>tests/mutants/table
fails env CHECK=1 tools/mutants.sh
said 'FAILED   two: there is no harness/core/finding.charness/core/finding.c'

rm tests/mutants/table
row seen 's/return 1;/return 2;/'
# a tool's, whose test is a script of tests/make; one that is red anyway tells nothing
mkdir -p tests/make
printf '#!/bin/sh\necho 1\n' >tools/one.sh
echo '[ "$(sh tools/one.sh)" = 1 ] && [ -d harness ]' >tests/make/test_one.sh
echo 'exit 1' >tests/make/test_never.sh
for test in one never; do
    printf 'mutant: %s\nfile: tools/one.sh\nsed: s/echo 1/echo 2/\ntests: tests/make/test_%s.sh\n\n' $test $test >>tests/mutants/table
done
fails env MUTANTS='@(one|never)' tools/mutants.sh
said 'red      one'
said 'FAILED   never: tests/make/test_never.sh are red without it, too'

rm tests/mutants/table
row seen 's/return 1;/return 2;/'
# a third of the table: each row is in one of the three; rules are in all
row also 's/return 1;/return 3;/'
row again 's/return 1;/return 4;/'
for part in 0 1 2; do
    MUTANTS='[sa][elg]*' MUTANTS_PART=$part/3 tools/mutants.sh >out 2>&1 || fail "$(cat out)"
    said "part $part of 3"
    said '1 passed, 0 failed, 0 skipped'
    grep '^red ' out >>reds
done
[ "$(sort -u reds | wc -l)" = 3 ] || fail "not every row was in a part: $(cat reds)"
git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m a
MUTANTS='[sa][elg]*' MUTANTS_PART=/3 tools/mutants.sh >out 2>&1 || fail "$(cat out)"
said 'part [012] of 3'
status=0
MUTANTS_PART=three tools/mutants.sh >out 2>&1 || status=$?
[ $status = 1 ] || fail "exit status $status: $(cat out)"
said 'mutants: MUTANTS_PART is I/N or /N, not three'
