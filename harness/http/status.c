#include <stackrig/http/status.h>

#include <errno.h>
#include <string.h>

#include "harness/http/chars.h"

/* IANA's HTTP Status Code Registry, those in use. */
static const struct status {
    int code;
    const char *reason;
} statuses[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {511, "Network Authentication Required"},
};

/* Names that were renamed or dropped since: understood, never given. */
static const struct status former[] = {
    {413, "Payload Too Large"},
    {422, "Unprocessable Entity"},
    {509, "Bandwidth Limit Exceeded"},
    {510, "Not Extended"},
};

const char *rig_status_reason(int status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].code == status) {
            return statuses[i].reason;
        }
    }
    return NULL;
}

static bool is_named(const char *reason, const char *name, size_t size)
{
    if (strlen(reason) != size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        bool letter = rig_char_is(reason[i], RIG_CHAR_ALPHA | RIG_CHAR_DIGIT);
        if (name[i] != (letter ? rig_char_lower(reason[i]) : '_')) {
            return false;
        }
    }
    return true;
}

static int code_in(const struct status *table, size_t count, const char *name, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (is_named(table[i].reason, name, size)) {
            return table[i].code;
        }
    }
    return -EINVAL;
}

int rig_status_code(const char *name, size_t size)
{
    int code = code_in(statuses, sizeof statuses / sizeof statuses[0], name, size);
    return code > 0 ? code : code_in(former, sizeof former / sizeof former[0], name, size);
}

/* ---- what a status says of its answer ---- */

bool rig_status_is_invalid(int status)
{
    return status < 100 || status > 599;
}

bool rig_status_is_informational(int status)
{
    return status / 100 == 1;
}

bool rig_status_is_successful(int status)
{
    return status / 100 == 2;
}

bool rig_status_is_redirection(int status)
{
    return status / 100 == 3;
}

bool rig_status_is_client_error(int status)
{
    return status / 100 == 4;
}

bool rig_status_is_server_error(int status)
{
    return status / 100 == 5;
}

bool rig_status_is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}
