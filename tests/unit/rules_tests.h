/* The tests of the rules, by program. Each program runs its list, and the table's test sees to it that every rule has
 * its broken layer and its twin in one of them. */
#ifndef TESTS_UNIT_RULES_TESTS_H
#define TESTS_UNIT_RULES_TESTS_H

#define IDENTITY_TESTS(X)                      \
    X(test_copy_passed_on)                     \
    X(test_copy_passed_on_after_subrequest)    \
    X(test_copy_passed_on_twice)               \
    X(test_own_env_passed_on)                  \
    X(test_copy_for_subrequest)                \
    X(test_write_lost_in_copy)                 \
    X(test_older_value_found)                  \
    X(test_write_lost_below_two_copies)        \
    X(test_object_lost_in_copy)                \
    X(test_write_lost_unsought)                \
    X(test_lost_write_without_memory)          \
    X(test_copy_filled_before_it_is_passed_on) \
    X(test_same_value_written_below)           \
    X(test_unset_and_set_again_below)          \
    X(test_snapshot_read_above)                \
    X(test_copy_tried_first)                   \
    X(test_unset_lost)                         \
    X(test_write_put_back)                     \
    X(test_write_below_without_copy)           \
    X(test_env_kept_for_next_request)          \
    X(test_env_used_by_test_after_request)     \
    X(test_value_copied_for_next_request)      \
    X(test_log_written_while_enabled)          \
    X(test_log_written_twice)                  \
    X(test_log_left_alone_while_enabled)       \
    X(test_log_written_while_off)

#define INPUT_TESTS(X)                               \
    X(test_early_answer_leaves_body)                 \
    X(test_early_answer_leaves_part)                 \
    X(test_early_answer_leaves_chunked_body)         \
    X(test_early_answer_logged_by_gateway)           \
    X(test_early_answer_replaced_by_gateway)         \
    X(test_early_answer_before_close)                \
    X(test_early_answer_is_a_race)                   \
    X(test_early_answer_leaves_rest_of_chunked_body) \
    X(test_chunked_body_unread_in_memory)            \
    X(test_early_answer_without_length)              \
    X(test_early_answer_to_second_request)           \
    X(test_nobody_answers_and_leaves_body)           \
    X(test_error_leaves_body)                        \
    X(test_early_answer_drains_body)                 \
    X(test_early_answer_drains_afterwards)           \
    X(test_body_unread_in_memory)                    \
    X(test_body_read_in_part_in_memory)              \
    X(test_body_drained_in_memory)                   \
    X(test_input_kept_for_next_request)              \
    X(test_input_fetched_each_request)

#define EATEN_TESTS(X)                          \
    X(test_body_eaten_above_reader)             \
    X(test_chunked_body_eaten_above_reader)     \
    X(test_body_parsed_and_passed_as_object)    \
    X(test_body_eaten_and_rewound)              \
    X(test_body_rewound_and_drained)            \
    X(test_body_read_by_two_passes)             \
    X(test_body_eaten_above_drain)              \
    X(test_body_eaten_and_given_back)           \
    X(test_body_decoded_to_less)                \
    X(test_body_read_below_and_asked_for_again) \
    X(test_body_eaten_by_other_attempt)         \
    X(test_body_of_each_attempt)

#define INPUT_CLOSE_TESTS(X)       \
    X(test_input_read_after_close) \
    X(test_input_closed_last)      \
    X(test_every_use_after_close)  \
    X(test_closed_made_rewindable) \
    X(test_closed_and_not_used)    \
    X(test_rewindable_body_eaten)  \
    X(test_rewindable_body_rewound)

#define INPUT_ERROR_TESTS(X)             \
    X(test_truncated_body_accepted)      \
    X(test_interrupted_body_accepted)    \
    X(test_early_end_accepted)           \
    X(test_early_end_refused)            \
    X(test_early_end_no_concern)         \
    X(test_early_end_handed_on)          \
    X(test_truncated_body_refused)       \
    X(test_truncated_body_refused_above) \
    X(test_body_of_no_interest)          \
    X(test_read_error_passed_over)       \
    X(test_read_error_logged)            \
    X(test_read_error_met_again_below)   \
    X(test_read_error_met_again_by_liar) \
    X(test_read_error_made_up_below)     \
    X(test_echo_ends_at_read_error)      \
    X(test_echo_breaks_off_too)          \
    X(test_refusal_and_success)          \
    X(test_success_and_refusal)

