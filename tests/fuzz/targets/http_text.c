/* Each parser of harness/http that takes a text, and what goes with it. */
#include "tests/fuzz/targets/bytes.h"

#include <stackrig/http/base64.h>
#include <stackrig/http/cookie.h>
#include <stackrig/http/date.h>
#include <stackrig/http/forwarded.h>
#include <stackrig/http/html.h>
#include <stackrig/http/media_type.h>
#include <stackrig/http/negotiate.h>
#include <stackrig/http/path.h>
#include <stackrig/http/percent.h>
#include <stackrig/http/query.h>
#include <stackrig/http/range.h>
#include <stackrig/http/status.h>
#include <stackrig/http/uri.h>

#include "harness/http/challenge.h"
#include "harness/http/list.h"
#include "harness/http/reference.h"
#include "harness/http/target.h"

static const char *whole; /* the text, and its end */
static const char *whole_end;

static void inside(struct rig_slice slice)
{
    CLAIM(!slice.data || slice.size == 0 || (slice.data >= whole && slice.data + slice.size <= whole_end));
}

static int on_pair(void *closure, struct rig_pair pair)
{
    (void)closure;
    inside(pair.value);
    return 0;
}

static int on_quality(void *closure, struct rig_slice value, double quality)
{
    (void)closure;
    inside(value);
    CLAIM(quality >= 0 && quality <= 1);
    return 0;
}

static void try_coded(const char *text, size_t size)
{
    size_t coded = rig_percent_encode(text, size, NULL, 0);
    char *out = room(coded), *back = room(coded);
    CLAIM(rig_percent_encode(text, size, out, coded) == coded && rig_percent_is_valid(out, coded));
    CLAIM(rig_percent_decode(out, coded, true, back) == size && memcmp(back, text, size) == 0);
    free(back);
    free(out);
    coded = rig_percent_encode_path(text, size, NULL, 0);
    out = room(coded);
    CLAIM(rig_percent_encode_path(text, size, out, coded) == coded);
    CLAIM(rig_percent_decode(out, coded, false, out) == size && memcmp(out, text, size) == 0);
    free(out);
    out = room(size);
    CLAIM(rig_percent_decode(text, size, true, out) <= size);
    free(out);
    coded = rig_html_escape(text, size, NULL, 0);
    out = room(coded);
    CLAIM(rig_html_escape(text, size, out, coded) == coded);
    free(out);
}

static void try_base64(const char *text, size_t size)
{
    size_t coded = rig_base64_encode(text, size, NULL, 0);
    char *out = room(coded), *back = room(size);
    CLAIM(rig_base64_encode(text, size, out, coded) == coded);
    CLAIM(rig_base64_decode(out, coded, back, size) == (int64_t)size && memcmp(back, text, size) == 0);
    int64_t decoded = rig_base64_decode(text, size, back, size);
    CLAIM(decoded < 0 || rig_base64_encode(back, (size_t)decoded, NULL, 0) == size);
    free(back);
    free(out);
}

static void try_cookies(const char *text, size_t size)
{
    struct rig_set_cookie cookie;
    enum rig_same_site same_site;
    char *out = room(size);
    (void)rig_cookie_each(text, size, on_pair, NULL);
    CLAIM(rig_cookie_decode(text, size, out) <= size);
    free(out);
    if (rig_set_cookie_parse(text, size, &cookie) == 0) {
        inside(cookie.name);
        inside(cookie.value);
        inside(cookie.domain);
        inside(cookie.path);
    }
    (void)rig_same_site_parse(text, size, &same_site);
}

static void try_dates(const char *text, size_t size)
{
    char out[RIG_DATE_SIZE];
    int64_t seconds, again;
    if (rig_date_parse(text, size, 1750000000, &seconds) == 0 && rig_date_format(seconds, out) == 0) {
        CLAIM(rig_date_parse(out, strlen(out), 0, &again) == 0 && again == seconds);
    }
    if (rig_cookie_date_parse(text, size, &seconds) == 0 && rig_date_format(seconds, out) == 0) {
        CLAIM(rig_cookie_date_parse(out, strlen(out), &again) == 0 && again == seconds);
    }
}

static void try_paths(const char *text, size_t size)
{
    size_t clean = rig_path_clean(text, size, NULL, 0);
    /* a relative one may become empty, and an empty one is "/" */
    CLAIM(clean >= (size == 0 || text[0] == '/') && clean <= (size > 1 ? size : 1));
    char *out = room(clean), *again = room(clean);
    CLAIM(rig_path_clean(text, size, out, clean) == clean);
    CLAIM(clean == 0 || rig_path_clean(out, clean, again, clean) == clean);
    CLAIM(clean == 0 || memcmp(out, again, clean) == 0);
    free(again);
    free(out);
    (void)rig_path_is_valid(text, size);
}

