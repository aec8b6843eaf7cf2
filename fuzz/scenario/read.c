/* Text to a scenario: what the parser made of it, into bounds. */
#include "fuzz/scenario/strings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct reader {
    struct rig_fuzz_scenario *scenario;
    struct rig_scenario_error *error;
    size_t line;
};

static int refuse(const struct reader *reader, const char *format, ...) RIG_PRINTF_(2, 3);
static int refuse(const struct reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    reader->error->line = reader->line;
    reader->error->column = 1;
    (void)vsnprintf(reader->error->message, sizeof reader->error->message, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static int keep(const struct reader *reader, const char *text, const char **kept)
{
    *kept = rig_fuzz_copy(reader->scenario, text, strlen(text));
    return *kept ? 0 : refuse(reader, "a scenario holds at most %d bytes", RIG_FUZZ_STRINGS_MAX);
}

/* ---- a request ---- */

static int take_line(const struct reader *reader, const struct rig_request *from, struct rig_fuzz_request *to)
{
    int error = from->method && from->method[0] ? keep(reader, from->method, &to->method) : 0;
    error = error || !from->target || !from->target[0] ? error : keep(reader, from->target, &to->target);
    return error || !from->http_version || !from->http_version[0] ? error
                                                                  : keep(reader, from->http_version, &to->version);
}

static int take_fields(const struct reader *reader, const struct rig_request *from, struct rig_fuzz_request *to)
{
    for (size_t i = 0;; i++) {
        bool listed = i >= RIG_FIELDS_MAX;
        if (listed ? i - RIG_FIELDS_MAX == from->header_count : !from->headers[i].name) {
            return 0;
        }
        if (to->field_count == RIG_FUZZ_FIELDS_MAX) {
            return refuse(reader, "a scenario's request has at most %d headers", RIG_FUZZ_FIELDS_MAX);
        }
        const struct rig_field *field = listed ? &from->header_list[i - RIG_FIELDS_MAX] : &from->headers[i];
        struct rig_field kept;
        int error = keep(reader, field->name, &kept.name);
        error = error ? error : keep(reader, field->value, &kept.value);
        if (error) {
            return error;
        }
        to->fields[to->field_count++] = kept;
    }
}

static int take_body(const struct reader *reader, const struct rig_request *from, struct rig_fuzz_request *to)
{
    if (from->bytes.size > 0) {
        to->body =
            (struct rig_bytes){rig_fuzz_copy(reader->scenario, from->bytes.data, from->bytes.size), from->bytes.size};
        if (!to->body.data) {
            return refuse(reader, "a scenario holds at most %d bytes", RIG_FUZZ_STRINGS_MAX);
        }
    }
    if (from->piece_count > RIG_FUZZ_PIECES_MAX) {
        return refuse(reader, "a scenario's body arrives in at most %d pieces", RIG_FUZZ_PIECES_MAX);
    }
    for (size_t i = 0; i < from->piece_count; i++) {
        if (from->pieces[i] > RIG_FUZZ_PIECE_MAX) {
            return refuse(reader, "a piece of a scenario's body has at most %d bytes", RIG_FUZZ_PIECE_MAX);
        }
        to->pieces[i] = (uint16_t)from->pieces[i];
    }
    to->piece_count = (uint32_t)from->piece_count;
    to->chunked = from->chunked;
    to->malformed = from->malformed;
    return 0;
}

static int take_conduct(const struct reader *reader, const struct rig_scenario_request *from,
                        struct rig_fuzz_request *to)
{
    if (from->credentials) {
        unsigned class, place;
        if (!rig_fuzz_as(from->credentials, from->place, &class, &place)) {
            bool unknown = class == RIG_FUZZ_CLASSES;
            return refuse(reader, "no such %s of credentials: %.40s", unknown ? "class" : "place",
                          unknown ? from->credentials : from->place);
        }
        to->credentials = (uint8_t) class;
        to->place = (uint8_t)place;
    }
    if (from->connection) {
        char c = from->connection[0];
        if (c < 'a' || c >= 'a' + RIG_FUZZ_CONNECTIONS - 1 || from->connection[1]) {
            return refuse(reader, "a scenario's connections are named a to o, not %.40s", from->connection);
        }
        to->connection = (uint8_t)(c - 'a' + 1);
    }
    if (from->disconnect_after > RIG_FUZZ_GONE_MAX) {
        return refuse(reader, "a scenario's client goes away within %d bytes", RIG_FUZZ_GONE_MAX);
    }
    to->gone = (uint32_t)from->disconnect_after;
    const struct rig_faulty *fault = from->request.fault;
    if (fault &&
        (fault->chance > RIG_FUZZ_READS_MAX || fault->kind == RIG_FAULT_CHUNKS || fault->kind == RIG_FAULT_ENDLESS)) {
        return refuse(reader, "a scenario's faults come up within %d reads, and have an end", RIG_FUZZ_READS_MAX);
    }
    if (fault) {
        to->fault = (uint8_t)fault->kind;
        to->fault_read = (uint8_t)fault->chance;
        to->fault_always = fault->always;
    }
    return 0;
}

static unsigned server_of(const struct rig_scenario_request *from)
{
    return from->server ? rig_fuzz_place_of(from->server, rig_fuzz_server_names, RIG_FUZZ_SERVERS) : 0;
}

/* Those of the parser have room: it bounds them. */
static struct rig_fuzz_names names_of(const struct rig_scenario_request *from)
{
    const char *const given[RIG_FUZZ_NAMED] = {from->credential_cookie, from->credential_header,
                                               from->credential_query};
    struct rig_fuzz_names names;
    for (unsigned i = 0; i < RIG_FUZZ_NAMED; i++) {
        (void)snprintf(names.of[i], sizeof names.of[i], "%s", given[i] ? given[i] : "");
    }
    return names;
}

static int take_names(const struct reader *reader, const struct rig_scenario_request *from)
{
    const struct rig_fuzz_names names = names_of(from);
    if (reader->scenario->count > 1 && !rig_fuzz_same_names(&names, &reader->scenario->names)) {
        return refuse(reader, "a scenario has the same @credential for all its requests");
    }
    reader->scenario->names = names;
    return 0;
}

/* All requests of a scenario go to one stack behind one server. */
static int take_server(const struct reader *reader, const struct rig_scenario_request *from)
{
    unsigned server = server_of(from);
    if (server == RIG_FUZZ_SERVERS) {
        return refuse(reader, "no server that is fuzzed: %.60s", from->server);
    }
    if (reader->scenario->count > 1 && reader->scenario->server != server) {
        return refuse(reader, "a scenario has one @server for all its requests");
    }
    reader->scenario->server = server;
    return 0;
}

static int take(struct reader *reader, const struct rig_scenario_request *from)
{
    reader->line = from->line;
    struct rig_fuzz_request *to = rig_fuzz_add(reader->scenario);
    if (!to) {
        return refuse(reader, "a scenario has at most %d requests", RIG_FUZZ_REQUESTS_MAX);
    }
    int error = take_server(reader, from);
    error = error ? error : take_names(reader, from);
    error = error ? error : take_line(reader, &from->request, to);
    error = error ? error : take_fields(reader, &from->request, to);
    error = error ? error : take_body(reader, &from->request, to);
    error = error ? error : take_conduct(reader, from, to);
    if (error == 0) {
        rig_fuzz_settle(to, 0);
    }
    return error;
}

/* Must a scenario of its own begin with this one? */
static bool begins_anew(const struct rig_fuzz_scenario *scenario, const struct rig_scenario_request *next)
{
    const struct rig_fuzz_names names = names_of(next);
    return scenario->count == RIG_FUZZ_REQUESTS_MAX ||
           (scenario->count > 0 &&
            (scenario->server != server_of(next) || !rig_fuzz_same_names(&scenario->names, &names)));
}

/* at NULL: all of the text is one scenario. */
static int read_from(const char *text, size_t size, size_t *at, struct rig_fuzz_scenario *scenario,
                     struct rig_scenario_error *error)
{
    struct rig_scenario *parsed = NULL;
    struct rig_scenario_error unused;
    struct reader reader = {.scenario = scenario, .error = error ? error : &unused};
    rig_fuzz_clear(scenario);
    int status = rig_scenario_parse(text, size, &parsed, reader.error);
    size_t count = status == 0 ? rig_scenario_count(parsed) : 0, i = at ? *at : 0;
    while (i < count && status == 0 && (!at || !begins_anew(scenario, rig_scenario_at(parsed, i)))) {
        status = take(&reader, rig_scenario_at(parsed, i++));
    }
    if (at) {
        *at = i < count ? i : 0;
    }
    rig_scenario_free(parsed);
    return status;
}

int rig_fuzz_read(const char *text, size_t size, struct rig_fuzz_scenario *scenario, struct rig_scenario_error *error)
{
    return read_from(text, size, NULL, scenario, error);
}

int rig_fuzz_read_next(const char *text, size_t size, size_t *at, struct rig_fuzz_scenario *scenario,
                       struct rig_scenario_error *error)
{
    return read_from(text, size, at, scenario, error);
}
