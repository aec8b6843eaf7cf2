#include "endpoints.h"

#define H "Host: example.org"
#define FORM "Content-Type: application/x-www-form-urlencoded"
#define JSON "Content-Type: application/json"
#define MULTIPART "Content-Type: multipart/form-data; boundary=XX"
#define ADA "Authorization: Basic YWRhOmxhY2U="
#define PART(head_, body_) "--XX\r\nContent-Disposition: form-data; " head_ "\r\n\r\n" body_ "\r\n"

static char large[100001];

__attribute__((constructor)) static void fill_large(void)
{
    for (size_t i = 0; i + 1 < sizeof large; i++) {
        large[i] = (char)('0' + i % 10);
    }
}

#define BODY(name_, set_up_, line_, body_, ...)                                             \
    {                                                                                       \
        {.name = name_, .line = line_, .headers = {H, __VA_ARGS__}, .body = body_}, set_up_ \
    }
#define LINE(name_, set_up_, line_, ...) BODY(name_, set_up_, line_, NULL, __VA_ARGS__)
#define GET(name_, set_up_, path_, ...) LINE(name_, set_up_, "GET " path_ " HTTP/1.1", __VA_ARGS__)
#define POST(name_, set_up_, path_, body_, ...) BODY(name_, set_up_, "POST " path_ " HTTP/1.1", body_, __VA_ARGS__)
#define PIECES_OF_FORM(name_, chunked_)     \
    {                                       \
        {.name = name_,                     \
         .line = "POST /values/7 HTTP/1.1", \
         .headers = {H, FORM},              \
         .body = "name=lamp&size=seven",    \
         .pieces = {3, 8, 2},               \
         .chunked = chunked_},              \
            set_bodies                      \
    }

