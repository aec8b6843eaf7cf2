/* What stands in brackets behind a finding and is no rule. */
#ifndef STACKRIG_CLI_WORDS_H
#define STACKRIG_CLI_WORDS_H

/* What it means; NULL: there is no such word. */
const char *rig_word_text(const char *word);

#endif
