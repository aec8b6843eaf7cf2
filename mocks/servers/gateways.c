/* The facts of each gateway, as its Debian 12 version behaves with the configuration that tests/real/gateways.c writes.
 * Measured: tests/conformance/gateways, FRONT.txt; the limits lie between two requests there that differ by a byte. */
#include "mocks/servers/model.h"

#include "mocks/servers/gateway.h"

/* ---- nginx 1.22.1 ---- */

static const char *const nginx_single[] = {
    "If-Modified-Since", "If-Unmodified-Since", "If-Match",      "If-None-Match", "If-Range",
    "Content-Length",    "Transfer-Encoding",   "Authorization", "Expect",        NULL};
static const char *const nginx_drops[] = {"Keep-Alive", "TE", "Expect", "Upgrade", NULL};

#define NGINX                                                                                                          \
    .lf_ends_line = true, .lf_ends_head = true, .crs_end_line = true, .skips = RIG_SKIPS_LF_TOO,    /* lines */        \
        .first_buffer = 1024, .buffer = 8192, .buffers = 4, .line_status = 414, .size_status = 400, /* sizes */        \
        .method = RIG_METHOD_UPPER, .method_status = 400, .blanks = RIG_BLANKS_SPACES,              /* request line */ \
        .blanks_after_version = true, .long_minor = true, .simple = true, .version_least = 10,                         \
    .version_low_status = 400, .version_most = 19, .version_high_status = 505, .trace_refused = true,                  \
    .asterisk_status = 400, .names = RIG_NAMES_ALNUM_HYPHEN, .no_colon = true, .controls = true, /* fields */          \
        .tabs_stay = true, .repeats = RIG_REPEATS_KEPT, .single = nginx_single, .host = RIG_HOST_LOOSE,                \
    .path = RIG_PATH_CHECKED, .encoded_nul_status = 400, .absolute = RIG_ABSOLUTE_CUT, .connect = RIG_CONNECT_REFUSED, \
    .connect_path_status = 405, .both = RIG_BOTH_REFUSED, .lengths = RIG_LENGTHS_ONE, /* body */                       \
        .coding_status = 501, .chunk_lf = true, .host_first = true

static const struct rig_gate_facts nginx = {
    .source = "tests/conformance/gateways/nginx.txt",
    NGINX,
    .length_first = true,
    .drops = nginx_drops,
};

static const struct rig_field nginx_variables[] = {{"QUERY_STRING", "@query"},
                                                   {"REQUEST_METHOD", "@method"},
                                                   {"CONTENT_TYPE", "@type"},
                                                   {"CONTENT_LENGTH", "@length"},
                                                   {"SCRIPT_NAME", "@script"},
                                                   {"REQUEST_URI", "@uri"},
                                                   {"DOCUMENT_URI", "@document"},
                                                   {"SERVER_PROTOCOL", "@protocol"},
                                                   {"REQUEST_SCHEME", "http"},
                                                   {"REMOTE_USER", "@remote"},
                                                   {"SERVER_NAME", ""},
                                                   {"HTTP_HOST", "@host"},
                                                   {"*", ""},
                                                   {NULL, NULL}};

static const struct rig_gate_facts nginx_fastcgi = {
    .source = "tests/conformance/gateways/nginx-fastcgi.txt",
    NGINX,
    .fastcgi = true,
    .cgi_uri_host = true,
    .variables = nginx_variables,
};

/* ---- Apache httpd 2.4 ---- */

static const char *const apache_drops[] = {"Keep-Alive", "TE", "Trailer", "Upgrade", "Proxy-Connection", NULL};
static const char *const apache_cgi_drops[] = {"Authorization", "Proxy-Authorization", "Proxy", "Transfer-Encoding",
                                               NULL};
static const struct rig_field apache_adds[] = {{"X-Forwarded-For", "@addr"},
                                               {"X-Forwarded-Host", "@host"},
                                               {"X-Forwarded-Server", "localhost"},
                                               {"Connection", "Keep-Alive"},
                                               {NULL, NULL}};

