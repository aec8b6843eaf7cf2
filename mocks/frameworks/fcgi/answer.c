/* What was written to request->out, as the response that a web server makes of it. */
#include "mocks/frameworks/fcgi/fcgi.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RULE "fastcgi.head.invalid"

struct reading {
    struct rig_fcgi_turn *turn;
    const char *site;
    const char *at, *end;
    bool adding; /* to the response; first it is only looked at, for an answer of the web server's own has none of it */
    int status;  /* 0: none was named */
    bool located, odd; /* odd: a line has no colon */
    const char *wrong; /* NULL: nothing */
    int error;
};

static char *copied(struct reading *it, const char *text, size_t size)
{
    char *copy = rig_env_alloc_at(NULL, it->turn->env, size + 1);
    if (copy) {
        memcpy(copy, text, size);
    } else {
        it->error = -ENOMEM;
    }
    return copy;
}

static bool is_named(const char *name, size_t size, const char *what)
{
    return strlen(what) == size && strncasecmp(name, what, size) == 0;
}

/* "404 Not Found" */
static void read_status(struct reading *it, const char *text, size_t size)
{
    const char *value = copied(it, text, size);
    char *rest;
    if (!value) {
        return;
    }
    long status = strtol(value, &rest, 10);
    if (rest != value + 3 || status < 100 || (*rest != '\0' && *rest != ' ')) {
        it->wrong = "its Status is no number of three digits";
        return;
    }
    it->status = (int)status;
}

static void add_field(struct reading *it, const char *line, size_t name_size, const char *text, size_t size)
{
    const char *name = copied(it, line, name_size), *value = copied(it, text, size);
    if (name && value) {
        it->error = rig_response_add_header_bytes_at(it->site, it->turn->res, name, value, size);
    }
}

static void read_field(struct reading *it, const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size);
    size_t name_size = colon ? (size_t)(colon - line) : 0, skip = name_size + 1;
    if (!colon) { /* as nginx 1.22.1 was seen to do */
        it->odd = true;
        return;
    }
    if (name_size == 0) {
        it->wrong = "a line of it has no name before its colon";
        return;
    }
    while (skip < size && (line[skip] == ' ' || line[skip] == '\t')) {
        skip++;
    }
    while (size > skip && (line[size - 1] == ' ' || line[size - 1] == '\t')) {
        size--;
    }
    bool is_status = is_named(line, name_size, "Status");
    it->located = it->located || is_named(line, name_size, "Location");
    if (is_status && !it->adding) {
        read_status(it, line + skip, size - skip);
    } else if (!is_status && it->adding) {
        add_field(it, line, name_size, line + skip, size - skip);
    }
}

/* Up to the blank line, whose end at is then. */
static void read_head(struct reading *it, bool adding)
{
    it->at = it->turn->out.data;
    it->adding = adding;
    while (!it->wrong && it->error == 0) {
        const char *newline = memchr(it->at, '\n', (size_t)(it->end - it->at));
        if (!newline) {
            it->wrong =
                it->at == it->end && it->at == it->turn->out.data ? "nothing was written" : "no blank line ends it";
            return;
        }
        size_t size = (size_t)(newline - it->at);
        size -= size > 0 && it->at[size - 1] == '\r';
        const char *line = it->at;
        it->at = newline + 1;
        if (size == 0) {
            return;
        }
        read_field(it, line, size);
    }
}

static void tell_odd(const struct reading *it, const char *name)
{
    struct rig_foreign_finding find = {.rule = RULE,
                                       .level = RIG_LEVEL_WARNING,
                                       .site = it->site,
                                       .follows = "nginx makes a field without a value of it and goes on"};
    (void)rig_foreign_find(it->turn->env, &find, "%s wrote a line without a colon into its head", name);
}

static int refuse(const struct reading *it, const char *name)
{
    struct rig_foreign_finding find = {.rule = RULE, .site = it->site};
    (void)rig_foreign_find(it->turn->env, &find, "%s wrote no head that a web server takes: %s", name, it->wrong);
    return rig_respond_at(it->site, &(struct rig_reply){.response = it->turn->res, .status = 502});
}

int rig_fcgi_answer(struct rig_fcgi_turn *turn, const char *name)
{
    static char nothing[1];
    struct reading it = {.turn = turn, .site = rig_site_of(turn->writer)};
    turn->out.data = turn->out.data ? turn->out.data : nothing;
    it.end = turn->out.data + turn->out.size;
    if (turn->starved) {
        return -ENOMEM;
    }
    (void)rig_foreign_arm(turn->env, RULE);
    read_head(&it, false);
    if (it.wrong && it.error == 0) {
        return refuse(&it, name);
    }
    read_head(&it, true);
    if (it.error) {
        return it.error;
    }
    if (it.odd) {
        tell_odd(&it, name);
    }
    int status = it.status ? it.status : it.located ? 302 : 200;
    return rig_respond_at(
        it.site,
        &(struct rig_reply){.response = turn->res, .status = status, .bytes = {it.at, (size_t)(it.end - it.at)}});
}
