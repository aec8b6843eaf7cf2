# tools/fuzz.sh regress: what it must not let pass. And the programs of fuzz targets: dictionary, corpora in both forms.
. tests/make/common.sh

here=$work/here
targets=$here/build/tests/fuzz/targets
mkdir -p "$here/tests/fuzz/targets" "$here/tests/fuzz/corpora/x" "$targets"
ln -s "$root/tools" "$here/tools"
touch "$here/tests/fuzz/targets/x.c"
echo 'x bytes - - -' >"$here/tests/fuzz/targets/table"
# A target that does as the script says: the tool is what is looked at here.
scripted_target() { printf '#!/bin/sh\n%s\n' "$1" >"$targets/x" && chmod +x "$targets/x"; }
regress() { (cd "$here" && bash tools/fuzz.sh regress build) >"$work/log" 2>&1; }
says() { grep -qF "$1" "$work/log" || fail "not said: $1: $(cat "$work/log")"; }

scripted_target 'echo 1 inputs'
! regress || fail 'an empty corpus passes'
says 'x: an empty corpus'
printf 'a\\r\\n\n' >"$here/tests/fuzz/corpora/x/some.txt"
regress || fail "a corpus fails: $(cat "$work/log")"
says '1 passed, 0 failed, 0 skipped'
[ "$(od -An -c "$here/build/fuzz-seeds/x/some.txt-1" | tr -d ' ')" = 'a\r\n' ] || fail 'escapes are not bytes'
scripted_target 'echo it fails here; exit 1'
! regress || fail 'a finding passes'
says 'it fails here'
touch "$here/tests/fuzz/targets/y.c"
! regress || fail 'a file without a row passes'
says 'y.c has no row'
rm "$here/tests/fuzz/targets/y.c" "$targets/x"
regress || fail 'what is not built fails'
says '0 passed, 0 failed, 1 skipped'

# what is planted must be found again
echo 'x scenario - - some.rule' >"$here/tests/fuzz/targets/table"
mkdir -p "$here/tests/fuzz/reproducers/x"
echo 'GET /' >"$here/tests/fuzz/reproducers/x/some.rule-0.http"
scripted_target 'if [ "$1" = --encode ]; then cp "$3" "$2"; else echo "error [some.rule]"; exit 1; fi'
regress || fail "what is found again fails: $(cat "$work/log")"
says 'some.rule is found by 1 reproducers'
scripted_target 'if [ "$1" = --encode ]; then cp "$3" "$2"; fi'
! regress || fail 'what is not found again passes'
says 'some.rule is not found in some.rule-0.http'

# a target's own verbs: text to bytes and back is the same text, the dictionary has the stack's words
program=$BUILD/tests/fuzz/targets/early_answer
printf '# @escapes on\n# @as valid bearer\nPOST /api/items\nX-A: \\xff\n\na=1\n' >"$work/a.http"
mkdir "$work/bytes" "$work/text"
"$program" --encode "$work/bytes" "$work/a.http" && "$program" --decode "$work/text" "$work/bytes/a" || fail 'encode or decode'
cmp -s "$work/a.http" "$work/text/a.http" || fail "not the same: $(cat "$work/text/a.http")"
for i in 1 2 3 4 5 6 7 8 9; do printf '###\nGET /%s\n' $i; done >"$work/nine.http"
"$program" --encode "$work/bytes" "$work/nine.http" || fail 'nine requests'
[ "$(ls "$work/bytes" | grep -c '^nine-')" -eq 9 ] || fail 'not nine files'
echo 'no request' >"$work/wrong.http"
! "$program" --encode "$work/bytes" "$work/wrong.http" 2>"$work/log" || fail 'what is no scenario is encoded'
says 'wrong.http:1:'
"$program" --dict >"$work/log" || fail 'no dictionary'
says '"demo-token"'
says "# words of the table $("$program" --table)"
! grep -v '^#' "$work/log" | grep -qv '^"\([^"\\]\|\\x[0-9a-f][0-9a-f]\)\{2,\}"$' || fail 'an entry that fuzzers do not read'
! "$program" "$work/bytes-not-there" 2>/dev/null || fail 'nothing tried passes'
"$program" "$work/bytes" 2>"$work/log" || fail "$(cat "$work/log")"
says '10 inputs'
"$BUILD/tests/fuzz/targets/copied_env" --dict >"$work/log" || fail 'no dictionary'
says '"/items/13"'
says '"X-Api-Version"' # which the stack asks for

# a text that no scenario can hold is no seed that is missed in silence
echo 'x scenario - - -' >"$here/tests/fuzz/targets/table"
scripted_target 'if [ "$1" = --encode ]; then echo "stackrig: $3:1:1: no request" >&2; exit 1; fi; echo 1 inputs'
for what in 'regress build' 'run build x' 'pack build x .'; do
    ! (cd "$here" && FUZZ_SECONDS=1 bash tools/fuzz.sh $what) >"$work/log" 2>&1 || fail "$what passes without a seed"
    says 'x: a seed is left out: stackrig: '
done
! (cd "$here" && bash tools/fuzz.sh one build x) >"$work/log" 2>&1 || fail 'one passes without a seed'
says 'x: a seed is left out: stackrig: '

# one of them alone, where nothing is built yet: of the kind encoded, what makes bytes of its seeds comes with it
make -n BUILD="$work/fresh" fuzz-codec >"$work/log" 2>&1 || fail "make fuzz-codec: $(tail -n 5 "$work/log")"
says "link    tests/fuzz/targets/planted"
