# libfcgi's adapter: it stands before the real library, which does all but the system calls.

NEED_fcgi := libfcgi-dev:fcgiapp.h libdw-dev:elfutils/libdwfl.h

FCGI_SRC     := $(wildcard mocks/frameworks/fcgi/*.c)
FCGI         := $(BUILD)/lib/libstackrig-fcgi.so
FCGI_TEST    := $(wildcard tests/frameworks/test_fcgi*.c)
FCGI_EXAMPLE := $(filter examples/fastcgi%,$(EXAMPLE_TEST))

FRAMEWORK_ALL += $(FCGI_SRC) $(FCGI_TEST)
FRAMEWORK_BIN += $(FCGI_TEST:%.c=$(BUILD)/%) $(FCGI_EXAMPLE:%.c=$(BUILD)/%)
FRAMEWORKS    += $(if $(and $(wildcard /usr/include/fcgiapp.h),$(wildcard /usr/include/elfutils/libdwfl.h)),$(FCGI))

$(call objects,$(FCGI_SRC) $(FCGI_TEST) $(wildcard examples/fastcgi*/*.c)): | need-fcgi

frameworks: $(FCGI)
$(FCGI): $(call objects,$(FCGI_SRC) $(FRAMEWORK_SRC)) $(SHARED) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared -Wl,-soname,$(@F) $(if $(EXTRA),,-Wl$(comma)-z$(comma)defs) $(filter %.o,$^) -L$(BUILD)/lib \
	 -lstackrig -lfcgi '-Wl,-rpath,$$ORIGIN' -ldw -lpthread -o $@

$(FCGI_EXAMPLE:%.c=$(BUILD)/%): $(BUILD)/%: $$(call example_help,$$(dir $$*))
$(BUILD)/tests/frameworks/test_fcgi_malloc: $(BUILD)/obj/tests/unit/preload_test.o
# As a test of one's own is linked: before -lfcgi.
$(FCGI_TEST:%.c=$(BUILD)/%) $(FCGI_EXAMPLE:%.c=$(BUILD)/%): $(BUILD)/%: $(BUILD)/obj/%.o $(FCGI) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -L$(BUILD)/lib -lstackrig-fcgi -lstackrig -lfcgi -lcmocka \
	 '-Wl,-rpath,$$ORIGIN/../../lib' -o $@

# ---- the same program behind a real nginx ----

FCGI_PARITY := $(wildcard tests/conformance/fastcgi/*.c)
FRAMEWORK_ALL += $(FCGI_PARITY)
$(call objects,$(FCGI_PARITY)): | need-fcgi

$(BUILD)/parity/fcgi-real: $(call objects,$(filter-out %/compare.c,$(FCGI_PARITY))) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -lfcgi -o $@

$(BUILD)/parity/fcgi: $(call objects,$(filter-out %/real.c,$(FCGI_PARITY)) $(REAL_SERVERS)) $(FCGI) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -L$(BUILD)/lib -lstackrig-fcgi -lstackrig -lfcgi '-Wl,-rpath,$$ORIGIN/../lib' -o $@

# exit status 77: nginx is not installed, which it says
.PHONY: parity-fcgi
parity: parity-fcgi
parity-fcgi: $(if $(FCGI_PARITY),$(BUILD)/parity/fcgi $(BUILD)/parity/fcgi-real)
	@$(BUILD)/parity/fcgi $(BUILD)/parity/fcgi-real || [ $$? = 77 ]
