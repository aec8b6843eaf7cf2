#include "parity.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What handlers were asked, and what came of it: in this order, whichever was first. */
static char texts[2][65536];
static size_t sizes[2];
static int channel;
#define text texts[channel]
#define size sizes[channel]

void say_answer(bool answer)
{
    channel = answer;
}

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int wrote = vsnprintf(text + size, sizeof texts[0] - size, format, arguments);
    va_end(arguments);
    size += wrote > 0 && (size_t)wrote < sizeof texts[0] - size ? (size_t)wrote : 0;
    if (size + 1 < sizeof texts[0]) {
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

const char *said(bool answer)
{
    return texts[answer];
}

void forget_said(void)
{
    for (channel = 1; channel >= 0; channel--) {
        size = 0;
        text[0] = '\0';
    }
    channel = 0;
}
