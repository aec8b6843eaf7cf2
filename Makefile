# Stackrig. GNU make; `make help` lists the targets.
#
# Sources are found by folder: a new .c file in harness, mocks, examples or tests needs no line here.

# What each target needs, as package:probe. The probe is a command or a header; packages are Debian's.
NEED_build    := gcc:cc libc6-dev:stdio.h uthash-dev:uthash.h libjansson-dev:jansson.h libxml2-dev:xml2-config
NEED_test     := libcmocka-dev:cmocka.h pkg-config:pkg-config python3-jsonschema:jsonschema libxml2-utils:xmllint
NEED_valgrind := valgrind:valgrind
NEED_cmake    := cmake:cmake
NEED_coverage := gcovr:gcovr
NEED_cxx      := g++:g++ clang:clang++
NEED_man      := groff-base:groff zsh:zsh
NEED_lint     := clang-tidy:clang-tidy cppcheck:cppcheck clang-format:clang-format
NEED_page     := nodejs:node npm:npm chromium:chromium
NEED_real     := nginx-light:nginx apache2:apache2 haproxy:haproxy lighttpd:lighttpd

BUILD   ?= build
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
AR      ?= ar
# -O3: the request's path is 8 % faster than with -O2; aligned, it does not change with every edit elsewhere
CFLAGS  ?= -O3 -g -falign-functions=64 $(DENSE)
# ... and within a function nothing is: the path is about as large as the cache of instructions (2 % and more of the
# time). Nor are two stores made one, for which registers are packed first. clang knows none of these options.
DENSE   := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),,-fno-align-jumps -fno-align-loops \
             -fno-align-labels -fno-tree-slp-vectorize)
WERROR  ?= -Werror
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
# EXTRA: flags for compiling and linking, set by the sanitizer and coverage builds
EXTRA   ?=

export CC CPPFLAGS BUILD JOBS
MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif
.DEFAULT_GOAL := all
# V=1 shows the commands
Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1) $(patsubst $(BUILD)/%,%,$@)')
.SECONDEXPANSION:
.SECONDARY:
.DELETE_ON_ERROR:

VERSION := $(shell awk '/^.define RIG_VERSION /{printf "%d.%d.%d", $$3/10000, $$3/100%100, $$3%100}' \
             harness/include/stackrig/base.h)
SONAME  := libstackrig.so.$(shell awk '/^.define RIG_ABI /{print $$3+0}' harness/include/stackrig/base.h)

INCLUDES := -Iharness/include -Imocks/include -Ifuzz/include -I.
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(WERROR)
COMPILE   = $(CC) -std=c11 $(WARNINGS) $(INCLUDES) $(CPPFLAGS) $(CFLAGS) $(EXTRA) \
            -fPIC -fvisibility=hidden -fno-semantic-interposition
LINK      = $(CC) $(CFLAGS) $(EXTRA) $(LDFLAGS)

# ---- what there is ----

