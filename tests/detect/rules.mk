# How good the fuzzer is. A slice of it is a test; the whole is run by hand, its stacks under AddressSanitizer and UBSan over
# the ordinary library, as a user builds his.

DETECT_SRC := $(wildcard tests/detect/*.c)
DETECT_BIN := $(BUILD)/tests/detect/test_detect
DETECT_ASAN := $(BUILD)/sanitized/tests/detect/test_detect
ALL_C    += $(DETECT_SRC)
TEST_BIN += $(DETECT_BIN)
FUZZ_PARTS := $(call objects,$(filter-out fuzz/driver/driver.c,$(FUZZ_SRC)))
sanitized  = $(patsubst %.c,$(BUILD)/sanitized/obj/%.o,$(1))

$(BUILD)/sanitized/obj/%.o: %.c $(BUILD)/flags | need-build
	@mkdir -p $(@D)
	$(call say,compile)
	$(Q)$(COMPILE) -O1 -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all -MMD -MP -c $< -o $@

$(DETECT_BIN): $(call objects,$(DETECT_SRC)) $(FUZZ_PARTS) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -pthread $(filter %.o,$^) $(STATIC) -o $@

$(DETECT_ASAN): $(call sanitized,$(DETECT_SRC)) $(FUZZ_PARTS) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -fsanitize=address,undefined -pthread $(filter %.o,$^) $(STATIC) -o $@

-include $(patsubst %.o,%.d,$(call sanitized,$(DETECT_SRC)))

.PHONY: detect
# DETECT_ARGS: see tests/detect/test_detect.c
detect: need-build $(DETECT_ASAN) ## planted mistakes found, correct stacks alarmed: the whole table, about ten minutes
	@ASAN_OPTIONS=detect_leaks=0 $(DETECT_ASAN) --all $(DETECT_ARGS)
