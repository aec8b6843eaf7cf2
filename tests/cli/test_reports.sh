#!/usr/bin/env bash
# Report formats, each read by a reader that is not ours.
. tests/cli/common.sh

reports=$here/../reports
schema=$here/../../docs/report.schema.json
python=/usr/bin/python3 # Debian's, which has Debian's packages
all_formats=(--json r.json --sarif r.sarif --junit r.xml --tap r.tap --github r.github)

# readers: is there all that reads them?
readers() {
    "$python" -c 'import jsonschema' 2>/dev/null || unable='python3-jsonschema is not installed'
    needs xmllint && needs prove
}

# all_valid: r.json, r.xml, r.tap, r.github of the last run; SARIF: its schema comes from elsewhere
all_valid() {
    "$python" "$reports/valid.py" "$schema" r.json >why 2>&1 || complain "$(cat why)"
    xmllint --noout --relaxng "$reports/junit.rng" r.xml >why 2>&1 || complain "$(head -n 5 why)"
    # prove knows TAP 13, of which 14 is an extension
    sed '1s/14/13/' r.tap >r13.tap
    [ "$(head -n 1 r.tap)" = 'TAP version 14' ] || complain 'not TAP 14'
    prove -e cat r13.tap >why 2>&1
    ! grep -E 'Parse errors|planned' why >why2 || complain "TAP: $(cat why2)"
    # annotations and groups, no line that is something else; no byte that a log could take for a command
    ! grep -avE '^::(group::|endgroup::$|(error|warning|notice) title=[^:,]+(,file=[^:,]+)?(,line=[0-9]+)?::)|^[0-9]+ more of ' \
        r.github >why || complain "github: $(head -n 3 why)"
    for file in r.json r.sarif r.xml r.tap r.github; do
        [ ! -e "$file" ] || ! LC_ALL=C grep -qP '[^\x20-\x7e\x09\x0a]' "$file" || complain "$file holds odd bytes"
    done
}

# in_json EXPRESSION: what it makes of r.json, which is `r`
in_json() {
    "$python" -c "import json; r = json.load(open('r.json')); print($1)"
}

a_check_in_all_formats() {
    readers || return
    run 1 check "${all_formats[@]}" "$examples/early_answer/stack_broken.so" "$requests_of/early_answer/requests.http"
    out '[input.early_answer.unread]' # text is still there
    all_valid
    [ "$(in_json "r['status'], r['counts']['errors'], [q['outcome'] for q in r['requests']]")" = \
        "1 1 ['failed', 'passed', 'passed']" ] || complain 'the numbers are wrong'
    holds r.xml 'tests="3" failures="1" errors="0" skipped="0"' 'type="input.early_answer.unread"'
    holds r.tap '1..3' 'not ok 1 - ' 'ok 2 - '
    holds r.github '::error title=input.early_answer.unread,file=' 'stack_broken.c,line='
    run 0 check "${all_formats[@]}" "$stacks/fine.so" <(printf '### \nGET /\n')
    all_valid
    holds r.xml 'failures="0"'
}

# the report counts as the summary does
failed_expectations_count_by_themselves() {
    readers || return
    printf '# @expect status 418\nGET /copied\n' >a.http
    run 1 check "${all_formats[@]}" "$stacks/findings.so" a.http
    out 'findings: 1 error, ' 'expectations: 1, failed: 1'
    all_valid
    [ "$(in_json "r['counts']['errors'], r['counts']['failed_expectations'], len(r['findings'])")" = '1 1 2' ] ||
        complain 'the report counts otherwise'
}

