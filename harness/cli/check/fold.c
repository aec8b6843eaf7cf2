#include "harness/cli/check/fold.h"

#include <stdlib.h>
#include <string.h>

#include "harness/checks/own.h"
#include "harness/report/key.h"

#define LINES_MAX 4096

static bool same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static uint64_t line_hash(struct rig_fold *fold, const char *site)
{
    if (!site) {
        return 0;
    }
    for (size_t i = 0; i < fold->line_count; i++) {
        if (!strcmp(fold->lines[i].site, site)) {
            return fold->lines[i].hash;
        }
    }
    uint64_t hash = rig_source_line_hash(site);
    if (fold->line_count < LINES_MAX) {
        fold->lines = rig_must_grow(fold->lines, fold->line_count, &fold->line_capacity, sizeof *fold->lines);
        fold->lines[fold->line_count++] = (struct rig_line_hash){rig_must_copy(site), hash};
    }
    return hash;
}

/* A block's message and its consequences show the numbers of one occurrence. */
static bool same_but_numbers(const char *a, const char *b)
{
    static const char digits[] = "0123456789";
    if (!a || !b) {
        return a == b;
    }
    while (*a && *b) {
        size_t a_number = strspn(a, digits), b_number = strspn(b, digits);
        if ((a_number > 0) != (b_number > 0) || (a_number == 0 && *a != *b)) {
            return false;
        }
        a += a_number > 0 ? a_number : 1;
        b += b_number > 0 ? b_number : 1;
    }
    return *a == *b;
}

/* Of the rig's rules a layer, a line and a subject are one mistake; what one's own rule says there twice may be two. */
static bool is_one_mistake(const struct rig_block *block, const char *rule, const char *message)
{
    return !rig_own_id_is_good(rule) || same_but_numbers(block->finding.message, message);
}

static struct rig_block *find_block(struct rig_fold *fold, uint64_t key, const struct rig_finding *finding,
                                    const char *message)
{
    for (size_t i = 0; i < fold->count; i++) {
        const struct rig_finding *other = &fold->blocks[i].finding;
        if (fold->blocks[i].key == key && same(other->rule, finding->rule) && same(other->layer, finding->layer) &&
            same(other->subject, finding->subject) && is_one_mistake(&fold->blocks[i], finding->rule, message)) {
            return &fold->blocks[i];
        }
    }
    return NULL;
}

static void drop(const char *string)
{
    free((void *)(uintptr_t)string);
}

void rig_finding_free(const struct rig_finding *finding)
{
    drop(finding->rule);
    drop(finding->layer);
    drop(finding->layer_site);
    drop(finding->site);
    drop(finding->subject);
    drop(finding->message);
    drop(finding->mend);
    for (size_t i = 0; finding->evidence && i < finding->evidence_count; i++) {
        drop(finding->evidence[i].text);
        drop(finding->evidence[i].site);
    }
    free((void *)(uintptr_t)finding->evidence);
}

/* How a test in C says it, and how a file of requests does. */
static char *as_directive(char *mend)
{
    static const char c[] = ".malformed = true", http[] = "# @malformed on";
    char *at = mend ? strstr(mend, c) : NULL;
    if (at) {
        memcpy(at, http, sizeof http - 1);
        memmove(at + sizeof http - 1, at + sizeof c - 1, strlen(at + sizeof c - 1) + 1);
    }
    return mend;
}

struct rig_finding rig_finding_copy(const struct rig_finding *finding, const struct rig_secrets *secrets)
{
    struct rig_finding copy = *finding;
    struct rig_evidence *evidence = rig_must_alloc(finding->evidence_count, sizeof *evidence);
    copy.rule = rig_must_copy(finding->rule);
    copy.layer = rig_must_copy(finding->layer);
    copy.layer_site = rig_must_copy(finding->layer_site);
    copy.site = rig_must_copy(finding->site);
    copy.subject = rig_must_hide(secrets, finding->subject);
    copy.message = rig_must_hide(secrets, finding->message);
    copy.mend = as_directive(rig_must_hide(secrets, finding->mend));
    copy.follows = copy.server = NULL; /* kept by profile */
    copy.evidence = evidence;
    for (size_t i = 0; i < finding->evidence_count; i++) {
        evidence[i].text = rig_must_hide(secrets, finding->evidence[i].text);
        evidence[i].site = rig_must_copy(finding->evidence[i].site);
    }
    return copy;
}

