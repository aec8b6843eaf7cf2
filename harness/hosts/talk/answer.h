/* An answer in the bytes that came. */
#ifndef STACKRIG_HOSTS_TALK_ANSWER_H
#define STACKRIG_HOSTS_TALK_ANSWER_H

#include "harness/hosts/talk/talk.h"

struct rig_talk_bytes {
    char *data; /* with room for a zero byte */
    size_t size, room;
    size_t at;      /* where the answer begins: behind the interim ones */
    bool continued; /* 100 Continue was among these */
    int error;
};

/* Is an answer there, with its end, other than by the end of the connection? */
bool rig_talk_answered(struct rig_talk_bytes *in, bool is_head);
/* Takes in->data apart, which is then the answer's: 0, or -ENOMEM. */
int rig_talk_read(struct rig_talk_bytes *in, bool is_head, bool ended, struct rig_talk_answer *answer);

#endif
