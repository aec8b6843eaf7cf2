/* Fronts: what stands between the client and the engine, or the client itself. Shares are the worst of E3, E3s
 * and E4 in any run: section 4's two and third-run.tsv (tests/conformance/early_response, which checks them). F = 16 KiB is a fit: nothing was lost up to 8 KiB, the first loss between 12 and 24 KiB. */
#include "mocks/servers/model.h"

#define SHARE_OF(n, k64, m1, m16) "up to " #k64 " of " #n " at 64 KiB, " #m1 " at 1 MiB, " #m16 " at 16 MiB"
#define SHARE(k64, m1, m16) SHARE_OF(20, k64, m1, m16)
/* Of E7, a kept connection: results. More tries at other sizes (tests/real) stand behind a semicolon. */
#define KEPT(n, k1, k64, m1, m16) #k1 " of " #n " at 1 KiB, " #k64 " at 64 KiB, " #m1 " at 1 MiB, " #m16 " at 16 MiB"
#define KEPT_300 "; in 300 tries over unix up to "
#define NOT_MEASURED "not measured over this transport"

#define NGINX_READ "[error] readv() failed (104: Connection reset by peer) while reading upstream"
#define NGINX_WRITE(error) "[error] writev() failed (" error ") while sending request to upstream"
/* drops_shut, on_break: tests/conformance/early_response/broken-off.tsv */
#define NGINX                                                                                                        \
    .flight = 16 * RIG_KIB, .write_size = 16 * RIG_KIB, .parks = true, .on_write = RIG_WRITE_ANSWERS, .status = 502, \
    .log_reset = {NGINX_WRITE("104: Connection reset by peer")}, .log_pipe = {NGINX_WRITE("32: Broken pipe")},       \
    .log_read = NGINX_READ, .log_cut = {NGINX_READ},                                                                 \
    .log_gone = "[error] upstream prematurely closed connection while reading response header from upstream",        \
    .log_more = "[warn] upstream sent more data than specified in \"Content-Length\" header while reading upstream"
#define NGINX_HUNG_UP      \
    .status_hung_up = 502, \
    .log_hung_up = {"[error] upstream prematurely closed connection while reading response header from upstream"}
#define NGINX_BUFFERED NGINX, .name = "nginx", .chunks = RIG_CHUNKS_NONE, .whole_first = true
#define NGINX_STREAM NGINX, .name = "nginx", .option = "stream", .chunks = RIG_CHUNKS_LARGE, .ends_client = true
#define NGINX_BREAKS \
    .drops_shut = true, .on_break = RIG_BREAK_CLOSES /* not measured with uWSGI; SCGI streamed: no rule found */

#define APACHE_WRITE(error)                                                            \
    {                                                                                  \
        "[proxy:error] " error ": AH01084: pass request body failed to ADDR",          \
            "[proxy_http:error] AH01097: pass request body failed to ADDR from CLIENT" \
    }
#define APACHE_RECORD(error) "[proxy_fcgi:error] " error ": AH01075: Error dispatching request to :N: (sending stdin)"
#define APACHE_PASSENGER                                                                                               \
    .name = "apache", .protocol = "passenger", .engine = "passenger6", .transport = "unix", .chunks = RIG_CHUNKS_NONE, \
    .flight = 0, .write_size = 16 * RIG_KIB, .on_write = RIG_WRITE_SALVAGES, .on_reset = RIG_RESET_ENDS,               \
    .log_reset = {PASSENGER_WRITE}, .log_pipe = {PASSENGER_WRITE}
#define PASSENGER_WRITE "App socket write error: the application closed the socket prematurely (Broken pipe; errno=32)"

#define LIGHTTPD_DROPPED                                                                     \
    "(gw_backend.c.N) connection was dropped after accept() (perhaps the gw process died), " \
    "write-offset: N socket: ADDR"
