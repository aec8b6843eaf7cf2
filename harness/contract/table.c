/* The properties: a new one is a row here and a function. */
#include "harness/contract/bench.h"

const struct rig_property rig_properties[RIG_CONTRACT_PROPERTIES] = {
    {"env.same", "passes on the env that it was given", rig_same_env, {"env.identity.*", "env.lifetime.*"}},
    {"env.transparent", "leaves the variables alone that it does not own", rig_env_transparent, {NULL}},
    {"response.same", "passes on the response that it was given", rig_same_response, {"response.lifetime.*"}},
    {"response.transparent", "leaves of the answer alone what it does not own", rig_response_transparent, {NULL}},
    {"error.up", "lets an error through that it does not own", rig_error_up, {NULL}},
    {"next.once", "calls next at most once", rig_next_once, {"next.*"}},
    {"body.whole", "leaves the request's body to the app", rig_body_whole, {"input.body.eaten"}},
    {"early.drained", "drains before an early answer, on every profile", rig_early_drained, {"input.early_answer.*"}},
    {"body.pieces", "gives one answer however the body is cut", rig_pieces_same, {"input.pieces.matter"}},
    {"body.faults",
     "tells no success of a body that broke off",
     rig_faults_told,
     {"input.error.swallowed", "input.truncated.accepted", "input.read.endless", "response.answer.twice"}},
    {"state.between", "keeps nothing of a request for the next", rig_state_between, {"state.*"}},
    {"state.nested", "keeps nothing in its instance while a request is below", rig_state_nested, {NULL}},
    {"headers.case", "does not care for the case of header names", rig_headers_case, {NULL}},
    {"headers.order", "does not care for the order of headers", rig_headers_order, {NULL}},
    {"rules", "breaks no other rule", rig_rules_kept, {NULL}},
};
