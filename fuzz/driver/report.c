#define _DEFAULT_SOURCE

#include "fuzz/driver/report.h"

#include <errno.h>
#include <unistd.h>

#include "fuzz/driver/here.h"
#include "harness/checks/own.h"
#include "harness/http/digest.h"

/* Bytes of the stack's own texts too may be a request's. */
static void print_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~') {
            fprintf(out, "\\x%02x", (unsigned)(unsigned char)*text);
        } else {
            fputc(*text, out);
        }
    }
}

void rig_fuzz_print(FILE *out, const struct rig_fuzz_violation *violation, const char *text)
{
    if (violation->site) {
        print_escaped(out, violation->site);
        fputs(": ", out);
    }
    fputs("error: ", out);
    print_escaped(out, violation->message);
    fprintf(out, " [%s]\n", violation->rule);
    if (violation->layer) {
        fputs("  layer ", out);
        print_escaped(out, violation->layer);
        fputc('\n', out);
    }
    if (violation->code) {
        fputs("  ", out);
        print_escaped(out, violation->code);
        fputc('\n', out);
    }
    if (violation->request == RIG_FUZZ_NO_REQUEST) {
        fputs(text ? "  in this scenario:\n\n" : "  in no scenario that is known\n", out);
    } else if (!text) {
        fprintf(out, "  in request %u\n", violation->request + 1);
    } else {
        fprintf(out, "  in request %u of this scenario:\n\n", violation->request + 1);
    }
    if (text) {
        fputs(text, out);
        fputc('\n', out);
    }
}

void rig_fuzz_name(const char *rule, const char *text, char *name, size_t size)
{
    char hex[RIG_DIGEST_HEX_SIZE];
    struct rig_digest_state state;
    rig_digest_begin(&state, &rig_sha256);
    rig_digest_add(&state, text, strlen(text));
    rig_digest_end(&state, hex);
    (void)snprintf(name, size, "%s-%.8s.http", rule, hex);
}

bool rig_fuzz_rule_of_file(const char *path, char rule[RIG_FUZZ_RULE_MAX])
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dash = strchr(name, '-');
    if (!dash || dash - name >= RIG_FUZZ_RULE_MAX) {
        return false;
    }
    (void)snprintf(rule, RIG_FUZZ_RULE_MAX, "%.*s", (int)(dash - name), name);
    bool digest = strspn(dash + 1, "0123456789abcdef") == 8 && strcmp(dash + 9, ".http") == 0;
    return rig_rule_find(rule) || (digest && (strcmp(rule, "crash") == 0 || rig_own_id_is_good(rule)));
}

FILE *rig_fuzz_create(const char *folder, const char *path)
{
    FILE *file = fopen(rig_fuzz_here(path), "wb");
    if (!file && errno == ENOENT) {
        int error = rig_fuzz_make_folder(folder);
        file = error == 0 ? fopen(rig_fuzz_here(path), "wb") : NULL;
        errno = error ? error : errno;
    }
    return file;
}

bool rig_fuzz_save(const char *folder, const char *rule, const char *text, char path[RIG_FUZZ_PATH_MAX])
{
    char name[160];
    rig_fuzz_name(rule, text, name, sizeof name);
    (void)snprintf(path, RIG_FUZZ_PATH_MAX, "%s/%s", folder, name);
    FILE *file = rig_fuzz_create(folder, path);
    if (!file) {
        return false;
    }
    bool written = fputs(text, file) != EOF;
    written = fclose(file) == 0 && written;
    if (!written) { /* half a text would be another finding, or none */
        int error = errno;
        (void)unlink(rig_fuzz_here(path));
        errno = error;
    }
    return written;
}
