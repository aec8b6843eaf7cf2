/* A function for each rule, so that a crash's stack names it and fuzzers fold by it. */
#include "fuzz/driver/report.h"

#include "harness/checks/rules.h"

#include <string.h>

/* Each holds its number: else they would be one function to the compiler. */
#define RULE(number_, ...)                                                        \
    static _Noreturn __attribute__((noinline)) void rig_violation_##number_(void) \
    {                                                                             \
        __asm__ volatile("" : : "r"(RIG_RULE_##number_));                         \
        __builtin_trap();                                                         \
    }
#include "harness/checks/rules.def"
#undef RULE

/* Rules of the user's have no names in C: their places stand for them. */
#define OWN(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16)
#define DIES(place_)                                                                 \
    static _Noreturn __attribute__((noinline)) void rig_violation_own_##place_(void) \
    {                                                                                \
        __asm__ volatile("" : : "r"(RIG_RULE_COUNT + (place_)));                     \
        __builtin_trap();                                                            \
    }
OWN(DIES)
#undef DIES

static void die_of_own(const char *rule, const struct rig_own_rule *const *own)
{
    static void (*const dies[])(void) = {
#define DIES(place_) rig_violation_own_##place_,
        OWN(DIES)
#undef DIES
    };
    for (size_t i = 0; own && own[i] && i < sizeof dies / sizeof *dies; i++) {
        if (own[i]->id && strcmp(own[i]->id, rule) == 0) {
            dies[i]();
        }
    }
}

_Noreturn void rig_fuzz_die(const char *rule, const struct rig_own_rule *const *own)
{
    static void (*const dies[])(void) = {
#define RULE(number_, ...) rig_violation_##number_,
#include "harness/checks/rules.def"
#undef RULE
    };
    unsigned number = rig_rule_number(rule);
    if (number < RIG_RULE_COUNT) {
        dies[number]();
    }
    die_of_own(rule, own);
    __builtin_trap();
}