# what a shell made of `--json *.http`, and other ways to name what is read
no_report_takes_the_place_of_an_input() {
    local before
    mkdir -p place
    printf '### \nGET /\n' >place/a.http
    cp place/a.http place/b.http
    cp place/a.http place/text
    ln -sf text place/link
    cp "$stacks/fine.so" place/stack.so
    cp "$stacks/fine.so" place/stack
    before=$(cat place/* | cksum)
    run 2 check place/stack.so --json place/*.http
    err '--json place/a.http: there is such a file, which is no report'
    run 2 check --junit place/stack.so place/stack.so place/a.http
    err '--junit place/stack.so: '
    run 2 check --sarif place/stack "$stacks/fine.so" place/a.http
    run 2 check --tap place/link place/stack place/text
    err '--tap place/link: is read as place/text; '
    run 2 bisect --json ./place/text place/stack.so place/text
    run 2 parity --json place/text place/stack.so place/text
    run 2 fuzz --runs 1 --json place/stack place/stack place/a.http
    run 2 trace --html place/a.http place/stack.so place/b.http
    run 2 trace --html place/link place/stack.so place/text
    run 2 bisect --html place/a.http place/stack.so place/b.http
    run 2 bisect --html place/link place/stack.so place/text
    run 2 coverage --json place/text place/text
    printf '[project]\nstack = place/stack.so\nfiles = place/text\njson = place/text\n' >place.conf
    run 2 check --conf place.conf
    err '--json place/text: is read as place/text'
    [ "$(cat place/* | cksum)" = "$before" ] || complain 'an input was overwritten'
    # a report may take another's place, and that of a link
    run 0 check --json place/r.json place/stack.so place/a.http
    ln -sf r.json place/r.link
    run 0 check --json place/r.link place/stack.so place/a.http
    rm -rf place place.conf
}

a_report_to_the_output() {
    printf '### \nGET /\n' >a.http
    run 0 check --tap - "$stacks/fine.so" a.http
    [ "$(head -n 1 out)" = 'TAP version 14' ] || complain "no TAP: $(head -n 1 out)"
    no_out 'requests: 1'
    run 2 check --tap - --json - "$stacks/fine.so" a.http
    err 'the output can be one of them'
    run 0 trace --html - "$stacks/fine.so" a.http
    grep -qi "^<!doctype html>" <(head -n 1 out) || complain "no page: $(head -c 50 out)"
    run 2 trace --text --html - "$stacks/fine.so" a.http
    run 2 bisect --html - "$stacks/fine.so" a.http
    rm -rf cov
    STACKRIG_COVERAGE=cov run 0 check "$stacks/fine.so" a.http
    run 0 coverage --json - cov
    [ "$(head -c 1 out)" = '{' ] || complain "no JSON: $(head -c 50 out)"
    run 2 coverage --json - --html - cov
    [ ! -e - ] || complain 'there is a file named -'
    run 2 check --json '' "$stacks/fine.so" a.http
    err '--json wants a file'
}

sarif_holds_to_its_schema() {
    local official
    readers && needs npm || return
    official=$("$reports/sarif-schema.sh" "$built/npm") || unable='the schema of SARIF cannot be had from npm'
    [ -z "$unable" ] || return
    printf '### a\n# @name a\n# @expect finding next.call.twice\nGET /twice\n\n### b\nGET /copied\n\n### c\n# @expect status 418\nGET /\n' >a.http
    run 1 check --sarif r.sarif "$stacks/findings.so" a.http
    "$python" "$reports/valid.py" "$official" r.sarif >why 2>&1 || complain "$(head -n 5 why)"
    "$python" - >why 2>&1 <<'P' || complain "$(cat why)"
import json
run = json.load(open("r.sarif"))["runs"][0]
rules = run["tool"]["driver"]["rules"]
assert run["results"], "no results"
for result in run["results"]:
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"], "ruleIndex"
    assert rules[result["ruleIndex"]]["help"]["text"], "no help"
    assert result["partialFingerprints"]["stackrigFinding/v1"], "no fingerprint"
    for location in result["locations"]:
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.startswith("file://") or not uri.startswith("/"), uri
expected = [r for r in run["results"] if r["ruleId"] == "next.call.twice"]
assert not expected or expected[0]["suppressions"][0]["justification"], "an expected finding is not suppressed"
assert any(r["ruleId"] == "@expect" for r in run["results"]), "no failed expectation"
P
}

paths_are_relative() {
    readers || return
    mkdir -p 'a b%c'
    printf '### \n# @expect status 418\nGET /\n' >"a b%c/x y.http"
    run 1 check "${all_formats[@]}" "$stacks/fine.so" "$work/a b%c/x y.http"
    all_valid
    holds r.json '"file": "a b%c/x y.http"'
    holds r.sarif '"uri": "a%20b%25c/x%20y.http"' '"uriBaseId": "%SRCROOT%"'
    holds r.github 'file=a b%25c/x y.http,line=2'
}

whatever_the_bytes() {
    readers || return
    printf '### n\xc3\xa4me <b>&"\x27 ]]> %%0A ::error::x # SKIP\n# @name n\xc3\xa4me <b>&"\x27]]> %%0A ::error::x # SKIP \\\n# @expect status 418\nGET /a?x=%%ff HTTP/1.1\nHost: a\n\n' >odd.http
    cp odd.http "$(printf 'n\xc3\xa4 \xff\x01.http')"
    for file in odd.http "$(printf 'n\xc3\xa4 \xff\x01.http')"; do
        by_itself 1 check --server http1 "${all_formats[@]}" "$stacks/fine.so" "$file"
        [ -e r.json ] || { complain "nothing for $file" && return; }
        all_valid
        rm -f r.json r.xml r.tap r.github r.sarif
    done
}

secrets_are_masked_in_each() {
    readers || return
    printf '### \nPOST /?token=hunter2hunter2 HTTP/1.1\nHost: a\nAuthorization: Bearer abcdef123456\nCookie: sid=s3cr3ts3cr3t\n\npassword=correcthorse\n' >a.http
    by_itself 1 check --server http1 "${all_formats[@]}" "$examples/early_answer/stack_broken.so" a.http
    all_valid
    for file in out r.json r.sarif r.xml r.tap r.github; do
        lacks "$file" hunter2hunter2 abcdef123456 s3cr3ts3cr3t correcthorse
    done
}

a_crash_is_an_error_and_the_rest_is_there() {
    readers || return
    requests a.http /a /segv /b
    run 1 check "${all_formats[@]}" "$stacks/crash.so" a.http
    all_valid
    holds r.xml 'errors="1"' '<error message="SIGSEGV in layer victim" type="crash">'
    holds r.tap 'not ok 2 - ' 'ok 3 - '
}

the_output_is_one_format() {
    readers || return
    run 1 check --format json "$examples/early_answer/stack_broken.so" "$requests_of/early_answer/requests.http"
    cp out r.json
    "$python" "$reports/valid.py" "$schema" r.json >why 2>&1 || complain "$(cat why)"
    run 1 check --format text --format github "$examples/early_answer/stack_broken.so" "$requests_of/early_answer/requests.http"
    out ' rules armed' '::group::'
    run 2 check --format json --format tap "$stacks/fine.so" a.http
    err 'the output can be one of them'
    run 2 check --format json --format text "$stacks/fine.so" a.http
    err '--format text and --format json: the output can be one of them; --json FILE writes a file'
    run 2 fuzz --runs 9 --format text --junit - "$stacks/fine.so"
    err '--format text and --format junit: '
    run 2 check --format jason "$stacks/fine.so" a.http
    err 'there is no format jason; is it json?'
    run 2 trace --sarif r.sarif "$stacks/fine.so" a.http
    err 'unknown option --sarif'
}

# time_of FILE.xml NAME: of the case, or of the suite
time_of() {
    sed -n "s/.*<test[a-z]* name=\"$2\".* time=\"\([0-9.]*\)\".*/\1/p" "$1" | head -n 1
}

# adds WHOLE PART...: the parts are the whole, but for their last digits
adds() {
    awk -v "whole=$1" -v "parts=${*:2}" 'BEGIN { count = split(parts, part); for (i = 1; i <= count; i++) sum += part[i];
        exit !(whole > 0 && sum - whole <= 0.000002 * count && whole - sum <= 0.000002 * count) }'
}

