#include "harness/http/rare.h"

void rig_rarely(void)
{
    __asm__ volatile("");
}