static void try_targets(const char *text, size_t size)
{
    static const char base[] = "http://a/b/c/d;p?q";
    struct rig_target target;
    struct rig_target_error error;
    struct rig_uri uri;
    char shown[RIG_URL_SHOWN];
    const char *reason = NULL;
    size_t wire;
    if (rig_target_split(text, size, &target, &error) == 0) {
        inside(target.host);
        inside(target.query);
        (void)rig_target_mismatch(target.kind, text, size);
    } else {
        CLAIM(error.reason && error.at <= size);
    }
    (void)rig_reference_split(text, size, &target, &wire, &error);
    (void)rig_is_host(text, size);
    (void)rig_is_host_port(text, size);
    (void)rig_is_absolute_uri(text, size);
    (void)rig_host_refused(text, size);
    (void)rig_url_shown(text, size, shown);
    if (rig_uri_split(text, size, &uri, &reason) == 0) {
        inside(uri.path);
        inside(uri.port);
    }
    char *out = room(sizeof base - 1 + size + 2);
    int64_t resolved = rig_uri_resolve(base, sizeof base - 1, text, size, out, &reason);
    CLAIM(resolved <= (int64_t)(sizeof base - 1 + size + 2));
    CLAIM(resolved < 0 || rig_uri_split(out, (size_t)resolved, &uri, &reason) == 0);
    free(out);
}

static void try_query(const char *text, size_t size, enum rig_query_shape shape)
{
    struct rig_query_options options = {.shape = shape, .separators = size & 1 ? "&;" : NULL};
    struct rig_params *params = NULL;
    (void)rig_query_each(text, size, options, on_pair, NULL);
    if (rig_query_parse(text, size, options, &params) == 0) {
        for (int style = RIG_QUERY_STYLE_NESTED; style <= RIG_QUERY_STYLE_FLAT; style++) {
            size_t built = rig_query_build(rig_params_root(params), (enum rig_query_style)style, NULL, 0);
            char *out = built < SIZE_MAX ? room(built) : NULL;
            CLAIM(!out || rig_query_build(rig_params_root(params), (enum rig_query_style)style, out, built) == built);
            free(out);
        }
    }
    rig_params_free(params);
}

static void try_lists(const char *text, size_t size)
{
    static const char *const types[] = {"text/html", "application/json", "image/png"};
    static const char *const codings[] = {"gzip", "br", "identity"};
    struct rig_range ranges[8];
    struct rig_slice rest = {text, size}, element;
    struct rig_challenge challenge;
    struct rig_elements list = {.rest = rest, .separators = ",;"};
    (void)rig_quality_each(text, size, on_quality, NULL);
    CLAIM(rig_best_media_type(text, size, types, 3) < 3);
    CLAIM(rig_best_encoding(text, size, codings, 3) < 3);
    (void)rig_forwarded_each(text, size, on_pair, NULL);
    int64_t count = rig_byte_ranges(text, size, 1000, ranges, 8);
    CLAIM(count <= 8);
    for (int64_t i = 0; i < count; i++) {
        CLAIM(ranges[i].first <= ranges[i].last && ranges[i].last < 1000);
    }
    while (rig_elements_next(&list, &element)) {
        inside(element);
        inside(rig_list_cut(&element));
    }
    CLAIM(rig_quoted_size(rest) <= size);
    CLAIM(rig_without_backslashes(rest, NULL) <= size);
    while (rig_challenge_next(&rest, &challenge)) {
        inside(challenge.scheme);
        inside(rig_challenge_param(challenge.params, "realm"));
    }
}

static void try_media_types(const char *text, size_t size)
{
    size_t type = rig_media_type(text, size, NULL, 0);
    CLAIM(type <= size);
    char *out = room(size);
    CLAIM(rig_media_type(text, size, out, size) == type);
    (void)rig_media_type_each(text, size, on_pair, NULL);
    (void)rig_media_type_param(text, size, "charset", out, size);
    CLAIM(rig_unquote(text, size, out) <= size);
    (void)rig_media_type_matches(text, size, "text/*", 6);
    (void)rig_media_type_matches("text/html", 9, text, size);
    (void)rig_status_code(text, size);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = room(size);
    memcpy(text, data, size);
    whole = text;
    whole_end = text + size;
    try_coded(text, size);
    try_base64(text, size);
    try_cookies(text, size);
    try_dates(text, size);
    try_paths(text, size);
    try_targets(text, size);
    try_query(text, size, RIG_QUERY_NESTED);
    try_query(text, size, RIG_QUERY_FLAT);
    try_query(text, size, RIG_QUERY_PAIRS);
    try_lists(text, size);
    try_media_types(text, size);
    free(text);
    return 0;
}
