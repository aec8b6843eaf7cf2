# examples/ci: the script's steps, run in a copy of examples/consumer against what make install put somewhere; the workflows
# are YAML that call steps which there are.
. tests/make/common.sh
make=${MAKE:-make}
export RIG=$work/rig FUZZ_RUNS=2000
cp -r examples/consumer "$work/project"
cp examples/ci/ci.sh "$work/project"
$make install BUILD="$BUILD" PREFIX="$RIG" DESTDIR=/ NO_INSTALL=1 >"$work/log" 2>&1 || fail "$(cat "$work/log")"
cd "$work/project"

for step in unit check fuzz coverage; do
    ./ci.sh $step >out 2>&1 || fail "$step: $(cat out)"
done
grep -q 'auth paths seen: 6 of 6' out || fail "coverage: $(cat out)"
for report in check.json check.sarif check.xml fuzz.sarif coverage.html coverage.json; do
    [ -s reports/$report ] || fail "there is no reports/$report"
done
case ${EXTRA:-} in *-fsanitize*) ;; *) ./ci.sh asan >out 2>&1 || fail "asan: $(cat out)" ;; esac

# each step fails where it should
cp src/require_key.c kept.c
sed -i 's/int64_t drained = .*/int64_t drained = 0;/' src/require_key.c
for step in unit check fuzz; do
    ! ./ci.sh $step >out 2>&1 || fail "$step: a layer that drains nothing passes"
done
cp kept.c src/require_key.c
# who is let in with a part of the key: found by each step
sed 's/!rig_secure_equal(.*)) {/strncmp(sent, options->key, strlen(sent)) != 0) {/' kept.c >src/require_key.c
! cmp -s kept.c src/require_key.c || fail 'nothing was planted'
for step in unit check fuzz; do
    ! ./ci.sh $step >out 2>&1 || fail "$step: a layer that lets an empty key in passes"
done
grep -q '\[fuzz.app.entered\]' out || fail "fuzz: another finding: $(cat out)"
cp kept.c src/require_key.c
# requests in more than one file, and a credential class that layers know
sed -n '1,/^$/p' tests/requests.http >tests/more.http
./ci.sh check >out 2>&1 || fail "two files: $(cat out)"
! WITHOUT='' ./ci.sh coverage >out 2>&1 || fail 'coverage: classes that no request had pass'
rm tests/more.http
sed -i '/^### with the key, without a body/,$d' tests/requests.http
! ./ci.sh coverage >out 2>&1 || fail "coverage: a path that was never taken passes"
grep -q 'never let in: valid, without a body' out || fail "coverage does not name the path: $(cat out)"
status=0
./ci.sh nonsense >out 2>&1 || status=$?
[ $status = 2 ] && grep -q 'unit  *the tests' out || fail "a step that is none: $(cat out)"

cd "$root"
steps=$(sed -n 's/^\([a-z]*\))$/\1/p' examples/ci/ci.sh)
for workflow in github.yml gitlab-ci.yml; do
    called=$(grep -oE '\./ci\.sh [a-z]+' "examples/ci/$workflow" | sed 's/.* //' | sort -u)
    [ -n "$called" ] || fail "$workflow calls no step"
    for step in $called; do
        grep -qx "$step" <<<"$steps" || fail "$workflow: there is no step $step"
    done
done
for source in $(sed -n 's/^sources=${SOURCES:-\(.*\)}$/\1/p' examples/ci/clusterfuzzlite/clusterfuzzlite/build.sh); do
    [ -e "examples/consumer/${source#'$project/'}" ] || fail "ClusterFuzzLite: the consumer has no $source"
done
# a pipeline of merge requests has both jobs
awk '/^[^ ]/ { key = $1 } key == "workflow:" && /merge_request_event/ { found = 1 } key == "test:" && / rules:/ { less = 1 }
    END { exit !found || less }' examples/ci/gitlab-ci.yml || fail 'gitlab-ci.yml: merge requests are not tested'
tools/need.sh yamllint:yamllint >"$work/log" 2>&1 || { echo "# SKIP YAML: $(tail -n 1 "$work/log")"; exit 77; }
yamllint -d '{rules: {}}' examples/ci/*.yml examples/ci/clusterfuzzlite/workflows/*.yml >"$work/out" 2>&1 || fail "YAML: $(cat "$work/out")"
