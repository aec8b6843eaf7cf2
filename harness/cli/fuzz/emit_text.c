#include "harness/cli/fuzz/emit_text.h"

#include <string.h>

void rig_put_string(FILE *out, const char *bytes, size_t size)
{
    fputc('"', out);
    for (size_t i = 0; i < size; i++) {
        char c = bytes[i];
        if (c == '"' || c == '\\' || c == '?') { /* ?? may begin a trigraph */
            fprintf(out, "\\%c", c);
        } else if (c == '\n' || c == '\r') {
            fputs(c == '\n' ? "\\n" : "\\r", out);
        } else if (c < ' ' || c > '~') {
            fprintf(out, "\\%03o", (unsigned)(unsigned char)c);
        } else {
            fputc(c, out);
        }
    }
    fputc('"', out);
}

void rig_put_text(FILE *out, const char *string)
{
    rig_put_string(out, string, strlen(string));
}

void rig_put_comment(FILE *out, const char *string)
{
    for (const char *at = string; *at; at++) {
        fputc(*at < ' ' || *at > '~' || *at == '*' || *at == '\\' ? '.' : *at, out);
    }
}

void rig_put_list(FILE *out, const char *begin, const char *const *list)
{
    for (size_t i = 0; list[i]; i++) {
        fprintf(out, "%s", i ? ", " : begin);
        rig_put_text(out, list[i]);
    }
    fputs(list[0] ? "}" : "", out);
}

void rig_put_name(FILE *out, const char *rule)
{
    for (; *rule; rule++) {
        fputc(*rule == '.' || *rule == '-' ? '_' : *rule, out);
    }
}

void rig_put_field(FILE *out, const char *name, const char *value, const char *before)
{
    fprintf(out, "%s{", before);
    rig_put_text(out, name);
    fputs(", ", out);
    rig_put_text(out, value);
    fputs("}", out);
}
