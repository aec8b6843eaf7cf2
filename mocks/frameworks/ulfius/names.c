/* Names of callbacks: made once for each registration, for results keep them. */
#include "mocks/frameworks/ulfius/ulfius.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 256

struct name {
    callback_fn *function;
    unsigned priority;
    char *method, *prefix, *format;
    char *text;
    struct name *next;
};

static struct name *names[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct name *find(unsigned bucket, callback_fn *function, const struct _u_endpoint *endpoint)
{
    struct name *at = names[bucket];
    while (at && (at->function != function || at->priority != endpoint->priority ||
                  !same(at->method, endpoint->http_method) || !same(at->format, endpoint->url_format) ||
                  !same(at->prefix, endpoint->url_prefix))) {
        at = at->next;
    }
    return at;
}

/* One slash before each part, none doubled. */
static char *print(const char *symbol, const struct _u_endpoint *endpoint)
{
    const char *prefix = endpoint->url_prefix ? endpoint->url_prefix : "";
    const char *format = endpoint->url_format ? endpoint->url_format : "";
    char *text = NULL;
    prefix += *prefix == '/';
    format += *format == '/';
    int size = endpoint->http_method
                   ? asprintf(&text, "%s (%s %s%s%s%s, priority %u)", symbol, endpoint->http_method, *prefix ? "/" : "",
                              prefix, *format || !*prefix ? "/" : "", format, endpoint->priority)
                   : asprintf(&text, "%s (default)", symbol);
    return size < 0 ? NULL : text;
}

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

static struct name *add(unsigned bucket, callback_fn *function, const struct _u_endpoint *endpoint, const char *symbol)
{
    struct name *name = malloc(sizeof *name);
    char *text = name ? print(symbol, endpoint) : NULL;
    if (!text) {
        free(name);
        return NULL;
    }
    *name = (struct name){.function = function,
                          .priority = endpoint->priority,
                          .method = copy(endpoint->http_method),
                          .prefix = copy(endpoint->url_prefix),
                          .format = copy(endpoint->url_format),
                          .text = text,
                          .next = names[bucket]};
    names[bucket] = name;
    return name;
}

const char *rig_ulfius_name(callback_fn *function, const struct _u_endpoint *endpoint)
{
    const void *address = (const void *)(uintptr_t)function;
    unsigned bucket = (unsigned)((uintptr_t)function >> 4) % BUCKETS;
    pthread_mutex_lock(&lock);
    const struct name *name = find(bucket, function, endpoint);
    if (!name) {
        name = add(bucket, function, endpoint, rig_name_of_function(address));
    }
    pthread_mutex_unlock(&lock);
    return name ? name->text : rig_name_of_function(address);
}

/* At the end of the process, with libdw's, and not while they are looked at: memcheck sees no use for them. */
__attribute__((destructor)) static void forget(void)
{
    if (pthread_mutex_trylock(&lock) != 0) {
        return;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        while (names[i]) {
            struct name *next = names[i]->next;
            free(names[i]->method);
            free(names[i]->prefix);
            free(names[i]->format);
            free(names[i]->text);
            free(names[i]);
            names[i] = next;
        }
    }
    pthread_mutex_unlock(&lock);
}
