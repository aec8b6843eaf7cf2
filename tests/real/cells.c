#include "tests/real/cells.h"

#define KIB 1024U
#define MIB (1024U * KIB)

/* FastCGI without keep_conn: an engine that closes although it was asked not to is another mistake. */
const struct rig_real_front rig_real_fronts[] = {
    {"nginx-proxy-tcp-on", "nginx", RIG_REAL_HTTP, true, "keepalive"},
    {"nginx-proxy-unix-on", "nginx", RIG_REAL_HTTP, false, "keepalive"},
    {"nginx-proxy-tcp-off", "nginx", RIG_REAL_HTTP, true, "keepalive stream"},
    {"nginx-proxy-unix-off", "nginx", RIG_REAL_HTTP, false, "keepalive stream"},
    {"nginx-scgi-tcp-on", "nginx", RIG_REAL_SCGI, true, ""},
    {"nginx-scgi-unix-on", "nginx", RIG_REAL_SCGI, false, ""},
    {"nginx-scgi-unix-off", "nginx", RIG_REAL_SCGI, false, "stream"},
    {"nginx-fcgi-tcp-on", "nginx", RIG_REAL_FASTCGI, true, ""},
    {"nginx-fcgi-unix-on", "nginx", RIG_REAL_FASTCGI, false, ""},
    {"nginx-fcgi-unix-off", "nginx", RIG_REAL_FASTCGI, false, "stream"},
    {"apache-proxy_http-tcp", "apache", RIG_REAL_HTTP, true, ""},
    {"apache-proxy_http-unix", "apache", RIG_REAL_HTTP, false, ""},
    {"apache-proxy_fcgi-tcp", "apache", RIG_REAL_FASTCGI, true, ""},
    {"apache-proxy_fcgi-unix", "apache", RIG_REAL_FASTCGI, false, ""},
    {"haproxy-tcp", "haproxy", RIG_REAL_HTTP, true, ""},
    {"haproxy-unix", "haproxy", RIG_REAL_HTTP, false, ""},
    {"haproxy-tcp-bufreq", "haproxy", RIG_REAL_HTTP, true, "bufreq"},
    {"lighttpd-proxy-tcp-buf", "lighttpd", RIG_REAL_HTTP, true, ""},
    {"lighttpd-proxy-tcp-stream", "lighttpd", RIG_REAL_HTTP, true, "stream"},
    {"lighttpd-proxy-unix-buf", "lighttpd", RIG_REAL_HTTP, false, ""},
    {"lighttpd-fcgi-unix-buf", "lighttpd", RIG_REAL_FASTCGI, false, ""},
};
const size_t rig_real_front_count = sizeof rig_real_fronts / sizeof *rig_real_fronts;