how_long_it_took() {
    readers || return
    printf '### \n# @name one\nGET /a\n\n### \n# @name two\nGET /hang\n\n### \n# @name three\nGET /b\n' >a.http
    by_itself 1 check --server http1 --timeout 0.3 "${all_formats[@]}" "$stacks/hang.so" a.http
    all_valid
    adds "$(time_of r.xml a.http)" "$(time_of r.xml one)" "$(time_of r.xml two)" "$(time_of r.xml three)" ||
        complain 'the suite takes another time than its cases'
    adds "$(time_of r.xml a.http)" "$(time_of r.xml 'stackrig check')" || complain 'all takes another time than its suite'
    awk -v "took=$(time_of r.xml two)" 'BEGIN { exit !(took >= 0.3 && took < 5) }' || complain 'a hang took another time'
    awk -v "took=$(time_of r.xml one)" 'BEGIN { exit !(took > 0 && took < 5) }' || complain 'a request took no time, or too long'
    count r.tap 3 '  duration_ms: '
    grep -A 2 '^not ok 2' r.tap | grep -qE '  duration_ms: [0-9]{3,4}\.[0-9]{3}$' || complain 'TAP knows another time'
    # what a clock says that stands still is no measure; nor are two profiles one
    by_itself 0 check --server http1 --now 2026-01-01T00:00:00Z --filter one --junit r.xml "$stacks/hang.so" a.http
    awk -v "took=$(time_of r.xml one)" 'BEGIN { exit !(took > 0 && took < 5) }' || complain 'no time with --now'
    # what was not run has none
    run 1 check "${all_formats[@]}" --set mode=crash "$stacks/building.so" a.http
    all_valid
    count r.tap 0 duration_ms
    [ "$(time_of r.xml one)" = '' ] || complain 'it took a time and was not run'
    run 0 fuzz --runs 300 --seed 5 "${all_formats[@]}" "$examples/early_answer/stack_mended.so"
    all_valid
    adds "$(time_of r.xml fuzz)" "$(time_of r.xml 'stackrig fuzz')" || complain 'the fuzzing took no time'
    by_itself 1 bisect --expect 'env action_controller.instance present after' "${all_formats[@]}" \
        "$examples/copied_env/stack_broken.so" "$requests_of/copied_env/requests.http"
    all_valid
    adds "$(time_of r.xml 'failing action')" "$(time_of r.xml 'stackrig bisect')" || complain 'the bisection took no time'
}

