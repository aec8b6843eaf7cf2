#!/usr/bin/env bash
# The corpora and reproducers of our fuzz targets, each once. BUILD: the build, else build/.
exec tools/fuzz.sh regress "${BUILD:-build}"
