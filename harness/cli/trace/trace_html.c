/* A trace as a page: the files of harness/page put together, the trace in it as data. It names by their hashes the one
 * style and the one script that a browser may use, so that nothing that came in with a request can be either. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stackrig/http/base64.h>

#include "harness/cli/trace/trace.h"
#include "harness/http/digest.h"
#include "harness/cli/ui/outputs.h"

/* A file's bytes, from NAME_begin to NAME_end. */
#define EMBED(name_, file_)                                                                        \
    __asm__(".pushsection .rodata\n" #name_ "_begin:\n.incbin \"harness/page/" file_ "\"\n" #name_ \
            "_end:\n.byte 0\n.popsection\n");                                                      \
    extern const char name_##_begin[] __attribute__((visibility("hidden")));                       \
    extern const char name_##_end[] __attribute__((visibility("hidden")))

EMBED(rig_page_html, "page.html");
EMBED(rig_page_css, "page.css");
EMBED(rig_page_model, "model.js");
EMBED(rig_page_view, "view.js");
EMBED(rig_page_main, "main.js");

#define MARK "<!--@" /* then a name and "-->", where that is put */

struct piece {
    const char *begin, *end;
};

static const struct piece page = {rig_page_html_begin, rig_page_html_end};
static const struct piece style[] = {{rig_page_css_begin, rig_page_css_end}};
static const struct piece script[] = {{rig_page_model_begin, rig_page_model_end},
                                      {rig_page_view_begin, rig_page_view_end},
                                      {rig_page_main_begin, rig_page_main_end}};
#define SCRIPTS (sizeof script / sizeof *script)

static size_t size_of(const struct piece *piece)
{
    return (size_t)((uintptr_t)piece->end - (uintptr_t)piece->begin);
}

static void write_pieces(FILE *out, const struct piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fwrite(pieces[i].begin, 1, size_of(&pieces[i]), out);
    }
}

static unsigned char nibble(char digit)
{
    return (unsigned char)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* 'sha256-...', as a Content-Security-Policy has it. */
static void write_hash(FILE *out, const struct piece *pieces, size_t count)
{
    struct rig_digest_state state;
    char hex[RIG_DIGEST_HEX_SIZE], text[64];
    unsigned char bytes[32];
    rig_digest_begin(&state, &rig_sha256);
    for (size_t i = 0; i < count; i++) {
        rig_digest_add(&state, pieces[i].begin, size_of(&pieces[i]));
    }
    rig_digest_end(&state, hex);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    }
    size_t size = rig_base64_encode(bytes, sizeof bytes, text, sizeof text);
    fprintf(out, "'sha256-%.*s'", (int)size, text);
}

/* Within a script element: what a parser of HTML looks for is not there, and JSON reads the same. */
static bool write_data(FILE *out, const json_t *trace)
{
    char *data = json_dumps(trace, JSON_COMPACT | JSON_ENSURE_ASCII);
    for (const char *at = data; at && *at; at++) {
        if (strchr("<>&", *at)) {
            fprintf(out, "\\u%04x", (unsigned)*at);
        } else {
            putc(*at, out);
        }
    }
    free(data);
    return data != NULL;
}

static bool write_part(FILE *out, const json_t *trace, const char *name, size_t size)
{
    if (size == 5 && !memcmp(name, "style", size)) {
        write_pieces(out, style, 1);
    } else if (size == 6 && !memcmp(name, "script", size)) {
        write_pieces(out, script, SCRIPTS);
    } else if (size == 10 && !memcmp(name, "style-hash", size)) {
        write_hash(out, style, 1);
    } else if (size == 11 && !memcmp(name, "script-hash", size)) {
        write_hash(out, script, SCRIPTS);
    } else {
        return write_data(out, trace);
    }
    return true;
}

static int write_page(const void *what, FILE *out)
{
    const json_t *trace = what;
    const char *at = page.begin, *mark;
    bool good = true;
    errno = 0;
    while (good && (mark = strstr(at, MARK)) != NULL) { /* a zero byte stands behind its end */
        const char *name = mark + strlen(MARK), *end = strstr(name, "-->");
        fwrite(at, 1, (size_t)(mark - at), out);
        good = end && write_part(out, trace, name, (size_t)(end - name));
        at = good ? end + 3 : at;
    }
    fputs(at, out);
    return !good ? -ENOMEM : !ferror(out) ? 0 : errno != 0 ? -errno : -EIO;
}

bool rig_trace_html(const json_t *trace, const char *path)
{
    return rig_write_file(path, write_page, trace);
}
