#include <stackrig/http/compare.h>

bool rig_secure_equal(const void *a, size_t a_size, const void *b, size_t b_size)
{
    const volatile unsigned char *left = a, *right = b; /* volatile: no compiler ends the loop early */
    unsigned char differ = 0;
    if (a_size != b_size) {
        return false;
    }
    for (size_t i = 0; i < a_size; i++) {
        differ |= left[i] ^ right[i];
    }
    return differ == 0;
}
