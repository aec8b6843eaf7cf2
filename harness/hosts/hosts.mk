# Hosts: a stack behind a real server. What needs no server is part of the core library (harness/hosts/*.c); each server has
# a library of its own.

NEED_microhttpd_host := libmicrohttpd-dev:microhttpd.h
NEED_fastcgi_host    := libfcgi-dev:fcgiapp.h

HOST_COMMON    := $(wildcard harness/hosts/common/*.c)
HOST_MHD_SRC   := $(wildcard harness/hosts/microhttpd/*.c)
HOST_MHD       := $(BUILD)/lib/libstackrig-host-microhttpd.so
HOST_MHD_TEST  := $(wildcard tests/hosts/test_microhttpd*.c)
HOST_FCGI_SRC  := $(wildcard harness/hosts/fastcgi/*.c)
HOST_FCGI      := $(BUILD)/lib/libstackrig-host-fastcgi.so
HOST_FCGI_TEST := $(wildcard tests/hosts/test_fastcgi*.c)
HOST_PARITY    := $(wildcard tests/conformance/hosts/*.c)
HOST_TEST_HELP := $(filter-out tests/hosts/test_%,$(wildcard tests/hosts/*.c))

# the time that it takes is past the preloaded clock
HOST_TALK      := $(wildcard harness/hosts/talk/*.c) harness/core/wall.c

HOST_ALL := $(filter-out harness/core/%,$(HOST_TALK)) $(HOST_COMMON) $(HOST_MHD_SRC) $(HOST_MHD_TEST) $(HOST_FCGI_SRC) $(HOST_FCGI_TEST) $(HOST_PARITY) $(HOST_TEST_HELP)
HOST_BIN := $(HOST_MHD_TEST:%.c=$(BUILD)/%) $(HOST_FCGI_TEST:%.c=$(BUILD)/%)
HOSTS    := $(if $(wildcard /usr/include/microhttpd.h),$(HOST_MHD)) $(if $(wildcard /usr/include/fcgiapp.h),$(HOST_FCGI))

.PHONY: hosts
hosts: $(HOST_MHD) $(HOST_FCGI) ## what serves a stack, in build/lib

$(call objects,$(HOST_MHD_SRC)): | need-microhttpd_host
$(call objects,$(HOST_FCGI_SRC)): | need-fastcgi_host
$(call objects,$(HOST_MHD_TEST) $(HOST_FCGI_TEST) $(HOST_TEST_HELP)): | need-test

# Of the rig they need what is public.
$(HOST_MHD): $(call objects,$(HOST_MHD_SRC) $(HOST_COMMON)) $(SHARED) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared -Wl,-soname,$(@F) $(if $(EXTRA),,-Wl$(comma)-z$(comma)defs) $(filter %.o,$^) -L$(BUILD)/lib \
	 -lstackrig '-Wl,-rpath,$$ORIGIN' -lmicrohttpd -lpthread -o $@

$(HOST_FCGI): $(call objects,$(HOST_FCGI_SRC) $(HOST_COMMON)) $(SHARED) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -shared -Wl,-soname,$(@F) $(if $(EXTRA),,-Wl$(comma)-z$(comma)defs) $(filter %.o,$^) -L$(BUILD)/lib \
	 -lstackrig '-Wl,-rpath,$$ORIGIN' -lfcgi -lpthread -o $@

$(HOST_FCGI_TEST:%.c=$(BUILD)/%): $(BUILD)/%: $(BUILD)/obj/%.o $(call objects,$(HOST_TEST_HELP) $(HOST_TALK)) $(HOST_FCGI) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -L$(BUILD)/lib -lstackrig-host-fastcgi -lstackrig -lcmocka -lpthread \
	 '-Wl,-rpath,$$ORIGIN/../../lib' -o $@

$(HOST_MHD_TEST:%.c=$(BUILD)/%): $(BUILD)/%: $(BUILD)/obj/%.o $(call objects,$(HOST_TEST_HELP) $(HOST_TALK)) $(HOST_MHD) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) -L$(BUILD)/lib -lstackrig-host-microhttpd -lstackrig -lcmocka -lpthread \
	 '-Wl,-rpath,$$ORIGIN/../../lib' -o $@

# ---- the examples served by libfcgi behind a real nginx ----

$(BUILD)/parity/host-fastcgi: $(call objects,$(HOST_PARITY) $(REAL_SERVERS)) $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) -pthread $(filter %.o,$^) -o $@

# exit status 77: nginx is not installed, which it says
.PHONY: parity-host
parity: parity-host
parity-host: $(BUILD)/parity/host-fastcgi $(COMMAND) $(STACKS) $(HOST_FCGI)
	@$(BUILD)/parity/host-fastcgi $(BUILD) || [ $$? = 77 ]
