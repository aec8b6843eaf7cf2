/* The oracles: what each looks at, in one play or in two. */
#ifndef STACKRIG_FUZZ_ORACLES_H
#define STACKRIG_FUZZ_ORACLES_H

#include "fuzz/target/target.h"
#include "harness/http/rare.h"

/* Arms the rule: its precondition held. */
static inline void rig_fuzz_arm(struct rig_fuzz_target *target, enum rig_fuzz_rule rule)
{
    target->armed[rule]++;
}

/* Tells what was found, unless it is ignored. hop NULL: nobody's. */
RIG_COLD void rig_fuzz_tell(struct rig_fuzz_target *target, enum rig_fuzz_rule rule, unsigned request,
                            const struct rig_hop *hop, const char *format, ...) RIG_PRINTF_(5, 6);
/* The hop, to be told at that site in it; NULL: where the layer was given to the stack. */
static inline struct rig_hop rig_fuzz_at(const struct rig_hop *hop, const char *site)
{
    struct rig_hop at = *hop;
    at.left_at = site;
    return at;
}
/* The error findings of one request, and of a play. */
void rig_fuzz_tell_findings_of(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario,
                               uint32_t number, const struct rig_result *result);
RIG_COLD void rig_fuzz_tell_findings(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);

/* Who answered, else the app that was entered; NULL: nobody. */
const struct rig_hop *rig_fuzz_answerer(const struct rig_result *result);
/* Who has set that header last, at that line, in the first of two answers that has it; header NULL: who answered. It is put
 * there. */
RIG_COLD const struct rig_hop *rig_fuzz_setter(const struct rig_result *result, const struct rig_result *other,
                                               const char *header, struct rig_hop *there);
/* Is the app that was entered a protected one? It is noted. All are, where there is a model and it names none. */
bool rig_fuzz_is_protected(struct rig_fuzz_target *target, const struct rig_hop *app);
/* Its place in .protect as a bit; 0: it is not protected. */
uint32_t rig_fuzz_bit_of(const struct rig_fuzz_target *target, const struct rig_hop *app);
/* By the user's model of who may; without one, who has valid credentials. Of a protected app, that was entered in
 * result. */
bool rig_fuzz_may_enter(const struct rig_fuzz_target *target, const struct rig_fuzz_request *request, unsigned class,
                        const struct rig_result *result, const struct rig_hop *app);
/* The protected app that was entered, and did not deny by itself, and its bit; NULL: none. */
const struct rig_hop *rig_fuzz_entered(struct rig_fuzz_target *target, const struct rig_result *result, uint32_t *bit);
/* Does one before it on its connection wait for its rest, which no other's bytes have been? Then its own are that: what is
 * answered is another request. */
bool rig_fuzz_waits_before(const struct rig_fuzz_play *play, uint32_t number); /* of one on a connection with a name */
static inline bool rig_fuzz_goes_on(const struct rig_fuzz_play *play, uint32_t number)
{
    return play->scenario->requests[number].connection > 0 && rig_fuzz_waits_before(play, number);
}
/* The app that was entered by the request itself; NULL: none. */
const struct rig_hop *rig_fuzz_app_of(const struct rig_result *result);
/* Did two enter the same app? NULL: no. */
bool rig_fuzz_is_same_app(const struct rig_hop *a, const struct rig_hop *b);
/* The requests; their strings stay the original's. */
struct rig_fuzz_scenario *rig_fuzz_copy_of(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario);
/* ---- what only valid credentials open ---- */

/* What denies. No class of credentials is sent to a proxy: what 407 denies none opens, but a lock may count it. A redirect to
 * log in asks for credentials, before they are tried: no lock counts it. */
enum rig_fuzz_denial {
    RIG_FUZZ_DENIED,        /* 401, 403, a redirect to log in */
    RIG_FUZZ_DENIED_HIDDEN, /* and 404: it may hide what is there */
    RIG_FUZZ_DENIED_TRY     /* 401, 403, 407 */
};