#define LIGHTTPD                                                                                              \
    .name = "lighttpd", .flight = 16 * RIG_KIB, .write_size = 16 * RIG_KIB, .on_write = RIG_WRITE_SALVAGES,   \
    .on_reset = RIG_RESET_ENDS, .log_reset = {LIGHTTPD_DROPPED}, .log_pipe = {LIGHTTPD_DROPPED},              \
    .log_cut = {"(http-header-glue.c.N) read() N N: Connection reset by peer",                                \
                "(gw_backend.c.N) response already sent out, but backend returned error on socket: ADDR for " \
                "PATH, terminating connection"},                                                              \
    .chunks = RIG_CHUNKS_NONE

/* tests/real, E3d over unix: the socket takes 210,571 to 210,991 bytes behind the head; up to 32 KiB more it answers 502 */
#define HAPROXY_TAKES (210571 + 200)
#define HAPROXY                                                                                                  \
    .name = "haproxy", .protocol = "http", .transport = "tcp", .chunks = RIG_CHUNKS_ALL, .flight = 16 * RIG_KIB, \
    .write_size = 16 * RIG_KIB, .settled = {HAPROXY_TAKES}, .buffers = 32 * RIG_KIB, .both_ways = true,          \
    .leaves = true, .on_write = RIG_WRITE_CLOSES, .on_reset = RIG_RESET_ENDS, .status_gone = 502, .pools = true, \
    .ends_client = true, .on_break = RIG_BREAK_CLOSES, .log_reset = {"status=-1 termination=SD"},                \
    .log_pipe = {"status=-1 termination=SD"}, .log_gone = "status=502 termination=SH"

#define CLIENT                                                                                                \
    .client = true, .protocol = "http", .transport = "tcp", .chunks = RIG_CHUNKS_ALL, .flight = 16 * RIG_KIB, \
    .write_size = 256 * RIG_KIB, .one_write = true, .writes_at_once = true, .on_reset = RIG_RESET_CUTS,       \
    .passes_expect = true

#define P3 "An error occured while sending the request body to the request handler: "
#define P3_READ "Cannot read response from backend process: Connection reset by peer (104)"
#define P3_GONE "[error] upstream prematurely closed connection while reading response header from upstream"
#define P3_NGINX "[error] recv() failed (104: Connection reset by peer) while reading response header from upstream"

