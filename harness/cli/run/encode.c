/* The worker's half of the protocol: numbers in the machine's own form, strings with their length and a zero byte. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/cli/ui/cli.h"
#include "harness/cli/ui/known.h"
#include "harness/cli/run/protocol.h"
#include "harness/core/run.h"

/* Left free for the last finding and what comes after the findings. */
#define SLACK ((size_t)1 << 20)

struct encoder {
    unsigned char *data;
    size_t used, capacity;
};

static void put_bytes(struct encoder *out, const void *data, size_t size)
{
    while (out->capacity - out->used < size) {
        out->data = rig_must_grow(out->data, out->capacity, &out->capacity, 1);
    }
    if (size) {
        memcpy(out->data + out->used, data, size);
    }
    out->used += size;
}

static void put_number(struct encoder *out, uint32_t number)
{
    put_bytes(out, &number, sizeof number);
}

/* NULL is a length of its own. */
static void put_string(struct encoder *out, const char *string)
{
    if (!string) {
        put_number(out, UINT32_MAX);
        return;
    }
    size_t size = strnlen(string, RIG_FRAME_STRING_MAX);
    put_number(out, (uint32_t)size);
    put_bytes(out, string, size);
    put_bytes(out, "", 1);
}

static void put_finding(struct encoder *out, const struct rig_finding *finding)
{
    size_t count = finding->evidence_count < RIG_EVIDENCE_MAX ? finding->evidence_count : RIG_EVIDENCE_MAX;
    put_string(out, finding->rule);
    put_number(out, (uint32_t)finding->level);
    put_string(out, finding->layer);
    put_number(out, finding->layer_number);
    put_string(out, finding->layer_site);
    put_string(out, finding->site);
    put_string(out, finding->subject);
    put_string(out, finding->message);
    put_string(out, finding->follows);
    put_string(out, finding->server);
    put_string(out, finding->mend);
    put_number(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_string(out, finding->evidence[i].text);
        put_string(out, finding->evidence[i].site);
    }
}

/* From the outermost layer down, as long as the last call of the layer below failed too. */
static const struct rig_hop *origin(const struct rig_result *result)
{
    const struct rig_hop *at = result->hops, *below = at;
    while (below && below->returned < 0) {
        at = below;
        below = NULL;
        for (size_t i = at->number + (size_t)1; i < result->hop_count; i++) {
            below = result->hops[i].parent == at->number ? &result->hops[i] : below;
        }
    }
    return at;
}

static void put_origin(struct encoder *out, const struct rig_result *result)
{
    static const struct rig_hop none;
    bool of_layer = result->hop_count && result->hops[0].returned < 0; /* else the rig's own: not sent, or no memory */
    const struct rig_hop *hop = result->error && of_layer ? origin(result) : &none;
    put_string(out, hop->layer);
    put_string(out, hop->layer_site);
    put_string(out, hop->left_at);
    put_number(out, hop->layer_number);
    put_number(out, (uint32_t)hop->returned);
}

static void put_armed(struct encoder *out, const struct rig_result *result)
{
    const unsigned *armed = ((const struct rig_report *)(const void *)result)->armed; /* the client's */
    put_number(out, (uint32_t)rig_known_count());
    for (size_t i = 0; i < rig_known_count(); i++) {
        put_number(out, armed ? armed[i] : 0);
    }
}

static void put_suppressed(struct encoder *out, const struct rig_result *result)
{
    size_t count =
        result->suppressed_count < RIG_FRAME_FINDINGS_MAX ? result->suppressed_count : RIG_FRAME_FINDINGS_MAX;
    size_t start = out->used, sent = 0;
    put_number(out, 0);
    for (; sent < count && out->used < RIG_FRAME_MAX - SLACK / 2; sent++) {
        put_string(out, result->suppressed[sent].rule);
        put_string(out, result->suppressed[sent].by);
        put_number(out, result->suppressed[sent].count);
    }
    uint32_t number = (uint32_t)sent;
    memcpy(out->data + start, &number, sizeof number);
}

static void put_report(struct encoder *out, const struct rig_result *result, const struct rig_again *again)
{
    size_t sent = 0;
    put_number(out, (uint32_t)result->status);
    put_number(out, (uint32_t)result->error);
    put_number(out, result->unchecked);
    put_number(out, result->delivery.outcome == RIG_CLOSED);
    put_string(out, result->refused);
    put_origin(out, result);
    put_armed(out, result);
    size_t start = out->used;
    put_number(out, 0);
    put_number(out, 0);
    for (; sent < result->finding_count && sent < RIG_FRAME_FINDINGS_MAX && out->used < RIG_FRAME_MAX - SLACK; sent++) {
        put_finding(out, &result->findings[sent]);
        put_number(out, again ? again[sent].runs : 0);
        put_string(out, again ? again[sent].where : NULL);
    }
    size_t left = result->finding_count - sent;
    uint32_t counts[2] = {(uint32_t)sent, left < UINT32_MAX ? (uint32_t)left : UINT32_MAX};
    memcpy(out->data + start, counts, sizeof counts);
    put_suppressed(out, result);
}

static void put_trials(struct encoder *out, const struct rig_trials *trials)
{
    for (size_t i = 0; i <= RIG_FAULT_SPOILED; i++) {
        put_number(out, trials ? trials->verdicts[i] : 0);
    }
    put_number(out, trials ? trials->error : 0);
    put_number(out, trials ? trials->varies : 0);
    put_number(out, trials ? trials->lost : 0);
    put_number(out, trials ? trials->spared : 0);
    put_number(out, trials ? trials->leaks : 0);
    put_number(out, trials ? (uint32_t)(trials->took >> 32) : 0);
    put_number(out, trials ? (uint32_t)trials->took : 0);
}

static bool write_all(int fd, const unsigned char *data, size_t size)
{
    while (size) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        data += written;
        size -= (size_t)written;
    }
    return true;
}

/* The size goes first; it is filled in when it is known. */
static void put_head(struct encoder *out, enum rig_frame_kind kind, uint32_t number)
{
    put_number(out, 0);
    put_number(out, (uint32_t)kind);
    put_number(out, number);
}

static bool flush_frame(struct encoder *out, int fd)
{
    uint32_t size = (uint32_t)out->used;
    memcpy(out->data, &size, sizeof size);
    bool sent = write_all(fd, out->data, out->used);
    free(out->data);
    return sent;
}

bool rig_frame_send(int fd, enum rig_frame_kind kind, uint32_t number, const char *text)
{
    struct encoder out = {0};
    put_head(&out, kind, number);
    if (text) {
        put_string(&out, text);
    }
    return flush_frame(&out, fd);
}

bool rig_frame_send_rules(int fd, const struct rig_rule *rules, size_t count)
{
    struct encoder out = {0};
    put_head(&out, RIG_FRAME_RULES, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_string(&out, rules[i].id);
        put_number(&out, (uint32_t)rules[i].level);
        put_number(&out, rules[i].off);
        put_string(&out, rules[i].title);
        put_string(&out, rules[i].armed_when);
        put_string(&out, rules[i].why);
        put_string(&out, rules[i].mend);
        put_string(&out, rules[i].source);
    }
    return flush_frame(&out, fd);
}

bool rig_frame_send_report(int fd, enum rig_frame_kind kind, uint32_t number, const struct rig_result *result,
                           const struct rig_trials *trials)
{
    struct encoder out = {0};
    put_head(&out, kind, number);
    put_report(&out, result, trials ? trials->again : NULL);
    put_trials(&out, trials);
    return flush_frame(&out, fd);
}
