/* An instance as an app, from the moment it is started. */
#include "mocks/frameworks/ulfius/ulfius.h"

#include <stackrig/microhttpd.h>

#include <stdio.h>
#include <stdlib.h>

/* ---- file uploads, which come before all other callbacks ---- */

typedef int upload_fn(const struct _u_request *request, const char *key, const char *filename, const char *content_type,
                      const char *transfer_encoding, const char *data, uint64_t off, size_t size, void *cls);

struct upload {
    struct _u_instance *instance;
    upload_fn *function;
    void *cls;
    char *name;
    const char *site;
    struct upload *next;
};

static struct upload *uploads;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int pass_upload(const struct _u_request *request, const char *key, const char *filename,
                       const char *content_type, const char *transfer_encoding, const char *data, uint64_t off,
                       size_t size, void *cls)
{
    const struct upload *upload = cls;
    const struct rig_foreign layer = {
        .name = upload->name, .site = upload->site, .object = request, .kind = "request", .is_app = true};
    (void)rig_mhd_above_enter(&layer);
    return upload->function(request, key, filename, content_type, transfer_encoding, data, off, size, upload->cls);
}

static void wrap_upload(struct _u_instance *instance)
{
    const void *address = (const void *)(uintptr_t)instance->file_upload_callback;
    struct upload *upload = address ? calloc(1, sizeof *upload) : NULL;
    if (!upload || asprintf(&upload->name, "%s (file upload)", rig_name_of_function(address)) < 0) {
        free(upload);
        return;
    }
    upload->instance = instance;
    upload->function = instance->file_upload_callback;
    upload->cls = instance->file_upload_cls;
    upload->site = rig_site_of_function(address);
    instance->file_upload_callback = pass_upload;
    instance->file_upload_cls = upload;
    pthread_mutex_lock(&lock);
    upload->next = uploads;
    uploads = upload;
    pthread_mutex_unlock(&lock);
}

/* The instance is as it was. */
static void unwrap_upload(struct _u_instance *instance)
{
    pthread_mutex_lock(&lock);
    struct upload **link = &uploads;
    while (*link && (*link)->instance != instance) {
        link = &(*link)->next;
    }
    struct upload *upload = *link;
    if (upload) {
        *link = upload->next;
        instance->file_upload_callback = upload->function;
        instance->file_upload_cls = upload->cls;
        free(upload->name);
        free(upload);
    }
    pthread_mutex_unlock(&lock);
}

/* ---- starting ---- */

/* Once for each start: libulfius' starts call one another. */
static int started(const char *site, struct _u_instance *instance, int result)
{
    if (result == U_OK) {
        rig_mhd_above(instance->mhd_daemon, "ulfius", site);
        if (instance->file_upload_callback != pass_upload) {
            wrap_upload(instance);
        }
    }
    return result;
}

int ulfius_start_framework(struct _u_instance *instance)
{
    static int (*real)(struct _u_instance * instance);
    REAL(real, "ulfius_start_framework");
    return started(RIG_CALLER, instance, real(instance));
}

int ulfius_start_secure_framework(struct _u_instance *instance, const char *key_pem, const char *cert_pem)
{
    static int (*real)(struct _u_instance * instance, const char *key_pem, const char *cert_pem);
    REAL(real, "ulfius_start_secure_framework");
    return started(RIG_CALLER, instance, real(instance, key_pem, cert_pem));
}

int ulfius_start_secure_ca_trust_framework(struct _u_instance *instance, const char *key_pem, const char *cert_pem,
                                           const char *root_ca_pem)
{
    static int (*real)(struct _u_instance * instance, const char *key_pem, const char *cert_pem,
                       const char *root_ca_pem);
    REAL(real, "ulfius_start_secure_ca_trust_framework");
    return started(RIG_CALLER, instance, real(instance, key_pem, cert_pem, root_ca_pem));
}

int ulfius_start_framework_with_mhd_options(struct _u_instance *instance, unsigned mhd_flags,
                                            struct MHD_OptionItem *mhd_ops)
{
    static int (*real)(struct _u_instance * instance, unsigned mhd_flags, struct MHD_OptionItem *mhd_ops);
    REAL(real, "ulfius_start_framework_with_mhd_options");
    return started(RIG_CALLER, instance, real(instance, mhd_flags, mhd_ops));
}

int ulfius_stop_framework(struct _u_instance *instance)
{
    static int (*real)(struct _u_instance * instance);
    REAL(real, "ulfius_stop_framework");
    int result = real(instance);
    if (instance) {
        unwrap_upload(instance);
        rig_ulfius_forget_left(instance);
    }
    return result;
}

/* ---- the app ---- */

struct rig_app stackrig_ulfius_app(struct _u_instance *instance)
{
    if (instance && !instance->mhd_daemon) {
        (void)ulfius_start_framework(instance);
    }
    struct rig_app app = stackrig_microhttpd_app(instance ? instance->mhd_daemon : NULL);
    app.name = "ulfius";
    return app;
}

struct _u_instance *stackrig_ulfius_instance(void)
{
    return rig_mhd_above_newest();
}

/* ---- what the rig cannot see here ---- */

#define ALONE "callbacks do not call one another: there is nothing to hand on"
#define WHOLE "libulfius has read the whole body before the first callback"

static const struct rig_blind blind[] = {
    {"env.identity.replaced", ALONE},
    {"env.identity.lost_write", "callbacks share C structs: nobody sees an assignment"},
    {"next.call.twice", ALONE},
    {"next.call.after_answer", ALONE},
    {"input.used_after_close", "a callback cannot close the body"},
    {"microhttpd.answer.early", WHOLE},
    {"microhttpd.header.refused", "ulfius.header.dropped says it, with the callback"},
    {"microhttpd.req_cls.leaked", "it is libulfius' own"},
    {"microhttpd.response.destroyed", "callbacks have no response of libmicrohttpd's"},
    {"microhttpd.response.leaked", "callbacks have no response of libmicrohttpd's"},
    {"microhttpd.suspend.not_resumed", "callbacks have no connection of libmicrohttpd's"},
    {"microhttpd.upload.not_taken", WHOLE},
    {NULL, NULL}};

const struct rig_framework stackrig_ulfius = {
    .name = "ulfius", .title = "libulfius 2.7.13 over libmicrohttpd in memory", .blind = blind};
