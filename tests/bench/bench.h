/* The benchmark's parts: the standard work, the clock, growth. */
#ifndef STACKRIG_BENCH_H
#define STACKRIG_BENCH_H

#include "tests/bench/floor.h"

#include <stackrig/stackrig.h>

#define RUNS_MAX 501
#define LIMIT_PROFILE 1.5 /* what a profile may cost, times the profile memory */

/* ---- the standard work, for the rig and for the floor ---- */

extern const struct rig_request standard_request;
extern const struct floor_request standard_floor_request;

int standard_app(void *self, struct rig_env *env, struct rig_response *res);
/* Layers that each read one header, by turns, and set mw.1, mw.2, ...; exits when it cannot be built. */
struct rig_stack *standard_stack(size_t layers, struct rig_app app);
/* One request, checked and forgotten; exits when the answer is not the expected one. */
void send_prepared(struct rig_client *client);
void send_written_out(struct rig_client *client); /* the same with rig_post(...), as one writes it in a test */
void send_floor(void);
void same_work(struct rig_client *client); /* exits unless rig and floor have the same env and answer */

struct rig_client *client_of(struct rig_stack *stack, const struct rig_server *server,
                             const struct rig_check_set *checks);

/* ---- time and memory ---- */

double now_ns(void);
void sort(double *values, size_t count);
double median(double *values, size_t count); /* sorts them */
long peak_kib(void);                         /* of this process's memory so far; -1: unknown */
void give_up(const char *format, ...) RIG_PRINTF_(1, 2);

/* ---- how cost grows: each prints a table and returns whether it is linear ---- */

bool growth_of_layers(size_t runs);
bool growth_of_headers(size_t runs);
/* Also whether memory stays flat; run it first, a peak does not come down again. */
bool growth_of_bodies(size_t runs);
/* Whether a body of 64 MiB behind nginx+plain takes no more memory than one of 1 MiB; first of all, for the same reason. */
bool bodies_behind_nginx(void);
/* Whether each profile stays within LIMIT_PROFILE; prints what each costs. */
bool speed_of_profiles(void);

#endif
