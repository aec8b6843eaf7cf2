/* A line of results.tsv: what was seen, and which front, transport and engine that was. */
#define _DEFAULT_SOURCE
#include "tests/conformance/early_response/check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- outcomes ---- */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static unsigned got_of(const char *label)
{
    static const struct {
        const char *begin;
        unsigned got;
    } labels[] = {{"400", RIG_GOT_400},       {"gone", RIG_GOT_NOTHING},     {"lost:read", RIG_GOT_NOTHING},
                  {"401", RIG_GOT_WHOLE},     {"502", RIG_GOT_502},          {"503", RIG_GOT_503},
                  {"trunc", RIG_GOT_CUT},     {"lost:eof", RIG_GOT_NOTHING}, {"lost:write", RIG_GOT_RESET},
                  {"wrong", RIG_GOT_ANOTHERS}};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        if (begins(label, labels[i].begin)) {
            return labels[i].got;
        }
    }
    return 0;
}

static unsigned next_of(const char *label)
{
    const char *next = strchr(label, '>');
    if (!next) {
        return 0;
    }
    next++;
    return begins(next, "401")          ? RIG_NEXT_ANSWER
           : begins(next, "DESYNC:400") ? RIG_NEXT_400
           : begins(next, "DESYNC:401") ? RIG_NEXT_PHANTOM
                                        : RIG_NEXT_CLOSED;
}

/* "401~fin=19 wrong:(other request)>401=1" */
static bool read_outcomes(struct cell *cell, const char *text)
{
    int total = 0;
    while (*text) {
        const char *equals = strchr(text, '=');
        char label[CELL_TEXT], *end;
        if (!equals || equals - text >= CELL_TEXT || cell->outcome_count == 16) {
            return false;
        }
        memcpy(label, text, (size_t)(equals - text));
        label[equals - text] = '\0';
        int count = (int)strtol(equals + 1, &end, 10);
        unsigned got = got_of(label), next = next_of(label);
        if (!got || count <= 0) {
            return false;
        }
        cell->got |= got;
        cell->next |= next;
        cell->pairs[cell->outcome_count] = got | next << 8;
        cell->counts[cell->outcome_count++] = count;
        cell->lost += (got & RIG_GOT_LOST) || (next & RIG_NEXT_LOST) ? count : 0;
        cell->reached += strstr(label, "|none") ? 0 : count;
        total += count;
        text = end + strspn(end, " ");
    }
    return total == cell->n;
}

static void copy(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from ? from : "");
}

bool cell_read(struct cell *cell, char *line)
{
    char *fields[8] = {NULL};
    memset(cell, 0, sizeof *cell);
    for (size_t i = 0; i < 8; i++) {
        fields[i] = strsep(&line, "\t");
    }
    if (!fields[6]) {
        return false;
    }
    copy(cell->front, sizeof cell->front, fields[0]);
    copy(cell->backend, sizeof cell->backend, fields[1]);
    cell->size = strtoull(fields[2], NULL, 10);
    copy(cell->framing, sizeof cell->framing, fields[3]);
    copy(cell->client, sizeof cell->client, fields[4]);
    cell->n = (int)strtol(fields[5], NULL, 10);
    copy(cell->log, sizeof cell->log, fields[7]);
    return read_outcomes(cell, fields[6]);
}

/* ---- places ---- */

