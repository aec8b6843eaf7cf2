# The README: its samples compile and print what it says, its table of rules is the library's.
set -u
CHECK=1 tools/readme-rules.sh README.md "$STACKRIG" || exit 1
exec tools/readme-samples.sh README.md "$BUILD"
