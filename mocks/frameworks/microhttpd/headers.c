/* The headers of a response, with what the real one refuses (measured with 0.9.75). */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct header **end_of(struct MHD_Response *response)
{
    struct header **link = &response->headers;
    while (*link) {
        link = &(*link)->next;
    }
    return link;
}

static struct header *find(const struct MHD_Response *response, const char *name)
{
    struct header *header = response->headers;
    while (header && (header->kind != MHD_HEADER_KIND || strcasecmp(header->name, name) != 0)) {
        header = header->next;
    }
    return header;
}

const struct header *rig_mhd_response_find(const struct MHD_Response *response, const char *name)
{
    return find(response, name);
}

/* first: before all others. */
static bool put(struct MHD_Response *response, const char *site, enum MHD_ValueKind kind, const char *name,
                const char *text, bool first)
{
    size_t size = strlen(name) + 1;
    struct header *header = malloc(sizeof *header + size);
    char *own_text = strdup(text);
    if (!header || !own_text) {
        free(header);
        free(own_text);
        return false;
    }
    *header = (struct header){.text = own_text, .site = site, .kind = kind};
    memcpy(header->name, name, size);
    struct header **link = first ? &response->headers : end_of(response);
    header->next = *link;
    *link = header;
    return true;
}

static void drop(struct MHD_Response *response, struct header *header)
{
    struct header **link = &response->headers;
    while (*link != header) {
        link = &(*link)->next;
    }
    *link = header->next;
    free(header->text);
    free(header);
}

static bool set_text(struct header *header, const char *text)
{
    char *own = strdup(text);
    if (own) {
        free(header->text);
        header->text = own;
    }
    return own != NULL;
}

/* ---- Connection ---- */

/* Appends the tokens of list but keep-alive and close; true in *closes for the latter. */
static void add_tokens(char *to, size_t room, const char *list, bool *closes)
{
    while (*list) {
        list += strspn(list, " \t,");
        size_t size = strcspn(list, ",");
        size_t trimmed = size;
        while (trimmed > 0 && (list[trimmed - 1] == ' ' || list[trimmed - 1] == '\t')) {
            trimmed--;
        }
        bool close = trimmed == 5 && strncasecmp(list, "close", 5) == 0;
        bool keeps = trimmed == 10 && strncasecmp(list, "keep-alive", 10) == 0;
        *closes = *closes || close;
        if (trimmed > 0 && !close && !keeps) {
            size_t used = strlen(to);
            (void)snprintf(to + used, room - used, "%s%.*s", used > 0 ? ", " : "", (int)trimmed, list);
        }
        list += size;
    }
}

/* All are one header: close first, keep-alive never. */
static bool add_connection(struct MHD_Response *response, const char *site, const char *text)
{
    struct header *before = find(response, "Connection");
    size_t room = strlen(text) * 2 + (before ? strlen(before->text) * 2 : 0) + 16;
    char *tokens = calloc(1, room), *all = calloc(1, room);
    bool closes = false, added = false;
    if (tokens && all) {
        add_tokens(tokens, room, text, &closes);
        added = closes || *tokens;
        tokens[0] = '\0';
        add_tokens(tokens, room, before ? before->text : "", &closes);
        add_tokens(tokens, room, text, &closes);
        (void)snprintf(all, room, "%s%s%s", closes ? "close" : "", closes && *tokens ? ", " : "", tokens);
        added =
            added && (before ? set_text(before, all) : put(response, site, MHD_HEADER_KIND, "Connection", all, true));
    }
    free(tokens);
    free(all);
    return added;
}

/* A Connection of which nothing is left. */
static bool only_keeps_alive(const char *name, const char *text)
{
    char first[2] = "";
    bool closes = false;
    if (strcasecmp(name, "Connection") != 0) {
        return false;
    }
    add_tokens(first, sizeof first, text, &closes);
    return !closes && !*first;
}

/* ---- adding ---- */

/* NULL: it can be added. */
static const char *refused(const struct MHD_Response *response, enum MHD_ValueKind kind, const char *name,
                           const char *text)
{
    if (!name || !text) {
        return name ? "a NULL value" : "a NULL name: the real one crashes";
    }
    if (!*name || !*text) {
        return *name ? "an empty value" : "an empty name";
    }
    if (strpbrk(name, "\t\r\n ")) {
        return "white space in its name";
    }
    if (strpbrk(text, "\r\n")) {
        return "CR or LF in its value";
    }
    if (kind == MHD_FOOTER_KIND) {
        return NULL;
    }
    if (strcasecmp(name, "Content-Length") == 0 && !(response->flags & MHD_RF_INSANITY_HEADER_CONTENT_LENGTH)) {
        return "Content-Length, which is the library's to set";
    }
    if (only_keeps_alive(name, text)) {
        return "no token but keep-alive, which is the library's to set";
    }
    return strcasecmp(name, "Transfer-Encoding") == 0 && strcasecmp(text, "chunked") != 0
               ? "a Transfer-Encoding other than chunked"
               : NULL;
}

