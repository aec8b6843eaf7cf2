/* The parser of .http files. What it takes and a fuzz scenario can hold is read again from what is written of it. */
#include "tests/fuzz/targets/bytes.h"

#include "fuzz/scenario/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rig_fuzz_scenario one, two;
    static char written[(size_t)1 << 20];
    struct rig_scenario *scenario = NULL;
    struct rig_scenario_error error = {0, 0, ""};
    char *text = room(size);
    memcpy(text, data, size);
    int status = rig_scenario_parse(text, size, &scenario, &error);
    CLAIM(status == 0 || (error.line > 0 && error.column > 0 && error.message[0]));
    rig_scenario_free(scenario);
    int read = rig_fuzz_read(text, size, &one, &error);
    free(text);
    CLAIM(status == 0 || read != 0);
    if (read == 0) {
        size_t length = rig_fuzz_write(&one, written, sizeof written);
        CLAIM(length < sizeof written);
        CLAIM(rig_fuzz_read(written, length, &two, &error) == 0);
        CLAIM(rig_fuzz_equal(&one, &two));
    }
    return 0;
}
