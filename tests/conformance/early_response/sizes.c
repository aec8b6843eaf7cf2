/* Sizes that results.tsv does not hold, against the thresholds in the page's text. */
#include "tests/conformance/early_response/check.h"

#include <string.h>

#define KIB 1024
#define MIB (1024 * KIB)
#define NO_SIZE UINT64_MAX

static const uint64_t sizes[] = {8 * KIB,   12 * KIB,  16 * KIB,  24 * KIB, 64 * KIB, 96 * KIB, 128 * KIB, 192 * KIB,
                                 208 * KIB, 224 * KIB, 256 * KIB, 2 * MIB,  3670016,  4 * MIB,  6 * MIB};

enum when { ANY, SETTLED };

/* Up to `never` nothing is lost; from `may` on a loss is among the predictions, from `always` on nothing else is.
 * What lies between never and may the page leaves open: the capacity's edge, or a threshold known as a span. */
static const struct threshold {
    const char *front, *protocol, *option, *transport, *engine;
    uint64_t taken;
    enum when when;
    uint64_t never, may, always;
    const char *source;
} thresholds[] = {
    {"nginx", "proxy", NULL, "tcp", "plain", 0, ANY, 8 * KIB, 24 * KIB, NO_SIZE, "4: HTTP fronts 12-24 KiB"},
    {"nginx", "proxy", NULL, "unix", "plain", 0, ANY, 8 * KIB, 24 * KIB, NO_SIZE, "4: HTTP fronts 12-24 KiB"},
    {"nginx", "proxy", "stream", "tcp", "plain", 0, ANY, 8 * KIB, 24 * KIB, NO_SIZE, "4: HTTP fronts 12-24 KiB"},
    {"nginx", "proxy", NULL, "tcp", "shut", 0, ANY, 8 * KIB, 24 * KIB, NO_SIZE, "4: HTTP fronts 12-24 KiB"},
    {"apache", "http", NULL, "tcp", "plain", 0, ANY, 8 * KIB, 24 * KIB, 6 * MIB, "4: HTTP fronts; 3: TCP 6M 20/20"},
    {"apache", "http", NULL, "unix", "plain", 0, ANY, 8 * KIB, 24 * KIB, 208 * KIB, "3: unix 208K 20/20"},
    {"haproxy", "http", NULL, "tcp", "plain", 0, ANY, 8 * KIB, 16 * KIB, NO_SIZE, "3: 16K 1/20"},
    {"nginx", "proxy", NULL, "tcp", "plain", 0, SETTLED, NO_SIZE, NO_SIZE, NO_SIZE, "3: settled: never lost to 16M"},
    {"nginx", "proxy", NULL, "unix", "plain", 0, SETTLED, NO_SIZE, NO_SIZE, NO_SIZE, "3: settled: never lost to 16M"},
    {"nginx", "scgi", NULL, "unix", "plain", 0, SETTLED, NO_SIZE, NO_SIZE, NO_SIZE, "3: settled: never lost to 16M"},
    {"apache", "http", NULL, "unix", "plain", 0, SETTLED, 192 * KIB, 208 * KIB, 208 * KIB, "3: 192K ok, 208K 20/20"},
    {"apache", "http", NULL, "tcp", "plain", 0, SETTLED, 3670016, 4 * MIB, 6 * MIB, "3: 3.5M ok, 4M 2/20, 6M 20/20"},
    {"haproxy", "http", NULL, "unix", "plain", 0, SETTLED, 192 * KIB, 208 * KIB, NO_SIZE, "3: 192K ok, 208K 20/20"},
    {"haproxy", "http", NULL, "tcp", "plain", 0, SETTLED, 3670016, 6 * MIB, NO_SIZE, "3: TCP 4M ok, 6M 19/20"},
    {"passenger3", "http", NULL, "unix", "plain", 0, SETTLED, 192 * KIB, 224 * KIB, 224 * KIB, "3: 192K ok, 208K 1/20"},
    {"passenger3", "http", NULL, "unix", "plain", 0, ANY, 1024, 8 * KIB, 224 * KIB, "4: p3hop 2-8 KiB; 5"},
    {"apache", "fastcgi", NULL, "unix", "plain", 0, SETTLED, 24 * KIB, 64 * KIB, NO_SIZE, "3: settled unix from 64K"},
    {"apache", "fastcgi", NULL, "tcp", "plain", 0, SETTLED, 2 * MIB, 3670016, NO_SIZE, "3: settled TCP from 3M"},
    {"nginx", "fastcgi", NULL, "unix", "plain", 0, SETTLED, 0, 1, NO_SIZE, "3: nginx fastcgi: any size"},
    {"naive", "http", NULL, "unix", "plain", 0, SETTLED, 192 * KIB, 256 * KIB, 256 * KIB, "3: unix 20/20 from 256K"},
    {"naive", "http", NULL, "unix", "plain", 0, ANY, 192 * KIB, 256 * KIB, 256 * KIB, "3: unix 20/20 from 256K"},
    {"naive", "http", NULL, "tcp", "plain", 0, SETTLED, 3670016, 6 * MIB, 6 * MIB, "3: settled 2M-4M ok, 6M 20/20"},
    {"naive", "http", NULL, "tcp", "plain", 0, ANY, 8 * KIB, 64 * KIB, 6 * MIB, "3: TCP from 64K racy"},
    {"half", "http", NULL, "unix", "plain", 0, ANY, 0, 1, NO_SIZE, "3: half client: E3 unix lost from 1 B"},
    {"direct", "http", NULL, "tcp", "plain", 0, ANY, NO_SIZE, NO_SIZE, NO_SIZE, "3: duplex: never lost, 0 of 3,360"},
    {"lighttpd", "proxy", NULL, "tcp", "plain", 0, ANY, NO_SIZE, NO_SIZE, NO_SIZE, "3: lighttpd: never lost"},
    {"lighttpd", "fastcgi", NULL, "unix", "early", 0, ANY, NO_SIZE, NO_SIZE, NO_SIZE, "3: lighttpd: never lost"},
    {"apache", "passenger", NULL, "unix", "passenger6", 0, ANY, NO_SIZE, NO_SIZE, NO_SIZE, "3: passenger6: never lost"},
    {"nginx", "proxy", NULL, "tcp", "lingers", 0, ANY, NO_SIZE, NO_SIZE, NO_SIZE, "1: E6 lost nothing"},
    {"nginx", "proxy", NULL, "tcp", "puma", 0, ANY, NO_SIZE, NO_SIZE, NO_SIZE, "3: puma: 0 lost anywhere"},
    {"nginx", "proxy", NULL, "tcp", "unicorn", 0, ANY, 8 * KIB, 24 * KIB, NO_SIZE, "3: unicorn: E3s-like"},
    {"nginx", "proxy", NULL, "tcp", "unicorn", 1, ANY, NO_SIZE, NO_SIZE, NO_SIZE, "3: unicorn: read(1) drains"},
    {"nginx", "uwsgi", NULL, "unix", "uwsgi", 1, ANY, 8 * KIB, 24 * KIB, NO_SIZE, "3: uwsgi: read(1) does not help"},
    {"nginx", "uwsgi", NULL, "unix", "uwsgi-buffered", 0, ANY, NO_SIZE, NO_SIZE, NO_SIZE, "3: post-buffering: 0 lost"},
    {"nginx", "fastcgi", NULL, "unix", "libfcgi", 0, ANY, NO_SIZE, NO_SIZE, NO_SIZE, "3: libfcgi: 0 lost unread"},
};