/* Both what is sure and what is a race; what the measurements hold, and sizes between theirs: 9 B, 100 KiB. */
const struct rig_real_cell rig_real_cells[] = {
    /* nginx: buffered, it writes 16 KiB at once, and reads an answer while it waits for room */
    {"nginx-proxy-tcp-on", "E3", 9, "cl", "duplex"}, /* whole, with a line in the log */
    {"nginx-proxy-tcp-on", "E3", 100 * KIB, "chunked", "naive"},
    {"nginx-proxy-tcp-on", "E3", MIB, "cl", "duplex"},
    {"nginx-proxy-tcp-on", "E3d", MIB, "cl", "duplex"}, /* it has sent all: never lost */
    {"nginx-proxy-tcp-on", "E3s", 100 * KIB, "cl", "duplex"},
    {"nginx-proxy-tcp-on", "E3n", 9, "cl", "duplex"}, /* always cut */
    {"nginx-proxy-tcp-on", "E5", MIB, "cl", "duplex"},
    {"nginx-proxy-tcp-on", "E6", MIB, "chunked", "duplex"},
    {"nginx-proxy-tcp-on", "E7", 9, "cl", "duplex"}, /* the next request gets a 400 */
    {"nginx-proxy-tcp-on", "E7", KIB, "cl", "duplex"},
    {"nginx-proxy-tcp-on", "unicorn:noread", MIB, "cl", "duplex"},
    {"nginx-proxy-tcp-on", "unicorn:read1", MIB, "cl", "duplex"},      /* rewindable: one byte takes all */
    {"nginx-proxy-tcp-on", "uwsgi:read1", MIB, "cl", "duplex"},        /* plain: one byte takes one byte */
    {"nginx-proxy-tcp-on", "puma:noread", MIB, "cl", "duplex"},        /* buffered first */
    {"nginx-proxy-tcp-on", "libmicrohttpd:data", MIB, "cl", "duplex"}, /* no answer: 502 */
    {"nginx-proxy-unix-on", "E1", 9, "cl", "duplex"},
    {"nginx-proxy-unix-on", "E3", 9, "chunked", "duplex"},
    {"nginx-proxy-unix-on", "E3", 100 * KIB, "cl", "duplex"},
    {"nginx-proxy-unix-on", "E3d", 224 * KIB, "cl", "duplex"}, /* more than the socket takes, not lost either */
    {"nginx-proxy-unix-on", "E7", KIB, "cl", "duplex"},
    {"nginx-proxy-unix-on", "E7x", KIB, "cl", "duplex"},
    {"nginx-proxy-tcp-off", "E3", MIB, "chunked", "duplex"},
    {"nginx-proxy-unix-off", "E3", 100 * KIB, "cl", "duplex"},
    {"nginx-proxy-unix-off", "E8", 100 * KIB, "chunked", "duplex"},
    {"nginx-scgi-unix-on", "E3", MIB, "cl", "duplex"},
    {"nginx-scgi-tcp-on", "E6", 100 * KIB, "cl", "duplex"},
    {"nginx-fcgi-unix-on", "E3", 9, "cl", "duplex"}, /* records: can be cut at any size */
    {"nginx-fcgi-unix-on", "E3d", 0, "cl", "duplex"},
    {"nginx-fcgi-unix-on", "E5", 100 * KIB, "chunked", "duplex"},
    {"nginx-fcgi-unix-on", "libfcgi:noread", MIB, "cl", "duplex"},
    {"nginx-fcgi-tcp-on", "E3", 100 * KIB, "cl", "duplex"},

    /* Apache: sends all, then reads; over unix the socket takes 192 KiB behind the head */
    {"apache-proxy_http-tcp", "E3", 9, "cl", "duplex"},
    {"apache-proxy_http-tcp", "E3", 100 * KIB, "chunked", "duplex"},
    {"apache-proxy_http-tcp", "E3", MIB, "cl", "naive"},
    {"apache-proxy_http-tcp", "E3", MIB, "cl", "expect"}, /* the engine has the say: no body, no loss */
    {"apache-proxy_http-tcp", "E3d", MIB, "cl", "duplex"},
    {"apache-proxy_http-tcp", "E3d", 6 * MIB, "cl", "duplex"}, /* always 502 */
    {"apache-proxy_http-tcp", "E3n", 9, "cl", "duplex"},
    {"apache-proxy_http-tcp", "E4", 100 * KIB, "cl", "duplex"},
    {"apache-proxy_http-tcp", "E5", MIB, "chunked", "duplex"},
    {"apache-proxy_http-tcp", "E6", MIB, "cl", "duplex"},
    {"apache-proxy_http-tcp", "E7", 9, "cl", "duplex"},
    {"apache-proxy_http-tcp", "E8", 100 * KIB, "cl", "duplex"},
    {"apache-proxy_http-unix", "E1", 9, "cl", "duplex"},
    {"apache-proxy_http-unix", "E3", MIB, "cl", "duplex"},
    {"apache-proxy_http-unix", "E3d", 192 * KIB, "cl", "duplex"},      /* fits */
    {"apache-proxy_http-unix", "E3d", 192 * KIB, "chunked", "duplex"}, /* with the framing it does not */
    {"apache-proxy_http-unix", "E7", KIB, "cl", "duplex"},
    {"apache-proxy_fcgi-unix", "E3", 100 * KIB, "cl", "duplex"},
    {"apache-proxy_fcgi-unix", "E5", 9, "cl", "duplex"},
    {"apache-proxy_fcgi-unix", "libfcgi:noread", MIB, "cl", "duplex"},
    {"apache-proxy_fcgi-tcp", "E3d", MIB, "chunked", "duplex"},

    /* HAProxy: reads while it writes; holds 32 KiB itself */
    {"haproxy-tcp", "E3", 9, "cl", "duplex"},
    {"haproxy-tcp", "E3", 100 * KIB, "cl", "duplex"},
    {"haproxy-tcp", "E3", MIB, "chunked", "duplex"},
    {"haproxy-tcp", "E3", MIB, "cl", "naive"},
    {"haproxy-tcp", "E3", MIB, "cl", "expect"},
    {"haproxy-tcp", "E3d", MIB, "cl", "duplex"},
    {"haproxy-tcp", "E3n", 9, "cl", "duplex"},
    {"haproxy-tcp", "E5", MIB, "cl", "duplex"},
    {"haproxy-tcp", "E6", MIB, "chunked", "duplex"},
    {"haproxy-tcp", "E7", 9, "cl", "duplex"},
    {"haproxy-tcp", "E7", 9, "chunked", "duplex"},
    {"haproxy-tcp", "E7x", 100 * KIB, "cl", "duplex"},
    {"haproxy-tcp", "E8", 100 * KIB, "cl", "duplex"},
    {"haproxy-unix", "E1", 9, "cl", "duplex"},
    {"haproxy-unix", "E3", 100 * KIB, "cl", "duplex"},
    {"haproxy-unix", "E3d", 192 * KIB, "chunked", "duplex"},
    {"haproxy-unix", "E3d", 224 * KIB, "cl", "duplex"}, /* it has all of the request: 502 */
    {"haproxy-unix", "E3d", MIB, "cl", "duplex"},       /* it has not: closed without a byte */
    {"haproxy-tcp-bufreq", "E3", 100 * KIB, "cl", "duplex"},
    {"haproxy-tcp-bufreq", "E5", 100 * KIB, "chunked", "duplex"},

    /* lighttpd: never loses one */
    {"lighttpd-proxy-tcp-buf", "E1", 9, "cl", "duplex"},
    {"lighttpd-proxy-tcp-buf", "E3", 9, "cl", "naive"},
    {"lighttpd-proxy-tcp-buf", "E3", MIB, "cl", "duplex"},
    {"lighttpd-proxy-tcp-buf", "E3n", 100 * KIB, "cl", "duplex"},
    {"lighttpd-proxy-tcp-buf", "E5", MIB, "chunked", "duplex"},
    {"lighttpd-proxy-tcp-stream", "E3", MIB, "chunked", "duplex"},
    {"lighttpd-proxy-tcp-stream", "E3s", 100 * KIB, "cl", "duplex"},
    {"lighttpd-proxy-tcp-stream", "E7", MIB, "cl", "duplex"},
    {"lighttpd-proxy-tcp-stream", "E8", 100 * KIB, "cl", "duplex"},
    {"lighttpd-proxy-unix-buf", "E2", 9, "cl", "duplex"},
    {"lighttpd-proxy-unix-buf", "E3d", 224 * KIB, "cl", "duplex"},
    {"lighttpd-proxy-unix-buf", "E4", 100 * KIB, "cl", "duplex"},
    {"lighttpd-fcgi-unix-buf", "E3", 9, "cl", "duplex"},
    {"lighttpd-fcgi-unix-buf", "E3", MIB, "chunked", "duplex"},
    {"lighttpd-fcgi-unix-buf", "libfcgi:noread", MIB, "cl", "duplex"},
};
const size_t rig_real_cell_count = sizeof rig_real_cells / sizeof *rig_real_cells;

bool rig_real_product(size_t i, uint64_t size, struct rig_real_cell *cell)
{
    static const char *const modes[] = {"E1", "E2", "E3", "E3b", "E3d", "E3s", "E3n",
                                        "E4", "E5", "E6", "E7",  "E7x", "E8"};
    static const char *const framings[] = {"cl", "chunked"};
    static const uint64_t sizes[] = {0, 1, 9, KIB, 64 * KIB, 100 * KIB, 192 * KIB, 224 * KIB, MIB, 6 * MIB};
    const size_t mode_count = sizeof modes / sizeof *modes;
    const size_t size_count = size == UINT64_MAX ? sizeof sizes / sizeof *sizes : 1;
    cell->framing = framings[i % 2];
    i /= 2;
    cell->size = size == UINT64_MAX ? sizes[i % size_count] : size;
    i /= size_count;
    cell->backend = modes[i % mode_count];
    i /= mode_count;
    cell->client = "duplex";
    cell->front = i < rig_real_front_count ? rig_real_fronts[i].name : "";
    return i < rig_real_front_count;
}