#define APACHE                                                                                                      \
    .skips = RIG_SKIPS_CRLF, .line_max = 8191, .field_max = 8191, .value_max = 8190, .fields_max = 100,             \
    .line_status = 414, .size_status = 400, .method = RIG_METHOD_TOKEN, .method_status = 400,                       \
    .blanks = RIG_BLANKS_ONE, .hash_refused = true, .simple = true, .version_least = 10, .version_low_status = 400, \
    .version_most = 99, .asterisk_status = 200, .names = RIG_NAMES_TOKEN, .fold = RIG_FOLD_SPACE,                   \
    .blank_fold_refused = true, .repeats = RIG_REPEATS_JOINED, .host = RIG_HOST_STRICT, .path = RIG_PATH_ESCAPED,   \
    .encoded_slash_status = 404, .encoded_nul_status = 404, .absolute = RIG_ABSOLUTE_SETS,                          \
    .connect = RIG_CONNECT_ROOT, .connect_path_status = 400, .both = RIG_BOTH_CODING, .lengths = RIG_LENGTHS_ONE,   \
    .coding_status = 400, .coding_1_0 = true, .coding_last_counts = true, .expect_checked = true,                   \
    .counts_forwards = true, .default_host = "localhost"

static const struct rig_gate_facts apache = {
    .adds = apache_adds,
    .source = "tests/conformance/gateways/apache.txt",
    APACHE,
    .coding_list_status = 500,
    .host_first = true,
    .length_last = true,
    .named_dropped = true,
    .appends_forwarded = true,
    .drops = apache_drops,
};

static const struct rig_field apache_variables[] = {{"*", ""},
                                                    {"SERVER_NAME", "@name"},
                                                    {"REQUEST_SCHEME", "http"},
                                                    {"SERVER_PROTOCOL", "@protocol"},
                                                    {"REQUEST_METHOD", "@method"},
                                                    {"QUERY_STRING", "@query"},
                                                    {"REQUEST_URI", "@uri"},
                                                    {"SCRIPT_NAME", "@script"},
                                                    {NULL, NULL}};

static const struct rig_gate_facts apache_fastcgi = {
    .source = "tests/conformance/gateways/apache-fastcgi.txt",
    APACHE,
    .fastcgi = true,
    .streams = true,
    .drops = apache_cgi_drops,
    .cgi_drops_odd = true,
    .cgi_type_alone = true,
    .cgi_content_alone = true,
    .cgi_uri_whole = true,
    .simple_protocol = "HTTP/0.9",
    .variables = apache_variables,
};

/* ---- HAProxy 2.6 ---- */

static const struct rig_gate_facts haproxy = {
    .source = "tests/conformance/gateways/haproxy.txt",
    .lf_ends_line = true,
    .lf_ends_head = true,
    .skips = RIG_SKIPS_LF_TOO,
    .name_max = 255,
    .fields_max = 100,
    .weight_max = 15292,
    .size_status = 400,
    .method = RIG_METHOD_TOKEN,
    .method_status = 400,
    .blanks = RIG_BLANKS_TABS_TOO,
    .high_refused = true,
    .hash_refused = true,
    .version_most = 99,
    .asterisk_any = true,
    .names = RIG_NAMES_TOKEN,
    .controls = true,
    .nul = true,
    .fold = RIG_FOLD_BLANKS,
    .repeats = RIG_REPEATS_KEPT,
    .host_optional = true,
    .hosts_equal = true,
    .path = RIG_PATH_RAW,
    .absolute = RIG_ABSOLUTE_MATCHES,
    .connect = RIG_CONNECT_MATCHES,
    .connect_path_status = 400,
    .both = RIG_BOTH_CODING,
    .lengths = RIG_LENGTHS_EQUAL,
    .length_stays = true,
    .coding_status = 400,
    .coding_list_status = 422,
    .coding_1_0 = true,
    .chunk_lf = true,
    .streams = true,
    .lower_names = true,
    .keeps_minor = true,
    .connection_filtered = true,
    .te_trailers = true,
    .upgrade_with_body_dropped = true,
    .trailers = true,
};

/* ---- lighttpd 1.4.69 ---- */

static const char *const lighttpd_single[] = {"Content-Type", "If-Modified-Since", "Content-Length", "HTTP2-Settings",
                                              NULL};
static const char *const lighttpd_drops[] = {"Proxy", "Proxy-Connection", "Upgrade", NULL};
static const char *const lighttpd_cgi_drops[] = {"Proxy", "Transfer-Encoding", NULL};
static const struct rig_field lighttpd_adds[] = {{"X-Forwarded-For", "@addr"},  {"X-Host", "@host"},
                                                 {"X-Forwarded-Host", "@host"}, {"X-Forwarded-Proto", "http"},
                                                 {"Connection", "close"},       {NULL, NULL}};

