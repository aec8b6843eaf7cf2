#include "fuzz/driver/change.h"

#include "fuzz/scenario/table.h"
#include "harness/core/dice.h"

#include <string.h>

/* Encoded, for queries and forms, and as they are. */
static const char *const amiss[] = {RIG_FUZZ_MARKER_LINE,
                                    "\r\n" RIG_FUZZ_MARKER ": 1",
                                    "",
                                    "-1",
                                    "0",
                                    "99999999999999999999",
                                    "4294967296",
                                    "%00",
                                    "%",
                                    "../",
                                    "\"",
                                    "<",
                                    "\\",
                                    "null"};

struct text {
    uint8_t *bytes;
    size_t size, max_size;
};

static size_t roll(uint64_t *dice, size_t sides)
{
    return (size_t)(rig_dice(dice) % (sides > 0 ? sides : 1));
}

/* [begin, end) becomes other bytes, at most 64, if there is room for them; they may be the text's own. */
static void replace(struct text *text, size_t begin, size_t end, const void *with, size_t size)
{
    uint8_t copy[64];
    size = size < sizeof copy ? size : sizeof copy;
    if (text->size - (end - begin) + size > text->max_size) {
        return;
    }
    memcpy(copy, with, size);
    memmove(text->bytes + begin + size, text->bytes + end, text->size - end);
    memcpy(text->bytes + begin, copy, size);
    text->size = text->size - (end - begin) + size;
}

static bool ends_value(uint8_t c)
{
    return c == '\0' || strchr("=&;,:/?\"'(){}[]<> \r\n\t", c);
}

/* The value that a place of chance stands in: it may be empty. */
static void change_value(struct text *text, uint64_t *dice)
{
    size_t begin = roll(dice, text->size + 1);
    while (begin > 0 && !ends_value(text->bytes[begin - 1])) {
        begin--;
    }
    size_t end = begin;
    while (end < text->size && !ends_value(text->bytes[end])) {
        end++;
    }
    const char *with = amiss[roll(dice, sizeof amiss / sizeof *amiss)];
    replace(text, begin, end, with, strlen(with));
}

size_t rig_fuzz_change_bytes(uint8_t *bytes, size_t size, size_t max_size, uint64_t *dice)
{
    struct text text = {bytes, size, max_size};
    size_t at = roll(dice, size + 1), rest = size - at, some = roll(dice, rest + 1);
    uint8_t byte = (uint8_t)roll(dice, 256);
    switch (roll(dice, 8)) {
    case 0: /* another byte, or one more at the end */
        replace(&text, at, at + (rest > 0), &byte, 1);
        break;
    case 1:
        replace(&text, at, at, &byte, 1);
        break;
    case 2: /* without some */
        replace(&text, at, at + some, "", 0);
        break;
    case 3: /* some again */
        replace(&text, at, at, bytes + at, some);
        break;
    default:
        change_value(&text, dice);
        break;
    }
    return text.size;
}