struct rig_fuzz_door {
    enum rig_fuzz_rule rule; /* that is armed once there is one */
    enum rig_fuzz_denial denial;
    bool one_place; /* credentials are tried where the request has its own */
    int status;     /* out: what it is denied with; 0: it is not, or it is another's */
};

/* Has the last request no valid credentials, and was it answered? */
bool rig_fuzz_may_be_judged(const struct rig_fuzz_play *play);
/* Is it denied by its answer? */
bool rig_fuzz_says_denied(const struct rig_result *result, enum rig_fuzz_denial denial);
/* Was it denied before it came to an app, or let in and shown something? */
bool rig_fuzz_is_at_door(const struct rig_fuzz_door *door, const struct rig_result *result);
/* Plays: is the copy's last request denied as it now stands, and with wrong credentials, where with valid ones it gets just this
 * answer of this app? Who gets another one has asked for another thing. as NULL: any answer of an app. */
int rig_fuzz_try_denied(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, const struct rig_result *as,
                        struct rig_fuzz_door *door);
/* The request was denied, so that it could have been found: arms the rule, once it is known that valid credentials open
 * something. copy: without what it tried. */
int rig_fuzz_arm_denied(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, struct rig_fuzz_door *door);
/* Of a request that is at the door: was it let in as it came, though it is denied as the copy has it, and no model allows
 * it? Then door->status says what with. */
int rig_fuzz_judge_door(struct rig_fuzz_target *target, const struct rig_fuzz_play *play,
                        struct rig_fuzz_scenario *copy, struct rig_fuzz_door *door, bool *is);

/* ---- do valid credentials open anything? opened.c ---- */

/* Of a request that has some. */
void rig_fuzz_count_known(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, uint32_t number);
/* Of a last request that has some and was let in, where others with some are denied: plays it without. */
int rig_fuzz_look_what_opens(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);

/* Is it the stack's, and of the request that was sent? */
static inline bool rig_fuzz_is_answer(const struct rig_result *result)
{
    return result->hop_count > 0 && !result->refused && result->delivery.outcome != RIG_GONE &&
           result->delivery.outcome != RIG_MISDIRECTED && result->delivery.outcome != RIG_NOT_SENT;
}
/* Did the request reach the stack, and its answer come from it? */
static inline bool rig_fuzz_was_answered(const struct rig_fuzz_play *play, uint32_t number)
{
    return !rig_fuzz_goes_on(play, number) && rig_fuzz_is_answer(play->results[number]);
}
/* Is a tab around a header's value left there for the stack to see? */
static inline bool rig_fuzz_leaves_tabs(const struct rig_server *server)
{
    return server->gateway && server->gateway->tabs_stay;
}
/* RFC 9110 section 9.2.1 */
bool rig_fuzz_is_safe(const char *method);
/* The secret of this run's first user (0) or second (1) as Basic carries it. */
const char *rig_fuzz_coded(const struct rig_fuzz_target *target, unsigned user);
/* Does the text hold the secret of this run's first user (0) or second (1), as it is or as Basic carries it? */
bool rig_fuzz_long_holds_secret(const struct rig_fuzz_target *target, unsigned user, const void *text, size_t size);
static inline bool rig_fuzz_holds_secret(const struct rig_fuzz_target *target, unsigned user, const void *text,
                                         size_t size)
{
    return size >= RIG_FUZZ_SECRET_SIZE && rig_fuzz_long_holds_secret(target, user, text, size);
}
/* As it is, or percent-decoded. */
bool rig_fuzz_carries(const struct rig_fuzz_target *target, unsigned user, const char *text, size_t size);
/* Does a request have it elsewhere than where its class is put? */
bool rig_fuzz_request_holds(const struct rig_fuzz_target *target, unsigned user,
                            const struct rig_fuzz_request *request);