#define LIGHTTPD                                                                                                      \
    .lf_ends_head = true, .whole_head = true, .head_max = 8192, .size_status = 431, .method = RIG_METHOD_KNOWN,       \
    .method_status = 501, .blanks = RIG_BLANKS_ONE, .target_to_last_blank = true, .version_least = 10,                \
    .version_low_status = 505, .version_most = 11, .version_high_status = 505, .asterisk_status = 200,                \
    .names = RIG_NAMES_TOKEN, .fold = RIG_FOLD_BLANKS, .empty_dropped = true, .repeats = RIG_REPEATS_JOINED_COOKIE,   \
    .single = lighttpd_single, .first_only = "If-None-Match", .host = RIG_HOST_DNS, .hosts_equal = true,              \
    .path = RIG_PATH_BURL, .absolute = RIG_ABSOLUTE_PATHED, .connect = RIG_CONNECT_REFUSED, .both = RIG_BOTH_REFUSED, \
    .lengths = RIG_LENGTHS_ONE, .length_stays = true, .coding_status = 501, .coding_lists = true, .body_ruled = true, \
    .drops_expect_with_body = true

static const struct rig_gate_facts lighttpd = {
    .adds = lighttpd_adds,
    .source = "tests/conformance/gateways/lighttpd.txt",
    LIGHTTPD,
    .connect_path_status = 405,
    .needs_host_for_1_1 = true,
    .host_first = true,
    .length_0 = true,
    .te_trailers = true,
    .connection_te = true,
    .drops = lighttpd_drops,
};

static const struct rig_field lighttpd_variables[] = {{"CONTENT_LENGTH", "@length"},
                                                      {"QUERY_STRING", "@query"},
                                                      {"REQUEST_URI", "@uri"},
                                                      {"SCRIPT_NAME", "@script"},
                                                      {"PATH_INFO", "@info"},
                                                      {"REQUEST_METHOD", "@method"},
                                                      {"SERVER_PROTOCOL", "@protocol"},
                                                      {"REQUEST_SCHEME", "http"},
                                                      {"SERVER_NAME", "@name"},
                                                      {"*", ""},
                                                      {NULL, NULL}};

static const struct rig_field lighttpd_cgi_adds[] = {{"Content-Length", "0"}, {NULL, NULL}};

static const struct rig_gate_facts lighttpd_fastcgi = {
    .source = "tests/conformance/gateways/lighttpd-fastcgi.txt",
    LIGHTTPD,
    .fastcgi = true,
    .upgrade_needs_connection = true,
    .drops = lighttpd_cgi_drops,
    .cgi_type_alone = true,
    .cgi_length_0 = true,
    .cgi_splits_path = true,
    .cgi_upgrades = true,
    .variables = lighttpd_variables,
};

/* ---- which front has which ---- */

#define GATEWAY(name_, facts_) .name = name_, .facts = &(facts_), .pass = rig_gateway_pass
#define NGINX_HTTP GATEWAY("nginx", nginx), .origin_form = true
#define NGINX_FASTCGI /* nginx cuts off blanks, but no tabs, and a FastCGI program gets the value as it is */ \
    GATEWAY("nginx", nginx_fastcgi), .origin_form = true, .tabs_stay = true,                                  \
                                     .authorization = RIG_AUTHORIZATION_NAMES_USER
#define LIGHTTPD_HTTP GATEWAY("lighttpd", lighttpd), .adds = lighttpd_adds, .origin_form = true

/* Fronts that were not measured have none: scgi, uwsgi, Passenger. Buffering is no matter of what is let through. */
const struct rig_gateway rig_gateway_table[RIG_FRONT_COUNT] = {
    [RIG_FRONT_NGINX] = {NGINX_HTTP},
    [RIG_FRONT_NGINX_STREAM] = {NGINX_HTTP},
    [RIG_FRONT_NGINX_FASTCGI] = {NGINX_FASTCGI},
    [RIG_FRONT_NGINX_FASTCGI_STREAM] = {NGINX_FASTCGI},
    [RIG_FRONT_APACHE] = {GATEWAY("apache", apache), .adds = apache_adds, .origin_form = true},
    [RIG_FRONT_APACHE_FASTCGI] = {GATEWAY("apache", apache_fastcgi), .authorization = RIG_AUTHORIZATION_DROPPED},
    [RIG_FRONT_LIGHTTPD] = {LIGHTTPD_HTTP},
    [RIG_FRONT_LIGHTTPD_STREAM] = {LIGHTTPD_HTTP},
    [RIG_FRONT_LIGHTTPD_FASTCGI] = {GATEWAY("lighttpd", lighttpd_fastcgi), .adds = lighttpd_cgi_adds,
                                    .origin_form = true},
    [RIG_FRONT_HAPROXY] = {GATEWAY("haproxy", haproxy)},
    [RIG_FRONT_HAPROXY_BUFREQ] = {GATEWAY("haproxy", haproxy)},
};
