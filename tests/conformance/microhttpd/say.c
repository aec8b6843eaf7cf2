#include "parity.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

int parity_main(int argc, char **argv, size_t count, const char *(*name)(size_t i), void (*play)(size_t i),
                int (*speed)(unsigned requests))
{
    if (argc == 3 && strcmp(argv[1], "--speed") == 0) {
        return speed((unsigned)strtoul(argv[2], NULL, 10));
    }
    for (size_t i = 0; i < count; i++) {
        if (argc < 2 || strstr(name(i), argv[1])) {
            forget_said();
            play(i);
            printf("== %s\n%s%s", name(i), said(false), said(true));
            fflush(stdout);
        }
    }
    return 0;
}
