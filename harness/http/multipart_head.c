/* The header lines of a part: which part it is. Lenient as Rack is, for what browsers and programs have sent. */
#include "harness/http/multipart_head.h"

#include <string.h>

#include <stackrig/http/percent.h>

#include "harness/http/chars.h"

/* What a disposition may ask of a reader; a longer one counts as none, further parameters are not looked at. */
#define DISPOSITION_MAX 1536
#define PARAMETERS_MAX 16

/* ---- lines ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_fold(const char *text, size_t size)
{
    return size > 2 && text[0] == '\r' && text[1] == '\n' && is_blank(text[2]);
}

/* Up to the first CR or LF that is not of a fold. */
static size_t value_size(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size) {
        if (is_fold(text + at, size - at)) {
            at += 3;
        } else if (text[at] != '\r' && text[at] != '\n') {
            at++;
        } else {
            break;
        }
    }
    return at;
}

struct rig_slice rig_multipart_header(struct rig_slice lines, const char *name)
{
    size_t name_size = strlen(name);
    while (lines.size > name_size) {
        if (lines.data[name_size] == ':' && rig_name_equal(lines.data, name_size, name, name_size)) {
            const char *value = lines.data + name_size + 1;
            return rig_trimmed((struct rig_slice){value, value_size(value, lines.size - name_size - 1)});
        }
        const char *end = memchr(lines.data, '\n', lines.size);
        size_t taken = end ? (size_t)(end - lines.data) + 1 : lines.size;
        lines = rig_slice_after(lines, taken);
    }
    return (struct rig_slice){NULL, 0};
}

/* A copy without the line ends of folds and blanks around it; *scratch is moved behind it. */
static struct rig_slice unfolded(struct rig_slice value, char **scratch)
{
    char *copy = *scratch, *out = copy;
    if (!value.data) {
        return value;
    }
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] != '\r' && value.data[i] != '\n' && !(out == copy && is_blank(value.data[i]))) {
            *out++ = value.data[i];
        }
    }
    while (out > copy && is_blank(out[-1])) {
        out--;
    }
    *scratch = out;
    return (struct rig_slice){copy, (size_t)(out - copy)};
}

/* ---- the disposition ---- */

/* What is left of it, in memory that may be written to. */
struct rest {
    char *at, *end;
};

static char *find(struct rest rest, char c)
{
    return rest.at < rest.end ? memchr(rest.at, c, (size_t)(rest.end - rest.at)) : NULL;
}

static void skip_past(struct rest *rest, char c)
{
    char *found = find(*rest, c);
    if (found) {
        rest->at = found + 1;
    }
}

/* Behind the opening quote, up to the closing one; without that, up to the last escape. \" is a quote, of other escapes
 * the backslash goes; in a filename it stays: old browsers send paths of Windows. Unescaped in place. */
static struct rig_slice quoted_value(struct rest *rest, bool is_filename, size_t *escapes)
{
    char *start = rest->at, *out = start;
    for (char *at = start; at < rest->end; at++) {
        if (*at != '"' && *at != '\\') {
            continue;
        }
        memmove(out, rest->at, (size_t)(at - rest->at));
        out += at - rest->at;
        rest->at = at + 1;
        if (*at == '"') {
            break;
        }
        ++*escapes;
        if (is_filename && (rest->at == rest->end || *rest->at != '"')) {
            *out++ = '\\';
        }
        if (rest->at < rest->end) {
            *out++ = *rest->at++;
        }
        at = rest->at - 1;
    }
    return (struct rig_slice){start, (size_t)(out - start)};
}

/* Up to ';', or else all that is left. */
static struct rig_slice plain_value(struct rest *rest)
{
    char *start = rest->at, *end = find(*rest, ';');
    if (end) {
        rest->at = end;
        return (struct rig_slice){start, (size_t)(end - start)};
    }
    rest->at = rest->end;
    return rig_trimmed((struct rig_slice){start, (size_t)(rest->end - start)});
}

static bool is_named(struct rig_slice parameter, const char *name)
{
    while (parameter.size > 0 && is_blank(parameter.data[0])) {
        parameter = rig_slice_after(parameter, 1);
    }
    return rig_name_equal(parameter.data, parameter.size, name, strlen(name));
}

/* filename* is not looked at: RFC 7578 section 4.2 forbids it. Of a parameter given twice the last counts. */
static void read_disposition(struct rest rest, struct rig_multipart_head *head, size_t *escapes)
{
    if (!find(rest, ';')) {
        return; /* a type alone, or what stands in its place */
    }
    skip_past(&rest, ';');
    for (size_t i = 0; i < PARAMETERS_MAX; i++) {
        char *equals = find(rest, '=');
        if (!equals) {
            return;
        }
        struct rig_slice parameter = {rest.at, (size_t)(equals - rest.at)};
        bool is_filename = is_named(parameter, "filename"), is_name = is_named(parameter, "name");
        struct rig_slice value;
        rest.at = equals + 1;
        if (rest.at < rest.end && *rest.at == '"') {
            rest.at++;
            value = quoted_value(&rest, is_filename, escapes);
        } else {
            value = plain_value(&rest);
        }
        if (is_filename) {
            head->filename = value;
        } else if (is_name) {
            head->name = value;
        }
        skip_past(&rest, ';');
    }
}

/* ---- the filename ---- */

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

/* The last segment of a path of any system. */
static struct rig_slice last_segment(struct rig_slice path)
{
    while (path.size > 0 && is_separator(path.data[path.size - 1])) {
        path.size--;
    }
    size_t start = path.size;
    while (start > 0 && !is_separator(path.data[start - 1])) {
        start--;
    }
    return rig_slice_after(path, start);
}

/* In place: scratch, from which the offset is, holds the filename. */
static struct rig_slice clean_filename(struct rig_slice filename, char *scratch)
{
    if (filename.size > 0 && rig_percent_is_valid(filename.data, filename.size)) {
        char *start = scratch + (filename.data - scratch);
        filename.size = rig_percent_decode(filename.data, filename.size, false, start);
    }
    return last_segment(filename);
}

/* ---- all of it ---- */

/* type is the last that was written to scratch: "[]" goes behind it. */
static struct rig_slice name_of_type(struct rig_slice type, char *scratch)
{
    static const char unknown[] = "text/plain";
    char *start = type.data ? scratch - type.size : scratch;
    if (!type.data) {
        type.size = sizeof unknown - 1;
        memcpy(start, unknown, type.size);
    }
    memcpy(start + type.size, "[]", 2);
    return (struct rig_slice){start, type.size + 2};
}

void rig_multipart_read_head(struct rig_slice lines, char *scratch, struct rig_multipart_head *head, size_t *escapes)
{
    char *start = scratch;
    struct rig_slice disposition = unfolded(rig_multipart_header(lines, "Content-Disposition"), &scratch);
    *head = (struct rig_multipart_head){.lines = lines};
    if (disposition.data && disposition.size <= DISPOSITION_MAX) {
        read_disposition((struct rest){start, start + disposition.size}, head, escapes);
    } else {
        head->name = unfolded(rig_multipart_header(lines, "Content-ID"), &scratch);
    }
    if (head->filename.data) {
        head->filename = clean_filename(head->filename, start);
    }
    head->content_type = unfolded(rig_multipart_header(lines, "Content-Type"), &scratch);
    head->named = head->name.size > 0;
    if (!head->named) {
        head->name = head->filename.data ? head->filename : name_of_type(head->content_type, scratch);
    }
}
