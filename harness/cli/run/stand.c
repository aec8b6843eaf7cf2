#define _GNU_SOURCE

#include "harness/cli/run/stand.h"

#include <execinfo.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "harness/cli/run/sanitizers.h"

#define MODULES_MAX 64
#define FRAMES_MAX 64
#define ASKING SIGURG /* without a handler it does nothing */

struct module {
    uintptr_t base, start, end;
    char name[RIG_STAND_NAME];
    bool inner; /* libc's, the C++ runtime's, or the rig's own: not the place that is looked for */
};

/* A signal handler is given no closure; the worker has one. */
static struct {
    struct rig_stand *stand;
    pid_t pid; /* what a layer forks has the handlers, too, and is not who is looked for */
    struct module modules[MODULES_MAX];
    size_t count;
    char stack[1 << 16]; /* the worker's own may be used up */
} own;

/* ---- what is loaded ---- */

static bool is_inner(const char *name)
{
    static const char *const inner[] = {"libc.so",      "libc-",      "ld-",      "libpthread", "libm.so",
                                        "libstackrig",  "linux-vdso", "libasan",  "libubsan",   "libtsan",
                                        "libclang_rt.", "libstdc++",  "libgcc_s", "libc++",     "libunwind"};
    bool found = name[0] == '\0'; /* the command */
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        found = found || strncmp(name, inner[i], strlen(inner[i])) == 0;
    }
    return found;
}

static int note(struct dl_phdr_info *info, size_t size, void *closure)
{
    (void)size, (void)closure;
    const char *slash = info->dlpi_name ? strrchr(info->dlpi_name, '/') : NULL;
    const char *name = slash ? slash + 1 : info->dlpi_name ? info->dlpi_name : "";
    for (size_t i = 0; i < info->dlpi_phnum && own.count < MODULES_MAX; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
            struct module *module = &own.modules[own.count++];
            module->base = info->dlpi_addr;
            module->start = info->dlpi_addr + part->p_vaddr;
            module->end = module->start + part->p_memsz;
            module->inner = is_inner(name);
            (void)snprintf(module->name, sizeof module->name, "%s", name);
        }
    }
    return 0;
}

static const struct module *module_of(uintptr_t place)
{
    for (size_t i = 0; i < own.count; i++) {
        if (place >= own.modules[i].start && place < own.modules[i].end) {
            return &own.modules[i];
        }
    }
    return NULL;
}

/* ---- in the handler ---- */

/* 0: not known for this processor. */
static uintptr_t interrupted(const void *context)
{
    const ucontext_t *user = context;
#if defined __x86_64__
    return (uintptr_t)user->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
    return (uintptr_t)user->uc_mcontext.pc;
#else
    (void)user;
    return 0;
#endif
}

/* What a call of another library goes through: the PLT's jump to where a table says, which has no line. Its caller's
 * return address is the last on the stack; 0: it is none, or not known for this processor. (A layer's own tail call
 * under -fno-plt is such a jump, too: then its caller is told.) */
static uintptr_t return_of_stub(uintptr_t place, const struct module *at, const void *context)
{
#if defined __x86_64__
    static const unsigned char mark[] = {0xf3, 0x0f, 0x1e, 0xfa}, jump[] = {0xff, 0x25};
    const unsigned char *code = (const unsigned char *)place;
    const ucontext_t *user = context;
    if (at && at->end - place > sizeof mark + 1 + sizeof jump) {
        code += memcmp(code, mark, sizeof mark) == 0 ? sizeof mark : 0;
        code += *code == 0xf2;
        return memcmp(code, jump, sizeof jump) == 0 ? *(const uintptr_t *)user->uc_mcontext.gregs[REG_RSP] : 0;
    }
#else
    (void)place, (void)at, (void)context;
#endif
    return 0;
}

