/* The same, and says so. */
#define NAMED
#include "token.c"
