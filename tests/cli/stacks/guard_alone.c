/* The same, of which nothing is said for the fuzzer. */
#define ALONE
#include "../../fuzz/targets/planted.c"