static const struct {
    const char *recorded, *front, *transport;
} fronts[] = {
    {"direct-tcp", "direct", "tcp"},
    {"direct-unix", "direct", "unix"},
    {"nginx-proxy-tcp-on", "nginx:proxy", "tcp"},
    {"nginx-proxy-unix-on", "nginx:proxy", "unix"},
    {"nginx-proxy-tcp-off", "nginx:proxy:stream", "tcp"},
    {"nginx-proxy-unix-off", "nginx:proxy:stream", "unix"},
    {"nginx-scgi-tcp-on", "nginx:scgi", "tcp"},
    {"nginx-scgi-unix-on", "nginx:scgi", "unix"},
    {"nginx-scgi-unix-off", "nginx:scgi:stream", "unix"},
    {"nginx-uwsgi-unix-on", "nginx:uwsgi", "unix"},
    {"nginx-uwsgi-unix-off", "nginx:uwsgi:stream", "unix"},
    {"nginx-fcgi-tcp-on", "nginx:fastcgi", "tcp"},
    {"nginx-fcgi-unix-on", "nginx:fastcgi", "unix"},
    {"nginx-fcgi-unix-off", "nginx:fastcgi:stream", "unix"},
    {"apache-proxy_http-tcp", "apache:http", "tcp"},
    {"apache-proxy_http-unix", "apache:http", "unix"},
    {"apache-proxy_fcgi-tcp", "apache:fastcgi", "tcp"},
    {"apache-proxy_fcgi-unix", "apache:fastcgi", "unix"},
    {"apache+mod_passenger6(BufferUpload=on)", "apache:passenger", "unix"},
    {"apache+mod_passenger6(BufferUpload=off)", "apache:passenger:stream", "unix"},
    {"lighttpd-proxy-tcp-buf", "lighttpd:proxy", "tcp"},
    {"lighttpd-proxy-tcp-stream", "lighttpd:proxy:stream", "tcp"},
    {"lighttpd-proxy-unix-buf", "lighttpd:proxy", "unix"},
    {"lighttpd-fcgi-unix-buf", "lighttpd:fastcgi", "unix"},
    {"haproxy-tcp-bufreq", "haproxy:http:bufreq", "tcp"},
    {"haproxy-tcp", "haproxy:http", "tcp"},
    {"haproxy-unix", "haproxy:http", "unix"},
    {"nginx+p3hop-unix", "passenger3:http", "unix"},
    {"nginx+p3hop-tcp", "passenger3:http", "tcp"},
};

static const struct rig_front *front_named(const char *name)
{
    char built[CELL_TEXT * 2];
    for (size_t i = 0; i < RIG_FRONT_COUNT; i++) {
        const struct rig_front *front = &rig_front_table[i];
        (void)snprintf(built, sizeof built, "%s:%s%s%s", front->name, front->protocol, front->option ? ":" : "",
                       front->option ? front->option : "");
        if (strcmp(built, name) == 0 || (front->client && strcmp(front->name, name) == 0)) {
            return front;
        }
    }
    return NULL;
}

const char *cell_front(size_t i, const struct rig_front **front, const struct rig_transport **transport)
{
    if (i >= sizeof fronts / sizeof *fronts) {
        return NULL;
    }
    *front = front_named(fronts[i].front);
    *transport = strcmp(fronts[i].transport, "tcp") == 0 ? RIG_TRANSPORT(TCP) : RIG_TRANSPORT(UNIX);
    return fronts[i].recorded;
}

static bool place_front(struct cell *cell)
{
    struct rig_case *it = &cell->situation;
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++) {
        if (!begins(cell->front, fronts[i].recorded)) {
            continue;
        }
        bool direct = strcmp(fronts[i].front, "direct") == 0;
        bool writer = strcmp(cell->client, "naive") == 0 || strcmp(cell->client, "half") == 0;
        it->front = front_named(direct && writer ? cell->client : fronts[i].front);
        it->transport = strcmp(fronts[i].transport, "tcp") == 0 ? RIG_TRANSPORT(TCP) : RIG_TRANSPORT(UNIX);
        return it->front != NULL;
    }
    return false;
}

/* The modes E1 to E8 of the page's head. */
static bool place_mode(struct cell *cell)
{
    static const struct {
        const char *mode, *engine;
        enum { NONE, ONE, ALL } taken;
        bool keep_alive, no_length, settled;
    } modes[] = {
        {"E1", "early", NONE, false, false, false}, {"E2", "early-shut", NONE, false, false, false},
        {"E3", "plain", NONE, false, false, false}, {"E3b", "recv16k", NONE, false, false, false},
        {"E3d", "plain", NONE, false, false, true}, {"E3s", "shut", NONE, false, false, false},
        {"E3n", "plain", NONE, false, true, false}, {"E4", "plain", ONE, false, false, false},
        {"E5", "plain", ALL, false, false, false},  {"E6", "lingers", NONE, false, false, false},
        {"E7", "kept", NONE, true, false, false},   {"E8", "drains", NONE, true, false, false},
        {"E5a", "plain", ALL, false, false, false}, /* tests/real: it answers also a body that breaks off */
        {"E7x", "kept", NONE, true, false, false},  /* tests/real: the body holds no requests */
    };
    struct rig_case *it = &cell->situation;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(cell->backend, modes[i].mode) == 0) {
            it->engine = rig_engine_named(modes[i].engine);
            it->taken = modes[i].taken == ALL ? cell->size : modes[i].taken == ONE && cell->size > 0 ? 1 : 0;
            it->end_read = modes[i].taken == ALL || (modes[i].taken == ONE && cell->size == 0);
            it->keep_alive = modes[i].keep_alive;
            it->length_known = !modes[i].no_length;
            cell->settled = modes[i].settled;
            return true;
        }
    }
    return false;
}