objects   = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
PUBLIC_HTTP := $(wildcard harness/include/stackrig/http/*.h)
PUBLIC   := $(wildcard harness/include/stackrig/*.h mocks/include/stackrig/*.h fuzz/include/stackrig/*.h) $(PUBLIC_HTTP)
LIB_SRC  := $(wildcard harness/http/*.c harness/core/*.c harness/client/*.c harness/checks/*.c harness/report/*.c harness/contract/*.c harness/coverage/*.c harness/hosts/*.c \
              mocks/servers/*.c mocks/apps/*.c mocks/inputs/*.c)
CLI_SRC  := $(wildcard harness/cli/*.c harness/cli/*/*.c)
# the report formats of the command
REPORT_SRC := $(wildcard harness/reporters/*.c)
# what runs inside a program
INSIDE_SRC := $(wildcard harness/cli/run/inside/*.c)
FUZZ_SRC := $(wildcard fuzz/*/*.c)
FUZZ_TEST := $(wildcard tests/fuzz/test_*.c)
PRELOAD_SRC := $(wildcard mocks/preload/*.c)
# linked into the library of their folder's name
PRELOAD_HELP := $(wildcard mocks/preload/*/*.c)
STACK_SRC    := $(wildcard examples/*/stack_*.c)
CLI_STACK    := $(wildcard tests/cli/stacks/*.c)
EXAMPLE_TEST := $(wildcard examples/*/test_*.c)
UNIT_TEST    := $(wildcard tests/unit/test_*.c)
UNIT_HELP    := $(filter-out $(UNIT_TEST),$(wildcard tests/unit/*.c))
SAMPLE       := $(wildcard tests/samples/sample_*.c)
# scripts: of the command (run in every build), of the build itself
COMMAND_TEST := tests/make/test_demo.sh tests/fuzz/regress.sh $(wildcard tests/cli/test_*.sh)
MAKE_TEST    := $(filter-out $(COMMAND_TEST),$(wildcard tests/make/test_*.sh))
RACK_SRC     := $(wildcard tests/conformance/rack_cases/*.c)
# run in every build but tsan's, under RUN_UNDER
RACK_TEST    := $(wildcard tests/conformance/test_*.sh)
TRUTH_SRC    := $(wildcard tests/conformance/early_response/*.c)
# tests/real: starting servers is for the other programs of that folder too
REAL_SERVERS := tests/real/servers.c tests/real/config.c
GATEWAY_SRC  := $(wildcard tests/conformance/gateways/*.c)
# measures what that compares with
GATEWAY_REAL := $(REAL_SERVERS) tests/conformance/gateways/text.c \
                $(wildcard tests/real/gateways.c tests/real/recorder*.c)
# the rest of the folder is one program
REAL_SRC     := $(filter-out $(GATEWAY_REAL),$(wildcard tests/real/*.c)) $(REAL_SERVERS)
BENCH_SRC    := $(wildcard tests/bench/*.c)
ALL_C    := $(LIB_SRC) $(CLI_SRC) $(REPORT_SRC) $(FUZZ_SRC) $(FUZZ_TEST) $(INSIDE_SRC) $(PRELOAD_SRC) $(PRELOAD_HELP) $(wildcard examples/*/*.c tests/unit/*.c tests/samples/*.c tests/bench/*.c) \
              $(CLI_STACK) $(RACK_SRC) $(TRUTH_SRC) $(sort $(GATEWAY_SRC) $(GATEWAY_REAL) $(REAL_SRC))
# the C files of an example that are neither a stack, a test nor a main(): linked into each of these
EXAMPLE_MAIN := $(wildcard examples/*/program*.c)
example_help = $(call objects,$(filter-out $(STACK_SRC) $(EXAMPLE_TEST) $(EXAMPLE_MAIN),$(wildcard $(1)*.c)))

STATIC   := $(BUILD)/lib/libstackrig.a
SHARED   := $(BUILD)/lib/libstackrig.so
FUZZ     := $(BUILD)/lib/libstackrig-fuzz.a
PRELOADS := $(PRELOAD_SRC:mocks/preload/%.c=$(BUILD)/lib/libstackrig-%.so)
COMMAND  := $(if $(CLI_SRC),$(BUILD)/bin/stackrig)
INSIDE   := $(if $(INSIDE_SRC),$(BUILD)/lib/libstackrig-check.so)
STACKS   := $(STACK_SRC:%.c=$(BUILD)/%.so)
CLI_STACKS  := $(CLI_STACK:%.c=$(BUILD)/%.so)
UNIT_BIN    := $(UNIT_TEST:%.c=$(BUILD)/%)
EXAMPLE_BIN := $(patsubst %.c,$(BUILD)/%,$(filter-out examples/microhttpd% examples/fastcgi% examples/ulfius%,$(EXAMPLE_TEST)))
SAMPLE_BIN  := $(SAMPLE:%.c=$(BUILD)/%)
FUZZ_BIN    := $(FUZZ_TEST:%.c=$(BUILD)/%)
TEST_BIN    := $(UNIT_BIN) $(FUZZ_BIN) $(EXAMPLE_BIN) $(SAMPLE_BIN)
RACK        := $(if $(RACK_SRC),$(BUILD)/rack-cases)
TRUTH       := $(if $(TRUTH_SRC),$(BUILD)/ground-truth)
REAL        := $(BUILD)/real
BENCH       := $(BUILD)/bench/bench
comma := ,

# ---- building ----

include $(wildcard mocks/frameworks/*.mk harness/hosts/*.mk tests/detect/*.mk fuzz/*.mk)
ALL_C    += $(FRAMEWORK_ALL) $(HOST_ALL)
TEST_BIN += $(FRAMEWORK_BIN) $(HOST_BIN)

.PHONY: all
all: $(STATIC) $(SHARED) $(FUZZ) $(REPLAY) $(AFL) $(PRELOADS) $(COMMAND) $(INSIDE) $(STACKS) $(FRAMEWORKS) $(HOSTS) ## library, command and example stacks, in build/

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | need-build
	@mkdir -p $(@D)
	$(call say,compile)
	$(Q)$(COMPILE) -MMD -MP -c $< -o $@

$(call objects,$(filter %/junit.c,$(REPORT_SRC))): private CPPFLAGS += $(shell xml2-config --cflags 2>/dev/null)

$(call objects,$(UNIT_TEST) $(UNIT_HELP) $(FUZZ_TEST) $(EXAMPLE_TEST) $(SAMPLE) $(RACK_SRC)): | need-test

# Both change only when what they list does: other flags, or a public header that moved, rebuild all; a source that came
# or went links again.
$(BUILD)/flags: LIST = $(COMPILE) $(sort $(PUBLIC))
$(BUILD)/sources: LIST = $(LINK) $(sort $(ALL_C))
$(BUILD)/flags $(BUILD)/sources: FORCE
	@mkdir -p $(@D)
	@echo '$(LIST)' | cmp -s - $@ || echo '$(LIST)' >$@

$(STATIC): $(call objects,$(LIB_SRC)) $(BUILD)/sources
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,archive)
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

# libc is called for a few bytes each, sixty times a request: without stubs.
$(call objects,$(LIB_SRC) $(FUZZ_SRC)): private CFLAGS += -fno-plt
$(FUZZ): $(call objects,$(FUZZ_SRC)) $(BUILD)/sources
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,archive)
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

# -z defs: the library must name all it needs (a sanitizer's runtime comes with the program)
$(BUILD)/lib/$(SONAME): $(call objects,$(LIB_SRC)) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared -Wl,-soname,$(SONAME) $(if $(EXTRA),,-Wl$(comma)-z$(comma)defs) $(filter %.o,$^) -o $@

$(SHARED): $(BUILD)/lib/$(SONAME)
	@ln -sf $(SONAME) $@

# For LD_PRELOAD: they stand before a sanitizer's runtime. -O2: malloc's caller is not hidden behind a frame of theirs.
$(call objects,$(PRELOAD_SRC) $(PRELOAD_HELP)) $(PRELOADS): private override EXTRA := -O2
$(PRELOADS): $(BUILD)/lib/libstackrig-%.so: $(BUILD)/obj/mocks/preload/%.o \
             $$(call objects,$$(wildcard mocks/preload/$$*/*.c)) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared -Wl,-soname,$(@F) -Wl,-z,defs $(filter %.o,$^) -ldl -o $@

