/* The rules that only fuzzing looks at, by number. Their rows stand in the one rule table. */
#ifndef STACKRIG_FUZZ_RULES_H
#define STACKRIG_FUZZ_RULES_H

#define RIG_FUZZ_RULE_MAP(X)                             \
    X(ANSWER_DEPENDS, "fuzz.answer.depends")             \
    X(ANSWER_VARIES, "fuzz.answer.varies")               \
    X(APP_ENTERED, "fuzz.app.entered")                   \
    X(BLANK_WIDENS, "fuzz.blank.widens")                 \
    X(CREDENTIALS_NEAR, "fuzz.credentials.near")         \
    X(FIELD_WIDENS, "fuzz.field.widens")                 \
    X(HEAD_DIFFERS, "fuzz.head.differs")                 \
    X(HEADER_INJECTED, "fuzz.header.injected")           \
    X(SECRET_REFLECTED, "fuzz.secret.reflected")         \
    X(STATUS_UNDECLARED, "fuzz.status.undeclared")       \
    X(TARGET_EQUIVALENT, "fuzz.target.equivalent")       \
    X(VARIANT_CHUNKS, "fuzz.variant.chunks")             \
    X(VARIANT_HEADER_ORDER, "fuzz.variant.header_order") \
    X(VARIANT_NAME_CASE, "fuzz.variant.name_case")       \
    X(VARIANT_PIECES, "fuzz.variant.pieces")

enum rig_fuzz_rule {
#define RIG_FUZZ_RULE_NAME_(name_, id_) RIG_FUZZ_##name_,
    RIG_FUZZ_RULE_MAP(RIG_FUZZ_RULE_NAME_)
#undef RIG_FUZZ_RULE_NAME_
        RIG_FUZZ_RULES
};

extern const char *const rig_fuzz_rule_ids[RIG_FUZZ_RULES];

#endif