/* False: nothing is known there, or it is not what is looked for. */
static bool keep(uintptr_t place)
{
    const struct module *module = module_of(place);
    if (!module || module->inner) {
        return false;
    }
    memcpy(own.stand->module, module->name, sizeof module->name);
    own.stand->offset = place - module->base;
    return true;
}

/* The caller's frames, from that place outwards, if it is one of them; a return address stands behind its call. */
static void look_outwards(uintptr_t place)
{
    void *frames[FRAMES_MAX];
    int count = backtrace(frames, FRAMES_MAX), from = 0;
    while (from < count && (uintptr_t)frames[from] != place) {
        from++;
    }
    for (int i = from < count ? from + 1 : 0; i < count && !keep((uintptr_t)frames[i] - 1); i++) {
    }
}

static void look(const void *context)
{
    uintptr_t place = interrupted(context);
    const struct module *at = module_of(place);
    uintptr_t back = return_of_stub(place, at, context);
    own.stand->waits = !at || at->inner || back != 0;
    if (place != 0 && !keep(back ? back - 1 : place)) {
        look_outwards(place);
    }
}

/* Who ends the process is called from there. */
static void on_end(void)
{
    if (own.pid != getpid() || own.stand->told) {
        return;
    }
    own.stand->waits = true;
    look_outwards(0);
    own.stand->told = true;
}

/* A sleep that the question interrupted is not to end for it: the parent ends the process. */
static void wait_for_the_end(void)
{
    for (;;) {
        (void)pause();
    }
}

/* The same of a sanitizer. */
static void on_death(void)
{
    if (own.pid == getpid() && !own.stand->told) {
        rig_sanitizers_found(own.stand->found);
    }
    on_end();
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)info;
    bool is_worker = own.pid == getpid();
    if (is_worker) {
        own.stand->told = false;
        own.stand->module[0] = '\0';
        look(context);
        own.stand->told = true;
    }
    if (number != ASKING) {
        raise(number); /* SA_RESETHAND: the second time it ends the process */
    } else if (is_worker) {
        wait_for_the_end();
    }
}

/* ---- the worker, the parent ---- */

void rig_stand_learn(void)
{
    memset(own.modules, 0, sizeof own.modules);
    own.count = 0;
    (void)dl_iterate_phdr(note, NULL);
    rig_sanitizers_listen(on_death);
}

void rig_stand_listen(struct rig_stand *stand)
{
    static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, ASKING};
    void *frame[1];
    own.stand = stand;
    own.pid = getpid();
    rig_stand_learn();
    (void)backtrace(frame, 1); /* loads what it needs, which no handler can */
    const stack_t stack = {.ss_sp = own.stack, .ss_size = sizeof own.stack};
    (void)sigaltstack(&stack, NULL);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        int once = signals[i] == ASKING ? SA_RESTART : (int)SA_RESETHAND | SA_NODEFER;
        const struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | once};
        struct sigaction before;
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL) {
            (void)sigaction(signals[i], &action, NULL);
        }
    }
}

void rig_stand_listen_at_exit(void)
{
    (void)atexit(on_end);
}

void rig_stand_ask(pid_t worker, struct rig_stand *stand)
{
    const struct timespec moment = {.tv_nsec = 5000000};
    stand->told = false; /* of an earlier end, which did not come */
    if (kill(worker, ASKING) != 0) {
        return;
    }
    for (int i = 0; i < 40 && !stand->told; i++) {
        (void)nanosleep(&moment, NULL);
    }
}

const char *rig_stand_tell_end(const struct rig_stand *stand, int status, char how[RIG_STAND_HOW])
{
    size_t size = 0;
    while (stand->told && size < RIG_SANITIZERS_TEXT - 1 && stand->found[size] >= ' ' && stand->found[size] <= '~') {
        how[size] = stand->found[size];
        size++;
    }
    how[size] = '\0';
    if (size == 0) {
        (void)snprintf(how, RIG_STAND_HOW, "the process ended itself with exit status %d", status);
    }
    return how;
}