# with faults it is all of them, with several profiles the sum
what_takes_longer_is_said_to() {
    readers || return
    run 0 check --faults --junit long.xml "$stacks/hang.so" <(printf '### \n# @name slow\nGET /slow\n')
    awk -v "took=$(time_of long.xml slow)" 'BEGIN { exit !(took >= 0.1 && took < 100) }' || complain 'with faults it takes as long as without'
    printf '### \n# @name slow\nGET /slow\n\n### \n# @name hang\nGET /hang\n' >a.http
    run 1 check --server http1 --server memory --timeout 0.2 --junit both.xml "$stacks/hang.so" a.http
    awk -v "took=$(time_of both.xml slow)" 'BEGIN { exit !(took >= 0.1 && took < 5) }' || complain 'one profile is not counted'
    awk -v "took=$(time_of both.xml hang)" 'BEGIN { exit !(took >= 0.4 && took < 5) }' || complain 'one hang is not counted'
}

# Ten of a kind are annotations; all are in the step's summary.
github_gets_ten_of_a_kind() {
    readers || return
    for i in $(seq 12); do printf '### \n# @name n%s | <b>\n# @expect status 418\nGET /%s\n\n' "$i" "$i"; done >a.http
    echo before >steps.md
    GITHUB_STEP_SUMMARY=$work/steps.md run 1 check --format github "$stacks/fine.so" a.http
    count out 10 '::error title=@expect'
    out "2 more of the level error: in the step's summary"
    GITHUB_STEP_SUMMARY='' run 1 check --format github "$stacks/fine.so" a.http
    out '2 more of the level error: not shown, GITHUB_STEP_SUMMARY names no file'
    count steps.md 12 '| error | \@expect |'
    holds steps.md before 'n3 \| &#60;b&#62;'
    GITHUB_STEP_SUMMARY=$work/none/steps.md run 2 check --github r.github "$stacks/fine.so" a.http
    err "cannot write $work/none/steps.md: No such file"
}

