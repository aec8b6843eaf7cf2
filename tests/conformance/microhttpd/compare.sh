#!/bin/sh
# A real library and the rig side by side: compare.sh build/parity microhttpd libmicrohttpd. Each line in which they differ
# must stand in differences.txt, with its reason; one that stands there and is none is an error too.
set -u
folder=$1 name=$2 title=$3
here=$(dirname "$0")/../$name
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# each line with the name of its case before it; a date that stands in a body is another tomorrow
record() {
    timeout 120 "$folder/$name-$1" >"$work/$1.raw" 2>/dev/null || { echo "$name-$1 failed"; exit 1; }
    awk '/^== /{name = substr($0, 4); next} {gsub(/Date: [A-Z][a-z][a-z], [0-9][0-9]/, "Date: then"); print name ": " $0}' "$work/$1.raw" >"$work/$1"
}
record real
record rig
diff "$work/real" "$work/rig" | grep '^[<>]' | sort -u >"$work/found"
grep '^[<>]' "$here/differences.txt" | sort -u >"$work/known"
result=0
if comm -23 "$work/found" "$work/known" | grep . >"$work/new"; then
    echo "differences that are not explained (< real, > rig):"
    cat "$work/new"
    result=1
fi
if comm -13 "$work/found" "$work/known" | grep . >"$work/gone"; then
    echo "explained, but there is no such difference:"
    cat "$work/gone"
    result=1
fi
cases=$(grep -c '^== ' "$work/real.raw")
unlike=$(sed 's/^[<>] //; s/: .*//' "$work/found" | sort -u | grep -c .)
echo "$title: $cases requests, $((cases - unlike)) alike to the letter, $unlike differ as explained:"
grep -v '^#' "$here/differences.txt"
exit $result
