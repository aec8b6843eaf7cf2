#!/usr/bin/env bash
# The two incidents, broken and mended, through `stackrig check`. Exits 0 only if the findings are exactly those
# expected: rule, layer, the marked lines (/* demo: ... */) of the sources, so that no line number stands here, and
# what follows behind which server.
set -u
build=${BUILD:-build}
stackrig=$build/bin/stackrig
result=0
seen=$(mktemp) || exit 2
trap 'rm -f "$seen"' EXIT

# One line a finding: rule, layer, marks, servers. A finding is "file:line: level: ... [rule]" and the indented lines below.
findings() {
    awk '
        function mark(site,    at, file, line, text, n) {
            at = match(site, /:[0-9]+$/)
            file = substr(site, 1, at - 1)
            line = substr(site, at + 1) + 0
            for (n = 1; n <= line && (getline text < file) > 0; n++) {
                if (n == line && match(text, /demo: [a-z -]*[a-z]/)) {
                    text = substr(text, RSTART + 6, RLENGTH - 6)
                    marked[text] = 1
                }
            }
            close(file)
        }
        function flush(    all, i) {
            all = ""
            for (i = 1; i <= known; i++) {
                if (name[i] in marked) {
                    all = all (all == "" ? "" : ", ") name[i]
                }
            }
            for (i in marked) {
                if (!(i in number)) {
                    all = all ", unknown mark: " i
                }
            }
            if (rule != "") {
                print rule " | " layer " | " all (servers == "" ? "" : " | " servers)
            }
            rule = layer = servers = ""
            split("", marked)
        }
        BEGIN {
            known = split("early answer,copy,hand-over,lost write,looked for", name, ",")
            for (n = 1; n <= known; n++) {
                number[name[n]] = n
            }
        }
        /^[^ ].*: (error|warning|note): .*\[[a-z0-9_.]+\]$/ {
            flush()
            rule = $0
            sub(/.*\[/, "", rule)
            sub(/\]$/, "", rule)
            split($0, part, ": ")
            mark(part[1])
            next
        }
        /^  / && rule != "" {
            split($0, part, ": ")
            sub(/^ +/, "", part[1])
            if (part[1] ~ /^(http1|memory|passenger3)( |$)/) {
                servers = servers (servers == "" ? "" : ", ") part[1] (/; it logs "Cannot read response/ ? " logs" : "")
            }
            if (part[1] ~ /:[0-9]+$/) {
                mark(part[1])
            }
            if (part[2] ~ /^layer /) {
                layer = substr(part[2], 7)
            }
            next
        }
        { flush() }
        END { flush() }' "$1" | sort -u
}

# check STACK.so FILE.http EXIT-STATUS OPTION...; what is expected comes on standard input
check() {
    local stack=$build/examples/$1 requests=examples/$2 expected_status=$3 expected status
    shift 3
    expected=$(sort)
    echo "\$ $stackrig check${*:+ $*} $stack $requests"
    "$stackrig" check "$@" "$stack" "$requests" </dev/null >"$seen" 2>&1
    status=$?
    # the findings, and of the summary the two lines that matter here
    awk '/^[0-9]+ requests?, / { summary = 1 } !summary && NF || /^([0-9]+ requests?,|findings:)/ ' "$seen"
    echo
    if [ $status != "$expected_status" ]; then
        echo "demo: exit status $status, expected $expected_status; all it printed:"
        cat "$seen"
        result=1
    fi
    if [ "$(findings "$seen")" != "$expected" ]; then
        echo "demo: other findings than expected (rule | layer | marked lines | servers):"
        diff <(echo "$expected") <(findings "$seen")
        result=1
    fi
}

# show FILE: its marked lines
show() {
    echo 'In the source:'
    awk 'match($0, / *\/\* demo: /) {
        line = substr($0, 1, RSTART - 1)
        sub(/^ +/, "", line)
        print "  line " NR ": " line
    }' "examples/$1"
    echo
}

cat <<'EOF'
1. The early answer. Without a token the layer `authentication` answers 401 at once, and the body of the POST stays
   where it is: on the connection. The client gets its 401, so a test of the status passes.

EOF
check early_answer/stack_broken.so early_answer/requests.http 1 --server http1 --server passenger3 <<'EOF'
input.early_answer.unread | authentication | early answer | http1, passenger3 (modelled) [warning] logs
EOF
echo 'In brackets: `modelled`, a profile made from measurements of a real server; `sure`, it went so in all of them.'
echo
show early_answer/stack_broken.c
echo 'Mended: the layer drains the body, then answers.'
echo
check early_answer/stack_mended.so early_answer/requests.http 0 --server http1 --server passenger3 </dev/null

cat <<'EOF'
2. The copied env. The layer `api_version` notes the version in a copy of the env, and passes the copy on. What the
   controller writes below is not there for the error reporter above: it reports every failure as nobody's. The client
   sees nothing of that.

EOF
check copied_env/stack_broken.so copied_env/requests.http 1 <<'EOF'
env.identity.replaced | api_version | copy, hand-over
env.identity.lost_write | api_version | copy, hand-over, lost write, looked for
EOF
show copied_env/stack_broken.c
echo 'Mended: the layer writes into the env that it was given.'
echo
check copied_env/stack_mended.so copied_env/requests.http 0 </dev/null

if [ $result = 0 ]; then
    echo 'Both bugs were found, by layer and line; in the mended stacks there is nothing to find.'
else
    echo 'demo: this is not what was expected: see the lines that begin with "demo:".'
fi
exit $result
