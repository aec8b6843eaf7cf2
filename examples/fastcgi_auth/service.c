#include "service.h"

#include <string.h>

void answer(FCGX_Request *request, const char *status, const char *body)
{
    FCGX_FPrintF(request->out, "Status: %s\r\nContent-Type: text/plain\r\n\r\n%s", status, body); /* the answer */
}

static char last[64] = "nothing";

int items(FCGX_Request *request)
{
    const char *method = FCGX_GetParam("REQUEST_METHOD", request->envp);
    if (strcmp(method, "POST") == 0) {
        int got = FCGX_GetStr(last, sizeof last - 1, request->in);
        last[got] = '\0';
        answer(request, "201 Created", last);
        return 1;
    }
    answer(request, "200 OK", last);
    return 1;
}

static int run(FCGX_Request *request, int (*const *chain)(FCGX_Request *request))
{
    for (size_t i = 0; chain[i]; i++) {
        if (chain[i](request)) {
            return 0;
        }
    }
    return 0;
}

int serve_broken(FCGX_Request *request)
{
    static int (*const chain[])(FCGX_Request *) = {broken_auth, items, NULL};
    return run(request, chain);
}

int serve_mended(FCGX_Request *request)
{
    static int (*const chain[])(FCGX_Request *) = {mended_auth, items, NULL};
    return run(request, chain);
}

int run_service(void *path)
{
    FCGX_Request request;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, FCGX_OpenSocket(path, 128), 0) != 0) {
        return 1;
    }
    while (FCGX_Accept_r(&request) == 0) {
        (void)serve_mended(&request);
        FCGX_Finish_r(&request);
    }
    FCGX_Free(&request, 1);
    return 0;
}
