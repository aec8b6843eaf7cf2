/* What areas share that make requests: parameters and uploads of the format, bodies with parts. */
#ifndef RACK_CASES_REQUESTS_H
#define RACK_CASES_REQUESTS_H

#include "tests/conformance/rack_cases/driver.h"

#include <stackrig/http/query.h>
#include <stackrig/request.h>

/* A string, map, list or {"file"}. A file "from" a path is one on disk until rack_files_remove. length_header: of parts
 * in memory; those on disk always have one. */
struct rig_param rack_param(struct rack_case *rack, const json_t *value, bool length_header);
/* Is there a file in it? */
bool rack_param_has_file(const struct rig_param *param);
void rack_files_remove(void);

/* Params that are a text. All zero before, rig_params_free(params) after the request. */
struct rack_text_params {
    struct rig_params *params;
    const char *error; /* the kind of error that the text has; NULL: none */
};
/* Where the method has a query they are read, as Rack adds what it has read. Else they are the body, if there is none:
 * true, and its type is RACK_FORM where the case names none. */
bool rack_text_params(struct rig_request *request, struct rig_bytes text, struct rack_text_params *read);
#define RACK_FORM "application/x-www-form-urlencoded"

/* The parts of a multipart body as the format lists them; NULL: content_type is not multipart, or the body cannot be read. */
json_t *rack_parts(struct rack_case *rack, const char *content_type, struct rig_bytes body);
/* Takes out of a step or outcome, {"env", "body", "parts"}, what hangs on the boundary: where parts are expected. */
void rack_forget_boundary(json_t *outcome);

#endif
