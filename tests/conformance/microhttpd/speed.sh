#!/bin/sh
# Nanoseconds per request, the real server and the rig in turn, medians: speed.sh build/parity [rounds [requests]]
folder=$1 rounds=${2:-7} requests=${3:-3000}
work=$(mktemp) || exit 2
trap 'rm -f "$work"' EXIT
for i in $(seq "$rounds"); do
    "$folder/microhttpd-real" --speed "$requests" >>"$work" || exit 1
    "$folder/microhttpd-rig" --speed "$requests" >>"$work" || exit 1
done
median() {
    awk -v what="$1" '$1 == what { print $2 }' "$work" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}
real=$(median real) rig=$(median rig)
echo "libmicrohttpd: $real ns over loopback (kept alive), $rig ns in the rig: $((real / rig)) times"
