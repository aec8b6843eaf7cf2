/* The same handlers, linked to the real libmicrohttpd in one program and to the rig's in another: what they were asked
 * and what came of their answers is written down in the same words by both, and compared. */
#ifndef PARITY_H
#define PARITY_H

#include <microhttpd.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIECES 8
#define HEADERS 12

struct parity_case {
    const char *name;
    MHD_AccessHandlerCallback handler;
    const char *line;             /* "GET /a HTTP/1.1" */
    const char *headers[HEADERS]; /* "Name: value"; Host stands here too, framing does not */
    const char *body;             /* NULL: none */
    size_t pieces[PIECES];        /* sizes in which it arrives, the last repeats; 0: at once */
    bool chunked;
    unsigned flags; /* of the daemon */
    const struct MHD_OptionItem *options;
    bool notify; /* notify-completed and notify-connection are set */
};

extern const struct parity_case parity_cases[];
extern const size_t parity_case_count;
const char *parity_name(size_t i);

/* The programs: `NAME` plays all cases, `NAME TEXT` those with it in their names, `NAME --speed N` the standard work. */
int parity_main(int argc, char **argv, size_t count, const char *(*name)(size_t i), void (*play)(size_t i),
                int (*speed)(unsigned requests));

/* Adds to the transcript of the case. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_bytes(const char *what, const void *data, size_t count);
void say_answer(bool answer); /* what follows is the answer, not what handlers see */
const char *said(bool answer);
void forget_said(void);

/* On the wire: the head of the request, without its body; and the answer that came. */
size_t print_head(const struct parity_case *parity, char *head, size_t room);
void tell_wire(const char *got, size_t all, bool head_request);

/* Starts the daemon of a case with its options. */
struct MHD_Daemon *parity_start(const struct parity_case *parity);

/* handlers */
typedef enum MHD_Result handler_fn(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                   const char *version, const char *upload_data, size_t *upload_data_size,
                                   void **req_cls);

/* speed */
#define SPEED_WARM 200 /* requests that are not counted */
handler_fn speed_handler;
uint64_t speed_now(void);                                    /* ns */
int speed_over_loopback(const char *url, unsigned requests); /* kept alive; 0: all was well */
void speed_tell(const char *what, uint64_t nanoseconds, unsigned requests);

#endif
