#define _POSIX_C_SOURCE 200809L

#include "fuzz/driver/masked.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/driver/report.h"
#include "harness/report/mask.h"
#include "harness/report/secrets.h"

/* target NULL: without what it makes for the run. */
static void collect(struct rig_secrets *secrets, const struct rig_fuzz_target *target,
                    const struct rig_fuzz_scenario *scenario)
{
    const struct rig_field *settings = target ? target->setup.settings : NULL;
    for (uint32_t i = 0; i < scenario->count; i++) {
        const struct rig_fuzz_request *one = &scenario->requests[i];
        struct rig_request request = {
            .target = one->target, .header_list = one->fields, .header_count = one->field_count, .bytes = one->body};
        if (target && one->credentials != RIG_FUZZ_CLASS_NONE) {
            /* whatever its place is named */
            bool basic = one->place == RIG_FUZZ_PLACE_BASIC;
            request.headers[0] = rig_fuzz_carried(&target->credentials, one->credentials,
                                                  basic ? RIG_FUZZ_PLACE_BASIC : RIG_FUZZ_PLACE_BEARER);
        }
        rig_secrets_collect(secrets, &request, settings, target ? target->setup.setting_count : 0);
    }
}

/* ---- copies of what requests hold; all are freed together ---- */

struct copy {
    struct copy *next;
    char text[];
};

struct copies {
    const struct rig_secrets *secrets;
    struct copy *first;
    bool starved; /* then nothing is shown */
};

/* Room for a text of that size, zeroed; NULL: none is left. */
static char *make(struct copies *copies, size_t size)
{
    struct copy *copy = calloc(1, sizeof *copy + size + 1);
    if (!copy) {
        copies->starved = true;
        return NULL;
    }
    copy->next = copies->first;
    copies->first = copy;
    return copy->text;
}

/* Never NULL. */
static const char *keep(struct copies *copies, const char *text)
{
    char *copy = text ? make(copies, strlen(text)) : NULL;
    copies->starved = copies->starved || !copy;
    return copy ? memcpy(copy, text, strlen(text)) : "";
}

static const char *hide(struct copies *copies, const char *text)
{
    char *hidden = rig_secrets_hide(copies->secrets, text);
    const char *copy = keep(copies, hidden);
    free(hidden);
    return copy;
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
    return keep(copies, line);
}

/* Any bytes: what lies between zero bytes is a text. */
static struct rig_bytes hide_bytes(struct copies *copies, struct rig_bytes bytes)
{
    char *raw = make(copies, bytes.size), *hidden = make(copies, bytes.size);
    size_t size = 0;
    if (!raw || !hidden) {
        return (struct rig_bytes){NULL, 0};
    }
    memcpy(raw, bytes.data, bytes.size);
    for (size_t at = 0; at < bytes.size; at += strlen(raw + at) + 1) {
        const char *piece = hide(copies, raw + at);
        size_t length = strlen(piece), zero = at + strlen(raw + at) < bytes.size;
        memcpy(hidden + size, piece, length + 1);
        size += length + zero;
    }
    return (struct rig_bytes){hidden, size};
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
    shown.names = scenario->names;
    memcpy(shown.requests, scenario->requests, sizeof shown.requests);
    collect(&secrets, NULL, scenario);
    for (uint32_t i = 0; i < shown.count; i++) {
        hide_request(&copies, &shown.requests[i]);
    }
    size_t size = 0;
    *out = '\0';
    if (!copies.starved) {
        size = rig_fuzz_write(&shown, out, room);
    }
    for (struct copy *copy = copies.first, *next; copy; copy = next) {
        next = copy->next;
        free(copy);
    }
    rig_secrets_free(&secrets);
    return size;
}

void rig_masked_text(const struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario, const char *text,
                     char *out, size_t room)
{
    struct rig_secrets secrets = {0};
    collect(&secrets, target, scenario);
    char *hidden = rig_secrets_hide(&secrets, text);
    (void)snprintf(out, room, "%s", hidden ? hidden : "out of memory");
    free(hidden);
    rig_secrets_free(&secrets);
}

void rig_masked_print(FILE *out, const struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario,
                      const struct rig_fuzz_violation *violation, const char *text)
{
    char message[1024];
    struct rig_fuzz_violation shown = *violation;
    rig_masked_text(target, scenario, violation->message, message, sizeof message);
    shown.message = message;
    rig_fuzz_print(out, &shown, text);
}
