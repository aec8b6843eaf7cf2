#!/usr/bin/env bash
# Prints the path of the official schema of SARIF 2.1.0, as an npm package brings it: tests/reports/sarif-schema.sh FOLDER.
# It is kept in FOLDER; exit status 1 if it cannot be had.
set -eu
package=@microsoft/jest-sarif@1.0.0-beta.0 file=sarif-2.1.0-rtm.5.json
sum=2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8
if [ ! -e "$1/$file" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    (cd "$folder" && npm pack --silent "$package" >/dev/null 2>&1 && tar xzf ./*.tgz) || exit 1
    echo "$sum  $folder/package/lib/schemas/$file" | sha256sum -c --quiet >&2 || exit 1
    mkdir -p "$1"
    cp "$folder/package/lib/schemas/$file" "$1/$file.$$"
    mv "$1/$file.$$" "$1/$file"
fi
echo "$1/$file"
