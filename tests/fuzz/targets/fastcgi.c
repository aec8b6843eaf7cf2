/* The adapter of libfcgi, under a handler that reads all of its input and echoes the size. */
#include <stackrig/fcgi.h>
#include <stackrig/fuzz.h>
#include <stackrig/stackrig.h>

#include <fcgiapp.h>
#include <string.h>

static int handle(FCGX_Request *request)
{
    char piece[64];
    size_t taken = 0;
    const char *method = FCGX_GetParam("REQUEST_METHOD", request->envp);
    for (int got; (got = FCGX_GetStr(piece, sizeof piece, request->in)) > 0;) {
        taken += (size_t)got;
    }
    if (FCGX_GetError(request->in) != 0) {
        FCGX_FPrintF(request->out, "Status: 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n");
        return 0;
    }
    FCGX_FPrintF(request->out, "Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    if (!method || strcmp(method, "HEAD") != 0) {
        FCGX_FPrintF(request->out, "%d bytes\n", (int)taken);
    }
    return 0;
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, stackrig_fcgi_app(handle));
}

RIG_FUZZ(build, .profiles = {"http1", "nginx:fastcgi+libfcgi"});
