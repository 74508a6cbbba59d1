# SPDX-License-Identifier: GPL-2.0-or-later
# analysis/: summarize, model, predict, split, report (host tools), and unit tests.
#
# A new section of the report: analysis/report_NAME.c, its prototype in
# report.h, its line in report.c, and its name here. A new unit test:
# tests/unit/analysis/NAME.c and its name here.
#
# For the Makefile that includes this: ANALYSIS_BINS, host tools; UNIT_TESTS,
# programs that write TAP, run in the top folder; analysis-goldens, which writes
# the golden files of the tests anew (then look at the diff).

ANALYSIS_TOOLS := summarize model predict split report invariants
ANALYSIS_BINS := $(ANALYSIS_TOOLS:%=$(H)/%)
ANALYSIS_TESTS := stats poisson verdict boots moderate pairs simulate lsq tsv \
	fmt out summarize costmodel model predict split report invariants plots
ANALYSIS_GOLDENS := summarize model predict split report

# What the tools share, and the benchmark's plan, which a test drives; report's
# sections are only its own
ANALYSIS_SHARED := cli fmt names out tsv stats poisson verdict boots lsq hist \
	reference rounds samples speed moderate pairs quality kvm summary env \
	rows contest units costmodel modelfile prices prediction splitparts \
	splitfile
ANALYSIS_SECTIONS := runs text verdict counts quality top lanes choose split \
	goals aims before crossovers model prices \
	generators tables in_place exits scale exercise looking bench peers end
ANALYSIS_INVARIANTS := text decided values run

# Not :=, or a make that needs none of this would complain of missing packages
an-pkgs := glib-2.0 json-glib-1.0
an-cflags = -Ianalysis -Iuserbench -Itests/unit \
	$(shell pkg-config --cflags $(an-pkgs))
an-libs = $(shell pkg-config --libs $(an-pkgs)) -lm
an-cc = $(CC) $(1) $(an-cflags) -DTOOLS='"$(@D)"' -MMD -MP -c $< -o $@

# The tools for users, and those that the unit tests run, with the sanitizers: each
# kind beside its objects
an-plain := $(T)/analysis
an-asan := $(T)/analysis-asan

$(ANALYSIS_BINS): $(H)/%: $(an-plain)/%
	@mkdir -p $(@D)
	@ln -f $< $@

# $(call an-rules,FOLDER,CFLAGS): tools of one kind, and the name of a variable (its
# value has commas)
define an-rules
$(1)/%.o: analysis/%.c
	@echo "  CC      $$@"
	@mkdir -p $$(@D)
	@$$(call an-cc,$$($(2)))

$(1)/%.o: userbench/%.c
	@echo "  CC      $$@"
	@mkdir -p $$(@D)
	@$$(call an-cc,$$($(2)))

$(1)/shared.a: $(ANALYSIS_SHARED:%=$(1)/%.o)
	@rm -f $$@
	@ar rcs $$@ $$^

$(1)/report: $(ANALYSIS_SECTIONS:%=$(1)/report_%.o)
$(1)/invariants: $(ANALYSIS_INVARIANTS:%=$(1)/invariants_%.o)
$(ANALYSIS_TOOLS:%=$(1)/%): $(1)/%: $(1)/%.o $(1)/shared.a
	@echo "  LINK    $$@"
	@$(CC) $$($(2)) -o $$@ $$(filter %.o,$$^) $(1)/shared.a $$(an-libs)
endef
$(eval $(call an-rules,$(an-plain),USER_CFLAGS))
$(eval $(call an-rules,$(an-asan),ASAN_CFLAGS))

UNIT_TESTS += $(ANALYSIS_TESTS:%=$(T)/asan-unit-analysis-%)

$(an-asan)/test_%.o: tests/unit/analysis/%.c
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(call an-cc,$(ASAN_CFLAGS))

$(T)/asan-unit-analysis-%: $(an-asan)/test_%.o $(an-asan)/shared.a \
		| $(ANALYSIS_TOOLS:%=$(an-asan)/%)
	@echo "  LINK    $@"
	@$(CC) $(ASAN_CFLAGS) -o $@ $^ $(an-libs)

.SECONDARY: $(ANALYSIS_TESTS:%=$(an-asan)/test_%.o)

.PHONY: analysis-goldens
analysis-goldens: $(ANALYSIS_GOLDENS:%=$(T)/asan-unit-analysis-%)
	@for t in $^; do RECORD_GOLDENS=1 $$t; done

-include $(wildcard $(an-plain)/*.d $(an-asan)/*.d)
