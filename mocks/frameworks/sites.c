#define _GNU_SOURCE
#include "mocks/frameworks/sites.h"

#include <elfutils/libdwfl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOTS 4096 /* places of one program that are remembered; what is beyond is looked up and forgotten: no place */

struct place {
    _Atomic(uintptr_t) address;
    const char *site, *name;
};

/* The addresses of a process are its own, so is what is known of them. */
static struct place places[SLOTS];
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

static char *print_site(const char *file, int line)
{
    char here[1024], site[1200];
    size_t size = getcwd(here, sizeof here) ? strlen(here) : 0;
    if (size > 0 && strncmp(file, here, size) == 0 && file[size] == '/') {
        file += size + 1;
    }
    (void)snprintf(site, sizeof site, "%s:%d", strncmp(file, "./", 2) == 0 ? file + 2 : file, line);
    return strdup(site);
}

static char *print_address(uintptr_t address)
{
    char text[32];
    (void)snprintf(text, sizeof text, "0x%llx", (unsigned long long)address);
    return strdup(text);
}

static Dwfl *dwfl;

/* At the end of the process: memcheck takes libdw's trees for lost. Not while another thread, or in a child of fork the
 * parent's, reads them: the end must not wait for it. */
__attribute__((destructor)) static void forget_mapped(void)
{
    if (pthread_mutex_trylock(&reading) == 0) {
        dwfl_end(dwfl);
        dwfl = NULL;
        pthread_mutex_unlock(&reading);
    }
}

/* What the process has mapped, read once; fresh: again, for a library may have come since. */
static Dwfl *mapped(bool fresh)
{
    static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_linux_proc_find_elf,
                                             .find_debuginfo = dwfl_standard_find_debuginfo};
    if (dwfl && !fresh) {
        return dwfl;
    }
    dwfl_end(dwfl);
    dwfl = dwfl_begin(&callbacks);
    if (dwfl && (dwfl_linux_proc_report(dwfl, getpid()) != 0 || dwfl_report_end(dwfl, NULL, NULL) != 0)) {
        dwfl_end(dwfl);
        dwfl = NULL;
    }
    return dwfl;
}

static void look_up(struct place *place, uintptr_t address)
{
    Dwfl_Module *module = mapped(false) ? dwfl_addrmodule(dwfl, address) : NULL;
    if (!module) {
        module = mapped(true) ? dwfl_addrmodule(dwfl, address) : NULL;
    }
    const char *name = module ? dwfl_module_addrname(module, address) : NULL;
    Dwfl_Line *line = module ? dwfl_module_getsrc(module, address) : NULL;
    int number = 0;
    const char *file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
    place->name = name ? strdup(name) : print_address(address);
    place->site = file ? print_site(file, number) : NULL;
}

/* NULL: all are taken. */
static const struct place *place_of(uintptr_t address)
{
    size_t slot = (address ^ address >> 12) * 0x9E3779B1u % SLOTS;
    for (size_t tried = 0; tried < SLOTS; tried++, slot = (slot + 1) % SLOTS) {
        uintptr_t here = atomic_load_explicit(&places[slot].address, memory_order_acquire);
        if (here == address) {
            return &places[slot];
        }
        if (here != 0) {
            continue;
        }
        pthread_mutex_lock(&reading);
        here = atomic_load_explicit(&places[slot].address, memory_order_acquire);
        if (here == 0) {
            look_up(&places[slot], address);
            atomic_store_explicit(&places[slot].address, address, memory_order_release);
        }
        pthread_mutex_unlock(&reading);
        if (here == 0 || here == address) {
            return &places[slot];
        }
    }
    return NULL;
}

const char *rig_site_of(const void *return_address)
{
    const struct place *place = return_address ? place_of((uintptr_t)return_address - 1) : NULL;
    return place ? place->site : NULL;
}

const char *rig_site_of_function(const void *function)
{
    const struct place *place = function ? place_of((uintptr_t)function) : NULL;
    return place ? place->site : NULL;
}

const char *rig_name_of_function(const void *function)
{
    const struct place *place = function ? place_of((uintptr_t)function) : NULL;
    return place && place->name ? place->name : "handler";
}
