/* A FastCGI program as people write them; with an argument it accepts in two threads. */
#define _GNU_SOURCE

#include <fcgiapp.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned busy; /* us in a request, so that the other thread accepts meanwhile */

static char *newest; /* which is freed by nobody */

static void *accept_all(void *closure)
{
    FCGX_Request request;
    unsigned served = 0;
    (void)closure;
    (void)FCGX_InitRequest(&request, 0, 0);
    while (FCGX_Accept_r(&request) == 0) { /* accepts */
        (void)usleep(busy);
        const char *uri = FCGX_GetParam("REQUEST_URI", request.envp);
        if (strcmp(uri, "/headless") == 0) {
            (void)FCGX_PutS("no head", request.out); /* writes */
        } else if (strcmp(uri, "/memory") == 0) {
            newest = malloc(8);
            strcpy(newest, "hello"); /* trusts malloc */
            (void)FCGX_PutS("\r\n", request.out);
        } else {
            char piece[64];
            while (FCGX_GetStr(piece, sizeof piece, request.in) > 0) {
            }
            (void)FCGX_FPrintF(request.out, "Status: %s\r\nContent-Type: text/plain\r\n\r\nhello",
                               ++served == 1 ? "200 OK" : "202 Accepted");
        }
        FCGX_Finish_r(&request);
    }
    FCGX_Free(&request, 1);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t other;
    (void)argv;
    (void)FCGX_Init();
    busy = argc > 1 ? 300000 : 0;
    if (argc > 1 && pthread_create(&other, NULL, accept_all, NULL) != 0) {
        return 1;
    }
    (void)accept_all(NULL);
    return 0;
}
