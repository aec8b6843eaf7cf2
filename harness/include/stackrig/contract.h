/* What every layer should be, tested of one layer alone: between a recorder and an app that plays a script. */
#ifndef STACKRIG_CONTRACT_H
#define STACKRIG_CONTRACT_H

#include <stackrig/base.h>
#include <stackrig/client.h>
#include <stackrig/faults.h>
#include <stackrig/stack.h>

#define RIG_CONTRACT_PROPERTIES 15
#define RIG_CONTRACT_FOUND_MAX 4

/* What a layer may change beside the names that it owns. */
enum rig_contract_own {
    RIG_CONTRACT_STATUS = 1u << 0,      /* the status of an answer from below */
    RIG_CONTRACT_BODY = 1u << 1,        /* its body */
    RIG_CONTRACT_ERROR = 1u << 2,       /* an error from below: it handles it, or returns another */
    RIG_CONTRACT_INPUT = 1u << 3,       /* the request's body: it parses or decodes it */
    RIG_CONTRACT_ALL_HEADERS = 1u << 4, /* every header of the response */
    RIG_CONTRACT_ALL_ENV = 1u << 5      /* every variable */
};

/* The layer, and what it says of itself. Nothing in it is kept after the call. */
struct rig_contract {
    const struct rig_middleware *middleware;
    const void *options;                     /* as rig_use takes them; in C++ written .options = */
    const char *name;                        /* NULL: the middleware's */
    bool auth;                               /* as in struct rig_layer */
    unsigned owns;                           /* of enum rig_contract_own */
    struct rig_request passes;               /* a request that it passes on; target NULL: tries GET / and POST / */
    struct rig_request answers;              /* one that it answers itself; target NULL: tries the same */
    const char *env[RIG_FIELDS_MAX + 1];     /* variables it sets, changes or takes away: "app.user" or "app.*" */
    const char *headers[RIG_FIELDS_MAX + 1]; /* response headers it does so with: "X-Runtime" or "X-*"; in any case */
    unsigned handles;                        /* 1u << enum rig_fault_kind of each read fault that must not change the
                                              * answer; of the others it must only tell no success */
    const char *without[RIG_CONTRACT_PROPERTIES + 1]; /* properties that it need not have: "state.between", "state.*" */
    const char *ignore[RIG_IGNORE_MAX + 1];           /* as in struct rig_layer */
    int end_;
};

enum rig_contract_verdict {
    RIG_CONTRACT_PASSED,
    RIG_CONTRACT_FAILED,
    RIG_CONTRACT_NOT_APPLICABLE /* it was not tested; why tells why */
};

/* Sites and rules last as long as the program. */
struct rig_contract_found {
    const char *site; /* the line to look at; NULL: unknown */
    const char *rule; /* NULL: no rule of the rig's, the property alone */
    char message[320];
};

struct rig_contract_property {
    const char *name;  /* "next.once" */
    const char *title; /* "calls next at most once" */
    enum rig_contract_verdict verdict;
    char why[200]; /* not applicable: why; "" else */
    struct rig_contract_found found[RIG_CONTRACT_FOUND_MAX];
    size_t found_count; /* of all; more than the maximum are not kept */
    unsigned runs;      /* requests that were sent */
};

struct rig_contract_report {
    /* 0; -EINVAL: no middleware, a property in .without that there is none of, a list without an end, a request that
     * cannot be sent; -ENOMEM; what the layer's init returned. Nothing was tested then. */
    int error;
    const char *layer, *site; /* its name; where the call stands */
    char trouble[128];        /* what error is about; "": it says it all */
    unsigned passed, failed, not_applicable;
    struct rig_contract_property properties[RIG_CONTRACT_PROPERTIES];
};

/* rig_layer_contract(&layer, &(struct opts){.a = 1}, .passes = RIG_GET("/", .headers = {{"Authorization", "..."}}),
 * .env = {"app.user"}): the report, a struct. Fails nothing: see rig_contract_held, and stackrig/cmocka_contract.h. */
#define rig_layer_contract(...) \
    rig_layer_contract_at(RIG_SITE, RIG_REF_(rig_contract, .middleware = __VA_ARGS__, .end_ = 0))

RIG_BEGIN_DECLS
struct rig_contract_report rig_layer_contract_at(const char *site, const struct rig_contract *contract);
/* The property with this number alone, below RIG_CONTRACT_PROPERTIES: the report's others are not applicable. */
struct rig_contract_report rig_contract_one_at(const char *site, const struct rig_contract *contract, size_t property);
const char *rig_contract_name(size_t property); /* "env.same"; NULL: there is none of that number */
/* No error, and none failed. */
bool rig_contract_held(const struct rig_contract_report *report);
/* A line for each property, what was found below it; returns as snprintf does. */
int rig_contract_text(const struct rig_contract_report *report, char *buffer, size_t size);
RIG_END_DECLS

#endif
