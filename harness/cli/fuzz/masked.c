#include "harness/cli/fuzz/masked.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/driver/report.h"
#include "harness/cli/plan/secrets.h"
#include "harness/report/mask.h"

/* target NULL: without what it makes for the run. */
static void collect(struct rig_secrets *secrets, const struct rig_fuzz_target *target,
                    const struct rig_fuzz_scenario *scenario)
{
    const struct rig_check_options settings = {
        .settings = target ? (struct rig_field *)(uintptr_t)target->setup.settings : NULL,
        .setting_count = target ? target->setup.setting_count : 0};
    for (uint32_t i = 0; i < scenario->count; i++) {
        const struct rig_fuzz_request *one = &scenario->requests[i];
        struct rig_request request = {
            .target = one->target, .header_list = one->fields, .header_count = one->field_count, .bytes = one->body};
        if (target && one->credentials != RIG_FUZZ_CLASS_NONE) {
            request.headers[0] = rig_fuzz_carried(&target->credentials, one->credentials, one->place);
        }
        rig_secrets_collect(secrets, &request, &settings);
    }
}

/* ---- copies of what requests hold; all are freed together ---- */

struct copies {
    const struct rig_secrets *secrets;
    char **list;
    size_t count, capacity;
};

static char *keep(struct copies *copies, char *copy)
{
    copies->list = rig_must_grow(copies->list, copies->count, &copies->capacity, sizeof *copies->list);
    copies->list[copies->count++] = copy;
    return copy;
}

static const char *hide(struct copies *copies, const char *text)
{
    return keep(copies, rig_secrets_hide(copies->secrets, text));
}

static const char *hide_value(struct copies *copies, const struct rig_field *field)
{
    char line[256];
    struct rig_text text;
    if (!rig_name_sensitive(field->name, strlen(field->name))) {
        return hide(copies, field->value);
    }
    rig_text_start(&text, line, sizeof line);
    rig_text_value(&text, field->name, field->value);
    rig_text_end(&text);
    return keep(copies, rig_must_copy(line));
}

/* Any bytes: what lies between zero bytes is a text. */
static struct rig_bytes hide_bytes(struct copies *copies, struct rig_bytes bytes)
{
    char *raw = rig_must_alloc(bytes.size + 1, 1), *hidden = rig_must_alloc(bytes.size + 1, 1);
    size_t size = 0;
    memcpy(raw, bytes.data, bytes.size);
    for (size_t at = 0; at < bytes.size; at += strlen(raw + at) + 1) {
        char *piece = rig_secrets_hide(copies->secrets, raw + at);
        size_t length = strlen(piece), zero = at + strlen(raw + at) < bytes.size;
        memcpy(hidden + size, piece, length + 1);
        size += length + zero;
        free(piece);
    }
    free(raw);
    return (struct rig_bytes){keep(copies, hidden), size};
}

static void hide_request(struct copies *copies, struct rig_fuzz_request *request)
{
    request->target = hide(copies, request->target);
    request->method = hide(copies, request->method);
    for (size_t i = 0; i < request->field_count; i++) {
        request->fields[i].value = hide_value(copies, &request->fields[i]);
        request->fields[i].name = hide(copies, request->fields[i].name);
    }
    if (request->body.size > 0) {
        request->body = hide_bytes(copies, request->body);
    }
}

/* ---- what is shown ---- */

size_t rig_masked_write(const struct rig_fuzz_scenario *scenario, char *out, size_t room)
{
    static struct rig_fuzz_scenario shown; /* its strings are the other's, or copies */
    struct rig_secrets secrets = {0};
    struct copies copies = {.secrets = &secrets};
    shown.count = scenario->count;
    shown.server = scenario->server;
    memcpy(shown.requests, scenario->requests, sizeof shown.requests);
    collect(&secrets, NULL, scenario);
    for (uint32_t i = 0; i < shown.count; i++) {
        hide_request(&copies, &shown.requests[i]);
    }
    size_t size = rig_fuzz_write(&shown, out, room);
    for (size_t i = 0; i < copies.count; i++) {
        free(copies.list[i]);
    }
    free(copies.list);
    rig_secrets_free(&secrets);
    return size;
}

void rig_masked_text(const struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario, const char *text,
                     char *out, size_t room)
{
    struct rig_secrets secrets = {0};
    collect(&secrets, target, scenario);
    char *hidden = rig_secrets_hide(&secrets, text);
    (void)snprintf(out, room, "%s", hidden);
    free(hidden);
    rig_secrets_free(&secrets);
}

void rig_masked_print(FILE *out, const struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario,
                      const struct rig_fuzz_violation *violation)
{
    char message[1024];
    struct rig_fuzz_violation shown = *violation;
    rig_masked_text(target, scenario, violation->message, message, sizeof message);
    shown.message = message;
    rig_fuzz_print(out, &shown, NULL);
}
