#include "service.h"

#include <string.h>

#define BODY_MAX 1048576

static int is_known(FCGX_Request *request)
{
    const char *key = FCGX_GetParam("HTTP_X_API_KEY", request->envp);
    return key && strcmp(key, "k-ada") == 0;
}

int broken_auth(FCGX_Request *request)
{
    if (is_known(request)) {
        return 0;
    }
    answer(request, "401 Unauthorized", "who are you?");
    return 1;
}

/* Reads away what the client still sends. Nobody else does it. */
static int drain(FCGX_Request *request)
{
    char piece[4096];
    int got, total = 0;
    while (total <= BODY_MAX && (got = FCGX_GetStr(piece, sizeof piece, request->in)) > 0) {
        total += got;
    }
    return total <= BODY_MAX;
}

int mended_auth(FCGX_Request *request)
{
    if (is_known(request)) {
        return 0;
    }
    if (drain(request)) {
        answer(request, "401 Unauthorized", "who are you?");
    } else {
        answer(request, "413 Payload Too Large", "too much");
    }
    return 1;
}