#define SWEEP_TESTS(X)                 \
    X(test_one_read_taken_for_all)     \
    X(test_separator_across_two_reads) \
    X(test_reads_until_the_end)        \
    X(test_read_without_end)           \
    X(test_end_taken_for_a_pause)      \
    X(test_read_until_error)           \
    X(test_write_without_end)          \
    X(test_write_until_error)          \
    X(test_shortage_hidden)            \
    X(test_shortage_answered_503)

#define LEAK_TESTS(X)                         \
    X(test_memory_leaked)                     \
    X(test_memory_leaked_by_each_path)        \
    X(test_memory_of_a_list)                  \
    X(test_memory_left_by_a_client)           \
    X(test_memory_of_what_is_stored)          \
    X(test_memory_kept_once)                  \
    X(test_memory_bounded)                    \
    X(test_memory_given_back_later)           \
    X(test_memory_not_watched)                \
    X(test_memory_beside_a_thread_that_waits) \
    X(test_memory_beside_a_thread_that_is_woken)

#define NEXT_TESTS(X)                  \
    X(test_next_twice)                 \
    X(test_retry_by_subrequests)       \
    X(test_next_after_answer)          \
    X(test_next_after_headers)         \
    X(test_answer_after_next)          \
    X(test_next_kept_for_next_request) \
    X(test_next_used_by_stream)        \
    X(test_next_of_each_request)

#define RESPONSE_TESTS(X)                   \
    X(test_nobody_answers)                  \
    X(test_layer_answers_nothing)           \
    X(test_error_swallowed)                 \
    X(test_headers_then_status_only)        \
    X(test_answer_overwritten_above)        \
    X(test_status_over_without_checks)      \
    X(test_answer_overwritten_step_by_step) \
    X(test_answer_given_header_above)       \
    X(test_answer_given_again_below)        \
    X(test_status_99)                       \
    X(test_status_200)                      \
    X(test_status_600)                      \
    X(test_status_599)                      \
    X(test_header_name_with_space)          \
    X(test_header_name_with_odd_token)      \
    X(test_header_value_with_newline)       \
    X(test_header_value_with_control)       \
    X(test_header_value_with_tab)           \
    X(test_response_kept_for_next_request)  \
    X(test_response_of_each_request)

#define FRAMING_TESTS(X)                  \
    X(test_body_changed_under_length)     \
    X(test_body_replaced_under_length)    \
    X(test_length_wrong_in_itself)        \
    X(test_length_with_leading_zero)      \
    X(test_length_corrected_wrongly)      \
    X(test_length_set_wrong_above_change) \
    X(test_length_no_number)              \
    X(test_length_right_under_wrapper)    \
    X(test_length_of_head_answer)         \
    X(test_length_added_twice)            \
    X(test_length_is_a_list)              \
    X(test_length_set_twice)              \
    X(test_length_with_204)               \
    X(test_length_of_the_200)             \
    X(test_no_length_with_204)            \
    X(test_both_framings)                 \
    X(test_length_in_place_of_chunked)    \
    X(test_body_with_204)                 \
    X(test_body_left_under_304)           \
    X(test_no_body_with_204)              \
    X(test_head_with_body)                \
    X(test_head_without_body)             \
    X(test_who_made_the_body)

#define BODY_TESTS(X)                    \
    X(test_taken_body_closed_twice)      \
    X(test_taken_body_closed_once)       \
    X(test_taken_body_read_after_close)  \
    X(test_taken_body_read_then_closed)  \
    X(test_wrapped_body_not_closed)      \
    X(test_wrapped_string_not_closed)    \
    X(test_wrapped_body_closed)          \
    X(test_stream_breaks_off)            \
    X(test_inner_stream_breaks_off)      \
    X(test_stream_ends_early_on_purpose) \
    X(test_body_kept_for_next_request)   \
    X(test_body_taken_anew_each_request) \
    X(test_taken_body_read_twice)        \
    X(test_taken_body_looked_at_again)   \
    X(test_taken_body_rewound)           \
    X(test_file_of_body_missing)         \
    X(test_file_of_wrapped_body_missing) \
    X(test_file_of_body_there)           \
    X(test_file_of_body_rewound)         \
    X(test_file_of_body_made_in_time)