/* "libmicrohttpd:data:keepalive": a program, what the app did, how the client asked. */
static bool place_program(struct cell *cell)
{
    static const struct {
        const char *recorded, *engine;
    } programs[] = {
        {"civetweb", "civetweb"}, {"libfcgi", "libfcgi"}, {"libmicrohttpd", "microhttpd"}, {"passenger6", "passenger6"},
        {"puma", "puma"},         {"ulfius", "ulfius"},   {"unicorn", "unicorn"},          {"uwsgi(", "uwsgi-buffered"},
        {"uwsgi", "uwsgi"}};
    struct rig_case *it = &cell->situation;
    for (size_t i = 0; i < sizeof programs / sizeof *programs && !it->engine; i++) {
        it->engine = begins(cell->backend, programs[i].recorded) ? rig_engine_named(programs[i].engine) : NULL;
    }
    it->keep_alive = strstr(cell->backend, ":keepalive") != NULL;
    it->length_known = true;
    it->uploading = strstr(cell->backend, ":data") != NULL;
    it->end_read = strstr(cell->backend, ":drain") != NULL;
    it->taken = it->end_read ? cell->size : strstr(cell->backend, ":read1") && cell->size > 0 ? 1 : 0;
    if (it->uploading && cell->size == 0) { /* no upload: its reply comes in the last call */
        it->end_read = true;
    }
    return it->engine != NULL;
}

bool cell_place(struct cell *cell)
{
    struct rig_case *it = &cell->situation;
    bool mode = cell->backend[0] == 'E' && isdigit((unsigned char)cell->backend[1]);
    it->chunked = strcmp(cell->framing, "chunked") == 0;
    it->expects = strcmp(cell->client, "expect") == 0;
    it->client = strcmp(cell->client, "duplex") == 0 ? RIG_CLIENT_DUPLEX
                 : strcmp(cell->client, "half") == 0 ? RIG_CLIENT_HALF
                                                     : RIG_CLIENT_NAIVE;
    it->breaks_off = strcmp(cell->client, "cut") == 0 || strcmp(cell->client, "gone") == 0;
    it->shuts = it->breaks_off || strcmp(cell->client, "shut") == 0;
    it->body = it->breaks_off ? cell->size / 2 : cell->size;
    it->answer = 113; /* a head, and 13 bytes */
    if (!place_front(cell) || !(mode ? place_mode(cell) : place_program(cell))) {
        fprintf(stderr, "no front or engine for %s %s\n", cell->front, cell->backend);
        return false;
    }
    it->taken = it->taken < it->body ? it->taken : it->body;
    it->break_met = it->breaks_off && it->end_read;
    cell->paused = it->front->pauses && it->taken == 0 && !cell->settled && !it->keep_alive;
    return true;
}

struct rig_fate cell_predict(const struct cell *cell)
{
    struct rig_fate settled = rig_simulate(&cell->situation, RIG_TIMING_SETTLED);
    if (cell->settled) {
        return settled;
    }
    struct rig_fate worst = rig_simulate(&cell->situation, RIG_TIMING_WORST);
    return cell->paused ? worst : rig_fate_of_both(worst, settled);
}

/* ---- judging ---- */

bool cell_inside(const struct cell *cell, const struct rig_fate *fate)
{
    for (size_t i = 0; i < cell->outcome_count; i++) {
        unsigned got = cell->pairs[i] & 255U, next = cell->pairs[i] >> 8;
        if (!(got & fate->got) || (next && !(next & fate->next))) {
            return false;
        }
    }
    return true;
}

void cell_print_set(unsigned got, unsigned next)
{
    static const char *const gots[] = {"whole", "cut", "502", "503", "nothing", "reset", "another's"};
    static const char *const nexts[] = {">answer", ">closed", ">400", ">phantom"};
    for (unsigned i = 0; i < 7; i++) {
        printf("%s%s", got & 1U << i ? gots[i] : "", got & 1U << i ? " " : "");
    }
    for (unsigned i = 0; i < 4; i++) {
        printf("%s%s", next & 1U << i ? nexts[i] : "", next & 1U << i ? " " : "");
    }
}
