/* All that builds stacks, sends requests and plays doubles. Left out: the assertions (stackrig/expect.h, or
 * stackrig/cmocka.h), which want RIG_FAIL first, requests as text (stackrig/scenario.h), rules of your own (stackrig/rules.h), and the plain functions
 * (stackrig/http/date.h, negotiate.h, multipart.h, compare.h, range.h, uri.h, ...), which need no rig. */
#ifndef STACKRIG_STACKRIG_H
#define STACKRIG_STACKRIG_H

#include <stackrig/answer.h>
#include <stackrig/base.h>
#include <stackrig/bisect.h>
#include <stackrig/client.h>
#include <stackrig/connection.h>
#include <stackrig/doubles.h>
#include <stackrig/env.h>
#include <stackrig/inputs.h>
#include <stackrig/request.h>
#include <stackrig/response.h>
#include <stackrig/result.h>
#include <stackrig/server.h>
#include <stackrig/servers.h>
#include <stackrig/session.h>
#include <stackrig/stack.h>

#endif
