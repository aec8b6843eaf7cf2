# The driver of the recorded cases goes red where it should. The cases that it is given here are small and wrong.
: "${BUILD:=build}"
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/ours"
cases=$folder/auth_basic.jsonl
failed=0 passed=0

# try WHAT STATUS PATTERN [OPTION...]: runs $cases
try() {
    what=$1 status=$2 pattern=$3
    shift 3
    "$BUILD/rack-cases" "$@" "$cases" >"$folder/log" 2>&1 </dev/null
    got=$?
    if [ $got = "$status" ] && grep -q -e "$pattern" "$folder/log"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $what: exit status $got, expected $status and \"$pattern\":"
        sed 's/^/    /' "$folder/log"
    fi
}

# a case of basic authentication: row [QUIRK] [STATUS] [REST OF INPUT]
row() {
    printf '{"id": "auth_basic.x", "area": "auth_basic", %s"input": {"realm": "r", "users": {"map": [["a", "b"]]}, "headers": []%s}, ' \
        "${1:+\"quirk\": \"$1\", }" "${3:-}"
    printf '"expect": {"status": %s, "remote_user": null, "asked": null, "www_authenticate": "Basic realm=\\"r\\"", "content_type": "text/plain", "content_length": "0", "body": ""}}\n' "${2:-401}"
}

row >"$cases"
try "a case that holds" 0 '^1 passed, 0 failed$'
row '' 200 >"$cases"
try "another expectation" 1 '^FAILED auth_basic.x: status: expected 200, got 401'
row '' 401 ', "colour": 1' >"$cases"
try "an unknown field" 1 'an unknown field "colour"'
row null-realm 200 >"$cases"
try "a case that may differ" 0 'auth_basic: 0 passed, 0 failed, 1 differ, 0 skipped'
row null-realm 200 >"$cases"
try "what differs is not written down" 1 'not written down' --strict
row never-heard-of 200 >"$cases"
try "an unknown quirk" 1 'never-heard-of'
row options-preflight-not-exempt 200 >"$cases"
try "a quirk to follow" 1 '^FAILED auth_basic.x'
echo '{"id": "auth_basic.x", "instead": "it is 401", "expect": {"status": 402}}' >"$folder/ours/auth_basic.jsonl"
row null-realm 200 >"$cases"
try "what is written down binds" 1 'not what is written down'
row '' 200 >"$cases"
try "what is written down of a case that binds is not asked" 1 '^FAILED auth_basic.x: status: expected 200'
: >"$cases"
try "no cases" 2 'nothing was run'
row >"$cases"
try "another area" 2 'there are no cases' --area lint
row >"$cases"
try "an unknown area" 2 'no area "x". There are: env_for .* rewindable_input$' --area x
echo '{"id": "auth_basic.x", "area": "auth_basic"}' >"$cases"
try "no input" 2 'auth_basic.jsonl:1: a case needs input and expect'
echo '{"id": ' >"$cases"
try "no JSON" 2 'auth_basic.jsonl:1:'
printf 'some\ntext\n' >"$cases"
try "no JSON, and no more of it" 2 'not read on: a file of cases'
if grep -q 'jsonl:2:' "$folder/log"; then
    failed=$((failed + 1))
    echo "FAILED a file that is no JSON is read on"
fi
row | sed 's/"area": "auth_basic"/"area": "x"/' >"$cases"
try "an area in a row" 2 'an unknown area'
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
