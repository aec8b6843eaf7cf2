# The simulated servers against every recorded cell of the real ones.
exec $RUN_UNDER "${BUILD:=build}/ground-truth" tests/conformance/early_response
