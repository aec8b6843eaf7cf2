#include "handlers.h"

#include <stdlib.h>
#include <string.h>

#define H "Host: example.org"
#define GET(path_) .line = "GET " path_ " HTTP/1.1", .headers = {H}

static void *log_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
    static char closure[] = "logged";
    (void)cls, (void)connection;
    say("uri %s", uri);
    return closure;
}

static size_t unescape(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls, (void)connection;
    say("unescape %s", text);
    return strlen(text);
}

static const struct MHD_OptionItem with_uri_log[] = {{MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)log_uri, NULL},
                                                     {MHD_OPTION_END, 0, NULL}};
static const struct MHD_OptionItem with_unescape[] = {{MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)unescape, NULL},
                                                      {MHD_OPTION_END, 0, NULL}};
static const struct MHD_OptionItem strict[] = {{MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL}, {MHD_OPTION_END, 0, NULL}};
static const struct MHD_OptionItem lenient[] = {{MHD_OPTION_STRICT_FOR_CLIENT, -1, NULL}, {MHD_OPTION_END, 0, NULL}};
static const struct MHD_OptionItem timeout[] = {{MHD_OPTION_CONNECTION_TIMEOUT, 30, NULL}, {MHD_OPTION_END, 0, NULL}};
static const struct MHD_OptionItem little[] = {{MHD_OPTION_CONNECTION_MEMORY_LIMIT, 2048, NULL},
                                               {MHD_OPTION_END, 0, NULL}};

#define FORM "Content-Type: application/x-www-form-urlencoded"
#define MULTIPART "Content-Type: multipart/form-data; boundary=XX"
#define PART(head_, body_) "--XX\r\nContent-Disposition: form-data; " head_ "\r\n\r\n" body_ "\r\n"

