/* The threads that run the stack. There are as many as requests were under way at once. */
#define _GNU_SOURCE
#include "harness/hosts/microhttpd/server.h"

#include <errno.h>
#include <stdlib.h>

/* true: the answer broke off. */
static bool run(struct rig_worker *worker, struct rig_turn *turn)
{
    struct rig_server_daemon *server = worker->server;
    const struct rig_host_answer outlet = rig_turn_outlet(turn);
    const struct rig_result *result = rig_host_run(&server->host, worker->client, &turn->request, &outlet);
    if (!turn->answered) { /* by this thread, if at all */
        rig_turn_fail(turn, result->error);
    }
    rig_host_tell_result(&server->host, &server->log_lock, result);
    return result->error != 0;
}

static void *work(void *self)
{
    struct rig_worker *worker = self;
    struct rig_server_daemon *server = worker->server;
    (void)pthread_mutex_lock(&server->lock);
    for (;;) {
        while (!worker->turn && !server->ending) {
            (void)pthread_cond_wait(&worker->woken, &server->lock);
        }
        struct rig_turn *turn = worker->turn;
        if (!turn) {
            break;
        }
        (void)pthread_mutex_unlock(&server->lock);
        bool broken = run(worker, turn);
        (void)pthread_mutex_lock(&server->lock);
        worker->turn = NULL; /* the next request may be for this worker, from here on */
        worker->next_idle = server->idle;
        server->idle = worker;
        (void)pthread_mutex_unlock(&server->lock);
        rig_turn_finish(turn, broken);
        (void)pthread_mutex_lock(&server->lock);
    }
    (void)pthread_mutex_unlock(&server->lock);
    return NULL;
}

static void free_worker(struct rig_worker *worker)
{
    rig_client_free(worker->client);
    (void)pthread_cond_destroy(&worker->woken);
    free(worker);
}

/* With the turn that it begins with. */
static int hire(struct rig_server_daemon *server, struct rig_turn *turn)
{
    struct rig_worker *worker = calloc(1, sizeof *worker);
    if (!worker) {
        return -ENOMEM;
    }
    worker->server = server;
    worker->turn = turn;
    (void)pthread_cond_init(&worker->woken, NULL);
    (void)pthread_mutex_lock(&server->lock);
    unsigned number = server->hired++;
    (void)pthread_mutex_unlock(&server->lock);
    worker->client = rig_host_client(&server->host, number);
    int error = worker->client ? pthread_create(&worker->thread, NULL, work, worker) : ENOMEM;
    if (error != 0) {
        free_worker(worker);
        return -error;
    }
    (void)pthread_mutex_lock(&server->lock);
    worker->next = server->workers;
    server->workers = worker;
    (void)pthread_mutex_unlock(&server->lock);
    return 0;
}

int rig_worker_begin(struct rig_turn *turn)
{
    struct rig_server_daemon *server = turn->server;
    (void)pthread_mutex_lock(&server->lock);
    struct rig_worker *worker = server->idle;
    if (worker) {
        server->idle = worker->next_idle;
        worker->turn = turn;
        (void)pthread_cond_signal(&worker->woken);
    }
    (void)pthread_mutex_unlock(&server->lock);
    return worker ? 0 : hire(server, turn);
}

/* When no request is under way. */
void rig_workers_end(struct rig_server_daemon *server)
{
    (void)pthread_mutex_lock(&server->lock);
    server->ending = true;
    for (struct rig_worker *worker = server->workers; worker; worker = worker->next) {
        (void)pthread_cond_signal(&worker->woken);
    }
    (void)pthread_mutex_unlock(&server->lock);
    for (struct rig_worker *worker = server->workers, *next; worker; worker = next) {
        next = worker->next;
        (void)pthread_join(worker->thread, NULL);
        free_worker(worker);
    }
    server->workers = NULL;
}