files_are_whole_or_not_there() {
    readers || return
    requests a.http /a
    echo old >kept.json
    chmod 640 kept.json
    run 0 check --json kept.json "$stacks/fine.so" a.http
    lacks kept.json old
    [ "$(stat -c %a kept.json)" = 640 ] || complain 'its mode changed'
    run 2 check --json kept.json --sarif kept.json "$stacks/fine.so" a.http
    err 'two reports cannot go to one file, kept.json'
    echo old >full.json
    # a write past the limit, 64 KiB, fails as one to a full disk does
    for i in $(seq 1500); do printf '### \nGET /%s\n\n' "$i"; done >a.http
    (trap '' XFSZ && ulimit -f 64 && exec "$bin" check --server http1 --json full.json --format tap "$stacks/fine.so" a.http 2>&1 >/dev/null) | cat >err
    err 'cannot write full.json: File too large'
    [ "$(cat full.json)" = old ] || complain 'half a report took the place of the old one'
    [ "$(ls full.json*)" = full.json ] || complain 'something is left behind'
    if [ -c /dev/full ]; then
        run 2 check --junit /dev/full "$stacks/fine.so" a.http
        err 'cannot write /dev/full: No space left'
        [ -c /dev/full ] || complain 'a device was replaced'
    fi
}

# Before anything is run, and what is there stays.
what_cannot_be_written_is_said_at_once() {
    local verb
    requests a.http /a
    rm -rf folder
    mkdir folder
    for verb in 'fuzz --runs 10 --json' 'check --json' 'bisect --junit' 'parity --sarif' 'bisect --html' 'trace --html'; do
        run 2 $verb none/r.json "$stacks/fine.so" a.http
        err 'cannot write none/r.json: No such file'
        silent out
        run 2 $verb folder "$stacks/fine.so" a.http
        err 'cannot write folder: Is a directory'
        silent out
        echo old >kept.json
        run 2 $verb kept.json "$stacks/fine.so" a.http --no-such-option
        [ "$(cat kept.json)" = old ] || complain "$verb: it is gone"
    done
    [ "$(ls -d kept.json* folder/*)" = kept.json ] 2>/dev/null || complain "left: $(ls kept.json* folder)"
}

# A report of an earlier run would pass for one of this.
what_was_not_run_is_no_clean_report() {
    readers || return
    local verb
    requests a.http /a
    for verb in 'fuzz --runs 10' check bisect parity; do
        echo '{"status": 0}' >r.json
        run 2 $verb "${all_formats[@]}" "$stacks/no_export.so" a.http
        all_valid
        [ "$(in_json "r['status'], [f['rule'] for f in r['findings']]")" = "2 ['incomplete']" ] || complain "$verb: $(cat r.json)"
        holds r.json "$(sed -n '$s/^stackrig: //p' err)"
        holds r.tap 'not ok '
        holds r.github '::error title=incomplete'
        echo '{"status": 0}' >r.json
        run 2 $verb --json r.json "$stacks/fine.so" none.http
        holds r.json '"status": 2,' 'cannot read none.http'
    done
    run 2 check --format json "$stacks/fine.so" none.http
    out '"status": 2,'
}

# what the status says the formats say, too
nothing_passes_that_failed() {
    readers || return
    requests a.http /a
    run 1 check "${all_formats[@]}" --require-armed body.closed_twice "$stacks/fine.so" a.http
    all_valid
    holds r.xml 'errors="1"' 'never armed, but required: body.closed_twice'
    holds r.tap 'not ok 2 - '
    run 1 check "${all_formats[@]}" --set mode=crash "$stacks/building.so" a.http
    all_valid
    holds r.xml 'SIGSEGV while the stack was built'
    grep -q 'outcome": "not run"' r.json || complain 'it says that it ran'
}

