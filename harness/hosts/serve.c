/* What all hosts share: starting, waiting, telling. */
#define _POSIX_C_SOURCE 200809L
#include "harness/client/error_names.h"
#include "harness/report/mask.h"

#include <stackrig/host.h>
#include <stackrig/result.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE 1024

const char *rig_serve_address(const struct rig_host *host)
{
    return host ? host->address : "";
}

int rig_serve_stop(struct rig_host *host)
{
    return host ? host->stop(host) : 0;
}

static sigset_t ends(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    return set;
}

void rig_serve_signals(void)
{
    const sigset_t set = ends();
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int rig_serve_wait(struct rig_host *host)
{
    const sigset_t set = ends();
    int signal_number;
    rig_serve_signals();
    (void)sigwait(&set, &signal_number);
    return rig_serve_stop(host);
}

/* ---- telling ---- */

/* What would end the line, or steer a terminal, is what a client or a layer chose: "\x0d\x0a". */
static void escape_controls(char *to, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c >= 0x20 && c != 0x7f) || c == '\t') {
            *to++ = *text;
        } else {
            *to++ = '\\';
            *to++ = 'x';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 15];
        }
    }
    *to = '\0';
}

void rig_host_log(const struct rig_host *host, const char *format, ...)
{
    char text[LINE], line[4 * LINE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    escape_controls(line, text);
    if (host->options.log) {
        host->options.log(host->options.log_self, line);
    } else {
        (void)fprintf(stderr, "%s\n", line);
    }
}

void rig_host_complain(const struct rig_host *host, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (host->options.error && host->options.error_size > 0) {
        (void)vsnprintf(host->options.error, host->options.error_size, format, arguments);
    }
    va_end(arguments);
}

static void log_lines(const struct rig_host *host, const char *text)
{
    while (*text) {
        size_t size = strcspn(text, "\n");
        rig_host_log(host, "%.*s", (int)(size < LINE ? size : LINE), text);
        text += size + (text[size] == '\n');
    }
}

void rig_host_log_request(const struct rig_host *host, const char *method, const char *target, const char *format, ...)
{
    char what[LINE], line[2 * LINE];
    struct rig_text text;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    rig_text_start(&text, line, sizeof line);
    rig_text_escape(&text, method);
    rig_text_add(&text, " ");
    rig_text_target(&text, target);
    rig_text_add(&text, ": ");
    rig_text_add(&text, what);
    rig_host_log(host, "%s", line);
}

/* That the client has left is nobody's mistake; why a request is none, a finding tells. */
static void log_error(const struct rig_host *host, const struct rig_result *result)
{
    int error = result->error;
    const char *name = rig_error_name(error);
    bool refused = result->status == 0 && error == -EINVAL;
    if (error != 0 && error != -EPIPE && error != -ECONNRESET && !refused) {
        rig_host_log_request(host, result->method, result->target, "%s %d%s%s%s",
                             result->status == 0     ? "it was not run:"
                             : result->status == 500 ? "no layer handled"
                                                     : "its answer broke off with",
                             error, name ? " (" : "", name ? name : "", name ? ")" : "");
    }
}

void rig_host_log_result(const struct rig_host *host, const struct rig_result *result)
{
    char text[LINE];
    log_lines(host, result->log);
    log_error(host, result);
    for (size_t i = 0; i < result->finding_count; i++) {
        (void)rig_finding_text(&result->findings[i], text, sizeof text);
        log_lines(host, text);
    }
}