static void add_seen(struct rig_block *block, const struct rig_occurrence *occurrence)
{
    uint32_t server = UINT32_C(1) << occurrence->server;
    block->servers |= server;
    /* From the end: a request's findings come together. */
    for (size_t i = block->seen_count; i > 0; i--) {
        if (block->seen[i - 1].number == occurrence->number) {
            block->seen[i - 1].servers |= server;
            return;
        }
    }
    block->seen = rig_must_grow(block->seen, block->seen_count, &block->seen_capacity, sizeof *block->seen);
    block->seen[block->seen_count++] = (struct rig_seen){occurrence->number, server, occurrence->expected};
}

static void add_number(struct rig_follow *follow, size_t number)
{
    for (size_t i = follow->number_count; i > 0; i--) { /* as in add_seen */
        if (follow->numbers[i - 1] == number) {
            return;
        }
    }
    follow->numbers =
        rig_must_grow(follow->numbers, follow->number_count, &follow->number_capacity, sizeof *follow->numbers);
    follow->numbers[follow->number_count++] = number;
}

static void add_follow(struct rig_block *block, char *text, const struct rig_finding *finding,
                       const struct rig_occurrence *occurrence)
{
    unsigned server = occurrence->server;
    size_t at = 0;
    while (at < block->follow_count && !same_but_numbers(block->follows[at].text, text)) {
        at++;
    }
    if (at == block->follow_count) {
        block->follows =
            rig_must_grow(block->follows, block->follow_count, &block->follow_capacity, sizeof *block->follows);
        block->follows[block->follow_count++] = (struct rig_follow){.text = text, .anywhere = text && !finding->server};
    } else {
        free(text);
    }
    struct rig_follow *follow = &block->follows[at];
    if (finding->level > follow->levels[server]) {
        follow->levels[server] = finding->level;
    }
    add_number(follow, occurrence->number);
}

static struct rig_block *new_block(struct rig_fold *fold, uint64_t key, const struct rig_occurrence *occurrence)
{
    if (fold->count == RIG_BLOCKS_MAX) {
        fold->dropped++;
        return NULL;
    }
    fold->blocks = rig_must_grow(fold->blocks, fold->count, &fold->capacity, sizeof *fold->blocks);
    struct rig_block *block = &fold->blocks[fold->count++];
    *block = (struct rig_block){.key = key, .expected = true, .apart = occurrence->apart};
    block->where = occurrence->where ? rig_must_copy(occurrence->where) : NULL;
    return block;
}

/* A mistake of the stack's is no other one with each request. */
static struct rig_finding without_its_request(const struct rig_finding *finding)
{
    struct rig_finding one = *finding;
    one.site = same(finding->rule, "usage.stack.no_app") ? NULL : finding->site;
    return one;
}

/* Where in its code a crash or a hang was is another offset with each build. */
static uint64_t lasting_key(struct rig_fold *fold, const struct rig_finding *finding,
                            const struct rig_occurrence *occurrence)
{
    struct rig_finding one = *finding;
    bool lost = occurrence->apart && (same(finding->rule, "crash") || same(finding->rule, "hang"));
    char *lasts = lost ? rig_must_copy(finding->subject) : NULL;
    char *offset = lasts ? strstr(lasts, "+0x") : NULL;
    if (offset) {
        *offset = '\0';
    }
    one.subject = lost ? lasts : finding->subject;
    uint64_t key = rig_finding_key(&one, line_hash(fold, finding->site));
    free(lasts);
    return key;
}

