/* The cookie jar: RFC 6265 sections 5.1 to 5.4, its limits, copies, memory that runs out. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stackrig/jar.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NOW 1750000000

static struct rig_jar *jar;

static int setup(void **state)
{
    (void)state;
    jar = rig_jar_new((struct rig_jar_options){0});
    return jar ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    rig_jar_free(jar);
    return 0;
}

static int set_at(int64_t now, const char *url, const char *line)
{
    return rig_jar_set_cookie(jar, url, line, strlen(line), now);
}

static void set(const char *url, const char *line)
{
    assert_int_equal(set_at(NOW, url, line), 0);
    assert_null(rig_jar_refused(jar));
}

static void refused(const char *url, const char *line)
{
    assert_int_equal(set_at(NOW, url, line), -EINVAL);
    assert_non_null(rig_jar_refused(jar));
}

static void sent_at(int64_t now, const char *url, const char *wanted)
{
    char out[256];
    int64_t size = rig_jar_header(jar, url, now, out, sizeof out);
    assert_in_range(size, 0, sizeof out - 1);
    out[size] = '\0';
    assert_string_equal(out, wanted);
}

static void sent(const char *url, const char *wanted)
{
    sent_at(NOW, url, wanted);
}

static void test_paths(void **state)
{
    (void)state;
    set("http://h/dir/page?x=/y", "a=1");
    sent("http://h/dir", "a=1");
    sent("http://h/dir/", "a=1");
    sent("http://h/dir/sub/x?q", "a=1");
    sent("http://h/dirt", "");
    sent("http://h/", "");
    sent("http://h", "");
    rig_jar_clear(jar);
    set("http://h", "a=1");
    set("http://h/x", "b=2; path=/x/");
    set("http://h/x/y", "c=3; path=x");
    set("http://h/x/y", "d=4; path=");
    sent("http://h/x", "c=3; d=4; a=1");
    sent("http://h/x/", "b=2; c=3; d=4; a=1");
    sent("http://h/X/", "a=1");
}

static void test_order(void **state)
{
    (void)state;
    set("http://h/", "x=root; path=/");
    set("http://h/", "b=deep; path=/a/b");
    set("http://h/", "x=sub; path=/a");
    set("http://h/", "a=root");
    sent("http://h/a/b/c", "b=deep; x=sub; a=root; x=root");
    /* an older one first; replaced, it keeps its age */
    assert_int_equal(set_at(NOW - 1, "http://h/", "z=old"), 0);
    sent("http://h/", "z=old; a=root; x=root");
    set("http://h/", "z=new");
    sent("http://h/", "z=new; a=root; x=root");
}

static void test_domains(void **state)
{
    (void)state;
    set("http://www.Example.org:8080/", "a=1; domain=.EXAMPLE.org");
    set("http://www.example.org/", "b=2");
    set("http://www.example.org/", "c=3; domain=");
    sent("http://example.org/", "a=1");
    sent("http://WWW.example.org/", "a=1; b=2; c=3");
    sent("http://x.www.example.org:81/", "a=1");
    sent("http://badexample.org/", "");
    sent("http://org/", "");
    refused("http://example.org/", "a=1; domain=www.example.org");
    refused("http://example.org/", "a=1; domain=example.com");
    refused("http://badexample.org/", "a=1; domain=example.org");
    refused("http://example.org/", "a=1; domain=example.org:80");
    refused("http://example.org/", "a=1; domain=ample.org");
    assert_int_equal(rig_jar_count(jar), 3);
}

static void test_addresses(void **state)
{
    (void)state;
    refused("http://127.0.0.1/", "a=1; domain=0.0.1");
    refused("http://[::1]/", "a=1; domain=1]");
    set("http://127.0.0.1/", "a=1; domain=127.0.0.1");
    set("http://[::1]/", "b=2");
    sent("http://127.0.0.1/", "a=1");
    sent("http://x.127.0.0.1/", "");
    sent("http://[::1]:80/", "b=2");
    set("http://a1.b2/", "c=3; domain=b2"); /* digits do not make an address */
    sent("http://b2/", "c=3");
}