static bool is(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static struct rig_case place(const struct threshold *t, uint64_t size)
{
    struct rig_case it = {.body = size, .taken = t->taken, .length_known = true, .answer = 113};
    for (size_t i = 0; i < RIG_FRONT_COUNT; i++) {
        const struct rig_front *front = &rig_front_table[i];
        if (is(front->name, t->front) && is(front->protocol, t->protocol) && is(front->option, t->option)) {
            it.front = front;
        }
    }
    it.engine = rig_engine_named(t->engine);
    it.transport = is(t->transport, "tcp") ? RIG_TRANSPORT(TCP) : RIG_TRANSPORT(UNIX);
    return it;
}

static int check_size(const struct threshold *t, uint64_t size)
{
    struct rig_case it = place(t, size);
    if (!it.front || !it.engine) {
        printf("sizes: no %s:%s+%s\n", t->front, t->protocol, t->engine);
        return 1;
    }
    struct rig_fate fate = rig_simulate(&it, RIG_TIMING_SETTLED);
    if (t->when == ANY) {
        fate = rig_fate_of_both(rig_simulate(&it, RIG_TIMING_WORST), fate);
    }
    bool lost = (fate.got & RIG_GOT_LOST) != 0, whole = (fate.got & RIG_GOT_WHOLE) != 0;
    if ((size > t->never || !lost) && (size < t->may || lost) && (size < t->always || !whole)) {
        return 0;
    }
    printf("sizes: %s:%s%s%s over %s, %s, %s, %llu bytes: %s%s, against %s\n", t->front, t->protocol,
           t->option ? ":" : "", t->option ? t->option : "", t->transport, t->engine,
           t->when == ANY ? "any timing" : "settled", (unsigned long long)size, lost ? "lost " : "",
           whole ? "whole" : "", t->source);
    return 1;
}

int check_sizes(void)
{
    int mistakes = 0, checked = 0;
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++, checked++) {
            mistakes += check_size(&thresholds[i], sizes[k]);
        }
    }
    printf("sizes in between: %d, %d on the wrong side\n", checked, mistakes);
    return mistakes;
}
