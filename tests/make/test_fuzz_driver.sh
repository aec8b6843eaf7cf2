# A user's file with RIG_FUZZ, linked to libFuzzer: the mutators of the library are those that are called, what is found ends
# in a function of the rule's name with an escaped scenario, and is saved. Skipped without clang and its runtime.
. tests/make/common.sh

clang=$(command -v clang) || exit 77
runtime=$("$clang" -print-runtime-dir 2>/dev/null)/libclang_rt.fuzzer-$(uname -m).a
[ -e "$runtime" ] || runtime=$("$clang" -print-resource-dir)/lib/linux/libclang_rt.fuzzer-$(uname -m).a
[ -e "$runtime" ] || { echo "no fuzzer runtime of $clang: skipped"; exit 77; }

"$clang" -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -Iharness/include -Imocks/include \
    -Ifuzz/include tests/fuzz/targets/planted.c "$BUILD/lib/libstackrig-fuzz.a" "$BUILD/lib/libstackrig.a" \
    -o "$work/planted" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
for symbol in LLVMFuzzerCustomMutator LLVMFuzzerCustomCrossOver LLVMFuzzerInitialize LLVMFuzzerTestOneInput; do
    nm "$work/planted" | grep -q " T $symbol\$" || fail "$symbol was not linked"
done

for seed in 1 2 3; do
    ! RIG_FUZZ_SAVE="$work/saved" "$work/planted" -runs=300000 -seed=$seed -max_len=256 -artifact_prefix="$work/" \
        >"$work/log" 2>&1 || fail "seed $seed: nothing was found"
    grep -q 'INFO: found LLVMFuzzerCustomMutator' "$work/log" || fail "the mutator is not called: $(cat "$work/log")"
    grep -q 'error: .*\[fuzz.app.entered\]\|error: .*\[response.head.body_forbidden\]' "$work/log" ||
        fail "seed $seed: $(cat "$work/log")"
    grep -q 'in rig_violation_' "$work/log" || fail "the stack names no rule: $(cat "$work/log")"
    grep -q '^# @escapes on' "$work/log" || fail "no scenario was printed"
done
ls "$work/saved" | grep -q '^[a-z_.]*-[0-9a-f]\{8\}\.http$' || fail "no reproducer was saved"

# the same bytes, the same finding
"$work/planted" "$work"/crash-* >"$work/log" 2>&1 && fail "the saved bytes find nothing"
grep -q 'rig_violation_' "$work/log" || fail "the saved bytes find something else"

# A rule of the user's own, given to the target, ends it in a function of its own.
cat >"$work/own.c" <<'C'
#include "tests/cli/stacks/own_rules.c"

#include <stackrig/fuzz.h>

static const struct rig_own_rule *const of_target[] = {&second, &no_debug, NULL};

RIG_FUZZ(build, .targets = {"/debug"}, .rules = of_target);
C
"$clang" -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -I. -Iharness/include -Imocks/include \
    -Ifuzz/include "$work/own.c" "$BUILD/lib/libstackrig-fuzz.a" "$BUILD/lib/libstackrig.a" \
    -o "$work/own" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
mkdir "$work/corpus"
printf 'GET /debug\n' >"$work/debug.http"
"$work/own" --encode "$work/corpus" "$work/debug.http" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
! "$work/own" -runs=3000 -seed=1 -max_len=256 -artifact_prefix="$work/" "$work/corpus" >"$work/log" 2>&1 || fail "nothing was found of the own rule"
grep -q 'error: .*\[myteam.no_debug_header\]' "$work/log" && grep -q 'in rig_violation_own_2 ' "$work/log" ||
    fail "the own rule does not end the target: $(cat "$work/log")"
