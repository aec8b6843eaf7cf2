/* The parent's half of the protocol: nothing in a frame is believed. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/checks/own.h"
#include "harness/cli/ui/cli.h"
#include "harness/cli/ui/known.h"
#include "harness/cli/run/protocol.h"

#define HEAD_SIZE (3 * sizeof(uint32_t))
#define READ_SIZE ((size_t)1 << 16)

static void make_room(struct rig_frames *frames)
{
    frames->end -= frames->start;
    if (frames->start && frames->end) {
        memmove(frames->data, frames->data + frames->start, frames->end);
    }
    frames->start = 0;
    while (frames->capacity - frames->end < READ_SIZE) {
        frames->data = rig_must_grow(frames->data, frames->capacity, &frames->capacity, 1);
    }
}

bool rig_frames_fill(struct rig_frames *frames, int fd)
{
    ssize_t got;
    if (frames->ended || frames->bad) {
        return false;
    }
    make_room(frames);
    do {
        got = read(fd, frames->data + frames->end, READ_SIZE);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        frames->end += (size_t)got;
        return true;
    }
    frames->ended = got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    return false;
}

bool rig_frames_next(struct rig_frames *frames, struct rig_frame *frame)
{
    uint32_t head[3];
    size_t left = frames->end - frames->start;
    if (frames->bad || left < HEAD_SIZE) {
        return false;
    }
    const unsigned char *data = frames->data + frames->start;
    memcpy(head, data, HEAD_SIZE);
    frames->bad = head[0] < HEAD_SIZE || head[0] > RIG_FRAME_MAX || !head[1] || head[1] >= RIG_FRAME_KINDS;
    if (frames->bad || left < head[0]) {
        return false;
    }
    frames->start += head[0];
    *frame = (struct rig_frame){(enum rig_frame_kind)head[1], head[2], data + HEAD_SIZE, head[0] - HEAD_SIZE};
    return true;
}

void rig_frames_free(struct rig_frames *frames)
{
    free(frames->data);
}

struct decoder {
    const unsigned char *at;
    size_t left;
    bool bad;
};

static uint32_t get_number(struct decoder *in)
{
    uint32_t number = 0;
    if (in->left < sizeof number) {
        in->bad = true;
        return 0;
    }
    memcpy(&number, in->at, sizeof number);
    in->at += sizeof number;
    in->left -= sizeof number;
    return number;
}

static const char *get_string(struct decoder *in)
{
    uint32_t size = get_number(in);
    if (in->bad || size == UINT32_MAX) {
        return NULL;
    }
    const char *string = (const char *)in->at;
    if (size > RIG_FRAME_STRING_MAX || in->left <= size || strnlen(string, size + 1) != size) {
        in->bad = true;
        return NULL;
    }
    in->at += size + 1;
    in->left -= size + 1;
    return string;
}

/* A count of things that take at least `least` bytes each. */
static size_t get_count(struct decoder *in, size_t least, size_t max)
{
    uint32_t count = get_number(in);
    if (count > max || count > in->left / least) {
        in->bad = true;
        return 0;
    }
    return count;
}

static void get_armed(struct decoder *in, struct rig_job_report *report)
{
    size_t rules = rig_known_count();
    size_t count = get_count(in, sizeof(uint32_t), rules);
    in->bad = in->bad || count != rules;
    report->armed = rig_must_alloc(rules, sizeof *report->armed);
    for (size_t i = 0; i < count; i++) {
        report->armed[i] = get_number(in);
    }
}

static const char *get_rule(struct decoder *in)
{
    const char *id = get_string(in);
    const struct rig_rule *rule = id ? rig_known_find(id) : NULL;
    in->bad = in->bad || !rule;
    return rule ? rule->id : NULL;
}

static void get_finding(struct decoder *in, struct rig_finding *finding)
{
    finding->rule = get_rule(in);
    uint32_t level = get_number(in);
    in->bad = in->bad || level < RIG_LEVEL_NOTE || level > RIG_LEVEL_ERROR;
    finding->level = in->bad ? RIG_LEVEL_ERROR : (enum rig_level)level;
    finding->layer = get_string(in);
    finding->layer_number = get_number(in);
    finding->layer_site = get_string(in);
    finding->site = get_string(in);
    finding->subject = get_string(in);
    finding->message = get_string(in);
    finding->follows = get_string(in);
    finding->server = get_string(in);
    finding->mend = get_string(in);
    finding->evidence_count = get_count(in, 2 * sizeof(uint32_t), RIG_EVIDENCE_MAX);
    struct rig_evidence *evidence = rig_must_alloc(finding->evidence_count, sizeof *evidence);
    finding->evidence = evidence;
    for (size_t i = 0; i < finding->evidence_count; i++) {
        evidence[i].text = get_string(in);
        evidence[i].site = get_string(in);
    }
}

