/* A function for each rule, so that a crash's stack names it and fuzzers fold by it. */
#include "fuzz/driver/report.h"

#include "harness/checks/rules.h"

/* Each holds its number: else they would be one function to the compiler. */
#define RULE(number_, ...)                                                        \
    static _Noreturn __attribute__((noinline)) void rig_violation_##number_(void) \
    {                                                                             \
        __asm__ volatile("" : : "r"(RIG_RULE_##number_));                         \
        __builtin_trap();                                                         \
    }
#include "harness/checks/rules.def"
#undef RULE

_Noreturn void rig_fuzz_die(const char *rule)
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
    __builtin_trap();
}
