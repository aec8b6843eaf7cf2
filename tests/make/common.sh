# For the scripts of this folder: a directory of their own in $work, and a way to say what went wrong.
set -eu
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
root=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$*"
    exit 1
}
