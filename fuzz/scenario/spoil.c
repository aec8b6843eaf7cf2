#include "fuzz/scenario/spoil.h"

#include "fuzz/scenario/strings.h"
#include "harness/http/chars.h"

#include <string.h>

void rig_fuzz_spoil_name(struct rig_fuzz_scenario *scenario, struct rig_field *field, enum rig_fuzz_spoil spoil)
{
    size_t size = strlen(field->name);
    size_t kept = spoil == RIG_FUZZ_SPOIL_NEAR && size > 1 ? size - 1 : size;
    char *name = rig_fuzz_copy(scenario, field->name, kept);
    for (size_t i = 0; name && i < kept; i++) {
        char c = name[i];
        bool letter = rig_char_is(c, RIG_CHAR_ALPHA);
        name[i] = (char)(spoil == RIG_FUZZ_SPOIL_UNDERSCORE && c == '-' ? '_'
                         : spoil == RIG_FUZZ_SPOIL_UPPER && letter      ? c & ~0x20
                         : spoil == RIG_FUZZ_SPOIL_LOWER && letter      ? c | 0x20
                                                                        : c);
    }
    field->name = name ? name : field->name;
}

void rig_fuzz_spoil_value(struct rig_fuzz_scenario *scenario, struct rig_field *field, size_t *value_size,
                          enum rig_fuzz_spoil spoil)
{
    static const char filler[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const char *old = field->value, *fresh = NULL;
    size_t old_size = strlen(old), size = 0;
    if (spoil == RIG_FUZZ_SPOIL_SPACES) {
        (void)rig_fuzz_append(scenario, &fresh, &size, " ", 1);
    }
    (void)rig_fuzz_append(scenario, &fresh, &size, old,
                          spoil == RIG_FUZZ_SPOIL_HALF                  ? old_size / 2
                          : spoil == RIG_FUZZ_SPOIL_CUT && old_size > 0 ? old_size - 1
                                                                        : old_size);
    if (spoil == RIG_FUZZ_SPOIL_SPACES) {
        (void)rig_fuzz_append(scenario, &fresh, &size, "\t", 1);
    }
    for (unsigned i = 0; spoil == RIG_FUZZ_SPOIL_LONG && i < 3; i++) {
        (void)rig_fuzz_append(scenario, &fresh, &size, old, old_size);
    }
    while (spoil == RIG_FUZZ_SPOIL_HUGE && size < 1024 &&
           rig_fuzz_append(scenario, &fresh, &size, filler, sizeof filler - 1)) {
    }
    if (fresh) {
        field->value = fresh;
        *value_size = size;
    }
}