const struct ulfius_case ulfius_cases[] = {
    /* chains */
    GET("chain in the order of priorities", set_chain, "/chain/a", NULL),
    POST("single callback that goes on", set_chain, "/single", "", NULL),
    GET("method of another endpoint", set_chain, "/single", NULL),
    GET("ignored ones count not", set_ignored, "/ignored", NULL),
    GET("all ignored: the last one answers", set_ignored, "/all", NULL),
    GET("unauthorized: realm of the instance", set_realms, "/private/a", NULL),
    GET("unauthorized: realm of its own", set_realms, "/own", NULL),
    GET("authorized", set_realms, "/private/a", ADA),
    GET("other credentials", set_realms, "/private/a", "Authorization: Basic bGluOnBhc3M6d29yZA=="),
    GET("credentials that are none", set_realms, "/private/a", "Authorization: Basic !!"),
    GET("credentials of another scheme", set_realms, "/private/a", "Authorization: Bearer abc"),
    POST("refused behind a large body", set_realms, "/private/a", large, NULL),
    GET("error", set_returns, "/error", NULL),
    GET("unknown return value", set_returns, "/unknown", NULL),
    GET("unauthorized without a realm", set_returns, "/refuses", NULL),
    GET("refuses and goes on", set_returns, "/goes-on", NULL),
    GET("completes without an answer", set_returns, "/completes", NULL),
    GET("status 99", set_returns, "/strange", NULL),
    GET("status 999", set_returns, "/large", NULL),
    LINE("HEAD refused", set_returns, "HEAD /refuses HTTP/1.1", NULL),
    GET("same priority", set_same_priority, "/same", NULL),

    /* formats */
    GET("parameter", set_formats, "/items/7", NULL),
    GET("two parameters and a format", set_formats, "/items/7/lamp", NULL),
    GET("rest", set_formats, "/items/all/of/them", NULL),
    GET("no rest", set_formats, "/items/all", NULL),
    GET("method in lower case, a name twice", set_formats, "/lower/a/b", NULL),
    GET("prefix alone", set_formats, "/items", NULL),
    GET("slash at the end", set_formats, "/items/", NULL),
    GET("doubled slashes", set_formats, "//items///7", NULL),
    GET("too long", set_formats, "/items/1/2/3", NULL),
    GET("escaped parameter", set_formats, "/items/a%20b%2Fc+d", NULL),
    GET("escaped prefix", set_formats, "/%69tems/7", NULL),
    GET("not UTF-8", set_formats, "/items/a%ffb", NULL),
    GET("parameter of that name in the query", set_formats, "/items/7?id=8&a=b", NULL),
    LINE("other method", set_formats, "BREW /any/pot HTTP/1.1", NULL),
    LINE("HEAD of a GET", set_formats, "HEAD /items/7 HTTP/1.1", NULL),

    /* values */
    GET("values", set_values, "/values/7?a=1&b=2&a=3", "X-One: 1", "x-ONE: 2", "Cookie: sid=42; theme=dark"),
    GET("odd queries", set_values, "/values/7?a&=v&b=&&c=%26%3D+x&%41=%zz&d=e=f&;g=1;h", NULL),
    GET("not UTF-8 anywhere", set_values, "/values/7?a=%ff&%ff=b", "X-Bad: a\xff", "Cookie: a=\xff"),
    GET("not UTF-8, unchecked", set_values_unchecked, "/values/a%ff?a=%ff", "X-Bad: a\xff", "Cookie: a=\xff"),
    GET("odd cookies", set_values, "/values/7", "Cookie: a=1;b=2;  c=\"quoted; x\"; d; =e; f=; a=2"),
    GET("two cookie headers", set_values, "/values/7", "Cookie: a=1", "Cookie: b=2"),
    LINE("1.0", set_values, "GET /values/7 HTTP/1.0", NULL),
    LINE("1.0 keep-alive", set_values, "GET /values/7 HTTP/1.0", "Connection: Keep-Alive"),
    LINE("1.1 close", set_values, "GET /values/7 HTTP/1.1", "Connection: close"),
    LINE("options", set_values, "OPTIONS /values/7 HTTP/1.1", NULL),

    /* what matches nothing */
    GET("nothing matches", set_returns, "/nothing", NULL),
    GET("default", set_default, "/nothing?a=1", NULL),
    GET("default not needed", set_default, "/there", NULL),
    POST("default with a body", set_default, "/nothing", "lamp", NULL),
    GET("default refuses", set_default_refuses, "/nothing", NULL),
    GET("default headers", set_default_headers, "/there", NULL),
    GET("default headers of nothing", set_default_headers, "/nothing", NULL),

    /* bodies */
    POST("form", set_bodies, "/values/7", "a=1&b=two+words&a=3&c=%ff&d", FORM),
    POST("form behind a type that is not UTF-8", set_bodies, "/values/7", "a=1", "Content-Type: text/pl\xa0in", FORM),
    POST("value that is not UTF-8", set_bodies, "/values/7", "a=1&b=lamp\xe2", FORM),
    {{.name = "value that is not UTF-8, in chunks",
      .line = "POST /values/7 HTTP/1.1",
      .headers = {H, FORM},
      .body = "a=1&b=lamp\xe2",
      .pieces = {10, 1},
      .chunked = true},
     set_bodies},
    PIECES_OF_FORM("form in pieces", false),
    PIECES_OF_FORM("chunked form", true),
    POST("form with a charset", set_bodies, "/values/7", "a=1", FORM "; charset=utf-8"),
    POST("multipart", set_bodies, "/values/7",
         PART("name=\"a\"", "1") PART("name=\"b\"; filename=\"b.txt\"\r\nContent-Type: text/plain", "two") "--XX--\r\n",
         MULTIPART),
    POST("multipart, a name twice", set_bodies, "/values/7",
         PART("name=\"a\"", "1") PART("name=\"a\"", "2") "--XX--\r\n", MULTIPART),
    POST("multipart without a boundary", set_bodies, "/values/7", PART("name=\"a\"", "1") "--XX--\r\n",
         "Content-Type: multipart/form-data"),
    POST("multipart without a boundary, in a body that is empty", set_bodies, "/values/7", "",
         "Content-Type: multipart/form-data"),
    POST("multipart with an empty boundary", set_bodies, "/values/7", PART("name=\"a\"", "1") "--XX--\r\n",
         "Content-Type: multipart/form-data; boundary="),
    POST("a type that begins as a form's", set_bodies, "/values/7", "a=1", FORM "ed"),
    POST("json", set_bodies, "/json", "{\"name\":\"lamp\"}", JSON),
    POST("json that is none", set_bodies, "/json", "{\"name\":", JSON),
    POST("json without its type", set_bodies, "/json", "{\"name\":\"lamp\"}", NULL),
    POST("body without a type", set_bodies, "/values/7", "a=1", NULL),
    POST("empty body", set_bodies, "/values/7", "", FORM),
    BODY("put", set_bodies, "PUT /values/7 HTTP/1.1", "lamp", "Content-Type: text/plain"),
    BODY("get with a body", set_bodies, "GET /values/7 HTTP/1.1", "lamp", NULL),
    LINE("delete", set_bodies, "DELETE /values/7 HTTP/1.1", NULL),
    POST("body over its limit", set_small_bodies, "/values/7", "0123456789abcdef", "Content-Type: text/plain"),
    POST("parameters over their limit", set_small_params, "/values/7", "a=123456789&b=12", FORM),
    POST("form that is not looked at", set_no_post, "/values/7", "a=1", FORM),
    POST("large body", set_bodies, "/values/7", large, "Content-Type: text/plain"),
    POST("upload", set_uploads, "/values/7",
         PART("name=\"a\"", "1") PART("name=\"b\"; filename=\"b.txt\"\r\nContent-Type: text/plain", "two") "--XX--\r\n",
         MULTIPART),
    POST("upload that is refused", set_uploads, "/values/7",
         PART("name=\"b\"; filename=\"bad.txt\"", "two") PART("name=\"c\"; filename=\"c.txt\"", "three") "--XX--\r\n",
         MULTIPART),
    POST("upload before who it is from is asked", set_uploads_refused, "/private/a",
         PART("name=\"b\"; filename=\"b.txt\"", "two") "--XX--\r\n", MULTIPART),

    /* answers */
    GET("answers json", set_answers, "/answers/json", NULL),
    GET("answers binary", set_answers, "/answers/binary", NULL),
    GET("answers empty", set_answers, "/answers/empty", NULL),
    GET("answers 204", set_answers, "/answers/nobody", NULL),
    GET("answers 304", set_answers, "/answers/unmodified", NULL),
    GET("answers twice", set_answers, "/answers/twice", NULL),
    GET("answers with a timeout", set_answers, "/answers/timeout", NULL),
    GET("answers with properties", set_answers, "/answers/properties", NULL),
    GET("answers and closes", set_answers, "/answers/close", NULL),
    GET("answers nothing", set_answers, "/answers/nothing", NULL),
    LINE("answers HEAD", set_answers, "HEAD /answers/json HTTP/1.1", NULL),

    /* streams */
    GET("stream of known size", set_streams, "/streams/known", NULL),
    GET("stream of unknown size", set_streams, "/streams/unknown", NULL),
    GET("stream that breaks", set_streams, "/streams/broken", NULL),
    GET("stream that is too short", set_streams, "/streams/short", NULL),
    LINE("stream for 1.0", set_streams, "GET /streams/unknown HTTP/1.0", NULL),

    /* headers and cookies */
    GET("cookies", set_headers, "/headers/none", NULL),
    GET("header with CR LF", set_headers, "/headers/crlf", NULL),
    GET("header with LF", set_headers, "/headers/lf", NULL),
    GET("empty header", set_headers, "/headers/empty", NULL),
    GET("header with CR LF, unauthorized", set_headers, "/headers/refused", NULL),
    GET("Content-Length", set_headers, "/headers/length", NULL),
    GET("headers in other cases", set_headers, "/headers/cases", NULL),
    GET("cookie with CR LF", set_headers, "/headers/cookie", NULL),

    /* shared_data */
    GET("shared", set_shared, "/shared/a", NULL),
    GET("shared anew", set_shared, "/shared/anew", NULL),
    GET("shared and taken", set_shared, "/shared/taken", NULL),
    GET("shared, and an error", set_shared, "/shared/error", NULL),

    /* websockets */
    GET("websocket without an upgrade", set_websocket, "/socket", NULL),
    POST("websocket by POST", set_websocket, "/socket", "", "Upgrade: websocket", "Connection: Upgrade"),
};
const size_t ulfius_case_count = sizeof ulfius_cases / sizeof ulfius_cases[0];

const char *ulfius_name(size_t i)
{
    return ulfius_cases[i].request.name;
}
