/* The same, for the fuzzer: it is told what path to try, not the rules, which the export has. */
#include "own_rules.c"

#include <stackrig/fuzz.h>

RIG_FUZZ(build, .targets = {"/debug"});