static void add_finding(struct rig_fold *fold, const struct rig_finding *finding,
                        const struct rig_occurrence *occurrence, const struct rig_secrets *secrets)
{
    uint64_t key = rig_finding_key(finding, line_hash(fold, finding->site));
    char *message = rig_must_hide(secrets, finding->message);
    struct rig_block *block = find_block(fold, key, finding, message);
    free(message);
    /* What nobody expected comes before what was expected, then the worse one. */
    unsigned rank = (occurrence->expected ? 0u : 16u) + (unsigned)finding->level;
    if (!block) {
        block = new_block(fold, key, occurrence);
    }
    if (!block) {
        return;
    }
    block->lasting = lasting_key(fold, finding, occurrence);
    block->runs += occurrence->runs;
    if (rank > block->rank) {
        rig_finding_free(&block->finding);
        block->finding = rig_finding_copy(finding, secrets);
        block->rank = rank;
    }
    block->expected = block->expected && occurrence->expected;
    if (occurrence->in_request) {
        add_seen(block, occurrence);
        add_follow(block, rig_must_hide(secrets, finding->follows), finding, occurrence);
    }
}

void rig_fold_add(struct rig_fold *fold, const struct rig_finding *finding, const struct rig_occurrence *occurrence,
                  const struct rig_secrets *secrets)
{
    const struct rig_finding one = without_its_request(finding);
    add_finding(fold, &one, occurrence, secrets);
}

bool rig_block_is_new(const struct rig_block *block)
{
    return !block->expected && block->state == RIG_REPORT_NEW;
}

size_t rig_fold_count(const struct rig_fold *fold, enum rig_level level)
{
    size_t count = 0;
    for (size_t i = 0; i < fold->count; i++) {
        const struct rig_block *block = &fold->blocks[i];
        count += rig_block_is_new(block) && !block->apart && block->finding.level == level;
    }
    return count;
}

static void block_free(struct rig_block *block)
{
    for (size_t k = 0; k < block->follow_count; k++) {
        free(block->follows[k].text);
        free(block->follows[k].numbers);
    }
    rig_finding_free(&block->finding);
    free(block->where);
    free(block->follows);
    free(block->seen);
}

/* ---- a body that some profiles mind and some do not ---- */

static bool has_seen(const struct rig_block *block, size_t number)
{
    for (size_t i = 0; i < block->seen_count; i++) {
        if (block->seen[i].number == number) {
            return true;
        }
    }
    return false;
}

/* What libmicrohttpd does then is told, and the note's consequences are another server's. */
static bool says_worse(const struct rig_block *block)
{
    return same(block->finding.rule, "microhttpd.answer.early");
}

/* Is each request of the note in the other block, if under other profiles? */
static bool covers(const struct rig_block *block, const struct rig_block *note)
{
    for (size_t i = 0; i < note->seen_count; i++) {
        if (!has_seen(block, note->seen[i].number)) {
            return false;
        }
    }
    return note->seen_count > 0 && (same(block->finding.rule, "input.early_answer.unread") || says_worse(block));
}

/* The note's consequences go to the other block, and the note goes. */
static void join(struct rig_fold *fold, struct rig_block *block, size_t note_at)
{
    struct rig_block *note = &fold->blocks[note_at];
    for (size_t i = 0; i < note->follow_count && !says_worse(block); i++) {
        block->follows =
            rig_must_grow(block->follows, block->follow_count, &block->follow_capacity, sizeof *block->follows);
        block->follows[block->follow_count++] = note->follows[i];
    }
    for (size_t i = 0; i < block->seen_count; i++) {
        block->seen[i].servers |= has_seen(note, block->seen[i].number) ? note->servers : 0;
    }
    block->servers |= note->servers;
    note->follow_count = says_worse(block) ? note->follow_count : 0;
    block_free(note);
    memmove(note, note + 1, (fold->count - note_at - 1) * sizeof *note);
    fold->count--;
}

void rig_fold_join(struct rig_fold *fold)
{
    for (size_t i = fold->count; i > 0; i--) {
        struct rig_block *note = &fold->blocks[i - 1];
        if (note->expected || note->apart || !same(note->finding.rule, "input.body.unread")) {
            continue;
        }
        for (size_t k = 0; k < fold->count; k++) {
            if (!fold->blocks[k].expected && covers(&fold->blocks[k], note)) {
                join(fold, &fold->blocks[k], i - 1);
                break;
            }
        }
    }
}

void rig_fold_free(struct rig_fold *fold)
{
    for (size_t i = 0; i < fold->count; i++) {
        block_free(&fold->blocks[i]);
    }
    for (size_t i = 0; i < fold->line_count; i++) {
        free(fold->lines[i].site);
    }
    free(fold->lines);
    free(fold->blocks);
}
