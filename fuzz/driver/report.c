#include "fuzz/driver/report.h"

#include <errno.h>
#include <sys/stat.h>

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

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

void rig_fuzz_print_summary(FILE *out, const struct rig_fuzz_target *target)
{
    const char *between = "never armed: ";
    fprintf(out,
            "%llu scenario%s, %llu request%s, of which %llu were refused by the server and %llu not sent; %llu "
            "violation%s\n",
            (unsigned long long)target->scenarios, plural(target->scenarios), (unsigned long long)target->requests,
            plural(target->requests), (unsigned long long)target->refused, (unsigned long long)target->not_sent,
            (unsigned long long)target->violations, plural(target->violations));
    if (target->builds > 0) {
        fprintf(out, "a layer or app has a state and no reset: the stack was built %llu time%s, %.1f us each\n",
                (unsigned long long)target->builds, plural(target->builds),
                (double)target->build_ns / (double)target->builds / 1000);
    }
    if (target->strangers[0]) {
        fprintf(out, "protected, and entered by nobody: %s; is that the name of an app?\n", target->strangers);
    }
    for (unsigned i = 0; i < RIG_FUZZ_RULES; i++) {
        if (target->armed[i] > 0) {
            fprintf(out, "armed: %s, %llu time%s\n", rig_fuzz_rule_ids[i], (unsigned long long)target->armed[i],
                    plural(target->armed[i]));
        }
    }
    for (unsigned i = 0; i < RIG_FUZZ_RULES; i++) {
        if (target->armed[i] == 0) {
            fprintf(out, "%s%s", between, rig_fuzz_rule_ids[i]);
            between = ", ";
        }
    }
    if (between[0] == ',') {
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

bool rig_fuzz_save(const char *folder, const char *rule, const char *text, char path[RIG_FUZZ_PATH_MAX])
{
    char name[160];
    rig_fuzz_name(rule, text, name, sizeof name);
    (void)snprintf(path, RIG_FUZZ_PATH_MAX, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file && errno == ENOENT && mkdir(folder, 0777) == 0) {
        file = fopen(path, "wb");
    }
    if (!file) {
        return false;
    }
    bool written = fputs(text, file) != EOF;
    return fclose(file) == 0 && written;
}