const struct rig_front rig_front_table[RIG_FRONT_COUNT] = {
    [RIG_FRONT_DIRECT] = {.name = "direct",
                          .title = "no gateway; the client reads while it writes, as curl does",
                          .source = "early-response 3: direct, duplex client",
                          CLIENT,
                          .on_write = RIG_WRITE_SALVAGES,
                          .share_kept_chunked = {KEPT(20, 20, 20, 20, 20), KEPT(20, 20, 19, 18, 20)}},
    [RIG_FRONT_NAIVE] = {.name = "naive",
                         .title = "no gateway; the client writes all, then reads",
                         .source = "early-response 3: direct, naive client",
                         CLIENT,
                         .on_write = RIG_WRITE_GIVES_UP,
                         .share = {SHARE(20, 20, 20), SHARE(5, 20, 20)},
                         .share_kept = {KEPT(20, 20, 20, 20, 20), KEPT(20, 20, 20, 20, 20)},
                         .share_kept_chunked = {KEPT(20, 20, 20, 20, 20), KEPT(20, 20, 20, 20, 20)}},
    [RIG_FRONT_HALF] = {.name = "half",
                        .title = "no gateway; the client writes the head, pauses, writes the body, then reads",
                        .source = "early-response 3: direct, half client",
                        CLIENT,
                        .pauses = true,
                        .on_write = RIG_WRITE_GIVES_UP,
                        .share = {SHARE_OF(10, 10, 10, 10), SHARE_OF(10, 0, 10, 10)},
                        .share_kept = {KEPT(10, 10, 10, 10, 10), KEPT(10, 10, 10, 10, 10)}},
    [RIG_FRONT_NGINX] = {NGINX_BUFFERED, NGINX_BREAKS, NGINX_HUNG_UP, .protocol = "proxy",
                         .title = "nginx, proxy_pass: the whole body first",
                         .source = "early-response 3: nginx proxy, buffering on; 4: nginx-proxy-*-on",
                         .transport = "tcp", .pools = true, .share = {SHARE(19, 14, 14), SHARE(19, 20, 20)},
                         .share_kept = {KEPT(20, 0, 0, 0, 0) KEPT_300 "68 at 1 KiB", KEPT(20, 13, 3, 0, 20)},
                         .share_kept_chunked = {KEPT(20, 0, 0, 0, 0) KEPT_300 "68 at 1 KiB", KEPT(20, 13, 3, 0, 20)}},
    [RIG_FRONT_NGINX_STREAM] = {NGINX_STREAM, .protocol = "proxy", NGINX_BREAKS, NGINX_HUNG_UP,
                                .title = "nginx, proxy_pass, proxy_request_buffering off",
                                .source = "early-response 3: nginx buffering off; 4: nginx-proxy-*-off",
                                .transport = "tcp", .pools = true, .share = {SHARE(20, 20, 20), SHARE(20, 20, 20)},
                                .share_kept = {KEPT(20, 0, 0, 0, 8), KEPT(20, 13, 1, 0, 17)},
                                .share_kept_chunked = {KEPT(20, 0, 7, 10, 20), KEPT(20, 13, 11, 18, 20)}},
    [RIG_FRONT_NGINX_SCGI] = {NGINX_BUFFERED, NGINX_BREAKS, .protocol = "scgi",
                              .title = "nginx, scgi_pass: the whole body first",
                              .source = "early-response 3: nginx scgi, buffering on; 4: nginx-scgi-*-on",
                              .transport = "unix", .share = {SHARE(19, 17, 16), SHARE(17, 20, 20)}},
    [RIG_FRONT_NGINX_SCGI_STREAM] = {NGINX_STREAM, .protocol = "scgi",
                                     .title = "nginx, scgi_pass, scgi_request_buffering off",
                                     .source = "early-response 3: nginx buffering off; 4: nginx-scgi-unix-off",
                                     .transport = "unix", .share = {SHARE(16, 20, 20), NOT_MEASURED}},
    [RIG_FRONT_NGINX_UWSGI] = {NGINX_BUFFERED, .protocol = "uwsgi", .engine = "uwsgi",
                               .title = "nginx, uwsgi_pass: the whole body first",
                               .source = "early-response 3: nginx uwsgi, buffering on; results: nginx-uwsgi-unix-on",
                               .transport = "unix", .share = {SHARE(5, 6, 2), NOT_MEASURED}},
    [RIG_FRONT_NGINX_UWSGI_STREAM] = {NGINX_STREAM, .protocol = "uwsgi", .engine = "uwsgi",
                                      .title = "nginx, uwsgi_pass, uwsgi_request_buffering off",
                                      .source =
                                          "early-response 3: nginx buffering off, uwsgi; results: nginx-uwsgi-unix-off",
                                      .transport = "unix", .share = {SHARE(17, 18, 20), NOT_MEASURED}},
    [RIG_FRONT_NGINX_FASTCGI] = {NGINX_BUFFERED, NGINX_BREAKS, .protocol = "fastcgi",
                                 .title = "nginx, fastcgi_pass: the whole body first",
                                 .source = "early-response 3: nginx fastcgi; 4: nginx-fcgi-*-on; 9, rule 7",
                                 .transport = "unix", .fastcgi = true, .cuts_records = true,
                                 .share_small = "up to 18 of 20", .share = {SHARE(15, 17, 19), SHARE(20, 20, 20)}},
    [RIG_FRONT_NGINX_FASTCGI_STREAM] = {NGINX_STREAM, .protocol = "fastcgi", NGINX_BREAKS,
                                        .title = "nginx, fastcgi_pass, fastcgi_request_buffering off",
                                        .source = "early-response 3: nginx fastcgi, off; 4: nginx-fcgi-unix-off",
                                        .transport = "unix", .fastcgi = true, .cuts_records = true,
                                        .share_small = "up to 15 of 20", .share = {SHARE(19, 20, 20), NOT_MEASURED}},
    [RIG_FRONT_APACHE] =
        {.name = "apache",
         .protocol = "http",
         .title = "Apache, mod_proxy_http: streams, sends all, then reads",
         .source = "early-response 3: apache proxy_http",
         .transport = "tcp",
         .chunks = RIG_CHUNKS_LARGE,
         .flight = 16 * RIG_KIB,
         .write_size = 8 * RIG_KIB,
         .settled = {192 * RIG_KIB + 200, 0}, /* tests/real, E3d over unix: 24 writes behind the head */
         .on_write = RIG_WRITE_ANSWERS,
         .status = 502,
         .status_hung_up = 502,
         .log_hung_up = {"[proxy_http:error] AH01102: error reading status line from remote server ADDR",
                         "[proxy:error] AH00898: Error reading from remote server returned by PATH"},
         .on_reset = RIG_RESET_EITHER,
         .passes_expect = true,
         .on_break = RIG_BREAK_REFUSES,
         .waits_below = 16 * RIG_KIB,
         .pools = true,
         .hangs_up = true, /* tests/real, E7 of 192 KiB over TCP: AH01102, closed or 502 */
         .share = {SHARE(7, 20, 20), SHARE(6, 19, 20)},
         .share_kept = {KEPT(20, 0, 0, 20, 20) KEPT_300 "20 at 1 KiB", KEPT(20, 13, 1, 7, 20)},
         .share_kept_chunked = {KEPT(20, 0, 12, 20, 20), KEPT(20, 13, 11, 16, 20)},
         .log_reset = APACHE_WRITE("(104)Connection reset by peer"),
         .log_pipe = APACHE_WRITE("(32)Broken pipe"),
         .log_more = "[proxy:info] AH03408: http: reusable backend connection is not empty: forcibly closed",
         .log_cut = {"[proxy_http:error] (104)Connection reset by peer: AH01110: error reading response"}},
    [RIG_FRONT_APACHE_FASTCGI] =
        {.name = "apache",
         .protocol = "fastcgi",
         .title = "Apache, mod_proxy_fcgi: streams record by record",
         .source = "early-response 3: apache proxy_fcgi",
         .transport = "unix",
         .fastcgi = true,
         .chunks = RIG_CHUNKS_NONE,
         .settled = {64 * RIG_KIB - 1, 3 * RIG_MIB - 1},
         .errs = true,
         .on_break = RIG_BREAK_ANSWERS,
         .on_write = RIG_WRITE_ANSWERS,
         .status = 503,
         .on_reset = RIG_RESET_ENDS,
         .share_small = "up to 4 of 20",
         .share = {SHARE(19, 20, 20), SHARE(13, 19, 20)},
         .log_reset = {APACHE_RECORD("(104)Connection reset by peer")},
         .log_pipe = {APACHE_RECORD("(32)Broken pipe")},
         .log_first = {"[proxy_fcgi:error] (32)Broken pipe: AH01073: Failed Writing Request to :N:"},
         .log_second = "[proxy_fcgi:error] (32)Broken pipe: AH01074: Failed writing Environment to :N:"},
    [RIG_FRONT_APACHE_PASSENGER] = {APACHE_PASSENGER, .whole_first = true,
                                    .title = "Apache with Passenger 6's module: buffers, takes a reset for the end",
                                    .source = "early-response 3: passenger6 (Apache module, either BufferUpload)"},
    [RIG_FRONT_APACHE_PASSENGER_STREAM] =
        {APACHE_PASSENGER, .option = "stream", .title = "the same with PassengerBufferUpload off",
         .source = "early-response 3: passenger6 (Apache module, either BufferUpload); 6: AH00574",
         .log_read = "[core:error] (104)Connection reset by peer: AH00574: ap_content_length_filter: apr_bucket_read() "
                     "failed"},
    [RIG_FRONT_LIGHTTPD] = {LIGHTTPD, .protocol = "proxy", .status_hung_up = 500, .whole_first = true,
                            .on_break = RIG_BREAK_CLOSES,
                            .title = "lighttpd, mod_proxy: salvages the answer after a write error",
                            .source = "early-response 3: lighttpd proxy, buffered", .transport = "tcp"},
    [RIG_FRONT_LIGHTTPD_STREAM] = {LIGHTTPD, .protocol = "proxy", .option = "stream",
                                   .title = "lighttpd, mod_proxy, stream-request-body",
                                   .source = "early-response 3, 7: lighttpd proxy, stream", .transport = "tcp",
                                   .ends_client = true, .on_break = RIG_BREAK_CLOSES},
    [RIG_FRONT_LIGHTTPD_FASTCGI] = {LIGHTTPD, .protocol = "fastcgi", .whole_first = true, .on_break = RIG_BREAK_CLOSES,
                                    .title = "lighttpd, mod_fastcgi: salvages the answer after a write error",
                                    .source = "early-response 3: lighttpd fcgi", .transport = "unix", .fastcgi = true},
    [RIG_FRONT_HAPROXY] = {HAPROXY, .status_hung_up = 502, .log_hung_up = {"status=502 termination=SH"},
                           .title = "HAProxy: streams 16 KiB buffers, reads while it writes",
                           .source = "early-response 3: haproxy 2.6", .passes_expect = true,
                           .share = {SHARE(7, 18, 17), SHARE(3, 16, 20)},
                           .share_kept = {KEPT(20, 0, 0, 3, 4), KEPT(20, 13, 0, 0, 0)},
                           .share_kept_chunked = {KEPT(20, 0, 4, 11, 6),
                                                  KEPT(20, 0, 3, 5, 13) "; 20 of 300 with a byte"}},
    [RIG_FRONT_HAPROXY_BUFREQ] = {HAPROXY, .option = "bufreq", .waits_below = 14 * RIG_KIB,
                                  .title = "HAProxy, option http-buffer-request: one 16 KiB buffer more, no help",
                                  .source = "early-response 3: haproxy 2.6; 4: haproxy-tcp-bufreq",
                                  .share = {NOT_MEASURED, SHARE(20, 20, 20)},
                                  .share_kept = {NOT_MEASURED, KEPT(20, 13, 1, 1, 1)},
                                  .share_kept_chunked = {NOT_MEASURED, KEPT(20, 0, 7, 13, 12)}},
    [RIG_FRONT_PASSENGER3] =
        {.name = "passenger3",
         .protocol = "http",
         .title = "nginx and Passenger 3's hop: sends head, then body, then reads to the end (modelled)",
         .source = "early-response 3: passenger3; 4: p3hop-*; 5",
         .transport = "unix",
         .chunks = RIG_CHUNKS_NONE,
         .whole_first = true,
         .flight = 2 * RIG_KIB - 1, /* 4: p3hop 2-8 KiB */
         .write_size = 256 * RIG_KIB,
         .head_apart = true,
         .sleeps = true,
         .on_write = RIG_WRITE_ANSWERS,
         .status = 502,
         .on_reset = RIG_RESET_ENDS,
         .modelled = true,
         .share_small = "0 of 20 up to 1 KiB; the first losses lie between 2 and 8 KiB",
         .share = {SHARE(14, 20, 20), SHARE(14, 20, 20)},
         .log_reset = {P3 "Connection reset by peer (104)", P3_NGINX},
         .log_pipe = {P3 "Broken pipe (32)", P3_NGINX},
         .log_first = {"An error occured while writing headers to the request handler: Broken pipe (32)", P3_NGINX},
         .log_read = P3_READ,
         .log_cut = {P3_READ},
         .log_gone = P3_GONE},
};
