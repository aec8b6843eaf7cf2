# Ulfius' adapter: it stands before the real libulfius, and brings libmicrohttpd's place taken.

NEED_ulfius := libulfius-dev:ulfius.h libmicrohttpd-dev:microhttpd.h libdw-dev:elfutils/libdwfl.h

ULFIUS_SRC     := $(wildcard mocks/frameworks/ulfius/*.c)
ULFIUS         := $(BUILD)/lib/libstackrig-ulfius.so
ULFIUS_TEST    := $(wildcard tests/frameworks/test_ulfius*.c)
ULFIUS_EXAMPLE := $(filter examples/ulfius%,$(EXAMPLE_TEST))
ULFIUS_LIBS    := -lulfius -lorcania

FRAMEWORK_ALL += $(ULFIUS_SRC) $(ULFIUS_TEST)
FRAMEWORK_BIN += $(ULFIUS_TEST:%.c=$(BUILD)/%) $(ULFIUS_EXAMPLE:%.c=$(BUILD)/%)
FRAMEWORKS    += $(if $(and $(wildcard /usr/include/ulfius.h),$(wildcard /usr/include/elfutils/libdwfl.h)),$(ULFIUS))

$(call objects,$(ULFIUS_SRC) $(ULFIUS_TEST) $(wildcard examples/ulfius*/*.c)): | need-ulfius

frameworks: $(ULFIUS)
$(ULFIUS): $(call objects,$(ULFIUS_SRC) $(FRAMEWORK_SRC)) $(MICROHTTPD) $(SHARED) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared -Wl,-soname,$(@F) $(if $(EXTRA),,-Wl$(comma)-z$(comma)defs) $(filter %.o,$^) -L$(BUILD)/lib \
	 -lstackrig-microhttpd -lstackrig $(ULFIUS_LIBS) '-Wl,-rpath,$$ORIGIN/stackrig:$$ORIGIN' -ldw -ldl -lpthread -o $@

$(ULFIUS_EXAMPLE:%.c=$(BUILD)/%): $(BUILD)/%: $$(call example_help,$$(dir $$*))
# As a test of one's own is linked: before -lulfius.
$(ULFIUS_TEST:%.c=$(BUILD)/%) $(ULFIUS_EXAMPLE:%.c=$(BUILD)/%): $(BUILD)/%: $(BUILD)/obj/%.o $(ULFIUS) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -L$(BUILD)/lib -lstackrig-ulfius -lstackrig $(ULFIUS_LIBS) -ljansson -lcmocka \
	 '-Wl,-rpath,$$ORIGIN/../../lib' -o $@

# ---- the same endpoints under the real server ----

ULFIUS_PARITY := $(wildcard tests/conformance/ulfius/*.c)
FRAMEWORK_ALL += $(ULFIUS_PARITY)
$(call objects,$(ULFIUS_PARITY)): | need-ulfius need-parity
ULFIUS_PARITY_COMMON := $(filter-out %/real.c %/rig.c %/alone.c,$(ULFIUS_PARITY)) $(addprefix tests/conformance/microhttpd/,say.c speed.c)

$(BUILD)/parity/ulfius-real: $(call objects,$(ULFIUS_PARITY_COMMON) $(filter %/real.c,$(ULFIUS_PARITY)) \
                               $(addprefix tests/conformance/microhttpd/,wire.c loopback.c)) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(ULFIUS_LIBS) -lmicrohttpd -ljansson -lcurl -o $@

$(BUILD)/parity/ulfius-rig: $(call objects,$(ULFIUS_PARITY_COMMON) $(filter %/rig.c,$(ULFIUS_PARITY)) \
                              tests/conformance/microhttpd/memory.c) $(ULFIUS) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -L$(BUILD)/lib -lstackrig-ulfius -lstackrig -lstackrig-microhttpd $(ULFIUS_LIBS) -ljansson \
	 '-Wl,-rpath,$$ORIGIN/../lib/stackrig:$$ORIGIN/../lib' -o $@

# Its own libmicrohttpd is a few functions of the program.
$(BUILD)/parity/ulfius-alone: $(call objects,$(ULFIUS_PARITY_COMMON) $(filter %/alone.c,$(ULFIUS_PARITY))) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -rdynamic $(ULFIUS_LIBS) -lmicrohttpd -ljansson -o $@

.PHONY: parity-ulfius
parity: parity-ulfius
parity-ulfius: $(if $(ULFIUS_PARITY),$(addprefix $(BUILD)/parity/ulfius-,real rig alone))
	@tests/conformance/microhttpd/compare.sh $(BUILD)/parity ulfius Ulfius
	@tests/conformance/microhttpd/speed.sh $(BUILD)/parity ulfius Ulfius 20
