# For the scripts of this folder: how the command is run, and what is then asked of it. BUILD: the build, else build/.
# Each prints `ok NAME` or `not ok NAME` for its functions, and ends with `N passed, N failed, N skipped`.
# shellcheck disable=SC2016,SC2181 # backquotes are looked for as they are
set -u

script=$(readlink -f "$0")
here=${script%/*}
built=$(readlink -f "${BUILD:-build}")
bin=$built/bin/stackrig stacks=$built/tests/cli/stacks examples=$built/examples
sources=$here/stacks requests_of=$here/../../examples
results=$here/../conformance/early_response/results.tsv
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
name='' complaints='' unable=''

cd "$work" || exit 2
export LC_ALL=C
unset NO_COLOR
# a sanitizer's own handlers would turn a signal into an exit status
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0:handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0

# ---- what tests are made of ----

complain() { complaints+="    $1"$'\n'; }

# by_itself STATUS ARGUMENT...: the command, its output into $work/out and $work/err
by_itself() {
    local wanted=$1 status
    shift
    "$bin" "$@" >out 2>err </dev/null
    status=$?
    [ "$status" -eq "$wanted" ] || complain "status $status, wanted $wanted: stackrig $*"
}

# run STATUS ARGUMENT...: the same, a check under http1 alone unless it names its profiles
run() {
    case "$* " in
    *' --server'*) by_itself "$@" ;;
    [0-9]' check '*) by_itself "$1" check --server http1 "${@:3}" ;;
    *) by_itself "$@" ;;
    esac
}

# out TEXT..., err TEXT...: each is part of it; no_out: none is
holds() {
    local file=$1 text
    shift
    for text; do
        grep -qF -e "$text" "$file" || complain "$file lacks: $text"
    done
}
out() { holds out "$@"; }
err() { holds err "$@"; }
lacks() {
    local file=$1 text
    shift
    for text; do
        ! grep -qF -e "$text" "$file" || complain "$file has: $text"
    done
}
no_out() { lacks out "$@"; }
no_err() { lacks err "$@"; }
silent() { [ ! -s "$1" ] || complain "$1 is not empty: $(head -n 1 "$1")"; }
count() { # count FILE N TEXT
    local found
    found=$(grep -cF -e "$3" "$1")
    [ "$found" -eq "$2" ] || complain "$1 has $found lines with, wanted $2: $3"
}

# A zombie that nobody has reaped is dead.
alive() {
    kill -0 "$1" 2>/dev/null && ! grep -q '^State:.*zombie' "/proc/$1/status" 2>/dev/null
}

verdict() {
    if [ -n "$complaints" ]; then
        echo "not ok $name"
        printf '%s' "$complaints"
        sed 's/^/    | /' out err | head -n 15
        failed=$((failed + 1))
    elif [ -n "$unable" ]; then
        echo "skip $name: $unable"
        skipped=$((skipped + 1))
    else
        echo "ok $name"
        passed=$((passed + 1))
    fi
}

# needs COMMAND: without it the test is skipped
needs() {
    command -v "$1" >/dev/null || unable="$1 is not installed"
    [ -z "$unable" ]
}

# every_test_but HELPER...: runs all functions of the script but these, in their order
every_test_but() {
    for name in $(sed -n 's/^\([a-z_]*\)() {.*/\1/p' "$script"); do
        case " $* " in *" $name "*) continue ;; esac
        complaints='' unable=''
        : >out
        : >err
        "$name"
        verdict
    done
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
}
every_test() { every_test_but ''; }

requests() { # requests FILE TARGET...: one GET each
    local file=$1 target
    shift
    for target; do
        printf '### \nGET %s HTTP/1.1\nHost: example.org\n\n' "$target"
    done >"$file"
}
