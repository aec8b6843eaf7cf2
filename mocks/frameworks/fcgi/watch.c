/* The functions of libfcgi that handlers read and write with: the real ones do it, these see who calls them. Calls that
 * the library makes itself come by here as well. */
#define _GNU_SOURCE

#include "mocks/frameworks/fcgi/fcgi.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

int FCGI_Accept(void); /* fcgi_stdio.h would put its own names over stdio's */

static void *behind(_Atomic(void *) *function, const char *name)
{
    void *symbol = atomic_load_explicit(function, memory_order_acquire);
    if (!symbol) {
        symbol = dlsym(RTLD_NEXT, name);
        atomic_store_explicit(function, symbol, memory_order_release);
    }
    return symbol;
}

/* The next definition of a function, as next. */
#define NEXT(type_, parameters_, name_)              \
    static _Atomic(void *) function_;                \
    void *const symbol_ = behind(&function_, name_); \
    type_(*next) parameters_;                        \
    memcpy((void *)&next, &symbol_, sizeof symbol_)

/* ---- who reads, who writes ---- */

/* The outermost call is the handler's. */
static void enter(const FCGX_Stream *stream, const void *caller)
{
    struct rig_fcgi_turn *turn = rig_fcgi_turn();
    if (!turn || turn->depth++ > 0 || !turn->request) {
        return;
    }
    if (stream == turn->request->in && caller != turn->reader) {
        rig_fcgi_settle(turn);
        turn->reader = caller;
    } else if (stream == turn->request->out && !turn->writer) {
        turn->writer = caller;
    } else if (stream == turn->request->err) {
        turn->logger = caller;
    }
}

static void leave(void)
{
    struct rig_fcgi_turn *turn = rig_fcgi_turn();
    if (turn && turn->depth > 0) {
        turn->depth--;
    }
}

/* ---- the streams ---- */

EXPORT int FCGX_GetChar(FCGX_Stream *stream)
{
    NEXT(int, (FCGX_Stream *), "FCGX_GetChar");
    enter(stream, CALLER);
    int got = next(stream);
    leave();
    return got;
}

EXPORT int FCGX_GetStr(char *str, int n, FCGX_Stream *stream)
{
    NEXT(int, (char *, int, FCGX_Stream *), "FCGX_GetStr");
    enter(stream, CALLER);
    int got = next(str, n, stream);
    leave();
    return got;
}

EXPORT char *FCGX_GetLine(char *str, int n, FCGX_Stream *stream)
{
    NEXT(char *, (char *, int, FCGX_Stream *), "FCGX_GetLine");
    enter(stream, CALLER);
    char *got = next(str, n, stream);
    leave();
    return got;
}

EXPORT int FCGX_PutChar(int c, FCGX_Stream *stream)
{
    NEXT(int, (int, FCGX_Stream *), "FCGX_PutChar");
    enter(stream, CALLER);
    int put = next(c, stream);
    leave();
    return put;
}

EXPORT int FCGX_PutStr(const char *str, int n, FCGX_Stream *stream)
{
    NEXT(int, (const char *, int, FCGX_Stream *), "FCGX_PutStr");
    enter(stream, CALLER);
    int put = next(str, n, stream);
    leave();
    return put;
}

EXPORT int FCGX_PutS(const char *str, FCGX_Stream *stream)
{
    NEXT(int, (const char *, FCGX_Stream *), "FCGX_PutS");
    enter(stream, CALLER);
    int put = next(str, stream);
    leave();
    return put;
}

EXPORT int FCGX_VFPrintF(FCGX_Stream *stream, const char *format, va_list arg)
{
    NEXT(int, (FCGX_Stream *, const char *, va_list), "FCGX_VFPrintF");
    enter(stream, CALLER);
    int put = next(stream, format, arg);
    leave();
    return put;
}

EXPORT int FCGX_FPrintF(FCGX_Stream *stream, const char *format, ...)
{
    NEXT(int, (FCGX_Stream *, const char *, va_list), "FCGX_VFPrintF");
    va_list arguments;
    enter(stream, CALLER);
    va_start(arguments, format);
    int put = next(stream, format, arguments);
    va_end(arguments);
    leave();
    return put;
}

/* ---- the request ---- */

/* What it holds is gone behind this. */
EXPORT void FCGX_Finish_r(FCGX_Request *request)
{
    NEXT(void, (FCGX_Request *), "FCGX_Finish_r");
    struct rig_fcgi_turn *turn = rig_fcgi_turn();
    bool its = turn && request && turn->request == request;
    if (its) {
        rig_fcgi_settle(turn);
    }
    next(request);
    if (its) {
        turn->request = NULL;
    }
}

EXPORT int FCGX_Accept_r(FCGX_Request *request)
{
    NEXT(int, (FCGX_Request *), "FCGX_Accept_r");
    rig_fcgi_accepts(CALLER);
    int error = next(request);
    struct rig_fcgi_turn *turn = rig_fcgi_turn();
    if (error == 0 && turn) {
        turn->request = request;
    }
    return error;
}

/* Both call that one. */
EXPORT int FCGX_Accept(FCGX_Stream **in, FCGX_Stream **out, FCGX_Stream **err, FCGX_ParamArray *envp)
{
    NEXT(int, (FCGX_Stream **, FCGX_Stream **, FCGX_Stream **, FCGX_ParamArray *), "FCGX_Accept");
    rig_fcgi_accepts(CALLER);
    return next(in, out, err, envp);
}

EXPORT int FCGI_Accept(void)
{
    NEXT(int, (void), "FCGI_Accept");
    rig_fcgi_accepts(CALLER);
    return next();
}
