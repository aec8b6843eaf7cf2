#include "harness/http/rare.h"

void rig_rarely(void)
{
    __asm__ volatile(""); /* without it gcc sees that this does nothing, and drops the call that says what is cold */
}
