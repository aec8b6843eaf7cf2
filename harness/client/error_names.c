#include "harness/client/error_names.h"

#include "harness/core/stack.h"
#include "harness/report/builder.h"

#include <errno.h>
#include <string.h>

#define NAMED(name_)  \
    {                 \
        name_, #name_ \
    }

/* POSIX's; of two names with one number the usual one comes first. */
static const struct {
    int number;
    const char *name;
} names[] = {
    NAMED(EPERM),
    NAMED(ENOENT),
    NAMED(ESRCH),
    NAMED(EINTR),
    NAMED(EIO),
    NAMED(ENXIO),
    NAMED(E2BIG),
    NAMED(ENOEXEC),
    NAMED(EBADF),
    NAMED(ECHILD),
    NAMED(EAGAIN),
    NAMED(EWOULDBLOCK),
    NAMED(ENOMEM),
    NAMED(EACCES),
    NAMED(EFAULT),
    NAMED(EBUSY),
    NAMED(EEXIST),
    NAMED(EXDEV),
    NAMED(ENODEV),
    NAMED(ENOTDIR),
    NAMED(EISDIR),
    NAMED(EINVAL),
    NAMED(ENFILE),
    NAMED(EMFILE),
    NAMED(ENOTTY),
    NAMED(ETXTBSY),
    NAMED(EFBIG),
    NAMED(ENOSPC),
    NAMED(ESPIPE),
    NAMED(EROFS),
    NAMED(EMLINK),
    NAMED(EPIPE),
    NAMED(EDOM),
    NAMED(ERANGE),
    NAMED(EDEADLK),
    NAMED(ENAMETOOLONG),
    NAMED(ENOLCK),
    NAMED(ENOSYS),
    NAMED(ENOTEMPTY),
    NAMED(ELOOP),
    NAMED(ENOMSG),
    NAMED(EIDRM),
    NAMED(ENOLINK),
    NAMED(EPROTO),
    NAMED(EBADMSG),
    NAMED(EOVERFLOW),
    NAMED(EILSEQ),
    NAMED(ENOTSOCK),
    NAMED(EDESTADDRREQ),
    NAMED(EMSGSIZE),
    NAMED(EPROTOTYPE),
    NAMED(ENOPROTOOPT),
    NAMED(EPROTONOSUPPORT),
    NAMED(ENOTSUP),
    NAMED(EOPNOTSUPP),
    NAMED(EAFNOSUPPORT),
    NAMED(EADDRINUSE),
    NAMED(EADDRNOTAVAIL),
    NAMED(ENETDOWN),
    NAMED(ENETUNREACH),
    NAMED(ENETRESET),
    NAMED(ECONNABORTED),
    NAMED(ECONNRESET),
    NAMED(ENOBUFS),
    NAMED(EISCONN),
    NAMED(ENOTCONN),
    NAMED(ETIMEDOUT),
    NAMED(ECONNREFUSED),
    NAMED(EHOSTUNREACH),
    NAMED(EALREADY),
    NAMED(EINPROGRESS),
    NAMED(ESTALE),
    NAMED(EDQUOT),
    NAMED(ECANCELED),
    NAMED(EOWNERDEAD),
    NAMED(ENOTRECOVERABLE),
};

#define NAME_COUNT (sizeof names / sizeof names[0])

const char *rig_error_name(int error)
{
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (names[i].number == -error) {
            return names[i].name;
        }
    }
    return NULL;
}

int rig_error_named(const char *name, size_t size)
{
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (strlen(names[i].name) == size && memcmp(names[i].name, name, size) == 0) {
            return -names[i].number;
        }
    }
    return 0;
}

void rig_text_error(struct rig_text *text, int error)
{
    const char *name = rig_error_name(error);
    if (!error) {
        rig_text_add(text, "none");
    } else {
        rig_text_printf(text, name ? "%d (%s)" : "%d", error, name);
    }
}

/* Most often it passes on the error of a call that names its place. */
void rig_text_build_error(struct rig_text *text, const struct rig_stack *stack, int returned)
{
    if (!stack) {
        rig_text_add(text, "out of memory");
        return;
    }
    if (stack->mistakes.count) {
        const struct rig_mistake *first = stack->mistakes.list;
        rig_text_printf(text, "%s%s%s; ", first->site ? first->site : "", first->site ? ": " : "", first->text);
    }
    rig_text_add(text, "the stack's build function returned ");
    rig_text_error(text, returned);
}
