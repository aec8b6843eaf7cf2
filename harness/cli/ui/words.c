#include "harness/cli/ui/words.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *word, *text;
} words[] = {
    {"crash",
     "a layer, or the stack while it was built or freed, ended the process. The rest goes on with a new one and a "
     "stack built anew. It counts as an error."},
    {"hang",
     "nothing came back within --timeout, so the process was ended. If it sleeps, --now TIME lets the clock jump "
     "and no time pass. It counts as an error."},
    {"refused", "a request did not get to the stack. From the stack's own server that is an error, unless "
                "# @expect status names it; from a gateway before it a note."},
    {"unhandled",
     "a layer returned an error, and no layer above it answered: the client gets a 500. It counts as an error, "
     "unless # @expect error names it."},
    {"@expect", "what # @expect says of a request did not come true."},
    {"incomplete", "something was not looked at, so that nothing else was found says less. It counts as an error."},
    {"bisect", "the fewest layers whose presence makes the request fail, or without which alone it passes; see "
               "`stackrig bisect --help`."},
    {"parity.delivery", "the client of the real server got an answer, or none, where the rig says otherwise."},
    {"parity.status", "the real server's answer has another status than the rig's."},
    {"parity.header", "a header of the real server's answer is not as the rig's."},
    {"parity.body", "the body of the real server's answer is not the rig's."},
};

const char *rig_word_text(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, word) == 0) {
            return words[i].text;
        }
    }
    return NULL;
}
