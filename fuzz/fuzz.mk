# Fuzz targets of our own. tests/fuzz/targets/table says what each is linked with, its seeds, and what must be found.
#
# One rule links them for each engine: by default for the replay of files (any compiler); `make fuzz` and the like make
# again in a folder of their own with another compiler and FUZZ_ENGINE.

NEED_fuzz     := clang:clang libclang-rt-14-dev:/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a
NEED_fuzz_afl := clang:clang afl++:afl-fuzz

# seconds for each target. Not from a shell's SECONDS, which is its age.
ifneq ($(origin SECONDS),command line)
SECONDS := $(or $(FUZZ_SECONDS),60)
endif

FUZZ_TABLE     := tests/fuzz/targets/table
FUZZ_ROWS      := $(shell awk '/^[a-z]/ {print $$1 ":" $$3}' $(FUZZ_TABLE))
FUZZ_WITHOUT   := $(if $(filter %microhttpd.so,$(FRAMEWORKS)),,microhttpd) $(if $(filter %fcgi.so,$(FRAMEWORKS)),,fcgi) \
                  $(if $(filter %ulfius.so,$(FRAMEWORKS)),,ulfius)
FUZZ_TARGETS   := $(foreach row,$(filter-out $(FUZZ_WITHOUT:%=\%:%),$(FUZZ_ROWS)),$(firstword $(subst :, ,$(row))))
FUZZ_PROGRAM   := $(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz/targets/%)
FUZZ_TARGET_SRC := $(wildcard tests/fuzz/targets/*.c)
ALL_C          += fuzz/replay.c $(FUZZ_TARGET_SRC)

REPLAY         := $(BUILD)/lib/libstackrig-replay.a
FUZZ_ENGINE    ?= $(REPLAY)
FUZZ_LINK      ?= $(LINK)

fuzz_part   = $(word 2,$(subst :, ,$(filter $(1):%,$(FUZZ_ROWS))))
fuzz_object = $(if $(wildcard examples/$(1)/.),$(call example_help,examples/$(1)/))
# An adapter's own objects, as in its unit tests: all that is fuzzed is in the program. What it needs besides is looked for
# beside the program first, where tools/fuzz.sh pack puts it; an rpath of the old kind counts for libraries of libraries.
# Not Ulfius': its adapter has a free() of its own, which must not come before a sanitizer's.
fuzz_source  = $(if $(filter microhttpd,$(1)),$(MICROHTTPD_SRC) $(FRAMEWORK_SRC)) $(if $(filter fcgi,$(1)),$(FCGI_SRC) $(FRAMEWORK_SRC))
fuzz_shared  = $(if $(filter ulfius,$(1)),$(ULFIUS))
fuzz_libs    = $(if $(filter microhttpd fcgi,$(1)),$(if $(filter fcgi,$(1)),-lfcgi) -ldw -lpthread $(fuzz_beside)) \
                $(if $(filter ulfius,$(1)),-L$(BUILD)/lib -lstackrig-ulfius -lstackrig $(fuzz_rpath) $(ULFIUS_LIBS))
fuzz_beside  = -Wl,--disable-new-dtags '-Wl,-rpath,$$ORIGIN/lib'
fuzz_rpath   = '-Wl,-rpath,$$ORIGIN/../../../lib/stackrig:$$ORIGIN/../../../lib'

$(REPLAY): $(addprefix $(BUILD)/obj/fuzz/,replay.o driver/files.o driver/here.o)
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,archive)
	$(Q)$(AR) rcs $@ $^

# -u: AFL++ only asks for it weakly, which takes nothing out of an archive
$(FUZZ_PROGRAM): $(BUILD)/tests/fuzz/targets/%: $(BUILD)/obj/tests/fuzz/targets/%.o \
        $$(call fuzz_object,$$(call fuzz_part,$$*)) $$(call objects,$$(call fuzz_source,$$(call fuzz_part,$$*))) \
        $$(call fuzz_shared,$$(call fuzz_part,$$*)) \
        $(FUZZ) $(STATIC) $(filter $(REPLAY),$(FUZZ_ENGINE)) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(FUZZ_LINK) -Wl,-u,LLVMFuzzerTestOneInput $(filter %.o,$^) $(FUZZ_ENGINE) $(FUZZ) $(call fuzz_libs,$(call fuzz_part,$*)) $(STATIC) -o $@

.PHONY: fuzz-programs fuzz fuzz-ci fuzz-run fuzz-regress fuzz-merge fuzz-coverage fuzz-afl fuzz-platform
fuzz-programs: $(FUZZ_PROGRAM)

# an undefined behaviour ends the program, or the fuzzer would not see it
FUZZ_FLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
fuzz_make   = $(MAKE) BUILD=$(BUILD)/fuzz CC=clang CFLAGS='-O1 -g' EXTRA='$(FUZZ_FLAGS)' FUZZ_ENGINE=-fsanitize=fuzzer

# FUZZ_SEED=N: the same executions each time, on every machine: 1000 for each of SECONDS, of parsers 10000
fuzz: ## all fuzz targets under libFuzzer, SECONDS=60 each; fails on what is not expected
	@tools/need.sh $(NEED_fuzz) || echo "without libFuzzer nothing is fuzzed"
	+@if tools/need.sh $(NEED_fuzz) 2>/dev/null; then $(fuzz_make) fuzz-programs && \
	 FUZZ_SECONDS=$(SECONDS) tools/fuzz.sh run $(BUILD)/fuzz $(FUZZ_TARGETS); \
	 else echo "0 passed, 0 failed, $(words $(FUZZ_TARGETS)) skipped"; fi

fuzz-ci: ## of make ci: SECONDS=5 and FUZZ_SEED=1, so that it finds what a change has broken, and not another thing each time
	+@$(MAKE) fuzz SECONDS=5 FUZZ_SEED=1

# ARGS: libFuzzer's; without a corpus among them it goes on with build/fuzz/corpus/TARGET. planted makes bytes of the texts of
# a target that has no words of its own (the kind encoded).
$(FUZZ_TARGETS:%=fuzz-%): fuzz-%: need-fuzz ## one of them: make fuzz-basic_auth ARGS=-runs=1000
	+@$(fuzz_make) $(BUILD)/fuzz/tests/fuzz/targets/$* $(BUILD)/fuzz/tests/fuzz/targets/planted
	@tools/fuzz.sh one $(BUILD)/fuzz $* $(ARGS)

fuzz-%:
	@echo "there is no fuzz target $* here. There are: $(FUZZ_TARGETS)$(if $(strip $(FUZZ_WITHOUT)),; without its library: $(strip $(FUZZ_WITHOUT)))"
	@exit 2

fuzz-regress: $(FUZZ_PROGRAM) ## their corpora and reproducers again, no clang needed
	@tools/fuzz.sh regress $(BUILD)

fuzz-merge: need-fuzz ## what fuzzing found that is new, as few files as cover it, into tests/fuzz/corpora
	+@$(fuzz_make) fuzz-programs
	@tools/fuzz.sh merge $(BUILD)/fuzz $(FUZZ_TARGETS)

NEED_fuzz_platform := $(NEED_fuzz) zip:zip unzip:unzip binutils:objdump
fuzz-platform: need-fuzz_platform ## plays OSS-Fuzz: what build.sh makes, moved elsewhere and looked at
	@bash tests/fuzz/clusterfuzzlite.sh

# by gcc: of the replay of all corpora, those of build/fuzz too
fuzz-coverage: need-coverage ## what the corpora cover, by file
	+@$(MAKE) BUILD=$(BUILD)/fuzz-coverage CFLAGS='-O0 -g' EXTRA='--coverage -fprofile-update=atomic' fuzz-programs
	@FUZZ_MORE=$(BUILD)/fuzz/corpus tools/fuzz.sh coverage $(BUILD)/fuzz-coverage $(FUZZ_TARGETS)

AFL := $(BUILD)/lib/libstackrig-afl.so
$(AFL): $(BUILD)/obj/fuzz/afl.o $(FUZZ) $(STATIC)
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared -Wl,-z,defs $< $(FUZZ) $(STATIC) -Wl,--exclude-libs,ALL -o $@
ALL_C += fuzz/afl.c

fuzz-afl: need-fuzz_afl $(AFL) $(BUILD)/tests/fuzz/targets/planted ## AFL++ until it finds the planted mistake, SECONDS=600 at most
	+@$(MAKE) BUILD=$(BUILD)/afl CC=afl-clang-fast CFLAGS='-O1 -g' EXTRA='-fno-sanitize-recover=undefined' \
	 FUZZ_ENGINE=-fsanitize=fuzzer $(BUILD)/afl/tests/fuzz/targets/planted
	@FUZZ_SECONDS=$(if $(filter command,$(origin SECONDS)),$(SECONDS),600) tools/fuzz.sh afl $(BUILD) planted
