#!/usr/bin/env bash
# Where the standard work of bench-fuzz spends its instructions, counted by callgrind, so the same each time: how many a
# scenario takes, what the caches of 32 KiB would miss, and in how many lines of 64 bytes the code lies that runs in at
# least every fifth scenario, by function. Bytes of such lines that do not run are what RIG_RARE is for.
# hot-lines.sh BENCH [FUNCTIONS]: how many functions are listed
set -eu
bench=$1 most=${2:-30} turns=2048
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

valgrind --tool=callgrind --dump-instr=yes --compress-strings=no --compress-pos=no --collect-atstart=no \
    --toggle-collect=rate_of_work --cache-sim=yes --I1=32768,8,64 --D1=32768,8,64 --LL=1048576,8,64 \
    --callgrind-out-file="$out/callgrind" "$bench" hot 1 >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
objdump -d --no-show-raw-insn "$bench" >"$out/code"

awk -v turns="$turns" -v most="$most" -v object="$(basename "$bench")" '
    FILENAME ~ /callgrind$/ && /^summary:/ { ran = $2; i1 = $5; d1 = $6 + $7 }
    FILENAME ~ /callgrind$/ && /^ob=/ { ours = $0 ~ "/" object "$" }
    FILENAME ~ /callgrind$/ && /^calls=/ { call = 1; next } # the line after it is what the callee took
    FILENAME ~ /callgrind$/ && /^0x/ { if (!call && ours) times[substr($1, 3)] += $3; call = 0 }
    FILENAME ~ /callgrind$/ { next }
    /^[0-9a-f]+ <.*>:$/ { name = $2; gsub(/[<>:]/, "", name); start = $1; sub(/^0+/, "", start); place = name "@" start }
    /^ +[0-9a-f]+:/ {
        at = substr($1, 1, length($1) - 1)
        here = number(at)
        if (before >= 0) { hot(before, here - before) }
        before = times[at] >= turns / 5 ? here : -1
        count = times[at]; whose = place
    }
    function number(hex,    i, sum) {
        for (i = 1; i <= length(hex); i++) { sum = sum * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1 }
        return sum
    }
    function line(n) { if (!((whose, n) in seen)) { seen[whose, n] = 1; lines[whose]++; all++ } }
    function hot(from, size) {
        line(int(from / 64)); line(int((from + size - 1) / 64))
        bytes[whose] += size; all_bytes += size; ran_in[whose] += count
    }
    BEGIN { before = -1 }
    END {
        printf "a scenario: %d instructions, %d misses of the cache of instructions, %d of that of data\n", ran / turns, i1 / turns, d1 / turns
        printf "hot code: %d lines, of whose %d bytes %d run\n\n%-34s %6s %6s %6s %12s\n", all, all * 64, all_bytes, "function", "lines", "bytes", "idle", "instructions"
        for (whose in lines) {
            printf "%-34s %6d %6d %6d %12d\n", whose, lines[whose], bytes[whose], lines[whose] * 64 - bytes[whose], ran_in[whose] / turns | "sort -k4,4nr | head -n " most
        }
    }' "$out/callgrind" "$out/code"