static void test_secure(void **state)
{
    (void)state;
    refused("http://h/", "a=1; secure");
    set("HTTPS://h/", "a=1; SECURE; HttpOnly; samesite=lax");
    set("https://h/", "b=2");
    sent("https://h/", "a=1; b=2");
    sent("http://h/", "b=2");
    const struct rig_jar_cookie *cookie = rig_jar_find(jar, "a");
    assert_true(cookie->secure && cookie->http_only && cookie->host_only);
    assert_int_equal(cookie->same_site, RIG_SAME_SITE_LAX);
    assert_int_equal(cookie->expires, RIG_JAR_FOREVER);
    assert_string_equal(cookie->domain, "h");
}

static void test_expiry(void **state)
{
    (void)state;
    set("http://h/", "a=1; max-age=60; expires=Thu, 01 Jan 1970 00:00:00 GMT");
    set("http://h/", "b=2; expires=Fri, 01-Jan-2100 00:00:00 GMT");
    set("http://h/", "c=3; expires=whenever");
    set("http://h/", "d=4; max-age=99999999999999999999");
    set("http://h/", "e=5; max-age=60");
    set("http://h/", "e=6; max-age=-1"); /* deleted */
    set("http://h/", "f=7; max-age=0; expires=Fri, 01-Jan-2100 00:00:00 GMT");
    sent("http://h/", "a=1; b=2; c=3; d=4");
    sent_at(NOW + 59, "http://h/", "a=1; b=2; c=3; d=4");
    sent_at(NOW + 60, "http://h/", "b=2; c=3; d=4");
    sent_at(4102444800, "http://h/", "c=3; d=4");
    assert_int_equal(rig_jar_find(jar, "a")->expires, NOW + 60); /* shown, though no longer sent */
    set("http://h/", "a=again");
    sent_at(NOW + 60, "http://h/", "a=again; b=2; c=3; d=4");
}

static void test_names(void **state)
{
    (void)state;
    set("http://h/", "a=1");
    set("http://h/", "A=2"); /* another one */
    set("http://h/", " b = 3 ; path=/");
    set("http://h/", "c=1,2");
    set("http://h/", "d=\"x y\"");
    set("http://h/", "e==");
    set("http://h/", "flag");
    set("http://h/", " bare ;path=/");
    sent("http://h/", "A=2; a=1; b=3; bare; c=1,2; d=\"x y\"; e==; flag");
    assert_null(rig_jar_find(jar, "flag")->value);
    refused("http://h/", "=1");
    refused("http://h/", "");
    refused("http://h/", " ; path=/");
    refused("http://h/", "a=1\nb=2");
    assert_int_equal(rig_jar_set_cookie(jar, "http://h/", "a=1\0b", 5, NOW), -EINVAL);
}

static void test_set_by_hand(void **state)
{
    (void)state;
    assert_int_equal(rig_jar_put_cookie(jar, NULL, "a", "x y&z;\xc3\xa9", NOW), 0);
    sent("http://example.org/any", "a=x+y%26z%3B%C3%A9");
    assert_string_equal(rig_jar_find(jar, "a")->path, "/");
    assert_int_equal(rig_jar_put_cookie(jar, "http://h/deep/down", "a", "", NOW), 0);
    sent("http://h/", "a=");
    assert_int_equal(rig_jar_put_cookie(jar, NULL, "a;b", "x", NOW), -EINVAL);
    assert_int_equal(rig_jar_put_cookie(jar, NULL, "a=b", "x", NOW), -EINVAL);
    assert_int_equal(rig_jar_put_cookie(jar, NULL, " a", "x", NOW), -EINVAL);
    assert_int_equal(rig_jar_put_cookie(jar, NULL, "a\nb", "x", NOW), -EINVAL);
    assert_int_equal(rig_jar_put_cookie(jar, NULL, "", "x", NOW), -EINVAL);
    assert_int_equal(rig_jar_put_cookie(jar, NULL, "a", NULL, NOW), -EINVAL);
    assert_int_equal(rig_jar_delete(jar, "a"), 2);
    assert_int_equal(rig_jar_delete(jar, "a"), 0);
    assert_int_equal(rig_jar_count(jar), 0);
}

