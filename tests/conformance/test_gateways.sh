# The simulated gateways against what the real ones let through, request by request.
exec $RUN_UNDER "${BUILD:=build}/gateway-check" tests/conformance/gateways
