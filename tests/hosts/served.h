/* A stack that is served, and its client. */
#ifndef STACKRIG_TESTS_HOSTS_SERVED_H
#define STACKRIG_TESTS_HOSTS_SERVED_H

#include "harness/hosts/talk/talk.h"

#include <stackrig/cmocka.h>
#include <stackrig/serve.h>
#include <stackrig/stackrig.h>

#include <stdatomic.h>

#define PATTERN_PERIOD 251

/* A stack of the layers and apps in served.c. What they saw: */
struct rig_seen {
    atomic_size_t bytes;  /* of the body, so far */
    atomic_int last_read; /* what the last read returned */
    atomic_int streams;   /* bodies that were closed */
    atomic_int running, most;
};
extern struct rig_seen seen;

struct rig_stack *served_stack(void);
/* Bytes whose order can be told. */
char *pattern_new(size_t size);
bool is_pattern(const char *data, size_t size);

/* Logs go into a text that is looked at. */
struct log {
    char text[4096];
};
void log_line(void *self, const char *line);
/* Does it hold that text, now or within ten seconds? A host may log a request after its answer was received. */
bool log_holds(struct log *log, const char *text);

/* Sends text, and data behind it, on fd. */
void ask_bytes(int fd, const char *head, const void *data, size_t size, struct rig_talk_answer *answer);
/* One request on a connection of its own. */
void ask(const char *address, const char *head, struct rig_talk_answer *answer);
int connected(const char *address);
void wait_for_bytes(size_t bytes);

#endif
