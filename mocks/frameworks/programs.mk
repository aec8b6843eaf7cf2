# Programs with a main(), as they are built for the real servers: for tests of the command.

PROGRAM_SRC     := $(wildcard tests/cli/programs/*.c)
MICROHTTPD_MAIN := $(filter examples/microhttpd%,$(EXAMPLE_MAIN))
PROGRAM_BIN     := $(if $(FRAMEWORKS),$(PROGRAM_SRC:%.c=$(BUILD)/%) $(MICROHTTPD_MAIN:%.c=$(BUILD)/%))
FRAMEWORK_ALL   += $(PROGRAM_SRC)

program_libs = $(if $(findstring microhttpd,$(1)),-lmicrohttpd) $(if $(findstring fcgi,$(1)),-lfcgi) \
               $(if $(findstring ulfius,$(1)),$(ULFIUS_LIBS))

$(call objects,$(PROGRAM_SRC)): | need-frameworks need-fcgi need-ulfius
$(MICROHTTPD_MAIN:%.c=$(BUILD)/%): $(BUILD)/%: $$(call example_help,$$(dir $$*))
$(PROGRAM_SRC:%.c=$(BUILD)/%) $(MICROHTTPD_MAIN:%.c=$(BUILD)/%): $(BUILD)/%: $(BUILD)/obj/%.o $(BUILD)/sources
	@mkdir -p $(@D)
	$(call say,link   )
	$(Q)$(LINK) $(filter %.o,$^) $(call program_libs,$@) -lpthread -o $@
