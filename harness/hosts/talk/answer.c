#define _GNU_SOURCE
#include "harness/hosts/talk/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a head says, and where the body stands. */
struct head {
    int status;
    size_t body; /* where it begins; 0: the head is not whole */
    bool chunked, sized, none;
    unsigned long long length;
};

static const char *header(const char *begin, const char *end, const char *name, size_t *size)
{
    size_t name_size = strlen(name);
    for (const char *line = begin; line < end;) {
        const char *line_end = memmem(line, (size_t)(end - line), "\r\n", 2);
        line_end = line_end ? line_end : end;
        if ((size_t)(line_end - line) > name_size && line[name_size] == ':' &&
            strncasecmp(line, name, name_size) == 0) {
            const char *value = line + name_size + 1;
            value += strspn(value, " \t");
            *size = (size_t)(line_end - value);
            return value;
        }
        line = line_end + 2;
    }
    return NULL;
}

static struct head look(const struct rig_talk_bytes *in, bool is_head)
{
    struct head head = {0};
    const char *begin = in->data + in->at;
    const char *blank = in->size > in->at ? memmem(begin, in->size - in->at, "\r\n\r\n", 4) : NULL;
    size_t size = 0;
    if (!blank || strncmp(begin, "HTTP/1.", 7) != 0) {
        return head;
    }
    head.status = atoi(begin + 8);
    head.body = (size_t)(blank + 4 - in->data);
    const char *coding = header(begin, blank, "Transfer-Encoding", &size);
    head.chunked = coding && size == 7 && strncasecmp(coding, "chunked", 7) == 0;
    const char *length = header(begin, blank, "Content-Length", &size);
    head.sized = length != NULL;
    head.length = length ? strtoull(length, NULL, 10) : 0;
    head.none = is_head || head.status / 100 == 1 || head.status == 204 || head.status == 304;
    return head;
}

/* Joins the chunks in place: 1 with their end, 0 without, -EINVAL of what are none. Of NULL to it only looks. */
static int join(const char *at, const char *end, char *to, size_t *size, const char **behind)
{
    *size = 0;
    for (;;) {
        char *digits;
        const char *line = at < end ? memmem(at, (size_t)(end - at), "\r\n", 2) : NULL;
        if (!line) {
            return 0;
        }
        unsigned long long chunk = strtoull(at, &digits, 16);
        if (digits == at) {
            return -EINVAL;
        }
        const char *data = line + 2;
        size_t there = (size_t)(end - data) < chunk ? (size_t)(end - data) : (size_t)chunk;
        if (to) {
            memmove(to + *size, data, there);
        }
        *size += there;
        if (there < chunk || (size_t)(end - data) < chunk + 2) {
            return 0;
        }
        at = data + chunk + 2;
        if (chunk == 0) {
            *behind = at;
            return 1;
        }
    }
}

bool rig_talk_answered(struct rig_talk_bytes *in, bool is_head)
{
    struct head head = look(in, is_head);
    while (head.body && head.status / 100 == 1 && head.status != 101) {
        in->continued = in->continued || head.status == 100;
        in->at = head.body;
        head = look(in, is_head);
    }
    if (!head.body) {
        return false;
    }
    size_t size;
    const char *behind;
    return head.none      ? true
           : head.chunked ? join(in->data + head.body, in->data + in->size, NULL, &size, &behind) != 0
                          : head.sized && in->size - head.body >= head.length;
}

static int list_fields(struct rig_talk_answer *answer, char *at, const char *end)
{
    size_t count = 0;
    for (const char *line = at; line < end; line++) {
        count += *line == '\n';
    }
    answer->fields = calloc(count + 2, sizeof *answer->fields);
    if (!answer->fields) {
        return -ENOMEM;
    }
    for (char *line = strstr(at, "\r\n") + 2; line < end;) {
        char *line_end = strstr(line, "\r\n"), *colon = strchr(line, ':');
        *line_end = '\0';
        if (colon && colon < line_end) {
            *colon = '\0';
            answer->fields[answer->field_count++] = (struct rig_field){line, colon + 1 + strspn(colon + 1, " \t")};
        }
        line = line_end + 2;
    }
    return 0;
}

static void take_body(struct rig_talk_bytes *in, const struct head *head, bool ended, struct rig_talk_answer *answer)
{
    char *body = in->data + head->body;
    size_t there = in->size - head->body, used;
    bool whole = true;
    answer->body = body;
    if (head->none) {
        used = answer->body_size = 0;
    } else if (head->chunked) {
        const char *behind = body + there;
        int joined = join(body, body + there, body, &answer->body_size, &behind);
        whole = joined == 1;
        answer->outcome = joined < 0 ? RIG_TALK_GARBAGE : RIG_TALK_TRUNCATED;
        used = (size_t)(behind - body);
    } else {
        used = head->sized && head->length < there ? (size_t)head->length : there;
        whole = head->sized ? head->length <= there : ended && in->error == 0;
        answer->body_size = used;
        answer->outcome = RIG_TALK_TRUNCATED;
    }
    answer->outcome = whole ? RIG_TALK_WHOLE : ended ? answer->outcome : RIG_TALK_LATE;
    answer->behind = there - used;
    body[answer->body_size] = '\0';
}

int rig_talk_read(struct rig_talk_bytes *in, bool is_head, bool ended, struct rig_talk_answer *answer)
{
    answer->continued = in->continued;
    answer->text = in->data;
    answer->body = "";
    if (!in->data || in->size == in->at) {
        answer->outcome = ended ? RIG_TALK_NOTHING : RIG_TALK_LATE;
        return 0;
    }
    in->data[in->size] = '\0';
    struct head head = look(in, is_head);
    if (!head.body) {
        answer->outcome = !ended                                          ? RIG_TALK_LATE
                          : strncmp(in->data + in->at, "HTTP/1.", 7) == 0 ? RIG_TALK_TRUNCATED
                                                                          : RIG_TALK_GARBAGE;
        return 0;
    }
    answer->status = head.status;
    answer->chunked = head.chunked;
    int error = list_fields(answer, in->data + in->at, in->data + head.body - 2);
    if (error == 0) {
        take_body(in, &head, ended, answer);
    }
    return error;
}

const char *rig_talk_field(const struct rig_talk_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->field_count; i++) {
        if (strcasecmp(answer->fields[i].name, name) == 0) {
            return answer->fields[i].value;
        }
    }
    return NULL;
}

void rig_talk_free(struct rig_talk_answer *answer)
{
    free(answer->fields);
    free(answer->text);
    *answer = (struct rig_talk_answer){0};
}
