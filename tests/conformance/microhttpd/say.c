#include "parity.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char text[65536];
static size_t size;

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int wrote = vsnprintf(text + size, sizeof text - size, format, arguments);
    va_end(arguments);
    size += wrote > 0 && (size_t)wrote < sizeof text - size ? (size_t)wrote : 0;
    if (size + 1 < sizeof text) {
        text[size++] = '\n';
        text[size] = '\0';
    }
}

/* Long ones are cut in the middle. */
void say_bytes(const char *what, const void *data, size_t count)
{
    const unsigned char *bytes = data;
    char shown[512];
    size_t at = 0;
    for (size_t i = 0; i < count && at + 8 < sizeof shown; i++) {
        if (count > 100 && i == 40) {
            i = count - 20;
            at += (size_t)snprintf(shown + at, sizeof shown - at, "[...]");
        }
        bool plain = isprint(bytes[i]) && bytes[i] != '\\';
        at += (size_t)snprintf(shown + at, sizeof shown - at, plain ? "%c" : "\\x%02x", bytes[i]);
    }
    shown[at] = '\0';
    say("%s %zu \"%s\"", what, count, data ? shown : "(null)");
}

const char *said(void)
{
    return text;
}

void forget_said(void)
{
    size = 0;
    text[0] = '\0';
}
