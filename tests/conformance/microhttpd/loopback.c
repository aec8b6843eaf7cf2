/* The standard work's client: libcurl, on one connection. */
#include "parity.h"

#include <curl/curl.h>

static size_t swallow(char *data, size_t size, size_t count, void *closure)
{
    (void)data;
    *(size_t *)closure += size * count;
    return size * count;
}

/* One connection, kept alive: libcurl reuses it. */
static int exchange(CURL *curl, unsigned requests)
{
    uint64_t begin = 0;
    size_t swallowed = 0;
    long status = 200;
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &swallowed);
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "name=lamp");
    (void)curl_easy_setopt(curl, CURLOPT_USERPWD, "ada:lace");
    (void)curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    for (unsigned i = 0; i < requests + SPEED_WARM && status == 200; i++) {
        begin = i == SPEED_WARM ? speed_now() : begin;
        status = curl_easy_perform(curl) == CURLE_OK ? 200 : 0;
        (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    speed_tell("real", speed_now() - begin, requests);
    return status != 200 || swallowed != (size_t)(requests + SPEED_WARM) * 4;
}

int speed_over_loopback(const char *url, unsigned requests)
{
    CURL *curl = curl_easy_init();
    int wrong = !curl || curl_easy_setopt(curl, CURLOPT_URL, url) != CURLE_OK || exchange(curl, requests) != 0;
    curl_easy_cleanup(curl);
    return wrong;
}
