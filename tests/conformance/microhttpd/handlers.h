/* Handlers as people write them, and one for each corner of the interface. */
#ifndef PARITY_HANDLERS_H
#define PARITY_HANDLERS_H

#include "parity.h"

handler_fn answer_ok, show_values, show_lookups, show_body, leave_some, leave_all, leave_then_more, answer_first,
    answer_in_body, answer_twice, say_no_first, say_no_in_body, say_no_last, never_answer, answer_codes, null_arguments,
    set_values, show_connection;
handler_fn show_form, show_form_small, show_form_stopping, no_form;
handler_fn from_persistent, from_copy, from_must_free, from_free_callback, from_free_callback_cls, from_data,
    from_callback, from_callback_unknown, from_callback_short, from_callback_error, from_callback_slow, from_fd,
    from_fd_range, from_fd64, from_pipe, from_iovec, from_empty, from_large, reused;
handler_fn bad_headers, header_api, own_length, own_connection, long_connection, own_date, own_encoding, footers,
    option_10_only, option_10_server, option_keep_alive, status_204, status_304, status_199, status_999, status_1000,
    status_99, icy, cookies_set;
handler_fn basic, basic_fail, digest_fail, digest_check, suspends, upgrades, switches, libraries;

#endif
