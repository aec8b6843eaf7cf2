# Adapters of foreign frameworks. Each is a shared object that stands in a library's place: it has that library's soname,
# so it lies in a folder of its own, where no other program's loader looks. See README.md.

NEED_frameworks := libmicrohttpd-dev:microhttpd.h libdw-dev:elfutils/libdwfl.h
NEED_parity     := libcurl4-gnutls-dev:curl/curl.h

FRAMEWORK_DIR := $(BUILD)/lib/stackrig
# common: places of foreign code
FRAMEWORK_SRC := mocks/frameworks/sites.c
MICROHTTPD_SRC := $(wildcard mocks/frameworks/microhttpd/*.c)
MICROHTTPD     := $(if $(MICROHTTPD_SRC),$(BUILD)/lib/libstackrig-microhttpd.so)
MICROHTTPD_TEST    := $(wildcard tests/frameworks/test_microhttpd*.c)
MICROHTTPD_EXAMPLE := $(filter examples/microhttpd%,$(EXAMPLE_TEST))
PARITY_SRC := $(wildcard tests/conformance/microhttpd/*.c)

FRAMEWORK_ALL := $(FRAMEWORK_SRC) $(MICROHTTPD_SRC) $(MICROHTTPD_TEST) $(PARITY_SRC)
FRAMEWORK_BIN := $(MICROHTTPD_TEST:%.c=$(BUILD)/%) $(MICROHTTPD_EXAMPLE:%.c=$(BUILD)/%)
# what `all` builds of it: nothing where the library is missing
FRAMEWORKS := $(if $(and $(wildcard /usr/include/microhttpd.h),$(wildcard /usr/include/elfutils/libdwfl.h)),$(MICROHTTPD))
ifeq ($(FRAMEWORKS),)
$(info without adapters of frameworks: make frameworks installs what they need)
endif

.PHONY: frameworks parity
frameworks: $(MICROHTTPD) ## the adapters of foreign frameworks, in build/lib

$(call objects,$(FRAMEWORK_ALL) $(wildcard examples/microhttpd*/*.c)): | need-frameworks

# Internal helpers (digests) come from the archive, all that is public from the shared library.
$(FRAMEWORK_DIR)/libmicrohttpd.so.12: $(call objects,$(MICROHTTPD_SRC) $(FRAMEWORK_SRC)) $(SHARED) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared -Wl,-soname,$(@F) $(if $(EXTRA),,-Wl$(comma)-z$(comma)defs) $(filter %.o,$^) -L$(BUILD)/lib \
	 -lstackrig $(STATIC) -Wl,--exclude-libs,ALL '-Wl,-rpath,$$ORIGIN/..' -ldw -lpthread -o $@

$(MICROHTTPD): $(FRAMEWORK_DIR)/libmicrohttpd.so.12
	@ln -sf stackrig/libmicrohttpd.so.12 $@

# With the adapter's own objects, as a unit test.
$(MICROHTTPD_TEST:%.c=$(BUILD)/%): $(BUILD)/%: $(BUILD)/obj/%.o $(call objects,$(MICROHTTPD_SRC) $(FRAMEWORK_SRC)) $(STATIC) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(STATIC) -lcmocka -ldw -lpthread -o $@

# As a test of one's own is linked: in the place of -lmicrohttpd.
$(MICROHTTPD_EXAMPLE:%.c=$(BUILD)/%): $(BUILD)/%: $(BUILD)/obj/%.o $$(call example_help,$$(dir $$*)) $(MICROHTTPD) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -L$(BUILD)/lib -lstackrig-microhttpd -lstackrig -lcmocka \
	 '-Wl,-rpath,$$ORIGIN/../../lib/stackrig:$$ORIGIN/../../lib' -o $@

# ---- the same handlers under the real library ----

$(BUILD)/obj/tests/conformance/microhttpd/loopback.o: | need-parity
PARITY_COMMON := $(filter-out %/real.c %/wire.c %/loopback.c %/rig.c %/memory.c,$(PARITY_SRC))
$(BUILD)/parity/microhttpd-real: $(call objects,$(PARITY_COMMON) $(filter %/real.c %/wire.c %/loopback.c,$(PARITY_SRC))) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -lmicrohttpd -lcurl -o $@

$(BUILD)/parity/microhttpd-rig: $(call objects,$(PARITY_COMMON) $(filter %/rig.c %/memory.c,$(PARITY_SRC))) $(MICROHTTPD) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -L$(BUILD)/lib -lstackrig-microhttpd -lstackrig \
	 '-Wl,-rpath,$$ORIGIN/../lib/stackrig:$$ORIGIN/../lib' -o $@

PARITY := $(if $(PARITY_SRC),$(BUILD)/parity/microhttpd-real $(BUILD)/parity/microhttpd-rig)
parity: $(PARITY) ## the adapters beside the real libraries: every difference is listed, with its reason
	@tests/conformance/microhttpd/compare.sh $(BUILD)/parity microhttpd libmicrohttpd
	@tests/conformance/microhttpd/speed.sh $(BUILD)/parity microhttpd libmicrohttpd 10

include mocks/frameworks/fcgi/fcgi.mk
include mocks/frameworks/ulfius/ulfius.mk
