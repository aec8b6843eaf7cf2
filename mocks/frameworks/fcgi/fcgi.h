/* The insides of libfcgi's adapter. */
#ifndef STACKRIG_FRAMEWORKS_FCGI_H
#define STACKRIG_FRAMEWORKS_FCGI_H

#include <fcgiapp.h>
#include <stackrig/fcgi.h>

#include "mocks/frameworks/sites.h"

#define RIG_FCGI_HEAD 8 /* bytes of a record before its content */

/* What was written, in the request's memory. */
struct rig_fcgi_text {
    char *data;
    size_t size, capacity;
};

/* A record on its way from the program. */
struct rig_fcgi_record {
    unsigned char head[RIG_FCGI_HEAD];
    size_t head_size, content, padding; /* what was seen of the head, what is still to come of the rest */
};

/* One request: a connection from a web server. */
struct rig_fcgi_turn {
    struct rig_env *env;
    struct rig_response *res;
    FCGX_Request *request; /* NULL: nobody has accepted it */
    bool taken, closed;    /* the connection was accepted; closed */
    /* to the program: */
    bool begun, params_ended, body_ended, end_told;
    bool typed, sized; /* CONTENT_TYPE, CONTENT_LENGTH are among the parameters */
    struct rig_fcgi_text params;
    size_t params_at;
    size_t piece, piece_read; /* the last piece of the body: its size, and how much of it was read out of the stream */
    const void *reader;       /* who reads: a return address; NULL: unknown */
    unsigned depth;           /* of calls of the library within each other */
    /* from the program: */
    struct rig_fcgi_record record;
    struct rig_fcgi_text out;
    const void *writer, *logger; /* who wrote the first byte of the answer, the last to the error stream */
    bool ended;                  /* the web server has the end of the request */
    bool starved;                /* no memory for what was written */
};

/* The request that this thread serves; NULL: none. */
struct rig_fcgi_turn *rig_fcgi_turn(void);
/* Returns the one before. */
struct rig_fcgi_turn *rig_fcgi_serve(struct rig_fcgi_turn *turn);

/* All its parameters, as records hold them: 0 or -ENOMEM. */
int rig_fcgi_params(struct rig_fcgi_turn *turn);
int rig_fcgi_add(struct rig_fcgi_turn *turn, struct rig_fcgi_text *text, const void *data, size_t size);
/* Tells what was read out of the stream since it was told last. */
void rig_fcgi_settle(struct rig_fcgi_turn *turn);
/* Turns what was written into the response: 0 or -errno. */
int rig_fcgi_answer(struct rig_fcgi_turn *turn, const char *name);

/* ---- a program's loop ---- */

struct rig_fcgi_loop;
struct rig_fcgi_loop *rig_fcgi_loop_new(int (*call)(void *closure), void *closure); /* NULL: out of memory */
/* Lets it run until it accepts again: 0; -ESHUTDOWN: it has come to its end. */
int rig_fcgi_loop_run(struct rig_fcgi_loop *loop);
void rig_fcgi_loop_free(struct rig_fcgi_loop *loop);
/* Of a program that runs as a child. */
struct rig_app rig_fcgi_program_app(struct rig_fcgi_loop *loop);
/* Whose loop it is: the address in the program that FCGX_Accept_r, or what calls it, returns to. */
void rig_fcgi_accepts(const void *caller);
/* In the loop: waits for the next request. False: there will be none. */
bool rig_fcgi_loop_wait(void);

#endif
