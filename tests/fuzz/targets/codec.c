/* Bytes to a scenario, to text and back, to bytes and back: nothing is lost either way. */
#include "tests/fuzz/targets/bytes.h"

#include "fuzz/scenario/scenario.h"

#define ROOM ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rig_fuzz_scenario one, two;
    static char text[ROOM];
    static unsigned char bytes[ROOM];
    static struct rig_fuzz_index index;
    static const struct rig_fuzz_table table = {.index = &index};
    struct rig_scenario_error error;
    if (index.of[0].count == 0) {
        rig_fuzz_index_words(NULL, &index);
    }
    rig_fuzz_decode(&table, data, size, &one);
    size_t length = rig_fuzz_write(&one, text, sizeof text);
    CLAIM(length < sizeof text);
    for (size_t i = 0; i < length; i++) {
        CLAIM(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
    }
    if (rig_fuzz_read(text, length, &two, &error) != 0) {
        fprintf(stderr, "%zu:%zu: %s in\n%s\n", error.line, error.column, error.message, text);
        __builtin_trap();
    }
    CLAIM(rig_fuzz_equal(&one, &two));
    length = rig_fuzz_encode(NULL, &one, bytes, sizeof bytes);
    CLAIM(length <= sizeof bytes);
    rig_fuzz_decode(&table, bytes, length, &two);
    CLAIM(rig_fuzz_equal(&one, &two));
    for (size_t at = 0; at < size;) {
        size_t op = rig_fuzz_op_size(data + at, size - at);
        CLAIM(op > 0 && op <= size - at);
        at += op;
    }
    return 0;
}