#define USAGE_TESTS(X)                    \
    X(test_argument_invalid)              \
    X(test_argument_at_its_limit)         \
    X(test_argument_null)                 \
    X(test_argument_null_allowed)         \
    X(test_layer_returns_positive)        \
    X(test_layer_returns_negative)        \
    X(test_source_gives_too_much)         \
    X(test_reply_with_two_bodies)         \
    X(test_reply_replaced)                \
    X(test_client_reset_inside_request)   \
    X(test_client_reset_between_requests) \
    X(test_too_many_envs_open)            \
    X(test_envs_closed_in_time)           \
    X(test_reply_with_17_headers)         \
    X(test_reply_with_16_headers)         \
    X(test_layer_init_fails)              \
    X(test_layer_init_succeeds)           \
    X(test_map_without_slash)             \
    X(test_map_of_host)                   \
    X(test_unknown_rule_ignored)          \
    X(test_area_ignored)                  \
    X(test_stack_changed_after_request)   \
    X(test_second_client_of_stack)        \
    X(test_stack_inside_itself)           \
    X(test_stack_inside_another)          \
    X(test_stack_without_app)             \
    X(test_stack_of_app_alone)            \
    X(test_warm_up_fails)                 \
    X(test_warm_up_succeeds)              \
    X(test_usage_seen_without_checks)

#define REQUEST_TESTS(X)                       \
    X(test_request_with_two_bodies)            \
    X(test_request_with_params_and_body)       \
    X(test_request_with_impossible_body)       \
    X(test_request_with_empty_body)            \
    X(test_request_with_short_source)          \
    X(test_request_with_params_and_query)      \
    X(test_request_with_params_that_cannot_be) \
    X(test_request_with_nested_params)         \
    X(test_request_with_wrong_length)          \
    X(test_request_with_right_length)          \
    X(test_request_with_nameless_env)          \
    X(test_request_with_env)                   \
    X(test_request_with_17_headers)            \
    X(test_request_with_16_headers)            \
    X(test_request_with_both_framings)         \
    X(test_request_chunked)                    \
    X(test_request_with_bad_header_name)       \
    X(test_request_with_odd_header_name)       \
    X(test_request_with_newline_in_header)     \
    X(test_request_with_tab_in_header)         \
    X(test_request_with_two_hosts)             \
    X(test_request_with_one_host)              \
    X(test_request_with_bad_method)            \
    X(test_request_with_odd_method)            \
    X(test_request_with_bad_target)            \
    X(test_request_with_escaped_target)        \
    X(test_request_with_bad_version)           \
    X(test_request_with_version_1_0)

#define CGI_TESTS(X)                      \
    X(test_method_removed)                \
    X(test_method_removed_and_set)        \
    X(test_method_with_newline)           \
    X(test_method_of_another_protocol)    \
    X(test_query_removed)                 \
    X(test_query_emptied)                 \
    X(test_server_name_removed)           \
    X(test_server_name_removed_and_set)   \
    X(test_server_name_with_port)         \
    X(test_server_name_of_ipv6)           \
    X(test_protocol_removed)              \
    X(test_protocol_removed_and_set)      \
    X(test_protocol_in_lower_case)        \
    X(test_protocol_of_http2)             \
    X(test_port_with_sign)                \
    X(test_port_of_digits)                \
    X(test_scheme_removed)                \
    X(test_scheme_removed_and_set)        \
    X(test_scheme_in_upper_case)          \
    X(test_scheme_of_websocket)           \
    X(test_length_negative)               \
    X(test_length_of_digits)              \
    X(test_host_with_user)                \
    X(test_host_with_port)                \
    X(test_http_content_type)             \
    X(test_http_content_type_removed)     \
    X(test_http_content_length)           \
    X(test_http_content_length_removed)   \
    X(test_script_without_slash)          \
    X(test_script_with_slash)             \
    X(test_script_of_slash)               \
    X(test_script_emptied)                \
    X(test_path_and_script_empty)         \
    X(test_path_empty_under_script)       \
    X(test_asterisk_of_get)               \
    X(test_asterisk_of_options)           \
    X(test_authority_of_get)              \
    X(test_authority_of_connect)          \
    X(test_uri_of_connect)                \
    X(test_uri_of_get)                    \
    X(test_path_without_slash)            \
    X(test_path_with_escaped_fragment)    \
    X(test_variables_of_the_test)         \
    X(test_variables_set_before_the_call) \
    X(test_variables_of_the_server)       \
    X(test_variable_broken_on_the_way_up) \
    X(test_object_in_place_of_a_variable) \
    X(test_method_changed_under_asterisk) \
    X(test_unchanged_value_is_no_fault)   \
    X(test_every_variable_is_told)        \
    X(test_variable_broken_above_a_map)   \
    X(test_map_breaks_no_variable)        \
    X(test_variable_broken_in_a_copy)     \
    X(test_variable_broken_before_a_copy) \
    X(test_variable_passed_on_in_a_copy)  \
    X(test_variable_mended_in_time)       \
    X(test_variable_rules_are_switched)   \
    X(test_variables_without_memory)

