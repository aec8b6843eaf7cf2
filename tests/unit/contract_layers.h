/* Layers for test_contract.c: each property's broken one, and a twin that looks alike and is right. */
#ifndef CONTRACT_LAYERS_H
#define CONTRACT_LAYERS_H

#include <stackrig/contract.h>

struct contract_case {
    const char *property; /* that the broken layer fails, and no other */
    struct rig_contract broken, twin;
};

extern const struct contract_case contract_cases[];
extern const size_t contract_case_count;

#endif
