#include "fuzz/scenario/table.h"

#include "fuzz/scenario/scenario.h"
#include "harness/http/chars.h"

#include <string.h>

#define LONG_64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define LONG LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 /* past a byte's count, and what a file's name may have */

/* The first of each group is the simplest: zero bytes mean it. To change a list changes what the bytes of a corpus
 * mean: rig_fuzz_table_hash tells, and the text form carries scenarios over. */
/* libFuzzer begins with "\n" where it has no corpus: method 10. One that servers refuse would be no beginning. */
static const char *const methods[] = {"GET",   "POST", "HEAD", "PUT",     "DELETE",   "OPTIONS",
                                      "PATCH", "get",  "G",    "CONNECT", "PROPFIND", "TRACE"};

static const char *const targets[] = {"/",         "/admin",  "/login",   "/a",      "/a/b",         "/index.html",
                                      "*",         "/.",      "/..",      "/%",      "/admin/users", "/api/items",
                                      "/static/a", "/public", "/private", "/health", "/" LONG};

static const char *const queries[] = {"a=1",
                                      "a",
                                      "a=1&a=2",
                                      "a[b]=1",
                                      "a[]=1",
                                      "next=/",
                                      "next=//evil.example",
                                      "next=" RIG_FUZZ_MARKER_LINE,
                                      "debug=1",
                                      "admin=true",
                                      "user=admin",
                                      "q=%",
                                      "q=%00",
                                      "q=%ff",
                                      "q=%3Cb%3E",
                                      "access_token=a",
                                      "id=-1",
                                      "page=99999999999999999999",
                                      "_method=DELETE",
                                      "callback=a",
                                      "a=" LONG};

static const char *const names[] = {"Accept",
                                    "Authorization",
                                    "Cookie",
                                    "Content-Type",
                                    "X-Forwarded-For",
                                    "X-Forwarded-Proto",
                                    "X-Forwarded-Host",
                                    "X-Original-URL",
                                    "X-HTTP-Method-Override",
                                    "Origin",
                                    "Host",
                                    "Content-Length",
                                    "Transfer-Encoding",
                                    "Connection",
                                    "Accept-Encoding",
                                    "Accept-Language",
                                    "User-Agent",
                                    "Referer",
                                    "If-None-Match",
                                    "If-Modified-Since",
                                    "Range",
                                    "If-Range",
                                    "Expect",
                                    "Upgrade",
                                    "TE",
                                    "Trailer",
                                    "Forwarded",
                                    "X-Real-IP",
                                    "X-Rewrite-URL",
                                    "X-Request-Id",
                                    "X-Requested-With",
                                    "X-Api-Key",
                                    "X-User",
                                    "X-Remote-User",
                                    "Remote-User",
                                    "X-Role",
                                    "X-Debug",
                                    "Content-Encoding",
                                    "Access-Control-Request-Method",
                                    "Access-Control-Request-Headers",
                                    "Proxy-Authorization",
                                    "Cache-Control",
                                    "Via",
                                    "Keep-Alive",
                                    "Max-Forwards",
                                    "Date",
                                    "X-CSRF-Token",
                                    "Last-Event-ID",
                                    "Sec-Fetch-Site",
                                    "Authorisation",
                                    "Proxy",
                                    "X-Rig-Unknown"};

static const char *const values[] = {"a",
                                     "Basic ",
                                     "Bearer ",
                                     "Digest ",
                                     "YTpi",
                                     ",",
                                     "; ",
                                     "=",
                                     "\"",
                                     "0",
                                     "1",
                                     "-1",
                                     "a=b",
                                     "close",
                                     "YTo=",
                                     "Og==",
                                     "YQ==",
                                     "====",
                                     "YTpi YTpi",
                                     "basic ",
                                     "username=\"a\", realm=\"a\", nonce=\"a\", uri=\"/\", response=\"a\"",
                                     "nc=00000001",
                                     "eyJhbGciOiJub25lIn0.e30.",
                                     "99999999999999999999",
                                     "18446744073709551616",
                                     "-9223372036854775808",
                                     "0x10",
                                     "+5",
                                     "chunked",
                                     "Chunked",
                                     "xchunked",
                                     "identity",
                                     "gzip",
                                     "keep-alive",
                                     "100-continue",
                                     "text/html",
                                     "application/json",
                                     "application/x-www-form-urlencoded",
                                     "multipart/form-data; boundary=b",
                                     "boundary=",
                                     "*/*",
                                     "*",
                                     ";q=0.5",
                                     "bytes=0-",
                                     "bytes=-1",
                                     "bytes=0-0,2-2",
                                     "127.0.0.1",
                                     "10.0.0.1",
                                     "::1",
                                     "https",
                                     "http://evil.example",
                                     "http://example.org",
                                     "example.org",
                                     "localhost",
                                     "null",
                                     "true",
                                     "admin",
                                     "root",
                                     "session=a",
                                     "%0d%0a" RIG_FUZZ_MARKER ": 1",
                                     "\r\n" RIG_FUZZ_MARKER ": 1",
                                     "\n" RIG_FUZZ_MARKER ": 1",
                                     "\t",
                                     "\x01",
                                     "\x7f",
                                     "\xc3\xa9",
                                     "\xff",
                                     "%00",
                                     "../",
                                     "\\",
                                     "'",
                                     "<b>",
                                     "%s%n",
                                     "GET",
                                     "DELETE",
                                     "/admin",
                                     "W/\"a\"",
                                     "Sun, 06 Nov 1994 08:49:37 GMT",
                                     "websocket",
                                     "for=127.0.0.1;proto=https",
                                     "no-cache"};