#define FIELD_TESTS(X)                        \
    X(test_header_named_status)               \
    X(test_header_named_x_status)             \
    X(test_header_with_capitals)              \
    X(test_header_without_capitals)           \
    X(test_capitals_of_one_layer)             \
    X(test_unknown_rule_enabled_for_layer)    \
    X(test_type_with_304)                     \
    X(test_no_type_with_304)                  \
    X(test_type_and_length_of_other_statuses) \
    X(test_type_and_length_with_204)          \
    X(test_switch_unasked)                    \
    X(test_switch_advertised)                 \
    X(test_switch_to_another_protocol)        \
    X(test_switch_to_offered_protocol)        \
    X(test_switch_with_long_lists)            \
    X(test_switch_behind_gateway)             \
    X(test_switch_of_another_answer)          \
    X(test_upgrade_refused_behind_gateway)    \
    X(test_value_with_zero_byte)

#define READ_TESTS(X) X(test_read_of_negative_size) X(test_read_of_no_bytes)

#define SESSION_TESTS(X)                  \
    X(test_redirect_without_location)     \
    X(test_redirect_to_relative_location) \
    X(test_redirects_in_a_loop)           \
    X(test_redirects_within_the_limit)    \
    X(test_follow_of_no_redirect)         \
    X(test_follow_of_redirect)            \
    X(test_follow_before_any_request)     \
    X(test_secrets_of_a_redirect)

/* tests/frameworks */
#define MICROHTTPD_TESTS(X)               \
    X(test_answered_in_first_call)        \
    X(test_get_answered_in_first_call)    \
    X(test_answered_in_last_call)         \
    X(test_header_with_line_end)          \
    X(test_header_with_tab)               \
    X(test_queued_in_body_call)           \
    X(test_queued_twice)                  \
    X(test_queued_once)                   \
    X(test_req_cls_without_callback)      \
    X(test_req_cls_static)                \
    X(test_req_cls_of_the_server)         \
    X(test_req_cls_of_the_program)        \
    X(test_req_cls_freed_when_completed)  \
    X(test_response_destroyed_twice)      \
    X(test_response_queued_after_destroy) \
    X(test_response_destroyed_once)       \
    X(test_response_kept_each_time)       \
    X(test_response_kept_for_all)         \
    X(test_suspended_for_ever)            \
    X(test_suspended_and_resumed)         \
    X(test_suspended_without_permission)  \
    X(test_upload_left)                   \
    X(test_upload_taken_in_parts)         \
    X(test_upload_grown)

#define CONNECTION_TESTS(X)                   \
    X(test_next_request_gets_anothers_answer) \
    X(test_next_request_gets_its_own_answer)  \
    X(test_measured)                          \
    X(test_two_clients)                       \
    X(test_hidden_head)                       \
    X(test_out_of_step_for_good)              \
    X(test_pipelined_bytes)                   \
    X(test_bytes_behind_a_body_left)          \
    X(test_bytes_cut_off)                     \
    X(test_malformed)                         \
    X(test_pipelined)                         \
    X(test_any_bytes)                         \
    X(test_naive_client)                      \
    X(test_under_way)                         \
    X(test_jumped_out_of)                     \
    X(test_shared_with_another_client)        \
    X(test_no_memory)

