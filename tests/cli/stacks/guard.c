/* Who was right last is remembered. */
#include "../../fuzz/targets/planted.c"
