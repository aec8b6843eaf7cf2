#!/bin/sh
# Nanoseconds per request, the real server and the rig in turn, medians:
# speed.sh build/parity microhttpd libmicrohttpd TIMES [rounds [requests]]. TIMES: what is to be reached.
# Where the framework's own share can be had (ulfius-alone), it is taken in the same turns.
folder=$1 name=$2 title=$3 times=$4 rounds=${5:-7} requests=${6:-3000}
work=$(mktemp) || exit 2
trap 'rm -f "$work"' EXIT
for i in $(seq "$rounds"); do
    for program in real rig alone; do
        [ "$program" = alone ] && [ ! -x "$folder/$name-alone" ] && continue
        "$folder/$name-$program" --speed "$requests" >>"$work" || exit 1
    done
done
median() {
    awk -v what="$1" '$1 == what { print $2 }' "$work" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}
real=$(median real) rig=$(median rig) alone=$(median alone)
echo "$title: $real ns over loopback (kept alive), $rig ns in the rig: $((real / rig)) times (to reach: $times)"
[ -z "$alone" ] || [ "$rig" -le "$alone" ] || echo "  $alone ns of them are $title' own, whatever serves it: $((real / alone)) times at most; the rig's are $((rig - alone)): $((real / (rig - alone))) times"
