/* A FastCGI program as people write them; "twice": it accepts in two threads, "few": it ends after two requests, or as
 * many as the next argument says, "unfinished": in the first. */
#define _GNU_SOURCE

#include <fcgiapp.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned busy; /* us in a request, so that the other thread accepts meanwhile */

static unsigned most = -1U; /* requests that it serves */
static bool unfinished;
static char *newest; /* which is freed by nobody */

static void *accept_all(void *closure)
{
    FCGX_Request request;
    unsigned served = 0;
    (void)closure;
    (void)FCGX_InitRequest(&request, 0, 0);
    while (served < most && FCGX_Accept_r(&request) == 0) { /* accepts */
        (void)usleep(busy);
        const char *uri = FCGX_GetParam("REQUEST_URI", request.envp);
        if (strcmp(uri, "/headless") == 0) {
            (void)FCGX_PutS("no head", request.out); /* writes */
        } else if (strcmp(uri, "/memory") == 0) {
            newest = malloc(8);
            strcpy(newest, "hello"); /* trusts malloc */
            (void)FCGX_PutS("\r\n", request.out);
        } else if (strcmp(uri, "/trusts") == 0) {
            char *volatile text = malloc(8);
            strcpy(text, "\r\n"); /* trusts malloc, too */
            (void)FCGX_PutS(text, request.out);
            for (int i = 0; i < 4; i++) {
                free(text);
                text = malloc(8); /* may fail */
            }
            free(text);
            served++;
        } else {
            char piece[64];
            while (FCGX_GetStr(piece, sizeof piece, request.in) > 0) {
            }
            (void)FCGX_FPrintF(request.out, "Status: %s\r\nContent-Type: text/plain\r\n\r\nhello",
                               ++served == 1 ? "200 OK" : "202 Accepted");
        }
        if (unfinished) {
            exit(0);
        }
        FCGX_Finish_r(&request);
    }
    FCGX_Free(&request, 1);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t other;
    const char *way = argc > 1 ? argv[1] : "";
    bool twice = strcmp(way, "twice") == 0;
    most = strcmp(way, "few") == 0 ? (argc > 2 ? (unsigned)atoi(argv[2]) : 2) : most;
    unfinished = strcmp(way, "unfinished") == 0;
    (void)FCGX_Init();
    busy = twice ? 300000 : 0;
    if (twice && pthread_create(&other, NULL, accept_all, NULL) != 0) {
        return 1;
    }
    (void)accept_all(NULL);
    return 0;
}