static void tell_refused(const char *site, const char *name, const char *why, const char *call)
{
    rig_mhd_find(NULL,
                 &(struct rig_foreign_finding){
                     .rule = "microhttpd.header.refused", .site = site, .subject = name && *name ? name : NULL},
                 "%s refused %.60s: %s", call, name && *name ? name : "a header", why);
}

static bool add_special(struct MHD_Response *response, const char *site, const char *name, const char *text,
                        bool *added)
{
    struct header *before = find(response, name);
    if (strcasecmp(name, "Connection") == 0) {
        *added = add_connection(response, site, text);
    } else if (strcasecmp(name, "Date") == 0) {
        *added = before ? set_text(before, text) : put(response, site, MHD_HEADER_KIND, name, text, true);
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        *added = before || put(response, site, MHD_HEADER_KIND, name, text, false);
        response->chunked = true;
    } else {
        return false;
    }
    return true;
}

enum MHD_Result rig_mhd_add_header(const char *site, struct MHD_Response *response, const char *name, const char *text)
{
    bool added;
    struct MHD_Connection *here = rig_mhd_here();
    if (here) {
        here->refused_why = NULL; /* that was an earlier one's */
    }
    if (!rig_mhd_response_usable(site, response, "MHD_add_response_header")) {
        return MHD_NO;
    }
    rig_mhd_arm(here, ARMED_HEADER);
    const char *why = refused(response, MHD_HEADER_KIND, name, text);
    if (why) {
        if (here && here->daemon->above) { /* the framework's adapter knows whose header it was */
            here->refused_why = why;
        } else {
            tell_refused(site, name, why, "MHD_add_response_header");
        }
        return MHD_NO;
    }
    if (!add_special(response, site, name, text, &added)) {
        added = put(response, site, MHD_HEADER_KIND, name, text, false);
    }
    return added ? MHD_YES : MHD_NO;
}

enum MHD_Result MHD_add_response_header(struct MHD_Response *response, const char *name, const char *text)
{
    return rig_mhd_add_header(RIG_CALLER, response, name, text);
}

enum MHD_Result MHD_add_response_footer(struct MHD_Response *response, const char *name, const char *text)
{
    const char *site = RIG_CALLER;
    if (!rig_mhd_response_usable(site, response, "MHD_add_response_footer")) {
        return MHD_NO;
    }
    rig_mhd_arm(rig_mhd_here(), ARMED_HEADER);
    const char *why = refused(response, MHD_FOOTER_KIND, name, text);
    if (why) {
        tell_refused(site, name, why, "MHD_add_response_footer");
        return MHD_NO;
    }
    return put(response, site, MHD_FOOTER_KIND, name, text, false) ? MHD_YES : MHD_NO;
}

/* Name and value as they were added, also in case. */
enum MHD_Result MHD_del_response_header(struct MHD_Response *response, const char *name, const char *text)
{
    if (!rig_mhd_response_usable(RIG_CALLER, response, "MHD_del_response_header") || !name || !text) {
        return MHD_NO;
    }
    for (struct header *at = response->headers; at; at = at->next) {
        if (strcmp(at->name, name) == 0 && strcmp(at->text, text) == 0) {
            response->chunked = response->chunked && strcasecmp(name, "Transfer-Encoding") != 0;
            drop(response, at);
            return MHD_YES;
        }
    }
    return MHD_NO;
}

int MHD_get_response_headers(struct MHD_Response *response, MHD_KeyValueIterator iterator, void *cls)
{
    if (!rig_mhd_response_usable(RIG_CALLER, response, "MHD_get_response_headers")) {
        return 0;
    }
    int count = 0;
    for (const struct header *at = response->headers; at; at = at->next) {
        count++;
        if (iterator && iterator(cls, at->kind, at->name, at->text) == MHD_NO) {
            break;
        }
    }
    return count;
}

const char *MHD_get_response_header(struct MHD_Response *response, const char *name)
{
    const struct header *header =
        rig_mhd_response_usable(RIG_CALLER, response, "MHD_get_response_header") && name ? find(response, name) : NULL;
    return header ? header->text : NULL;
}

enum MHD_Result MHD_set_response_options(struct MHD_Response *response, enum MHD_ResponseFlags flags, ...)
{
    if (!rig_mhd_response_usable(RIG_CALLER, response, "MHD_set_response_options")) {
        return MHD_NO;
    }
    response->flags = flags;
    return MHD_YES;
}
