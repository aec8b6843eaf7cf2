#include "harness/http/sink.h"

#include <stackrig/http/percent.h>

#include "harness/http/chars.h"

void rig_sink_number(struct rig_sink *sink, uint64_t number)
{
    char digits[RIG_DECIMAL_MAX];
    rig_sink_put(sink, digits, rig_decimal(number, digits));
}

void rig_sink_encoded(struct rig_sink *sink, const void *data, size_t size)
{
    size_t need = rig_percent_encode(data, size, NULL, 0);
    if (sink->out) {
        (void)rig_percent_encode(data, size, sink->out + sink->size, need);
    }
    sink->size = need < SIZE_MAX - sink->size ? sink->size + need : SIZE_MAX;
}