# in the order of the profiles, whatever their number at a time
several_at_a_time_say_the_same() {
    local stack
    printf '### \nGET /\n\n### \nGET /segv\n\n### \nPOST /copied\n\nbody\n\n### \nPOST /closed\n\nbody\n' >a.http
    for stack in fine findings crash failing building; do
        for jobs in 1 3; do
            "$bin" check -j $jobs --set mode=x --server http1 --server memory --server nginx+plain \
                --server haproxy+plain "$stacks/$stack.so" a.http >"out.$jobs" 2>"err.$jobs" </dev/null
            echo "status $?" >>"out.$jobs"
        done
        diff out.1 out.3 >why || complain "$stack: $(head -n 5 why)"
        diff err.1 err.3 >why || complain "$stack: $(head -n 5 why)"
    done
    by_itself 2 check -j 0 "$stacks/fine.so" a.http
    err '--jobs wants a number from 1 to 32, not 0'
    by_itself 2 check -j 2 "$stacks/no_export.so" a.http
    count err 1 'exports no stack'
}

# with a stack for each file files are parts, too: what one leaves behind the next does not see
each_file_has_a_stack() {
    local stack
    printf '### \n# @expect status 200\nGET /a\n' | tee b.http >a.http
    run 1 check "$stacks/session.so" a.http b.http
    out 'expectations: 2, failed: 1'
    for jobs in 1 2; do
        run 0 check --each-file -j $jobs "$stacks/session.so" a.http b.http
        out 'expectations: 2, failed: 0' '2 requests, 1 layer'
        run 0 check --each-file -j $jobs "$stacks/session.so" a.http a.http # given twice it is two
    done
    printf '### \nGET /segv\n\n### \nPOST /copied\n\nbody\n' >a.http
    printf '### \nGET /failing\n\n### \nPOST /closed\n\nbody\n' >b.http
    printf '### \nGET /twice\n' >c.http
    for stack in fine findings crash failing building; do
        for jobs in 1 4; do
            "$bin" check --each-file -j $jobs --faults --set mode=x --server http1 --server memory --tap "tap.$jobs" "$stacks/$stack.so" a.http b.http \
                c.http >"out.$jobs" 2>"err.$jobs" </dev/null
            echo "status $?" >>"out.$jobs"
            grep -v duration_ms "tap.$jobs" >>"out.$jobs"
        done
        diff out.1 out.4 >why || complain "$stack: $(head -n 5 why)"
        diff err.1 err.4 >why || complain "$stack: $(head -n 5 why)"
    done
    printf '### \nGET /hang\n' | tee 1.http 2.http 3.http >4.http
    SECONDS=0
    run 1 check --each-file -j 4 --timeout 2 "$stacks/hang.so" [1-4].http
    [ "$SECONDS" -lt 7 ] || complain 'one after the other'
    out 'crashed or hung: 4'
    # more of them than descriptors
    for i in $(seq 150); do printf '### \n# @expect status 200\nGET /a\n' >"many$i.http"; done
    (ulimit -n 60 && exec "$bin" check --server http1 --each-file -j 4 "$stacks/session.so" many*.http >out 2>err </dev/null) || complain 'many files are too many'
    out 'expectations: 150, failed: 0'
    rm many*.http
    by_itself 2 check --each-file "$built/examples/microhttpd_auth/program" a.http
    err '--each-file is for stacks'
    by_itself 2 bisect --each-file "$stacks/hang.so" a.http
    err 'bisect has no'
}

a_fuzzing_in_all_formats() {
    readers || return
    run 1 fuzz --runs 3000 --seed 5 "${all_formats[@]}" "$examples/early_answer/stack_broken.so"
    out '[input.early_answer.unread]' '3000 scenarios, '
    all_valid
    holds r.json '"verb": "fuzz"'
    [ "$(in_json "'/' in r['findings'][0]['scenario']")" = True ] || complain 'no scenario'
    holds r.xml 'type="input.early_answer.unread"'
    holds r.github '::error title=input.early_answer.unread,file='
    run 1 fuzz --runs 3000 --seed 5 --format tap "$examples/early_answer/stack_broken.so"
    no_out 'seed 5'
    [ "$(head -n 1 out)" = 'TAP version 14' ] || complain 'something before it'
    run 0 fuzz --runs 100 --seed 5 "${all_formats[@]}" "$examples/early_answer/stack_mended.so"
    all_valid
    holds r.tap 'ok 1 - '
    printf '### \nGET /segv\n' >a.http
    run 1 fuzz --runs 10 --seed 5 "${all_formats[@]}" "$stacks/crash.so" a.http
    all_valid
    holds r.xml 'type="crash"'
}