const struct parity_case parity_cases[] = {
    /* the calls */
    {"get", answer_ok, GET("/"), .notify = true},
    {"head", answer_ok, .line = "HEAD / HTTP/1.1", .headers = {H}},
    {"options *", answer_ok, .line = "OPTIONS * HTTP/1.1", .headers = {H}},
    {"other method", answer_ok, .line = "BREW /pot HTTP/1.1", .headers = {H}},
    {"1.0", answer_ok, .line = "GET / HTTP/1.0", .headers = {H}},
    {"1.0 without host", answer_ok, .line = "GET / HTTP/1.0"},
    {"1.0 keep-alive", answer_ok, .line = "GET / HTTP/1.0", .headers = {H, "Connection: Keep-Alive"}},
    {"1.1 close", answer_ok, .line = "GET / HTTP/1.1", .headers = {H, "Connection: close"}},
    {"1.1 keep-alive", answer_ok, .line = "GET / HTTP/1.1", .headers = {H, "Connection: keep-alive"}},
    {"escaped path", answer_ok, GET("/a%20b%2Fc%41+d/%zz/%4?x=%41")},
    {"path with zero", answer_ok, GET("/a%00b")},
    {"double slashes", answer_ok, GET("//a//b/../c")},
    {"uri log", answer_ok, GET("/a%20b?x=1&y"), .options = with_uri_log, .notify = true},
    {"unescape callback", answer_ok, GET("/a%20b?x%20y=1%20+2"), .options = with_unescape},
    {"no date", answer_ok, GET("/"), .flags = MHD_USE_SUPPRESS_DATE_NO_CLOCK},

    /* values */
    {"values", show_values, .line = "GET /?a=1&b=2&a=3 HTTP/1.1",
     .headers = {H, "X-One: 1", "x-ONE: 2", "Cookie: sid=42; theme=dark", "X-Spaces:    padded   "}},
    {"values of odd queries", show_values, GET("/?a&=v&b=&&c=%26%3D+x&%41=%zz&d=e=f&;g=1;h")},
    {"empty query", show_values, GET("/?")},
    {"question marks", show_values, GET("/?a?b=c?d")},
    {"odd cookies", show_values, .line = "GET / HTTP/1.1",
     .headers = {H, "Cookie: a=1;b=2;  c=\"quoted; x\"; d; =e; f=; g=h=i,j=k; l = m"}},
    {"two cookie headers", show_values, .line = "GET / HTTP/1.1", .headers = {H, "Cookie: a=1", "Cookie: b=2"}},
    {"lookups", show_lookups, .line = "GET /?a=1&bare&A=2 HTTP/1.1",
     .headers = {H, "X-Twice: 1", "X-Twice: 2", "X-Empty:", "Cookie: sid=42"}},
    {"set values", set_values, GET("/?q=1")},
    {"NULL arguments", null_arguments, GET("/")},

    /* bodies */
    {"post", show_body, .line = "POST / HTTP/1.1", .headers = {H}, .body = "name=lamp", .notify = true},
    {"post in pieces", show_body, .line = "POST / HTTP/1.1", .headers = {H}, .body = "0123456789", .pieces = {4, 1, 5}},
    {"post byte by byte", show_body, .line = "POST / HTTP/1.1", .headers = {H}, .body = "0123", .pieces = {1}},
    {"chunked", show_body, .line = "POST / HTTP/1.1", .headers = {H}, .body = "0123456789", .pieces = {4, 3},
     .chunked = true},
    {"empty body", show_body, .line = "POST / HTTP/1.1", .headers = {H}, .body = ""},
    {"empty chunked body", show_body, .line = "POST / HTTP/1.1", .headers = {H}, .body = "", .chunked = true},
    {"post without a length", show_body, .line = "POST / HTTP/1.1", .headers = {H}},
    {"get with a body", show_body, .line = "GET / HTTP/1.1", .headers = {H}, .body = "abc"},
    {"put", show_body, .line = "PUT /x HTTP/1.1", .headers = {H}, .body = "abc"},
    {"two bytes at a time", leave_some, .line = "POST / HTTP/1.1", .headers = {H}, .body = "012345", .pieces = {5, 1}},
    {"waits for more", leave_then_more, .line = "POST / HTTP/1.1", .headers = {H}, .body = "0123456789",
     .pieces = {4, 6}},
    {"answered in the first call", answer_first, .line = "POST / HTTP/1.1", .headers = {H}, .body = "name=lamp",
     .notify = true},
    {"put answered in the first call", answer_first, .line = "PUT / HTTP/1.1", .headers = {H}, .body = "name=lamp"},
    {"patch answered in the first call", answer_first, .line = "PATCH / HTTP/1.1", .headers = {H}, .body = "name=lamp"},
    {"chunked answered in the first call", answer_first, .line = "POST / HTTP/1.1", .headers = {H}, .body = "name=lamp",
     .chunked = true},
    {"get answered in the first call", answer_first, GET("/")},
    {"post without a body answered in the first call", answer_first, .line = "POST / HTTP/1.1", .headers = {H}},
    {"empty post answered in the first call", answer_first, .line = "POST / HTTP/1.1", .headers = {H}, .body = ""},
    {"answered in a body call", answer_in_body, .line = "POST / HTTP/1.1", .headers = {H}, .body = "name=lamp"},
    {"answered twice", answer_twice, GET("/")},
    {"no in the first call", say_no_first, GET("/"), .notify = true},
    {"no in a body call", say_no_in_body, .line = "POST / HTTP/1.1", .headers = {H}, .body = "abc", .notify = true},
    {"no in the last call", say_no_last, .line = "POST / HTTP/1.1", .headers = {H}, .body = "abc", .notify = true},
    {"expect", show_body, .line = "POST / HTTP/1.1", .headers = {H, "Expect: 100-continue"}, .body = "abc"},
    {"expect answered in the first call", answer_first, .line = "POST / HTTP/1.1",
     .headers = {H, "Expect: 100-continue"}, .body = "abc"},
    {"expect other", show_body, .line = "POST / HTTP/1.1", .headers = {H, "Expect: magic"}, .body = "abc"},

    /* forms */
    {"form", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM},
     .body = "a=1&b=two+words&c=%41%zz&d&e=&=f&g=h=i"},
    {"form in pieces", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "abc=defghi&jk=l%20m&n=o",
     .pieces = {2, 3, 1, 9}},
    {"form byte by byte", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "ab=c%20d&e=f",
     .pieces = {1}},
    {"form with charset", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM "; charset=utf-8"}, .body = "a=1"},
    {"form with line end", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "a=1\r\n"},
    {"form that ends in a name", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "a=1&b"},
    {"form that ends in an equals sign", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "a=1&b="},
    {"form with empty fields", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "a=1&&c=2"},
    {"form that begins with an ampersand", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "&a=1"},
    {"form with escapes at its end", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "a=1%4",
     .pieces = {2, 3}},
    {"form with escaped names", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "a%20b+c=1&%zz=2"},
    {"form with lines", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "a=1\nb=2&c=3"},
    {"form with a long name", show_form_small, .line = "POST / HTTP/1.1", .headers = {H, FORM},
     .body = "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
             "567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
             "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789=1"},
    {"form that is empty", show_form, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = ""},
    {"form that stops", show_form_stopping, .line = "POST / HTTP/1.1", .headers = {H, FORM}, .body = "a=1&b=2"},
    {"multipart", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART("name=\"a\"", "1")
         PART("name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary",
              "file\r\nline") "--XX--\r\n"},
    {"multipart in pieces", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART("name=\"a\"", "12345") PART("name=\"b\"", "678\r\n--X") "--XX--\r\n", .pieces = {7, 30, 10, 5}},
    {"multipart byte by byte", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART("name=\"a\"", "12") "--XX--\r\n", .pieces = {1}},
    {"multipart without names", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART("x=\"a\"", "1") "--XX--\r\n"},
    {"multipart cut", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART("name=\"a\"", "1") "--XX"},
    {"multipart that is none", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = "nothing of the kind"},
    {"multipart with preamble", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = "preamble\r\n" PART("name=\"a\"", "1") "--XX--\r\nepilogue"},
    {"multipart nested", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART("name=\"a\"",
                  "1") "--XX\r\nContent-Disposition: form-data; name=\"files\"\r\nContent-Type: multipart/mixed; "
                       "boundary=YY\r\n\r\n--YY\r\nContent-Disposition: attachment; "
                       "filename=\"1.txt\"\r\nContent-Type: text/plain\r\n\r\none\r\n--YY\r\nContent-Disposition: "
                       "attachment; filename=\"2.txt\"\r\n\r\ntwo\r\n--YY--\r\n--XX--\r\n"},
    {"multipart with large file", show_form_small, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART(
         "name=\"f\"; filename=\"x\"",
         "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
         "9012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
         "89012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789") "--XX--\r\n"},
    {"multipart with empty part", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART("name=\"a\"", "") PART("name=\"b\"", "2") "--XX--\r\n"},
    {"multipart with lone line ends", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART("name=\"a\"", "1\r2\n3\r\n-4\r\n--X5") "--XX--\r\n"},
    {"multipart without final dashes", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART("name=\"a\"", "1") "--XX\r\n"},
    {"multipart in lower case", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = "--XX\r\ncontent-disposition: form-data; name=\"a\"\r\ncontent-type: text/x\r\nx-other: "
             "1\r\n\r\n1\r\n--XX--\r\n"},
    {"multipart nested in pieces", show_form, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART}, .pieces = {11},
     .body = "--XX\r\nContent-Disposition: form-data; name=\"files\"\r\nContent-Type: multipart/mixed; "
             "boundary=YY\r\n\r\n--YY\r\nContent-Disposition: attachment; "
             "filename=\"1.txt\"\r\n\r\none\r\n--YY--\r\n--XX\r\nContent-Disposition: form-data; "
             "name=\"z\"\r\n\r\n26\r\n--XX--\r\n"},
    {"multipart that stops", show_form_stopping, .line = "POST / HTTP/1.1", .headers = {H, MULTIPART},
     .body = PART("name=\"a\"", "1") PART("name=\"b\"", "2") "--XX--\r\n"},
    {"multipart quoted boundary", show_form, .line = "POST / HTTP/1.1",
     .headers = {H, "Content-Type: multipart/form-data; boundary=\"XX\""}, .body = PART("name=a", "1") "--XX--\r\n"},
    {"multipart without boundary", show_form, .line = "POST / HTTP/1.1",
     .headers = {H, "Content-Type: multipart/form-data"}, .body = PART("name=a", "1") "--XX--\r\n"},
    {"form of another type", show_form, .line = "POST / HTTP/1.1", .headers = {H, "Content-Type: text/plain"},
     .body = "a=1"},
    {"form without a type", show_form, .line = "POST / HTTP/1.1", .headers = {H}, .body = "a=1"},
    {"long form value", show_form_small, .line = "POST / HTTP/1.1", .headers = {H, FORM},
     .body = "k="
             "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
             "567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
             "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
             "567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
             "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
             "5678901234567890123456789012345678901234567890123456789&z=1"},

    /* responses */
    {"persistent", from_persistent, GET("/")},
    {"copied", from_copy, GET("/")},
    {"must be freed", from_must_free, GET("/")},
    {"free callback", from_free_callback, GET("/"), .notify = true},
    {"free callback with closure", from_free_callback_cls, GET("/")},
    {"data", from_data, GET("/")},
    {"callback", from_callback, GET("/"), .notify = true},
    {"callback of unknown size", from_callback_unknown, GET("/"), .notify = true},
    {"callback of unknown size for 1.0", from_callback_unknown, .line = "GET / HTTP/1.0", .headers = {H}},
    {"callback for HEAD", from_callback_unknown, .line = "HEAD / HTTP/1.1", .headers = {H}},
    {"callback that ends early", from_callback_short, GET("/"), .notify = true},
    {"callback that fails", from_callback_error, GET("/"), .notify = true},
    {"callback that idles", from_callback_slow, GET("/")},
    {"file", from_fd, GET("/")},
    {"file, 64 bit", from_fd64, GET("/")},
    {"range of a file", from_fd_range, GET("/")},
    {"pipe", from_pipe, GET("/")},
    {"vector", from_iovec, GET("/")},
    {"empty", from_empty, GET("/")},
    {"large", from_large, GET("/")},
    {"kept response", reused, GET("/"), .notify = true},
    {"headers refused", bad_headers, GET("/")},
    {"header functions", header_api, GET("/")},
    {"own Content-Length", own_length, GET("/")},
    {"own Connection", own_connection, GET("/")},
    {"long Connection", long_connection, GET("/")},
    {"long Connection for 1.0", long_connection, .line = "GET / HTTP/1.0", .headers = {H}},
    {"own Date", own_date, GET("/")},
    {"own Transfer-Encoding", own_encoding, GET("/")},
    {"footers", footers, GET("/")},
    {"1.0 only", option_10_only, GET("/")},
    {"1.0 server", option_10_server, GET("/")},
    {"1.0 server kept alive", option_10_server, .line = "GET / HTTP/1.1", .headers = {H, "Connection: keep-alive"}},
    {"keep-alive header", option_keep_alive, GET("/")},
    {"odd status codes", answer_codes, GET("/")},
    {"204", status_204, GET("/")},
    {"304", status_304, GET("/")},
    {"199", status_199, GET("/")},
    {"999", status_999, GET("/")},
    {"1000", status_1000, GET("/")},
    {"99", status_99, GET("/")},
    {"101", switches, GET("/")},
    {"icy", icy, GET("/")},
    {"cookies set", cookies_set, GET("/")},

    /* authentication */
    {"basic", basic, .line = "GET / HTTP/1.1", .headers = {H, "Authorization: Basic YWRhOmxhY2U6MQ=="}},
    {"basic without password", basic, .line = "GET / HTTP/1.1", .headers = {H, "Authorization: Basic YWRh"}},
    {"basic without any", basic, GET("/")},
    {"basic that is bearer", basic, .line = "GET / HTTP/1.1", .headers = {H, "Authorization: Bearer YWRhOmxhY2U="}},
    {"basic in lower case", basic, .line = "GET / HTTP/1.1", .headers = {H, "Authorization: basic YWRhOmxhY2U="}},
    {"basic not base64", basic, .line = "GET / HTTP/1.1", .headers = {H, "Authorization: Basic %%%%"}},
    {"basic fails", basic_fail, GET("/")},

    /* the rest */
    {"connection info", show_connection, GET("/path"), .options = timeout, .notify = true},
    {"connection info of 1.0", show_connection, .line = "GET / HTTP/1.0"},
    {"upgrade refused", upgrades, GET("/")},
    {"body never taken", leave_all, .line = "POST / HTTP/1.1", .headers = {H}, .body = "abc"},
    {"suspended", suspends, GET("/"), .flags = MHD_ALLOW_SUSPEND_RESUME},
    {"no host", answer_ok, .line = "GET / HTTP/1.1"},
    {"no host, strict", answer_ok, .line = "GET / HTTP/1.1", .options = strict},
    {"no host, lenient", answer_ok, .line = "GET / HTTP/1.1", .options = lenient},
    {"little memory", answer_ok, GET("/"), .options = little},
};
const size_t parity_case_count = sizeof parity_cases / sizeof parity_cases[0];

const char *parity_name(size_t i)
{
    return parity_cases[i].name;
}
