# examples/consumer, copied away, against what make install put somewhere: with pkg-config and with CMake. Its own tests run,
# and fail when its layer is broken.
. tests/make/common.sh
make=${MAKE:-make}
prefix=/opt/rig
dest=$work/dest
$make install BUILD="$BUILD" DESTDIR="$dest" PREFIX=$prefix NO_INSTALL=1 >"$work/log" 2>&1 || fail "$(cat "$work/log")"
cp -r examples/consumer "$work/consumer"
cd "$work/consumer"
# what the library was built with, a sanitizer say, is the project's too
export CFLAGS="-O1 -g ${EXTRA:-}"

with_pkg_config() {
    env -u STACKRIG $make check PREFIX="$dest$prefix" >out 2>&1
}
with_pkg_config || fail "pkg-config: $(cat out)"
grep -q '^expectations: 8, failed: 0' out || fail "the command checked nothing: $(cat out)"

"$dest$prefix/bin/stackrig" fuzz --quiet --runs 300 --seed 1 build/items.so tests/requests.http >out 2>&1 || fail "it is fuzzed: $(cat out)"
grep -q '^300 scenarios, 0 findings' out || fail "another fuzzing: $(cat out)"
! grep -q 'no reset' out || fail "its layer has a state and no reset"
cp src/require_key.c kept.c
sed -i 's/int64_t drained = .*/int64_t drained = 0;/' src/require_key.c
! with_pkg_config || fail "a layer that drains nothing passes: $(cat out)"
grep -q 'input.early_answer.unread' out || fail "another failure: $(cat out)"
# who sends no key, or the beginning of it
bypass='s/!rig_secure_equal(.*)) {/strncmp(sent, options->key, strlen(sent)) != 0) {/'
sed "$bypass" kept.c >src/require_key.c
! cmp -s kept.c src/require_key.c || fail 'nothing was planted'
! with_pkg_config || fail "a layer that lets an empty key in passes: $(cat out)"
grep -q 'test_a_part_of_the_key_is_refused' out || fail "another failure: $(cat out)"
cp kept.c src/require_key.c
status=0
$make check PREFIX="$work/nowhere" >out 2>&1 || status=$?
[ $status = 2 ] && grep -q "no stackrig below $work/nowhere" out || fail "without an installation: $(cat out)"
$make clean PREFIX="$work/nowhere" >out 2>&1 || fail "clean needs an installation: $(cat out)"

cd "$root"
tools/need.sh cmake:cmake >"$work/log" 2>&1 || { echo "# SKIP CMake: $(tail -n 1 "$work/log")"; exit 77; }
# moved: all is found from where the package lies
mv "$dest$prefix" "$work/moved"
cd "$work/consumer"
export LD_LIBRARY_PATH=$work/moved/lib
cmake -S . -B cmake -DCMAKE_PREFIX_PATH="$work/moved" >out 2>&1 || fail "CMake: $(cat out)"
cmake --build cmake >out 2>&1 || fail "CMake: $(cat out)"
(cd cmake && ctest --output-on-failure) >out 2>&1 || fail "CMake: $(cat out)"
grep -q '100% tests passed, 0 tests failed out of 2' out || fail "CMake: not both tests ran: $(cat out)"
sed -i 's/find_package(stackrig 0.1/find_package(stackrig 0.2/' CMakeLists.txt
! cmake -S . -B other -DCMAKE_PREFIX_PATH="$work/moved" >out 2>&1 || fail "a version that is not there was found"
grep -q 'compatible' out || fail "CMake says nothing of the version: $(cat out)"
sed -i 's/find_package(stackrig 0.2/find_package(stackrig 0.1/' CMakeLists.txt
rm "$work/moved/include/stackrig/stackrig.h"
! cmake -S . -B third -DCMAKE_PREFIX_PATH="$work/moved" >out 2>&1 || fail "half an installation was found"
grep -q 'stackrig.h is missing' out || fail "CMake does not say what is missing: $(cat out)"
