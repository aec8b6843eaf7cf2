# The README's lines, from an empty corpus: the ordinary library, only the user's file instrumented, layers without a state.
# Skipped without clang and its runtime.
. tests/make/common.sh

clang=$(command -v clang) || exit 77
runtime=$("$clang" -print-runtime-dir 2>/dev/null)/libclang_rt.fuzzer-$(uname -m).a
[ -e "$runtime" ] || runtime=$("$clang" -print-resource-dir)/lib/linux/libclang_rt.fuzzer-$(uname -m).a
[ -e "$runtime" ] || { echo "no fuzzer runtime of $clang: skipped"; exit 77; }

# compile NAME FILE...: $work/NAME
compile() {
    name=$1
    shift
    "$clang" -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -I. -Iharness/include \
        -Imocks/include -Ifuzz/include "$@" "$BUILD/lib/libstackrig-fuzz.a" "$BUILD/lib/libstackrig.a" \
        -o "$work/$name" >"$work/log" 2>&1 || fail "$name: $(cat "$work/log")"
}

# runs NAME: a thousand scenarios from nothing, and no finding
runs() {
    "$work/$1" -runs=1000 -seed=1 -artifact_prefix="$work/" >"$work/log" 2>&1 || fail "$1: $(cat "$work/log")"
    grep -q '^Done 1000 runs' "$work/log" || fail "$1 does not run: $(cat "$work/log")"
}

cat >"$work/stateless.c" <<'C'
#include <stackrig/fuzz.h>
#include <stackrig/stackrig.h>

static int deny_frames(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_response_set_header(res, "X-Frame-Options", "DENY");
    return error ? error : rig_next(next, env, res);
}

static int page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 204);
}

static const struct rig_middleware frames = {.name = "frames", .call = deny_frames};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &frames, NULL);
    return rig_run(stack, RIG_APP(page));
}

RIG_FUZZ(build);
C
compile stateless "$work/stateless.c"
runs stateless

# the examples, mended: what they say of themselves in one more line
for example in early_answer truncated_body own_rules; do
    printf '#include <stackrig/fuzz.h>\n#include "examples/%s/stack_mended.c"\nRIG_FUZZ(build);\n' $example >"$work/$example.c"
    # shellcheck disable=SC2046 # the layers' files
    compile $example "$work/$example.c" $(find examples/$example -name '*.c' ! -name 'stack_*' ! -name 'test_*')
    runs $example
done

# a text that was saved is a scenario, alone and in a corpus; what is taken for bytes is refused
found=tests/fuzz/reproducers/planted/fuzz.app.entered-bcf88080.http
compile planted tests/fuzz/targets/planted.c
! "$work/planted" "$found" -artifact_prefix="$work/" >"$work/log" 2>&1 || fail "the text finds nothing: $(cat "$work/log")"
grep -q '\[fuzz.app.entered\]' "$work/log" || fail "the text finds something else: $(cat "$work/log")"
mkdir "$work/corpus"
cp "$found" "$work/corpus/"
! "$work/planted" -runs=0 -artifact_prefix="$work/" "$work/corpus" >"$work/log" 2>&1 || fail "the text in a corpus finds nothing: $(cat "$work/log")"
grep -q '\[fuzz.app.entered\]' "$work/log" || fail "the text in a corpus finds something else: $(cat "$work/log")"
printf '# @as valid bearer\nGET /\n' >"$work/written.http"
status=0
"$work/planted" "$work/written.http" >"$work/log" 2>&1 || status=$?
[ "$status" = 2 ] && grep -q 'would be taken for bytes' "$work/log" || fail "status $status: $(cat "$work/log")"
printf 'GET /\nno header\n' >"$work/written.http"
! "$work/planted" "$work/written.http" >"$work/log" 2>&1 && grep -q 'written.http:2:' "$work/log" || fail "not refused: $(cat "$work/log")"

# what is changed of a text is its scenario: what comes of it can be read, and goes on from there
compile mended -DMENDED tests/fuzz/targets/planted.c
"$work/mended" -runs=3000 -seed=1 "$work/corpus" >"$work/log" 2>&1 || fail "mended: $(cat "$work/log")"

# where a corpus says its table is no input; a new one says it, and one that is merged into
mkdir "$work/new" "$work/merged"
"$work/mended" -runs=500 -seed=1 "$work/new" >"$work/log" 2>&1 || fail "mended: $(cat "$work/log")"
"$work/mended" -merge=1 "$work/merged" "$work/new" >"$work/log" 2>&1 || fail "merge: $(cat "$work/log")"
for folder in new merged; do
    [ "$(cat "$work/$folder/.stackrig/table")" = "$("$work/mended" --table)" ] || fail "$folder says no table"
    "$work/mended" -runs=1 "$work/$folder" >"$work/log" 2>&1 || fail "mended: $(cat "$work/log")"
    grep -q " $(ls "$work/$folder" | wc -l) files found in " "$work/log" || fail "$folder: $(cat "$work/log")"
    ! grep -q '^stackrig: ' "$work/log" || fail "$folder: $(cat "$work/log")"
done
mkdir "$work/forked" "$work/tmp"
TMPDIR=$work/tmp "$work/mended" -fork=1 -runs=500 -max_total_time=5 "$work/forked" >"$work/log" 2>&1 || fail "fork: $(cat "$work/log")"
[ -z "$(ls "$work/tmp")" ] || fail "libFuzzer leaves $(find "$work/tmp")"

# a stack that dies of the first plain request is a crash of the first input, with its scenario, which is saved
compile dies -DSETTINGS='{"method", "GET"}' tests/cli/stacks/dies_of_plain.c
! RIG_FUZZ_SAVE="$work/saved" "$work/dies" -runs=10 -artifact_prefix="$work/" >"$work/log" 2>&1 || fail 'a plain crash is none'
grep -q 'once more \[crash\]:' "$work/log" && grep -q '^SUMMARY: \|deadly signal' "$work/log" && ls "$work"/crash-* >/dev/null ||
    fail "a plain crash is not told: $(cat "$work/log")"
[ "$(cat "$work"/saved/crash-*.http)" = "$(printf '# @escapes on\nGET /')" ] || fail 'a plain crash is not saved'
