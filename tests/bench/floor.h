/* The floor: what the standard work costs in plain C, with no rig. */
#ifndef STACKRIG_BENCH_FLOOR_H
#define STACKRIG_BENCH_FLOOR_H

#include <stddef.h>
#include <stdint.h>

#define FLOOR_FIELDS 48
#define FLOOR_TEXT 4096

struct floor_field {
    const char *name, *value;
};

struct floor_request {
    const struct floor_field *variables; /* CGI's and the headers, under their names in the env */
    size_t count;
    const void *body;
    size_t body_size;
};

/* What the client collects: copies. */
struct floor_result {
    int status;
    size_t header_count, body_size, used;
    struct floor_field headers[8];
    char *body;
    char text[1024];
};

/* One request through five layers to the app and back: 0, or -1 out of memory. */
int floor_send(const struct floor_request *request, struct floor_result *result);

#endif