/* The class of a request, where it holds a secret of this run anywhere that of the secret. */
unsigned rig_fuzz_class_of(const struct rig_fuzz_target *target, const struct rig_fuzz_request *request);
/* Are credentials of that class valid, of a user that the setup knows? */
static inline bool rig_fuzz_is_users(unsigned class)
{
    return class == RIG_FUZZ_CLASS_VALID || class == RIG_FUZZ_CLASS_OTHER;
}
/* Has it valid credentials of a user? To be asked last: it looks through the whole request. */
static inline bool rig_fuzz_is_known(const struct rig_fuzz_target *target, const struct rig_fuzz_request *request)
{
    return rig_fuzz_is_users(rig_fuzz_class_of(target, request));
}
/* A difference was seen: is the last request answered twice more, one behind the other, as it was, and the other's (NULL:
 * there is none) as that was? Else nothing can be said of it. by_status: whatever else varies; else it is told if the
 * request's own answer does. */
int rig_fuzz_try_steady(struct rig_fuzz_target *target, const struct rig_fuzz_play *play,
                        const struct rig_fuzz_play *other, bool by_status, bool *steady);
/* A header that is beside the answer: a request's number, what a rate limiter or a cache says. */
bool rig_fuzz_is_beside(const char *name);
bool rig_fuzz_is_same_body(const struct rig_result *a, const struct rig_result *b);
/* What two answers are, as it is said of each: "200", "401". */
struct rig_fuzz_difference {
    char one[64], other[96];
    const char *header; /* that differs; NULL: another part does */
};
/* Have they not the same status, error, headers (but for those) and body? */
bool rig_fuzz_differs(const struct rig_result *a, const struct rig_result *b, struct rig_fuzz_difference *difference);
/* And what differs in one of the others from b, too, counts as the same: they are b's request, played again. */
struct rig_fuzz_others {
    const struct rig_result *const *results;
    size_t count;
};
RIG_COLD bool rig_fuzz_differs_but(const struct rig_result *a, const struct rig_result *b,
                                   struct rig_fuzz_others others, struct rig_fuzz_difference *difference);
/* The target without query, percent-decoded but for an encoded slash or zero byte, without dot segments; NULL: longer than
 * room. */
const char *rig_fuzz_path(const char *target, char *room, size_t size);
/* The same, with the slash at its end, which makes another resource of it (RFC 3986 section 6.2.2). */
const char *rig_fuzz_plain_path(const char *target, char *room, size_t size);

/* ---- what is seen in one play ---- */

void rig_fuzz_judge_entered(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);
void rig_fuzz_judge_answers(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);

/* Of requests that stood in the bytes of others, behind these: what is judged of each. */
void rig_fuzz_judge_further(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);

/* Of one answer to a request of that number, or of the log of one whose client went away; user as above. */
RIG_APART void rig_fuzz_judge_secret(struct rig_fuzz_target *target, const struct rig_fuzz_request *from,
                                     const struct rig_result *result, uint32_t number, unsigned user);
/* Of one answer, which no body that breaks off explains. */
void rig_fuzz_judge_status(struct rig_fuzz_target *target, const char *method, const struct rig_result *result,
                           uint32_t number);

/* ---- what takes another play: 0, or -errno of it ---- */

int rig_fuzz_judge_again(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);
int rig_fuzz_judge_alone(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);
int rig_fuzz_judge_head(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);
int rig_fuzz_judge_target(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);
int rig_fuzz_judge_field(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);
int rig_fuzz_judge_near(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);
int rig_fuzz_judge_blank(struct rig_fuzz_target *target, const struct rig_fuzz_play *play);
/* Is the plainest request of all still answered as it was when the target was opened? scenario: the one that was played
 * last. */
int rig_fuzz_judge_first(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario);
/* One of the variants, by number; or where that one changes nothing, the next that does. */
#define RIG_FUZZ_VARIANTS 4
int rig_fuzz_judge_variant(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, unsigned number);
int rig_fuzz_judge_some_variant(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, unsigned number);

#endif
