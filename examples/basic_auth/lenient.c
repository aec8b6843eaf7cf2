#include "lenient.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The same digit without its last `bits` bits. */
static char cut(char digit, unsigned bits)
{
    size_t value = (size_t)((const char *)memchr(alphabet, digit, 64) - alphabet);
    return alphabet[value >> bits << bits];
}

size_t base64_tidy(char *text, size_t size)
{
    size_t kept = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '=' && kept % 4 >= 2) {
            break;
        }
        if (memchr(alphabet, text[i], 64)) {
            text[kept++] = text[i];
        }
    }
    if (kept % 4 == 1) { /* six bits are no byte */
        kept--;
    }
    if (kept % 4 > 1) { /* two or three digits: four or two bits too many */
        text[kept - 1] = cut(text[kept - 1], kept % 4 == 2 ? 4 : 2);
    }
    while (kept % 4 != 0) {
        text[kept++] = '=';
    }
    return kept;
}
