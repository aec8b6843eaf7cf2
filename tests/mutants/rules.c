/* Prints the id of every rule, for tools/mutants.sh. */
#include <stackrig/result.h>

#include <stdio.h>

int main(void)
{
    size_t count = 0;
    const struct rig_rule *rules = rig_rules(&count);
    for (size_t i = 0; i < count; i++) {
        puts(rules[i].id);
    }
    return ferror(stdout) != 0 || count == 0;
}
