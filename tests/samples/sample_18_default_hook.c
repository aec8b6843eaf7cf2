/* Without a framework: like assert(), rig_assert prints file, line and reason to stderr and aborts. */
#define _POSIX_C_SOURCE 200809L
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void failing_test(void)
{
    struct rig_client *client = rig_client_new(rig_scripted({.status = 404}), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
}

int main(void)
{
    int ends[2], status = 0;
    if (pipe(ends)) {
        return 2;
    }
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        failing_test();
        _exit(0);
    }
    close(ends[1]);
    char message[4096] = "";
    FILE *errors = fdopen(ends[0], "r");
    size_t size = errors ? fread(message, 1, sizeof message - 1, errors) : 0;
    waitpid(child, &status, 0);
    bool right = size > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
                 strstr(message, "sample_18_default_hook.c:14: ") && strstr(message, "404");
    if (errors) {
        fclose(errors);
    }
    return right ? 0 : 1;
}