static void test_urls(void **state)
{
    (void)state;
    char out[8], host[400] = "http://";
    refused("/path", "a=1");
    assert_string_equal(rig_jar_refused(jar), "the URL has no host");
    refused("http:///", "a=1");
    refused("http://a b/", "a=1");
    assert_int_equal(rig_jar_header(jar, "x", NOW, NULL, 0), -EINVAL);
    memset(host + 7, 'h', 255);
    set(host, "a=1");
    host[7 + 255] = 'h';
    refused(host, "a=1");
    rig_jar_clear(jar);
    set("http://h/", "a=12345");
    memset(out, 'x', sizeof out);
    assert_int_equal(rig_jar_header(jar, "http://h/", NOW, out, 6), 7);
    assert_int_equal(out[0], 'x'); /* nothing is written that does not fit */
    assert_int_equal(rig_jar_header(jar, "http://h/", NOW, out, 7), 7);
    assert_memory_equal(out, "a=12345x", 8);
    assert_int_equal(rig_jar_set_cookie(NULL, NULL, "a=1", 3, NOW), -EINVAL);
    assert_int_equal(rig_jar_header(NULL, NULL, NOW, NULL, 0), -EINVAL);
    assert_int_equal(rig_jar_count(NULL) + rig_jar_delete(NULL, "a"), 0);
    assert_null(rig_jar_copy(NULL));
}

/* ---- all of it, copies ---- */

static int list(void *closure, const struct rig_jar_cookie *cookie)
{
    char *text = closure;
    (void)snprintf(text + strlen(text), 256 - strlen(text), "%s@%s%s ", cookie->name, cookie->domain, cookie->path);
    return strcmp(cookie->name, "stop") == 0 ? 7 : 0;
}

static void test_all(void **state)
{
    (void)state;
    char text[256] = "";
    set("http://b.h/", "x=1");
    set("http://b.h/", "x=1; path=/p; max-age=0");
    set("http://b.h/", "x=1; domain=h");
    set("http://a.h/", "w=1");
    assert_int_equal(rig_jar_each(jar, list, text), 0);
    assert_string_equal(text, "w@a.h/ x@b.h/p x@b.h/ x@h/ ");
    assert_string_equal(rig_jar_find(jar, "x")->path, "/p");
    assert_null(rig_jar_find(jar, "y"));
    set("http://b.h/", "stop=1");
    text[0] = '\0';
    assert_int_equal(rig_jar_each(jar, list, text), 7);
    assert_string_equal(text, "stop@b.h/ ");
    assert_int_equal(rig_jar_each(jar, NULL, NULL), -EINVAL);
}

static void test_copies(void **state)
{
    (void)state;
    set("http://h/", "a=1");
    struct rig_jar *saved = rig_jar_copy(jar);
    set("http://h/", "a=2");
    set("http://h/", "b=3");
    struct rig_jar *later = jar;
    jar = saved;
    sent("http://h/", "a=1");
    jar = later;
    assert_int_equal(rig_jar_restore(jar, saved), 0);
    sent("http://h/", "a=1");
    rig_jar_free(saved);
    assert_int_equal(rig_jar_restore(jar, jar), 0);
    sent("http://h/", "a=1");
    assert_int_equal(rig_jar_restore(jar, NULL), -EINVAL);
}

/* ---- limits ---- */

static void test_limits(void **state)
{
    (void)state;
    char line[8], name[4200];
    rig_jar_free(jar);
    jar = rig_jar_new((struct rig_jar_options){.cookie_limit = 5, .domain_limit = 3});
    for (int c = 'a'; c <= 'c'; c++) {
        (void)snprintf(line, sizeof line, "%c=1", c);
        set("http://h/", line);
    }
    sent("http://h/", "a=1; b=1; c=1");
    set("http://h/", "x=0; max-age=0"); /* deletes nothing, and pushes nothing out */
    sent("http://h/", "a=1; b=1; c=1");
    set("http://h/", "p=1; path=/p"); /* the first goes: all were sent equally long ago */
    sent("http://h/", "b=1; c=1");
    set("http://h/", "e=1"); /* p was never sent */
    sent("http://h/p", "b=1; c=1; e=1");
    set("http://h/", "e=0; max-age=0");
    set("http://h/", "d=1"); /* now the expired one goes first, though it is the youngest */
    sent("http://h/", "b=1; c=1; d=1");
    set("http://i/", "a=1");
    set("http://i/", "b=1");
    sent("http://i/", "a=1; b=1");
    sent("http://h/", "b=1; c=1; d=1");
    set("http://j/", "a=1"); /* in all: that which was sent longest ago */
    sent("http://i/", "b=1");
    assert_int_equal(rig_jar_count(jar), 5);
    memset(name, 'n', sizeof name);
    name[4095] = '=';
    assert_int_equal(rig_jar_set_cookie(jar, NULL, name, 4096, NOW), 0);
    assert_int_equal(rig_jar_set_cookie(jar, NULL, name, 4097, NOW), 0);
    assert_int_equal(rig_jar_set_cookie(jar, NULL, name, 4098, NOW), -EINVAL);
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A server that sets ever more, for ever more hosts: bounded, and no slower than it should. */
static void test_many(void **state)
{
    (void)state;
    char line[64], url[64];
    double start = seconds();
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(line, sizeof line, "n%d=%d; path=/%d; max-age=%d", i, i, i % 50, 1000 + i % 7);
        (void)snprintf(url, sizeof url, "http://%d.many.test/", i % 500);
        assert_int_equal(set_at(NOW + i, url, line), 0);
    }
    assert_in_range(rig_jar_count(jar), 1000, 3000); /* the expired ones go many at a time */
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(line, sizeof line, "n%d=%d", i, i);
        assert_int_equal(set_at(NOW, "http://one.test/", line), 0);
    }
    assert_true(rig_jar_count(jar) <= 3000);
    assert_in_range(rig_jar_header(jar, "http://one.test/", NOW, NULL, 0), 180 * 13, 180 * 15);
    assert_true(seconds() - start < 20); /* 0.2 s where it was written, 4 s under valgrind */
}