#define FASTCGI_TESTS(X)         \
    X(test_fastcgi_head_missing) \
    X(test_fastcgi_head_of_cgi)

#define ULFIUS_TESTS(X)                            \
    X(test_ulfius_header_with_line_end)            \
    X(test_ulfius_header_empty)                    \
    X(test_ulfius_header_keep_alive)               \
    X(test_ulfius_cookie_with_line_end)            \
    X(test_ulfius_cookie_behind_header)            \
    X(test_ulfius_headers_sent)                    \
    X(test_ulfius_parameter_kept)                  \
    X(test_ulfius_parameter_kept_for_libc)         \
    X(test_ulfius_parameter_kept_for_next_request) \
    X(test_ulfius_parameter_copied)                \
    X(test_ulfius_refused_and_served)              \
    X(test_ulfius_refused)                         \
    X(test_ulfius_shared_freed_twice)              \
    X(test_ulfius_shared_freed_twice_by_callback)  \
    X(test_ulfius_shared_freed_once)               \
    X(test_ulfius_shared_left)                     \
    X(test_ulfius_shared_left_by_another)          \
    X(test_ulfius_shared_left_to_ulfius)           \
    X(test_ulfius_shared_taken)                    \
    X(test_ulfius_shared_stack)                    \
    X(test_ulfius_blind)

/* of tests/fuzz */
#define FUZZ_TESTS(X)              \
    X(test_fuzz_app_entered)       \
    X(test_fuzz_app_denied)        \
    X(test_fuzz_target_equivalent) \
    X(test_fuzz_target_not_found)  \
    X(test_fuzz_header_injected)   \
    X(test_fuzz_header_echoed)     \
    X(test_fuzz_secret_reflected)  \
    X(test_fuzz_user_reflected)    \
    X(test_fuzz_status_undeclared) \
    X(test_fuzz_status_declared)   \
    X(test_fuzz_answer_varies)     \
    X(test_fuzz_answer_reset)      \
    X(test_fuzz_answer_depends)    \
    X(test_fuzz_answer_cached)     \
    X(test_fuzz_head_differs)      \
    X(test_fuzz_head_refused)      \
    X(test_fuzz_field_widens)      \
    X(test_fuzz_field_free)
#define FUZZ_VARIANT_TESTS(X)              \
    X(test_fuzz_variant_header_order)      \
    X(test_fuzz_variant_by_name)           \
    X(test_fuzz_variant_pieces)            \
    X(test_fuzz_variant_read_whole)        \
    X(test_fuzz_variant_chunks)            \
    X(test_fuzz_variant_chunks_read_whole) \
    X(test_fuzz_variant_name_case)         \
    X(test_fuzz_variant_name_in_any_case)

#define FUZZ_WIDENS_TESTS(X)      \
    X(test_fuzz_blank_widens)     \
    X(test_fuzz_blank_cut_off)    \
    X(test_fuzz_credentials_near) \
    X(test_fuzz_credentials_any)

#define ALL_RULE_TESTS(X) \
    FUZZ_TESTS(X)         \
    FUZZ_WIDENS_TESTS(X)  \
    FUZZ_VARIANT_TESTS(X) \
    FASTCGI_TESTS(X)      \
    ULFIUS_TESTS(X)       \
    MICROHTTPD_TESTS(X)   \
    IDENTITY_TESTS(X)     \
    CGI_TESTS(X)          \
    INPUT_TESTS(X)        \
    EATEN_TESTS(X)        \
    INPUT_CLOSE_TESTS(X)  \
    INPUT_ERROR_TESTS(X)  \
    SWEEP_TESTS(X)        \
    LEAK_TESTS(X)         \
    NEXT_TESTS(X)         \
    RESPONSE_TESTS(X)     \
    FRAMING_TESTS(X)      \
    BODY_TESTS(X) FIELD_TESTS(X) READ_TESTS(X) USAGE_TESTS(X) REQUEST_TESTS(X) SESSION_TESTS(X) CONNECTION_TESTS(X)

#endif
