/* A client of a real server, on loopback: it writes the bytes that it is given, reads while it writes as browsers do, and
 * tells what came. For those that compare a server with the rig; it judges nothing. */
#ifndef STACKRIG_HOSTS_TALK_H
#define STACKRIG_HOSTS_TALK_H

#include <stackrig/base.h>

enum rig_talk_outcome {
    RIG_TALK_WHOLE,     /* an answer, with its end */
    RIG_TALK_TRUNCATED, /* its end is missing */
    RIG_TALK_NOTHING,   /* the connection ended without a byte of an answer */
    RIG_TALK_GARBAGE,   /* what came is no HTTP */
    RIG_TALK_LATE       /* the time was up */
};

struct rig_talk_answer {
    enum rig_talk_outcome outcome;
    int status; /* 0: there is none */
    struct rig_field *fields;
    size_t field_count;
    const char *body; /* without its chunks' framing; a zero byte follows */
    size_t body_size;
    bool chunked, continued; /* in chunks; there was a 100 Continue before it */
    bool kept;               /* the connection did not end with the answer */
    size_t behind;           /* bytes that came behind the answer's end */
    int error;               /* -errno of the connection; 0: none */
    char *text;              /* all that came, cut up */
};

struct rig_talk_request {
    const void *data;
    size_t size;
    bool is_head; /* its answer has no body */
    bool expects; /* the body is held back until the server says 100 Continue */
    bool naive;   /* nothing is read before all is written */
    int timeout;  /* ms for all of it; 0: 10 s */
};

/* A connection to "127.0.0.1:8080" or "[::1]:8080": its descriptor, or -errno. */
int rig_talk_open(const char *address);
/* 0, with what came in *answer; -ENOMEM. */
int rig_talk(int fd, const struct rig_talk_request *request, struct rig_talk_answer *answer);
/* Has the other side ended the connection? Waits a moment for it. */
bool rig_talk_ended(int fd);
const char *rig_talk_field(const struct rig_talk_answer *answer, const char *name); /* the first; NULL: none */
void rig_talk_free(struct rig_talk_answer *answer);

#endif