static void test_many_labels(void **state)
{
    (void)state;
    char url[300] = "http://";
    for (size_t i = 0; i < 127; i++) {
        memcpy(url + 7 + 2 * i, "a.", 3);
    }
    memcpy(url + 7 + 2 * 127 - 1, "/", 2);
    set(url, "a=1; domain=a.a");
    for (int i = 0; i < 10000; i++) {
        sent(url, "a=1");
    }
}

/* ---- memory that runs out ---- */

struct ration {
    size_t asked, fail_at, held;
};

static void *ration_alloc(void *self, size_t size)
{
    struct ration *ration = self;
    if (++ration->asked == ration->fail_at) {
        return NULL;
    }
    ration->held++;
    return malloc(size);
}

static void ration_release(void *self, void *memory)
{
    struct ration *ration = self;
    ration->held--;
    free(memory);
}

/* 0, or -ENOMEM; the jar is then as it was before the step. */
static int play(struct rig_jar *own)
{
    char name[16], out[4096];
    int error = rig_jar_set_cookie(own, NULL, "first=1; path=/x", 16, NOW);
    for (int i = 0; i < 40 && error == 0; i++) { /* past a growth of the table */
        (void)snprintf(name, sizeof name, "n%d", i % 35);
        error = rig_jar_put_cookie(own, i % 2 ? "http://h/" : NULL, name, "v", NOW);
        assert_true(error == 0 || !rig_jar_find(own, name) || i >= 35);
    }
    error = error ? error : rig_jar_set_cookie(own, NULL, "flag", 4, NOW);
    if (error != 0) {
        return error;
    }
    int64_t size = rig_jar_header(own, NULL, NOW, out, sizeof out);
    size_t count = rig_jar_count(own);
    struct rig_jar *copy = size < 0 ? NULL : rig_jar_copy(own);
    error = copy ? rig_jar_restore(own, copy) : -ENOMEM;
    assert_int_equal(rig_jar_count(own), count);
    out[0] = '\0';
    error = error ? error : rig_jar_each(own, list, out);
    rig_jar_free(copy);
    return error;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct ration ration = {0};
    int error;
    do {
        ration.asked = 0;
        ration.fail_at++;
        struct rig_jar *own = rig_jar_new(
            (struct rig_jar_options){.allocator = {.alloc = ration_alloc, .release = ration_release, .self = &ration}});
        error = own ? play(own) : -ENOMEM;
        assert_true(error == 0 || error == -ENOMEM);
        rig_jar_free(own);
        assert_int_equal(ration.held, 0);
    } while (error != 0);
    assert_true(ration.fail_at > 100);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_paths),  TEST(test_order),       TEST(test_domains), TEST(test_addresses),   TEST(test_secure),
        TEST(test_expiry), TEST(test_names),       TEST(test_urls),    TEST(test_all),         TEST(test_copies),
        TEST(test_limits), TEST(test_set_by_hand), TEST(test_many),    TEST(test_many_labels), TEST(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
