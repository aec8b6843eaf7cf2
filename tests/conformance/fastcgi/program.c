#include "tests/conformance/fastcgi/program.h"

#include <fcgiapp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "Content-Type: text/plain\r\n\r\n"

static const char *param(FCGX_Request *request, const char *name)
{
    const char *value = FCGX_GetParam(name, request->envp);
    return value ? value : "-";
}

static int number(FCGX_Request *request)
{
    return atoi(param(request, "QUERY_STRING"));
}

static void echo(FCGX_Request *request)
{
    char piece[777];
    int got;
    FCGX_PutS(HEAD, request->out);
    while ((got = FCGX_GetStr(piece, sizeof piece, request->in)) > 0) {
        FCGX_PutStr(piece, got, request->out);
    }
    FCGX_FPrintF(request->out, "|%d|%d", FCGX_GetError(request->in), FCGX_HasSeenEOF(request->in) != 0);
}

static void lines(FCGX_Request *request)
{
    char line[12];
    FCGX_PutS(HEAD, request->out);
    while (FCGX_GetLine(line, sizeof line, request->in)) {
        FCGX_FPrintF(request->out, "<%d:%s>", (int)strlen(line), line);
    }
}

/* Reads so many characters, puts the last one back and reads it again. */
static void characters(FCGX_Request *request)
{
    int last = 0, count = 0;
    for (int i = 0; i < number(request) && (last = FCGX_GetChar(request->in)) >= 0; i++) {
        count++;
    }
    int back = last >= 0 && count > 0 ? FCGX_UnGetChar(last, request->in) : -2;
    FCGX_FPrintF(request->out, HEAD "%d %d %d %d", count, last, back, back == last ? FCGX_GetChar(request->in) : -2);
}

static void ends(FCGX_Request *request)
{
    FCGX_FPrintF(request->out, HEAD "%d", FCGX_HasSeenEOF(request->in) != 0);
    while (FCGX_GetChar(request->in) >= 0) {
    }
    FCGX_FPrintF(request->out, " %d %d %d", FCGX_HasSeenEOF(request->in) != 0, FCGX_GetChar(request->in),
                 FCGX_GetError(request->in));
}

static void params(FCGX_Request *request)
{
    static const char *const names[] = {"REQUEST_METHOD",  "QUERY_STRING", "CONTENT_LENGTH", "CONTENT_TYPE",
                                        "REQUEST_URI",     "HTTP_X_A",     "HTTP_COOKIE",    "GATEWAY_INTERFACE",
                                        "SERVER_PROTOCOL", "HTTP_X_LONG",  "HTTP_NO_SUCH"};
    FCGX_PutS(HEAD, request->out);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        FCGX_FPrintF(request->out, "%s=%s\n", names[i], param(request, names[i]));
    }
}

static void much(FCGX_Request *request)
{
    FCGX_PutS(HEAD, request->out);
    for (int i = 0; i < number(request); i++) {
        FCGX_PutChar('a' + i % 26, request->out);
    }
}

static void flushes(FCGX_Request *request)
{
    char piece[64];
    FCGX_PutS(HEAD "first ", request->out);
    FCGX_FPrintF(request->out, "%d ", FCGX_FFlush(request->out));
    FCGX_FPrintF(request->out, "%d ", FCGX_GetStr(piece, sizeof piece, request->in));
    FCGX_FPrintF(request->out, "%d", FCGX_FFlush(request->out));
}

static void closes(FCGX_Request *request)
{
    FCGX_PutS(HEAD "closed", request->out);
    (void)FCGX_FClose(request->out);
    FCGX_PutS("not sent", request->out);
}

static void finishes(FCGX_Request *request)
{
    FCGX_PutS("Status: 202 Accepted\r\n" HEAD "finished", request->out);
    FCGX_SetExitStatus(3, request->out);
    FCGX_Finish_r(request);
}

static void head(FCGX_Request *request)
{
    static const char *const heads[] = {"",
                                        "A: b",
                                        "Content-Type: text/plain\r\n",
                                        "hello\r\n\r\n",
                                        ": b\r\n\r\n",
                                        "Status: 404 Not Found\r\n\r\nno",
                                        "Status: 404\n\nno",
                                        "status:201\r\nX-A:  b \r\n\r\n",
                                        "Location: http://example.org/x\r\n\r\nsee",
                                        "Location: http://example.org/x\r\nStatus: 301 Moved\r\n\r\n",
                                        "\r\nbody",
                                        "X-A: 1\r\nX-A: 2\r\n\r\ntwice",
                                        "Status: 20\r\n\r\n",
                                        "Status: 2000\r\n\r\n",
                                        "Status: ok\r\n\r\n",
                                        "Status:\r\n\r\n"};
    char rest[64];
    FCGX_PutS(heads[number(request) % (int)(sizeof heads / sizeof *heads)], request->out);
    while (FCGX_GetStr(rest, sizeof rest, request->in) > 0) {
    }
}

static unsigned before; /* what was read in the turn before */

static void some(FCGX_Request *request)
{
    char piece[5] = "";
    int got = FCGX_GetStr(piece, 4, request->in);
    FCGX_FPrintF(request->out, "Status: 401\r\n" HEAD "%d %s, before %u", got, piece, before);
    before = (unsigned)got;
}

static void logs(FCGX_Request *request)
{
    FCGX_PutS("to the log\n", request->err);
    FCGX_PutS(HEAD "logged", request->out);
}

static void serve(FCGX_Request *request)
{
    static const struct {
        const char *path;
        void (*call)(FCGX_Request *request);
    } table[] = {{"/echo", echo},       {"/lines", lines},   {"/characters", characters},
                 {"/ends", ends},       {"/params", params}, {"/much", much},
                 {"/flushes", flushes}, {"/closes", closes}, {"/head", head},
                 {"/some", some},       {"/logs", logs},     {"/finishes", finishes}};
    const char *uri = param(request, "REQUEST_URI");
    size_t size = strcspn(uri, "?");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strlen(table[i].path) == size && strncmp(uri, table[i].path, size) == 0) {
            table[i].call(request);
        }
    }
}

int program(void *closure)
{
    FCGX_Request request;
    int number_of = closure ? FCGX_OpenSocket(closure, 16) : 0;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, number_of, 0) != 0) {
        return 1;
    }
    while (FCGX_Accept_r(&request) == 0) {
        serve(&request);
    }
    FCGX_Free(&request, 1);
    return 0;
}
