/* A web server's side of FastCGI 1.0. */
#ifndef STACKRIG_TESTS_HOSTS_WEB_SERVER_H
#define STACKRIG_TESTS_HOSTS_WEB_SERVER_H

#include <stdbool.h>
#include <stddef.h>

/* What came back. */
struct fcgi_answer_text {
    char text[4000000];
    size_t size;
    bool ended; /* with its END_REQUEST */
    const char *body;
};
extern struct fcgi_answer_text fcgi_answer;

/* address: "unix:PATH" */
int fcgi_dial(const char *address);
/* extra: "NAME", "value", ..., NULL */
void fcgi_begin(int fd, const char *method, const char *uri, bool keep, size_t length, const char *const *extra);
/* One record of the body; fcgi_send_body sends all of it, and its end. */
void fcgi_stdin(int fd, const char *data, size_t size);
void fcgi_send_body(int fd, const char *data, size_t size);
void fcgi_receive(int fd);
/* All of these, on a connection of its own. */
void fcgi_ask(const char *address, const char *method, const char *uri, const char *data, size_t size);
size_t fcgi_body_size(void);
/* The answer is whole, and begins with status. body: NULL is any. */
void fcgi_got(const char *status, const char *body);
void fcgi_has(const char *text);

#endif
