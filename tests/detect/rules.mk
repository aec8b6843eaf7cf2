# How good the fuzzer is. A slice of it is a test; the whole is run by hand, its stacks under AddressSanitizer and UBSan over
# the ordinary library, as a user builds his.

DETECT_SRC := $(wildcard tests/detect/*.c)
DETECT_BIN := $(BUILD)/tests/detect/test_detect
DETECT_ASAN := $(BUILD)/sanitized/tests/detect/test_detect
ALL_C    += $(DETECT_SRC)
TEST_BIN += $(DETECT_BIN)
FUZZ_PARTS := $(call objects,$(filter-out fuzz/driver/driver.c,$(FUZZ_SRC)) harness/cli/ui/progress.c)
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

-include $(patsubst %.o,%.d,$(call sanitized,$(DETECT_SRC) tests/bench/fuzz/main.c))

.PHONY: detect
# DETECT_ARGS: see tests/detect/test_detect.c
detect: need-build $(DETECT_ASAN) ## planted mistakes found, correct stacks alarmed: the whole table, about ten minutes
	@ASAN_OPTIONS=detect_leaks=0 $(DETECT_ASAN) --all $(DETECT_ARGS)

# ---- how fast ----

# Three builds of the same: without sanitizers; its stack under AddressSanitizer and UBSan, over the ordinary library;
# and all of it instrumented, with coverage, by the flags of OSS-Fuzz (infra/base-images/base-builder/Dockerfile), its
# builds for address and for undefined in one. UBSan's own list has more, alignment and pointer-overflow, which make fuzz
# looks for: with each of their comparisons traced that is 1.7 times as slow.
BENCH_FUZZ := $(BUILD)/bench/bench-fuzz
BENCH_FUZZ_SRC := tests/bench/fuzz/main.c
ALL_C    += $(BENCH_FUZZ_SRC)
BENCH_FUZZ_ASAN := $(BUILD)/sanitized/bench-fuzz

$(BENCH_FUZZ): $(call objects,$(BENCH_FUZZ_SRC)) $(FUZZ_PARTS) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -o $@

$(BENCH_FUZZ_ASAN): $(call sanitized,$(BENCH_FUZZ_SRC)) $(FUZZ_PARTS) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -fsanitize=address,undefined $(filter %.o,$^) $(STATIC) -o $@

OSS_FUZZ_CFLAGS := -O1 -fno-omit-frame-pointer -gline-tables-only
OSS_FUZZ_FATAL  := array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return,returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,vla-bound,vptr
OSS_FUZZ_EXTRA  := -fsanitize=address -fsanitize-address-use-after-scope \
                   -fsanitize=$(OSS_FUZZ_FATAL),unsigned-integer-overflow -fno-sanitize-recover=$(OSS_FUZZ_FATAL) \
                   -fsanitize=fuzzer-no-link

.PHONY: bench-fuzz
bench-fuzz: need-build $(BENCH_FUZZ) $(BENCH_FUZZ_ASAN) ## scenarios a second: two requests through five layers, all oracles
	@printf '%-44s %9s %9s %9s %9s\n' 'scenarios in a second of processor time' median best empty 'x empty'
	@$(BENCH_FUZZ) 'without sanitizers' $(BENCH_FUZZ_RUNS)
	@ASAN_OPTIONS=detect_leaks=0 $(BENCH_FUZZ_ASAN) 'ASan+UBSan: the stack, ordinary library' $(BENCH_FUZZ_RUNS)
	@if command -v clang >/dev/null; then \
	  $(MAKE) -s BUILD=$(BUILD)/instrumented CC=clang CFLAGS='$(OSS_FUZZ_CFLAGS)' EXTRA='$(OSS_FUZZ_EXTRA)' \
	   $(BUILD)/instrumented/bench/bench-fuzz >/dev/null && \
	  ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=silence_unsigned_overflow=1 \
	   $(BUILD)/instrumented/bench/bench-fuzz 'ASan+UBSan and coverage: everything' $(BENCH_FUZZ_RUNS); \
	 else echo 'skipped: everything instrumented takes clang'; fi

.PHONY: hot-lines
hot-lines: need-build need-valgrind $(BENCH_FUZZ) ## how many instructions and lines of code the work of bench-fuzz takes, and where
	@tools/hot-lines.sh $(BENCH_FUZZ)
