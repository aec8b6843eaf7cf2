/* Prints every rule with its two tests, for tools/mutants.sh: id, the broken layer's, the twin's. */
#include <stackrig/result.h>

#include <stdio.h>

int main(void)
{
    size_t count = 0;
    const struct rig_rule *rules = rig_rules(&count);
    for (size_t i = 0; i < count; i++) {
        printf("%s %s %s\n", rules[i].id, rules[i].broken, rules[i].twin);
    }
    return ferror(stdout) != 0 || count == 0;
}