# The public interface comes from the shared library, which loaded stacks use too; internal helpers, which it does not
# export, from the archive. COMMAND_EXTRA: an object that only the coverage build links. The one symbol that it exports
# besides is what UBSan's runtime calls.
$(BUILD)/bin/stackrig: $(call objects,$(CLI_SRC) $(REPORT_SRC) $(wildcard harness/hosts/talk/*.c) $(COMMAND_EXTRA)) $(SHARED) $(FUZZ) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(COMMAND_LINK) $(filter %.o,$^) $(FUZZ) -L$(BUILD)/lib -lstackrig $(STATIC) -ljansson -lxml2 \
	 -Wl,--export-dynamic-symbol=__ubsan_on_report '-Wl,-rpath,$$ORIGIN/../lib' -o $@

$(BUILD)/obj/harness/cli/coverage/coverage_xml.o: private CPPFLAGS += $(shell xml2-config --cflags 2>/dev/null)

# the files of harness/page are in it
$(BUILD)/obj/harness/cli/trace/trace_html.o: $(wildcard harness/page/*)

# The command's worker, for programs: of the command what it takes, from an archive; it must not bring them more libraries.
$(BUILD)/obj/command.a: $(call objects,$(filter-out %/main.c,$(CLI_SRC))) $(BUILD)/sources
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

$(INSIDE): $(call objects,$(INSIDE_SRC)) $(BUILD)/obj/command.a $(SHARED) $(FUZZ) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared -Wl,-soname,$(@F) $(if $(EXTRA),,-Wl$(comma)-z$(comma)defs) $(filter %.o,$^) $(BUILD)/obj/command.a $(FUZZ) -L$(BUILD)/lib \
	 -lstackrig $(STATIC) -Wl,--exclude-libs,ALL '-Wl,-rpath,$$ORIGIN' -lpthread -o $@

$(STACKS): $(BUILD)/%.so: $(BUILD)/obj/%.o $$(call example_help,$$(dir $$*)) $(SHARED) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared $(filter %.o,$^) -L$(BUILD)/lib -lstackrig -o $@

$(CLI_STACKS): $(BUILD)/%.so: $(BUILD)/obj/%.o $(SHARED) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared $(filter %.o,$^) -L$(BUILD)/lib -lstackrig -o $@

$(UNIT_BIN): $(BUILD)/%: $(BUILD)/obj/%.o $(call objects,$(UNIT_HELP)) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -lcmocka -o $@

# without what wants a target of the user's
$(FUZZ_BIN): $(BUILD)/%: $(BUILD)/obj/%.o $(call objects,$(filter-out fuzz/driver/driver.c,$(FUZZ_SRC))) $(STATIC) \
             $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -lcmocka -o $@

$(filter $(BUILD)/tests/unit/test_preload_% $(BUILD)/tests/unit/test_rules_leaks,$(UNIT_BIN)): | $(PRELOADS)

$(EXAMPLE_BIN): $(BUILD)/%: $(BUILD)/obj/%.o $$(call example_help,$$(dir $$*)) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -lcmocka -o $@

$(SAMPLE_BIN): $(BUILD)/%: $(BUILD)/obj/%.o $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -lcmocka -o $@

# with the layer that the cases of basic authentication are about
$(BUILD)/rack-cases: $(call objects,$(RACK_SRC)) $(call example_help,examples/basic_auth/) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -ljansson -o $@

$(BUILD)/ground-truth: $(call objects,$(TRUTH_SRC)) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -o $@

$(BUILD)/gateway-check: $(call objects,$(GATEWAY_SRC)) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -o $@

$(BUILD)/gateways: $(call objects,$(GATEWAY_REAL)) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -o $@

# with what reads a line of the measurements and predicts it
$(REAL): $(call objects,$(REAL_SRC) $(addprefix tests/conformance/early_response/,cell.c logs.c)) $(STATIC) \
         $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -pthread $(filter %.o,$^) $(STATIC) -o $@

$(BENCH): $(call objects,$(BENCH_SRC)) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -o $@

-include $(patsubst %.o,%.d,$(call objects,$(ALL_C) $(COMMAND_EXTRA)))

# ---- what is missing is installed (NO_INSTALL=1: named, and make stops) ----

NEEDS := $(patsubst NEED_%,need-%,$(filter NEED_%,$(.VARIABLES)))
.PHONY: $(NEEDS) FORCE
$(NEEDS): need-%:
	@tools/need.sh $(NEED_$*)
FORCE:

# ---- tests ----

.PHONY: programs command-programs run-tests test asan tsan valgrind coverage coverage-run cxx lint mutants ground-truth-check real gateways page bench speed demo ci nightly readme
# what tests of the command run
command-programs: $(CLI_STACKS) $(PROGRAM_BIN)
programs: all $$(MAN) $(TEST_BIN) command-programs $(FUZZ_PROGRAM) $(RACK) $(TRUTH) $(if $(GATEWAY_SRC),$(BUILD)/gateway-check)

run-tests: programs
	@tools/run-tests.sh $(TEST_BIN) $(COMMAND_TEST) $(RACK_TEST)

test: need-test programs ## all tests that need no server, no browser and no clang
	@tools/run-tests.sh $(TEST_BIN) $(COMMAND_TEST) $(RACK_TEST) $(MAKE_TEST)

demo: all ## the two incidents, broken and mended, as a person would meet them
	@tools/demo.sh

# TESTED=1: make test has just run.
ci: ## test, ground-truth-check, parity, page, real, speed, gateways, asan, valgrind, cxx, lint, fuzz-ci, fuzz-platform: before each merge
	+@tools/ci.sh $(if $(TESTED),,test) ground-truth-check parity page real speed gateways asan valgrind cxx lint $(if $(wildcard fuzz/fuzz.mk),fuzz-ci fuzz-platform)

nightly: ## what takes long or is another chance each time: coverage, mutants, fuzz, fuzz-afl
	+@tools/ci.sh coverage mutants fuzz fuzz-afl

SANITIZE := -fno-omit-frame-pointer -fno-sanitize-recover=all
asan: need-test ## the tests under AddressSanitizer, LeakSanitizer and UBSan
	@ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1 \
	 UBSAN_OPTIONS=print_stacktrace=1 \
	 $(MAKE) BUILD=$(BUILD)/asan CFLAGS='-O1 -g' EXTRA='-fsanitize=address,undefined $(SANITIZE)' run-tests

# setarch -R: gcc 12's runtime does not know the address layout of newer kernels
tsan: need-test ## the tests under ThreadSanitizer
	@RUN_UNDER="$$(setarch -R true 2>/dev/null && echo setarch -R)" TSAN_OPTIONS=halt_on_error=1 \
	 $(MAKE) BUILD=$(BUILD)/tsan CFLAGS='-O1 -g' EXTRA='-fsanitize=thread $(SANITIZE)' COMMAND_TEST= RACK_TEST= run-tests

# without the model's conformance, which computes at length through the memory paths of test_servers_composed and
# test_gateways; AddressSanitizer plays it. allregs: a read of a freed url parameter is caught and goes on; nouserintercepts:
# free is the adapter's of Ulfius, and then valgrind's.
MEMCHECK := valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible \
            --vex-iropt-register-updates=allregs-at-mem-access --soname-synonyms=somalloc=nouserintercepts \
            --suppressions=tools/memcheck.suppress
valgrind: need-test need-valgrind programs ## the tests of library, frameworks, hosts and examples under memcheck
	@RUN_UNDER='$(MEMCHECK)' TEST_TIMEOUT=600 tools/run-tests.sh \
	 $(filter-out %_early_response.sh %_gateways.sh,$(RACK_TEST)) $(UNIT_BIN) $(EXAMPLE_BIN) $(FRAMEWORK_BIN) $(HOST_BIN)

# The command's children leave with _exit, which would lose their counts: COMMAND_EXTRA writes them first.
coverage: need-test need-coverage ## line and branch coverage, in build/coverage; fails under the limits
	@$(MAKE) BUILD=$(BUILD)/coverage CFLAGS='-O0 -g' EXTRA='--coverage -fprofile-update=atomic' \
	 COMMAND_EXTRA=tools/coverage_exit.c COMMAND_LINK=-Wl,--wrap=_exit coverage-run
coverage-run: programs
	@find $(BUILD) -name '*.gcda' -delete
	@tools/run-tests.sh $(TEST_BIN) $(COMMAND_TEST) $(RACK_TEST)
	@tools/coverage.sh

cxx: need-cxx need-build need-test ## every public header alone, C11 to C++20, gcc and clang; the C++ tests
	@$(MAKE) $(STATIC)
	@tools/cxx.sh $(PUBLIC)

lint: need-lint need-build need-test ## clang-tidy, cppcheck, clang-format
	@tools/lint.sh $(ALL_C) $(wildcard examples/consumer/*/*.c)

mutants: need-test programs ## disables each check in turn: a test must go red for each
	@tools/mutants.sh

# TRUTH_ARGS=-v: names each loss that is predicted and never came
ground-truth-check: need-build $(TRUTH) ## the simulated servers against every recorded cell of the real ones
	@$(TRUTH) tests/conformance/early_response $(TRUTH_ARGS)

# GATEWAYS_ARGS=-w: writes it
gateways: need-build need-real $(BUILD)/gateways ## what real gateways let through against what is written down, one minute
	@$(BUILD)/gateways tests/conformance/gateways $(GATEWAYS_ARGS)

# REAL_ARGS: see tests/real/main.c. What cannot be installed is skipped.
real: need-build $(REAL) ## real nginx, Apache, HAProxy, lighttpd on loopback: the answers, within the predictions?
	@tools/need.sh $(NEED_real) || echo "what is missing is skipped"
	@$(REAL) $(REAL_ARGS)

page: $(COMMAND) $(STACKS) $(CLI_STACKS) ## the page of stackrig trace in headless Chromium
	@tools/page.sh $(BUILD) $(NEED_page)

bench: $(BENCH) bench-fuzz ## nanoseconds per request, and the ratio to plain calls
	@$(BENCH) $(BENCH_ARGS)

# A shared machine is noisy: what is over its limit is measured again, twice at most.
speed: $(BENCH) ## no server profile costs more than 1.5 times memory, 64 MiB behind nginx stay flat
	@$(BENCH) --speed

readme: need-test programs ## brings the README's outputs and its table of rules up to date
	@tools/readme-rules.sh README.md $(COMMAND)
	@UPDATE=1 tools/readme-samples.sh README.md $(BUILD)

# ---- installing ----

MANDIR ?= $(PREFIX)/share/man
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
MAN := $(if $(CLI_SRC),$(BUILD)/man/stackrig.1 $(BUILD)/man/stackrig.3)

.PHONY: man
man: $(MAN) ## the man pages, in build/man: made from the command's help and the public headers
$(BUILD)/man/stackrig.1 $(BUILD)/man/stackrig.3 &: $(COMMAND) $(PUBLIC) tools/man.sh
	$(call say,write  )
	$(Q)tools/man.sh $(COMMAND) $(@D) $(PUBLIC)

.PHONY: install uninstall clean help
# paths from where it lies, so that an installed tree can be moved, and used below DESTDIR
from_pc = $${pcfiledir}/$(shell realpath -ms --relative-to=$(LIBDIR)/pkgconfig $(1))
define PC
prefix=$(call from_pc,$(PREFIX))
libdir=$(call from_pc,$(LIBDIR))
includedir=$(call from_pc,$(INCLUDEDIR))
bindir=$(call from_pc,$(BINDIR))

Name: stackrig
Description: Test rig for HTTP middleware stacks in C
Version: $(VERSION)
Cflags: -I$${includedir}
Libs: -L$${libdir} -lstackrig
endef
export PC

# CMake's: paths from where it lies, so that an installed tree can be moved
CMAKEDIR := $(LIBDIR)/cmake/stackrig
from_cmake = $(shell realpath -ms --relative-to=$(CMAKEDIR) $(1))
cmake_file = sed -e 's|@SONAME@|$(SONAME)|g' -e 's|@VERSION@|$(VERSION)|g' -e 's|@MAJOR@|$(word 1,$(subst ., ,$(VERSION)))|g' \
 -e 's|@MINOR@|$(word 2,$(subst ., ,$(VERSION)))|g' -e 's|@LIB_FROM_HERE@|$(call from_cmake,$(LIBDIR))|g' \
 -e 's|@INCLUDE_FROM_HERE@|$(call from_cmake,$(INCLUDEDIR))|g' -e 's|@BIN_FROM_HERE@|$(call from_cmake,$(BINDIR))|g' \
 tools/install/$(1).in >$(call to,$(CMAKEDIR))/$(1)
CMAKE_FILES := stackrig-config.cmake stackrig-config-version.cmake

to = $(DESTDIR)$(1)
install: $(STATIC) $(SHARED) $(FUZZ) $(REPLAY) $(AFL) $(PRELOADS) $(COMMAND) $(INSIDE) $(FRAMEWORKS) $(HOSTS) $(MAN) ## into PREFIX (/usr/local), below DESTDIR if given
	install -d $(call to,$(INCLUDEDIR))/stackrig/http $(call to,$(LIBDIR))/pkgconfig $(call to,$(BINDIR))
	install -m 644 $(filter-out $(PUBLIC_HTTP),$(PUBLIC)) $(call to,$(INCLUDEDIR))/stackrig
	install -m 644 $(PUBLIC_HTTP) $(call to,$(INCLUDEDIR))/stackrig/http
	install -m 644 $(STATIC) $(FUZZ) $(REPLAY) $(call to,$(LIBDIR))
	install -m 755 $(BUILD)/lib/$(SONAME) $(AFL) $(PRELOADS) $(INSIDE) $(HOSTS) $(call to,$(LIBDIR))
	ln -sf $(SONAME) $(call to,$(LIBDIR))/libstackrig.so
	$(if $(COMMAND),install -m 755 $(COMMAND) $(call to,$(BINDIR)))
	$(if $(FRAMEWORKS),install -d $(call to,$(LIBDIR))/stackrig && install -m 755 $(FRAMEWORK_DIR)/*.so.* $(call to,$(LIBDIR))/stackrig && cp -P $(FRAMEWORKS) $(call to,$(LIBDIR)))
	echo "$$PC" >$(call to,$(LIBDIR))/pkgconfig/stackrig.pc
	install -d $(foreach dir,$(CMAKEDIR) $(MANDIR)/man1 $(MANDIR)/man3 $(BASHDIR) $(ZSHDIR),$(call to,$(dir)))
	install -m 644 $(BUILD)/man/stackrig.1 $(call to,$(MANDIR))/man1
	install -m 644 $(BUILD)/man/stackrig.3 $(call to,$(MANDIR))/man3
	install -m 644 tools/install/stackrig.bash $(call to,$(BASHDIR))/stackrig
	install -m 644 tools/install/_stackrig $(call to,$(ZSHDIR))
	$(foreach file,$(CMAKE_FILES),$(call cmake_file,$(file)) &&) true
	$(if $(DESTDIR),,-PATH="$$PATH:/sbin:/usr/sbin" ldconfig 2>/dev/null)

uninstall: ## removes what install put there
	rm -f $(addprefix $(call to,$(INCLUDEDIR))/stackrig/,$(notdir $(filter-out $(PUBLIC_HTTP),$(PUBLIC))))
	rm -f $(addprefix $(call to,$(INCLUDEDIR))/stackrig/http/,$(notdir $(PUBLIC_HTTP)))
	rm -f $(call to,$(LIBDIR))/libstackrig.a $(addprefix $(call to,$(LIBDIR))/,$(notdir $(FUZZ) $(REPLAY) $(AFL))) $(call to,$(LIBDIR))/libstackrig.so $(call to,$(LIBDIR))/$(SONAME)
	rm -f $(addprefix $(call to,$(LIBDIR))/,$(notdir $(PRELOADS) $(INSIDE) $(HOSTS)))
	rm -f $(call to,$(LIBDIR))/pkgconfig/stackrig.pc $(call to,$(BINDIR))/stackrig
	rm -f $(addprefix $(call to,$(LIBDIR))/,$(notdir $(FRAMEWORKS)) $(patsubst $(BUILD)/lib/%,%,$(wildcard $(FRAMEWORK_DIR)/*)))
	rm -f $(addprefix $(call to,$(CMAKEDIR))/,$(CMAKE_FILES)) $(call to,$(MANDIR))/man1/stackrig.1 $(call to,$(MANDIR))/man3/stackrig.3
	rm -f $(call to,$(BASHDIR))/stackrig $(call to,$(ZSHDIR))/_stackrig
	-rmdir $(call to,$(CMAKEDIR)) $(call to,$(LIBDIR))/cmake $(call to,$(LIBDIR))/stackrig
	-rmdir $(call to,$(INCLUDEDIR))/stackrig/http $(call to,$(INCLUDEDIR))/stackrig

clean: ## removes build/
	rm -rf $(BUILD)

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-18s %s\n", $$1, $$2}' $(filter %Makefile %.mk,$(MAKEFILE_LIST))
	@echo
	@echo "Missing packages are installed with apt-get; NO_INSTALL=1 only names them."
	@echo "Variables: V BUILD CC CFLAGS CPPFLAGS LDFLAGS WERROR JOBS PREFIX LIBDIR DESTDIR BENCH_ARGS"
