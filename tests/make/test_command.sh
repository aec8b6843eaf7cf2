# The command, verb by verb.
exec bash tests/cli/run.sh "$STACKRIG" "$BUILD"
