#!/usr/bin/env bash
# The trace page in a real Chromium: tools/page.sh [BUILD NEED...] What cannot be installed is skipped, with a line that says so.
set -u
build=${1:-$BUILD}
[ $# = 0 ] || shift
skip() {
    echo "skipped: the page in a browser: $1"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}
tools/need.sh "$@" || skip "what is missing could not be installed"

# playwright-core has no dependencies and brings no browser; it lies in the build, not in the sources
mkdir -p "$build/page" && cp tests/page/package.json "$build/page/" || exit 1
if [ ! -e "$build/page/node_modules/.of" ] || ! cmp -s tests/page/package.json "$build/page/node_modules/.of"; then
    (cd "$build/page" && npm install --no-package-lock --no-audit --no-fund --loglevel=error) ||
        skip "npm could not install playwright-core"
    cp tests/page/package.json "$build/page/node_modules/.of"
fi
BUILD=$build STACKRIG=$build/bin/stackrig CHROMIUM=$(command -v chromium) timeout -k 5 300 node tests/page/test_page.mjs