a_bisection_in_all_formats() {
    readers || return
    by_itself 1 bisect --expect 'env action_controller.instance present after' "${all_formats[@]}" \
        "$examples/copied_env/stack_broken.so" "$requests_of/copied_env/requests.http"
    out 'layer api_version alone'
    all_valid
    holds r.json 'layer api_version makes the request fail' '"rule": "bisect"' '"layer": "api_version"'
    holds r.github 'layers.c,line='
    by_itself 1 bisect --expect 'env action_controller.instance present after' --format json \
        "$examples/copied_env/stack_broken.so" "$requests_of/copied_env/requests.http"
    cp out r.json
    "$python" "$reports/valid.py" "$schema" r.json >why 2>&1 || complain "$(cat why)"
    by_itself 0 bisect "${all_formats[@]}" "$examples/copied_env/stack_mended.so" "$requests_of/copied_env/requests.http"
    all_valid
    holds r.xml 'failures="0"'
}

parity_in_all_formats() {
    readers || return
    [ -e "$built/lib/libstackrig-host-microhttpd.so" ] || unable='the host microhttpd is not built here'
    [ -z "$unable" ] || return
    local official
    by_itself 0 parity "${all_formats[@]}" "$examples/early_answer/stack_mended.so" "$requests_of/early_answer/requests.http"
    out '3 requests, 0 differ'
    all_valid
    holds r.xml 'tests="3" failures="0"'
    "$bin" parity "${all_formats[@]}" "$stacks/crash.so" <(printf '### \nGET /segv\n') >out 2>err </dev/null
    [ $? = 1 ] || complain 'a crash is not status 1'
    all_valid
    holds r.xml '<error message="the stack crashed'
    printf '### b\n# @name differs\nGET /body\n\n### s\n# @name no status\nGET /status\n\n### h\n# @name odd <&"\nGET /header?token=sesame123\n\n### same\n# @name same\nGET /echo\n' >a.http
    by_itself 1 parity --format text --format tap "${all_formats[@]}" "$stacks/served.so" a.http
    out 'a.http:3: differs: body: the rig 6 bytes' 'TAP version 14' 'not ok 2 - a.http: no status'
    all_valid
    [ "$(in_json "r['verb'], r['status'], [q['outcome'] for q in r['requests']], sorted({f['rule'] for f in r['findings']})")" = \
        "parity 1 ['failed', 'failed', 'failed', 'passed'] ['parity.body', 'parity.header', 'parity.status']" ] ||
        complain 'JSON says something else'
    [ "$(in_json "all(f['file'] == 'a.http' and f['requests'] for f in r['findings'])")" = True ] ||
        complain 'a difference has no place, or no request'
    [ "$(in_json "len({f['key'] for f in r['findings']})")" = 5 ] || complain 'two differences have one key'
    holds r.xml 'tests="4" failures="3" errors="0"' 'type="parity.body"' 'type="parity.status"' 'type="parity.header"'
    holds r.tap 'rule: "parity.body"' 'file: "a.http"' 'ok 4 - '
    holds r.github '::error title=parity.body,file=a.http,line=3::' 'title=parity.status,file=a.http,line=7'
    for file in r.json r.sarif r.xml r.tap r.github; do
        lacks "$file" sesame123
    done
    adds "$(time_of r.xml a.http)" "$(time_of r.xml differs)" "$(time_of r.xml 'no status')" \
        "$(time_of r.xml 'odd [^ ]*')" "$(time_of r.xml same)" || complain 'the suite takes another time than its cases'
    official=$("$reports/sarif-schema.sh" "$built/npm" 2>why) || return 0 # told by the test of SARIF
    "$python" "$reports/valid.py" "$official" r.sarif >why 2>&1 || complain "$(head -n 5 why)"
    grep -q '"ruleId": "parity.body"' r.sarif || complain 'SARIF has no such rule'
}

every_test_but readers all_valid in_json time_of adds