static void get_origin(struct decoder *in, struct rig_origin *origin)
{
    origin->layer = get_string(in);
    origin->layer_site = get_string(in);
    origin->site = get_string(in);
    origin->layer_number = get_number(in);
    origin->error = (int)get_number(in);
}

static void get_findings(struct decoder *in, struct rig_job_report *report)
{
    report->finding_count = get_count(in, 14 * sizeof(uint32_t), RIG_FRAME_FINDINGS_MAX);
    report->lost = get_number(in);
    report->findings = rig_must_alloc(report->finding_count, sizeof *report->findings);
    report->again = rig_must_alloc(report->finding_count, sizeof *report->again);
    for (size_t i = 0; i < report->finding_count && !in->bad; i++) {
        get_finding(in, &report->findings[i]);
        report->again[i].runs = get_number(in);
        report->again[i].where = get_string(in);
    }
}

static void get_suppressed(struct decoder *in, struct rig_job_report *report)
{
    report->suppressed_count = get_count(in, 3 * sizeof(uint32_t), RIG_FRAME_FINDINGS_MAX);
    report->suppressed = rig_must_alloc(report->suppressed_count, sizeof *report->suppressed);
    for (size_t i = 0; i < report->suppressed_count && !in->bad; i++) {
        report->suppressed[i].rule = get_rule(in);
        report->suppressed[i].by = get_string(in);
        report->suppressed[i].count = get_number(in);
        in->bad = in->bad || !report->suppressed[i].by;
    }
}

static void get_trials(struct decoder *in, struct rig_trials *trials)
{
    for (size_t i = 0; i <= RIG_FAULT_SPOILED; i++) {
        trials->verdicts[i] = get_number(in);
    }
    trials->error = get_number(in);
    trials->varies = get_number(in);
    trials->lost = get_number(in);
    trials->spared = get_number(in);
    trials->leaks = get_number(in);
    trials->took = (uint64_t)get_number(in) << 32;
    trials->took |= get_number(in);
}

bool rig_frame_report(const struct rig_frame *frame, struct rig_job_report *report)
{
    struct decoder in = {frame->data, frame->size, false};
    *report = (struct rig_job_report){.raw = frame->data, .raw_size = frame->size};
    report->status = (int)get_number(&in);
    report->error = (int)get_number(&in);
    report->unchecked = get_number(&in) != 0;
    report->closed = get_number(&in) != 0;
    report->refused = get_string(&in);
    get_origin(&in, &report->origin);
    get_armed(&in, report);
    if (!in.bad) {
        get_findings(&in, report);
    }
    if (!in.bad) {
        get_suppressed(&in, report);
        get_trials(&in, &report->trials);
    }
    return !in.bad && !in.left;
}

/* A row that a worker made is looked at as one that a user wrote. */
static void get_row(struct decoder *in, struct rig_rule *row)
{
    char why[RIG_OWN_WRONG_SIZE];
    row->id = get_string(in);
    uint32_t level = get_number(in);
    in->bad = in->bad || level > RIG_LEVEL_ERROR;
    row->level = in->bad ? RIG_LEVEL_OFF : (enum rig_level)level;
    row->off = get_number(in) != 0;
    row->title = get_string(in);
    row->armed_when = get_string(in);
    row->why = get_string(in);
    row->mend = get_string(in);
    row->source = get_string(in);
    in->bad = in->bad || rig_own_row_is_wrong(row, why);
}

bool rig_frame_take_rules(const struct rig_frame *frame)
{
    static struct rig_rule rows[RIG_OWN_RULES_MAX];
    struct decoder in = {frame->data, frame->size, frame->number > RIG_OWN_RULES_MAX};
    for (size_t i = 0; i < frame->number && !in.bad; i++) {
        rows[i] = (struct rig_rule){.id = NULL};
        get_row(&in, &rows[i]);
        in.bad = in.bad || (i > 0 && strcmp(rows[i - 1].id, rows[i].id) >= 0);
    }
    bool good = !in.bad && !in.left;
    if (good) {
        rig_known_take(rows, frame->number);
    }
    return good;
}

const char *rig_frame_text(const struct rig_frame *frame)
{
    struct decoder in = {frame->data, frame->size, false};
    const char *text = get_string(&in);
    return text && !in.left ? text : NULL;
}

void rig_job_report_free(struct rig_job_report *report)
{
    for (size_t i = 0; report->findings && i < report->finding_count; i++) {
        free((void *)(uintptr_t)report->findings[i].evidence);
    }
    free(report->findings);
    free(report->again);
    free(report->armed);
    free(report->suppressed);
}
