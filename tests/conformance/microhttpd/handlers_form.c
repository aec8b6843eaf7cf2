/* Forms, through the post processor. */
#include "handlers.h"

#include <string.h>

struct form {
    struct MHD_PostProcessor *processor;
};
static struct form form;

static enum MHD_Result field(void *cls, enum MHD_ValueKind kind, const char *key, const char *filename,
                             const char *type, const char *encoding, const char *data, uint64_t offset, size_t size)
{
    (void)cls;
    say("  field %d key=%s file=%s type=%s encoding=%s offset=%llu", (int)kind, key ? key : "(null)",
        filename ? filename : "(null)", type ? type : "(null)", encoding ? encoding : "(null)",
        (unsigned long long)offset);
    say_bytes("   ", data, size);
    return MHD_YES;
}

static enum MHD_Result field_once(void *cls, enum MHD_ValueKind kind, const char *key, const char *filename,
                                  const char *type, const char *encoding, const char *data, uint64_t offset,
                                  size_t size)
{
    (void)field(cls, kind, key, filename, type, encoding, data, offset, size);
    return MHD_NO;
}

static enum MHD_Result answer(struct MHD_Connection *connection)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(4, (void *)(uintptr_t) "form", MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result process(struct MHD_Connection *connection, const char *data, size_t *size, void **req_cls,
                               size_t buffer, MHD_PostDataIterator iterator)
{
    static char cls[] = "form";
    if (!*req_cls) {
        *req_cls = cls;
        form.processor = MHD_create_post_processor(connection, buffer, iterator, NULL);
        say("processor %d", form.processor != NULL);
        return MHD_YES;
    }
    if (*size > 0) {
        if (form.processor) {
            say("process %zu", *size);
            say("processed: %d", (int)MHD_post_process(form.processor, data, *size));
        }
        *size = 0;
        return MHD_YES;
    }
    if (form.processor) {
        say("destroyed: %d", (int)MHD_destroy_post_processor(form.processor));
    }
    return answer(connection);
}

#define FORM(name_, buffer_, iterator_)                                                                      \
    enum MHD_Result name_(void *cls, struct MHD_Connection *connection, const char *url, const char *method, \
                          const char *version, const char *data, size_t *size, void **req_cls)               \
    {                                                                                                        \
        (void)cls, (void)url, (void)method, (void)version;                                                   \
        return process(connection, data, size, req_cls, buffer_, iterator_);                                 \
    }

FORM(show_form, 1024, field)
FORM(show_form_small, 256, field)
FORM(show_form_stopping, 1024, field_once)
