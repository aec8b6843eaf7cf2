# The man pages hold all verbs, options and functions and are sound roff; completion in bash and zsh knows what the command
# knows.
. tests/make/common.sh
command=$root/$BUILD/bin/stackrig
[ -x "$command" ] || command=$BUILD/bin/stackrig
tools/man.sh "$command" "$work" harness/include/stackrig/*.h mocks/include/stackrig/*.h

# ---- what must be in them ----

verbs=$("$command" --help | awk '/^verbs:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }')
[ "$(wc -w <<<"$verbs")" -ge 9 ] || fail "the help lists no verbs: $verbs"
plain1=$(sed 's/\\-/-/g' "$work/stackrig.1")
for verb in $verbs; do
    grep -qx "\.SH ${verb^^}" <<<"$plain1" || fail "stackrig.1 lacks $verb"
    for option in $("$command" "$verb" --help | grep -oE '^  --[a-z-]+'); do
        grep -q "^\.B $option" <<<"$plain1" || fail "stackrig.1 lacks $option of $verb"
    done
done
for function in $(grep -ohE '^[a-z][a-z_0-9 *]*\b(rig_[a-z_0-9]+)\(' harness/include/stackrig/*.h | grep -oE 'rig_[a-z_0-9]+\($' | grep -v '_($' | sort -u); do
    grep -qF "$function" "$work/stackrig.3" || fail "stackrig.3 lacks $function"
done
! grep -q 'RIG_BEGIN_DECLS\|#include <stackrig/base\|rig_status_is_ok(result' "$work/stackrig.3" || fail "stackrig.3 holds what is no interface"

# ---- bash ----

mkdir "$work/bin"
ln -s "$command" "$work/bin/stackrig"
PATH=$work/bin:$PATH
completed() { # completed WORD...: what bash offers for the last of them
    bash -c '. tools/install/stackrig.bash; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _stackrig; printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}
completed stackrig tr | grep -qx trace || fail "bash does not complete a verb"
completed stackrig check --fa | grep -qx -- --faults || fail "bash does not complete an option"
completed stackrig check --server mem | grep -qx memory || fail "bash does not complete a profile"
completed stackrig explain env.id | grep -qx env.identity.replaced || fail "bash does not complete a rule"
completed stackrig explain env.identity.replaced examples/early_answer/re | grep -qx examples/early_answer/requests.http ||
    fail "bash does not complete the stack that brings a rule"
completed stackrig check examples/early_answer/re | grep -qx examples/early_answer/requests.http || fail "bash does not complete a file"
completed stackrig fuzz stack.so examples/early_ | grep -qx examples/early_answer || fail "bash does not complete a folder"

# ---- what needs other programs ----

tools/need.sh groff-base:groff zsh:zsh >"$work/log" 2>&1 || { echo "# SKIP groff and zsh: $(tail -n 1 "$work/log")"; exit 77; }
for page in 1 3; do
    said=$(groff -man -Tutf8 -ww -z "$work/stackrig.$page" 2>&1)
    [ -z "$said" ] || fail "stackrig.$page: $said"
done
offered() { # offered WORD...: what zsh would offer for the last of them, all of it
    zsh -fc 'compadd() { shift; print -l -- $@ }; _describe() { print -l -- ${choice%%:*} }; _files() { print files }
        words=("$@") CURRENT=$#; . tools/install/_stackrig' zsh "$@"
}
offered stackrig tr | grep -qx trace || fail "zsh does not complete a verb"
offered stackrig check --fa | grep -qx -- --faults || fail "zsh does not complete an option"
offered stackrig check --server mem | grep -qx memory || fail "zsh does not complete a profile"
offered stackrig explain env.id | grep -qx env.identity.replaced || fail "zsh does not complete a rule"
offered stackrig explain env.identity.replaced '' | grep -qx files || fail "zsh does not complete the stack that brings a rule"
offered stackrig check '' | grep -qx files || fail "zsh does not complete a file"