static const char *const bodies[] = {"a=1",
                                     "&",
                                     "x",
                                     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                                     "{\"a\":1}",
                                     "[",
                                     "\r\n",
                                     "user=ada&password=lace",
                                     "admin=true",
                                     "--b\r\n",
                                     "--b--\r\n",
                                     "Content-Disposition: form-data; name=\"a\"\r\n\r\n",
                                     "Content-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n",
                                     "GET /admin HTTP/1.1\r\nHost: example.org\r\n\r\n",
                                     "0\r\n\r\n",
                                     "5\r\nhello\r\n",
                                     "{\"a\":[[[[[[[[",
                                     "\"",
                                     "\\u0000",
                                     "a=" RIG_FUZZ_MARKER_LINE,
                                     "a=%",
                                     "a=%00",
                                     "_method=DELETE",
                                     "next=//evil.example",
                                     "\xff\xfe",
                                     "\xc3\xa9",
                                     "-1",
                                     "99999999999999999999",
                                     "null",
                                     "\n"};

#define GROUP(list_)                              \
    {                                             \
        list_, sizeof(list_) / sizeof((list_)[0]) \
    }
const struct rig_fuzz_list rig_fuzz_ours[RIG_FUZZ_GROUPS] = {
    [RIG_FUZZ_METHODS] = GROUP(methods), [RIG_FUZZ_TARGETS] = GROUP(targets), [RIG_FUZZ_QUERIES] = GROUP(queries),
    [RIG_FUZZ_NAMES] = GROUP(names),     [RIG_FUZZ_VALUES] = GROUP(values),   [RIG_FUZZ_BODIES] = GROUP(bodies)};

void rig_fuzz_index_words(const struct rig_fuzz_table *table, struct rig_fuzz_index *index)
{
    for (unsigned group = 0; group < RIG_FUZZ_GROUPS; group++) {
        index->of[group].count = rig_fuzz_word_count(table, group);
        for (size_t i = 0; i < index->of[group].count; i++) {
            const char *word = rig_fuzz_word(table, group, i);
            size_t size = strlen(word);
            bool plain = group == RIG_FUZZ_NAMES ? rig_fuzz_is_plain_name(word) : rig_is_field_value(word, size);
            index->of[group].words[i] = (struct rig_fuzz_entry){word, (uint32_t)size, plain};
        }
    }
}

/* FNV-1a, over the word with its zero byte. */
uint64_t rig_fuzz_hash_word(uint64_t hash, const char *word)
{
    for (size_t at = 0, size = strlen(word) + 1; at < size; at++) {
        hash = (hash ^ (unsigned char)word[at]) * 0x100000001b3u;
    }
    return hash;
}

uint64_t rig_fuzz_table_hash_of(const struct rig_fuzz_table *table, uint64_t meanings)
{
    uint64_t hash = (0xcbf29ce484222325u ^ meanings) * 0x100000001b3u;
    for (unsigned group = 0; group < RIG_FUZZ_GROUPS; group++) {
        size_t count = rig_fuzz_word_count(table, group);
        for (size_t i = 0; i < count; i++) {
            hash = rig_fuzz_hash_word(hash, rig_fuzz_word(table, group, i));
        }
        hash = (hash ^ count) * 0x100000001b3u;
    }
    return rig_fuzz_hash_typical(hash);
}
