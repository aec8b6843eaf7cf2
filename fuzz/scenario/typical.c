/* Headers come with values of their kind, and bodies with their Content-Type: to hit on both by chance takes long. */
#include "fuzz/scenario/table.h"

#include "harness/http/chars.h"

#include <string.h>

#define TYPICAL RIG_FUZZ_TYPICAL_VALUES

static const struct {
    const char *name, *values[TYPICAL];
} typical[] = {
    {"Accept", {"text/html", "application/json", "*/*;q=0.5"}},
    {"Accept-Encoding", {"gzip", "br, gzip;q=0.5", "identity;q=0, *;q=0"}},
    {"Accept-Language", {"en", "de, en;q=0.5", "*"}},
    {"Access-Control-Request-Headers", {"X-A", "Authorization", "*"}},
    {"Access-Control-Request-Method", {"PUT", "DELETE", "GET"}},
    {"Authorization",
     {"Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.e30.", "Digest username=\"a\", nonce=\"a\", uri=\"/\""}},
    {"Cache-Control", {"no-cache", "max-age=0", "only-if-cached"}},
    {"Connection", {"close", "keep-alive", "upgrade"}},
    {"Content-Encoding", {"gzip", "identity", "deflate"}},
    {"Content-Type", {"application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b"}},
    {"Cookie", {"session=a", "a=b; c=d", "a"}},
    {"Date", {"Sun, 06 Nov 1994 08:49:37 GMT", "0", "now"}},
    {"Expect", {"100-continue", "200-ok", "a=\"b\""}},
    {"Forwarded", {"for=127.0.0.1;proto=https", "host=evil.example", "for=\"[::1]\""}},
    {"Host", {"localhost", "evil.example", "example.org:81"}},
    {"If-Modified-Since", {"Sun, 06 Nov 1994 08:49:37 GMT", "0", "Fri, 31 Dec 9999 23:59:59 GMT"}},
    {"If-None-Match", {"*", "W/\"a\"", "\"a\", \"b\""}},
    {"If-Range", {"\"a\"", "W/\"a\"", "Sun, 06 Nov 1994 08:49:37 GMT"}},
    {"Keep-Alive", {"timeout=5", "max=1", "timeout=0"}},
    {"Max-Forwards", {"0", "1", "-1"}},
    {"Origin", {"http://example.org", "http://evil.example", "null"}},
    {"Proxy-Authorization", {"Basic YTpi", "Bearer a", "Basic "}},
    {"Range", {"bytes=0-", "bytes=-999999999999999999999", "bytes=0-0,-1"}}, /* 21 digits: 64 bits have 20 */
    {"Referer", {"http://example.org/", "http://evil.example/", "about:blank"}},
    {"Sec-Fetch-Site", {"same-origin", "cross-site", "none"}},
    {"TE", {"trailers", "chunked", "deflate;q=0.5"}},
    {"Trailer", {"X-A", "Content-Length", "Authorization"}},
    {"Transfer-Encoding", {"chunked", "gzip, chunked", "identity"}},
    {"Upgrade", {"websocket", "h2c", "TLS/1.0"}},
    {"User-Agent", {"Mozilla/5.0", "curl/8.0", "-"}},
    {"Via", {"1.1 a", "1.0 b, 1.1 c", "HTTP/2 d"}},
    {"X-Forwarded-For", {"127.0.0.1", "10.0.0.1, 192.0.2.1", "::1"}},
    {"X-Forwarded-Host", {"localhost", "evil.example", "a, b"}},
    {"X-Forwarded-Proto", {"https", "http", "https, http"}},
    {"X-HTTP-Method-Override", {"DELETE", "PUT", "get"}},
    {"X-Original-URL", {"/admin", "/", "//evil.example"}},
    {"X-Real-IP", {"127.0.0.1", "10.0.0.1", "::1"}},
    {"X-Requested-With", {"XMLHttpRequest", "a", "fetch"}},
    {"X-Rewrite-URL", {"/admin", "/", "//evil.example"}},
};

static const struct rig_fuzz_typical bodies[RIG_FUZZ_KINDS] = {
    {"application/x-www-form-urlencoded", "a=1&b=%20c"},
    {"application/json", "{\"a\":[1,null,\"b\"]}"},
    {"multipart/form-data; boundary=b",
     "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
     "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a" RIG_FUZZ_MARKER_LINE "\"\r\n\r\nb\r\n--b--\r\n"},
};

const struct rig_fuzz_typical *rig_fuzz_typical_body(unsigned kind)
{
    return &bodies[kind % RIG_FUZZ_KINDS];
}

const char *rig_fuzz_typical_value(const char *name, unsigned number)
{
    static const char *const of_any[TYPICAL] = {"1", "true", "admin"};
    size_t size = strlen(name);
    number %= TYPICAL;
    for (size_t i = 0; i < sizeof typical / sizeof *typical; i++) {
        if (rig_name_equal(typical[i].name, strlen(typical[i].name), name, size)) {
            return typical[i].values[number];
        }
    }
    return of_any[number];
}

uint64_t rig_fuzz_hash_typical(uint64_t hash)
{
    for (size_t i = 0; i < sizeof typical / sizeof *typical; i++) {
        hash = rig_fuzz_hash_word(hash, typical[i].name);
        for (unsigned k = 0; k < TYPICAL; k++) {
            hash = rig_fuzz_hash_word(hash, typical[i].values[k]);
        }
    }
    for (unsigned i = 0; i < RIG_FUZZ_KINDS; i++) {
        hash = rig_fuzz_hash_word(rig_fuzz_hash_word(hash, bodies[i].type), bodies[i].body);
    }
    return hash;
}
