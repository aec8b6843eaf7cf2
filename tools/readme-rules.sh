#!/bin/sh
# Fills the table of rules between <!-- rules --> and <!-- /rules --> from the command's own table:
# tools/readme-rules.sh README.md STACKRIG. With CHECK=1 it only says whether the README is up to date.
set -u
if [ $# != 2 ] || [ ! -r "$1" ] || [ ! -x "$2" ]; then
    echo "usage: ${0##*/} README.md STACKRIG" >&2
    exit 2
fi
readme=$1
stackrig=$2
for marker in '<!-- rules -->' '<!-- /rules -->'; do
    if [ "$(grep -cxF -- "$marker" "$readme")" != 1 ]; then
        echo "$readme: expected one line $marker" >&2
        exit 2
    fi
done
table=$(mktemp) && new=$(mktemp) || exit 2
trap 'rm -f "$table" "$new"' EXIT

# ID  LEVEL  TITLE, a rule a line; the title of one that is off by default ends in (off unless enabled)
"$stackrig" rules >"$table" || exit 1
awk '
    NF < 3 || $1 !~ /^[a-z]+(\.[a-z0-9_]+)+$/ || $2 !~ /^(error|warning|note)$/ {
        printf "stackrig rules, line %d: expected ID LEVEL TITLE, not: %s\n", NR, $0 >"/dev/stderr"
        exit 1
    }
    NR == 1 { print "| rule | at worst | what is wrong |\n| --- | --- | --- |" }
    {
        id = $1; level = $2; title = $0
        sub(/^[^ ]+ +[^ ]+ +/, "", title)
        if (sub(/ \(off unless enabled\)$/, "", title)) level = level ", off by default"
        gsub(/\|/, "\\|", title)
        printf "| `%s` | %s | %s |\n", id, level, title
    }
    END { if (NR == 0) exit 1 }' "$table" >"$new" || exit 1
mv "$new" "$table"
awk -v table="$table" '
    $0 == "<!-- /rules -->" { inside = 0 }
    !inside { print }
    $0 == "<!-- rules -->" { while ((getline line <table) > 0) print line; inside = 1 }' "$readme" >"$new" || exit 1
if [ -n "${CHECK:-}" ]; then
    diff -u "$readme" "$new" || { echo "$readme: the table of rules is old: run ${0##*/}" >&2; exit 1; }
else
    cmp -s "$new" "$readme" || cat "$new" >"$readme"
fi
