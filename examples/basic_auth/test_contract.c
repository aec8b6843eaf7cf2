/* What every layer should be: a test for each property, from what the layer says of itself. */
#include <stackrig/cmocka_contract.h>
#include <stackrig/stackrig.h>

#include "basic_auth.h"

#define ALADDIN "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" /* Aladdin:open sesame */

static const struct basic_auth_options options = {.user = "Aladdin", .password = "open sesame"};

int main(void)
{
    const struct rig_contract contract = {
        .middleware = &basic_auth,
        .options = &options,
        .auth = true,
        .passes = RIG_GET("/", .headers = {{"Authorization", ALADDIN}, {"Remote-User", "mallory"}}),
        .answers = RIG_POST("/", .body = "name=lamp", .headers = {{"Authorization", "Basic eDp5"}}), /* x:y */
        .env = {"AUTH_TYPE", "REMOTE_USER", "HTTP_REMOTE_USER"}};
    return rig_contract_cmocka(&contract);
}
