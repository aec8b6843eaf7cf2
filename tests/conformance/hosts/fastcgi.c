/* The examples' requests through the rig, and through a real nginx to the same stack served by rig_serve_fastcgi:
 * `stackrig parity` must find no difference. */
#define _GNU_SOURCE
#include "tests/real/servers.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct row {
    const char *stack, *requests, *set; /* stack: below the build's examples; set: of the build function, or NULL */
};

static const struct row rows[] = {
    {"early_answer/stack_broken.so", "examples/early_answer/requests.http", NULL},
    {"early_answer/stack_mended.so", "examples/early_answer/requests.http", NULL},
    {"copied_env/stack_broken.so", "examples/copied_env/requests.http", NULL},
    {"copied_env/stack_mended.so", "examples/copied_env/requests.http", NULL},
    {"truncated_body/stack_broken.so", "examples/truncated_body/requests.http", NULL},
    {"truncated_body/stack_mended.so", "examples/truncated_body/requests.http", NULL},
    {"basic_auth/stack_basic_auth.so", "examples/basic_auth/requests.http",
     "credentials=examples/basic_auth/users.txt"},
};

/* The exit status of the command; -1: it did not end as it should. */
static int compare(const char *build, const struct row *row, const char *address, const char *front)
{
    char command[512], stack[512];
    int status;
    (void)snprintf(command, sizeof command, "%s/bin/stackrig", build);
    (void)snprintf(stack, sizeof stack, "%s/examples/%s", build, row->stack);
    const char *set = row->set ? row->set : "no=setting";
    pid_t child = fork();
    if (child == 0) {
        (void)umask(0); /* nginx may be another user */
        (void)execl(command, command, "parity", "--host", "fastcgi", "--address", address, "--front", front, "--set",
                    set, stack, row->requests, (char *)NULL);
        _exit(127);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int count, char **arguments)
{
    char address[RIG_REAL_PATH + 8], front[32];
    struct rig_real_server server;
    size_t differing = 0, total = sizeof rows / sizeof *rows;
    if (count != 2) {
        printf("usage: host-fastcgi BUILD\n");
        return 2;
    }
    int none = rig_real_begin_fastcgi(&server, "host.sock", address);
    if (none != 0) {
        return none;
    }
    (void)snprintf(front, sizeof front, "127.0.0.1:%d", server.ports[0]);
    for (size_t i = 0; i < total; i++) {
        (void)fflush(stdout);
        int status = compare(arguments[1], &rows[i], address, front);
        if (status != 0) {
            printf("NOT THE SAME: %s with %s (exit status %d)\n", rows[i].stack, rows[i].requests, status);
            differing++;
        }
    }
    printf("%zu stacks served by libfcgi behind nginx, %zu not as in the rig\n", total, differing);
    rig_real_stop(&server);
    rig_real_end();
    return differing > 0;
}
