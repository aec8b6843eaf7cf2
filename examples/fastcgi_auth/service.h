/* A small service as people write them for libfcgi: a chain of functions in front of what it is about. */
#ifndef EXAMPLES_FASTCGI_AUTH_SERVICE_H
#define EXAMPLES_FASTCGI_AUTH_SERVICE_H

#include <fcgiapp.h>

/* One request; each step answers and returns 1, or lets the next one go on and returns 0. */
int broken_auth(FCGX_Request *request);
int mended_auth(FCGX_Request *request);
int items(FCGX_Request *request);

int serve_broken(FCGX_Request *request);
int serve_mended(FCGX_Request *request);

/* The program: accepts until it is told to stop. path: of its socket. */
int run_service(void *path);

void answer(FCGX_Request *request, const char *status, const char *body);

#endif
