/* Which cookies belong to which URL: RFC 6265 section 5.1. */
#include "harness/client/jar.h"

#include "harness/http/chars.h"

#include <stackrig/http/uri.h>

/* Nothing that ends in a number is a name (WHATWG URL, "ends in a number"). */
static bool is_address(const char *host, size_t size)
{
    if (host[size - 1] == ']') {
        return true;
    }
    while (size > 0 && rig_char_is(host[size - 1], RIG_CHAR_DIGIT)) {
        size--;
    }
    return size == 0 || (host[size - 1] == '.' && host[size] != '\0');
}

const char *rig_jar_place(const char *url, struct rig_jar_place *place)
{
    struct rig_uri uri;
    const char *reason = NULL;
    url = url ? url : RIG_JAR_URL;
    if (rig_uri_split(url, strlen(url), &uri, &reason) != 0) {
        return reason;
    }
    if (uri.host.size == 0 || uri.host.size > RIG_JAR_HOST_MAX) {
        return uri.host.size == 0 ? "the URL has no host" : "the URL's host is longer than 255 bytes";
    }
    for (size_t i = 0; i < uri.host.size; i++) {
        place->host[i] = rig_char_lower(uri.host.data[i]);
    }
    place->host[uri.host.size] = '\0';
    place->host_size = uri.host.size;
    place->is_ip = is_address(place->host, place->host_size);
    place->secure = rig_name_equal(uri.scheme.data, uri.scheme.size, "https", 5);
    place->path = uri.path.size > 0 ? uri.path : (struct rig_slice){"/", 1};
    return NULL;
}

bool rig_jar_domain_matches(const struct rig_jar_place *place, const char *domain, size_t size)
{
    if (size > place->host_size || memcmp(place->host + place->host_size - size, domain, size) != 0) {
        return false;
    }
    return size == place->host_size || (!place->is_ip && place->host[place->host_size - size - 1] == '.');
}

struct rig_slice rig_jar_default_path(struct rig_slice path)
{
    size_t size = path.size;
    while (size > 0 && path.data[size - 1] != '/') {
        size--;
    }
    return size > 1 && path.data[0] == '/' ? (struct rig_slice){path.data, size - 1} : (struct rig_slice){"/", 1};
}

bool rig_jar_path_matches(struct rig_slice path, const char *of_cookie)
{
    size_t size = strlen(of_cookie);
    if (size > path.size || memcmp(path.data, of_cookie, size) != 0) {
        return false;
    }
    return size == path.size || of_cookie[size - 1] == '/' || path.data[size] == '/';
}
