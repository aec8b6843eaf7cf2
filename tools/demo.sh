#!/usr/bin/env bash
# The two incidents, broken and mended, through `stackrig check`. Exits 0 only if the findings are exactly those
# expected: rule, layer, and the marked lines (/* demo: ... */) of the sources, so that no line number stands here.
set -u
build=${BUILD:-build}
stackrig=$build/bin/stackrig
result=0
seen=$(mktemp) || exit 2
trap 'rm -f "$seen"' EXIT

# One line a finding: rule, layer, marks. A finding is "file:line: level: ... [rule]" and the indented lines below.
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
                print rule " | " layer " | " all
            }
            rule = layer = ""
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
    cat "$seen"
    echo
    if [ $status != "$expected_status" ]; then
        echo "demo: exit status $status, expected $expected_status"
        result=1
    fi
    if [ "$(findings "$seen")" != "$expected" ]; then
        echo "demo: other findings than expected (rule | layer | marked lines)"
        diff <(echo "$expected") <(findings "$seen")
        result=1
    fi
}

cat <<'EOF'
1. The early answer. The layer `authentication` answers 401 to a POST and leaves the body unread. Every status-code
   test passes. On a kept-alive connection the body becomes the start of the next request; behind the gateway of
   those days (passenger3) the client gets its answer, and the log says otherwise.

EOF
check early_answer/stack_broken.so early_answer/requests.http 1 --server http1 --server passenger3 <<'EOF'
input.early_answer.unread | authentication | early answer
EOF
echo 'The same stack, mended: the layer drains the body first. Nothing is found.'
echo
check early_answer/stack_mended.so early_answer/requests.http 0 --server http1 --server passenger3 </dev/null

cat <<'EOF'
2. The copied env. The layer `api_version` passes a copy of the env on. What the controller writes below is not there
   for the error reporter above: it reports every failure without knowing whose it was.

EOF
check copied_env/stack_broken.so copied_env/requests.http 1 <<'EOF'
env.identity.replaced | api_version | copy, hand-over
env.identity.lost_write | api_version | copy, hand-over, lost write, looked for
EOF
echo 'The same stack, mended: the layer changes the env it was given. Nothing is found.'
echo
check copied_env/stack_mended.so copied_env/requests.http 0 </dev/null

[ $result = 0 ] && echo 'Both incidents were found, layer and line, and both mended stacks are clean.'
exit $result
