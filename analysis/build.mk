# SPDX-License-Identifier: GPL-2.0-or-later
# analysis/: summarize and report (host tools), and their unit tests.
#
# A new section of the report: analysis/report_NAME.c, its prototype in
# report.h, its line in report.c, and its name here. A new unit test:
# tests/unit/analysis/NAME.c and its name here.
#
# For the Makefile that includes this: ANALYSIS_BINS, host tools; UNIT_TESTS,
# programs that write TAP, run in the top folder; analysis-goldens, which writes
# the golden files of the tests anew (then look at the diff).

ANALYSIS_BINS := $(H)/summarize $(H)/report
ANALYSIS_TESTS := stats tsv fmt out summarize report plots

ANALYSIS_BASE := fmt names out tsv
ANALYSIS_SUMMARIZE := $(ANALYSIS_BASE) samples stats summary hist
ANALYSIS_REPORT := $(ANALYSIS_BASE) env rows report_text report_top \
	report_goals report_winners report_crossovers report_prices \
	report_tables report_end
ANALYSIS_TESTED := $(ANALYSIS_BASE) stats

# Not :=, or a make that needs none of this would complain of missing packages
an-pkgs := glib-2.0 json-glib-1.0
an-cflags = -Ianalysis -Iuserbench -Itests/unit \
	$(shell pkg-config --cflags $(an-pkgs))
an-libs = $(shell pkg-config --libs $(an-pkgs)) -lm
an-cc = $(CC) $(1) $(an-cflags) -DTOOLS='"$(@D)"' -MMD -MP -c $< -o $@

# Two kinds of build, each with its tools beside its objects; tests run those
an-plain := $(T)/analysis
an-asan := $(T)/analysis-asan
an-kinds := $(an-plain) $(an-asan)

$(ANALYSIS_BINS): $(H)/%: $(an-plain)/%
	@mkdir -p $(@D)
	@ln -f $< $@

UNIT_TESTS += $(ANALYSIS_TESTS:%=$(T)/unit-analysis-%) \
	$(ANALYSIS_TESTS:%=$(T)/asan-unit-analysis-%)

# $(call an-rules,FOLDER,CFLAGS,PREFIX): tools and tests of one kind
define an-rules
$(1)/%.o: analysis/%.c
	@echo "  CC      $$@"
	@mkdir -p $$(@D)
	@$$(call an-cc,$(2))

$(1)/%.o: userbench/%.c
	@echo "  CC      $$@"
	@mkdir -p $$(@D)
	@$$(call an-cc,$(2))

$(1)/test_%.o: tests/unit/analysis/%.c
	@echo "  CC      $$@"
	@mkdir -p $$(@D)
	@$$(call an-cc,$(2))

$(1)/summarize: $(addprefix $(1)/,$(addsuffix .o,summarize $(ANALYSIS_SUMMARIZE)))
$(1)/report: $(addprefix $(1)/,$(addsuffix .o,report $(ANALYSIS_REPORT)))
$(1)/summarize $(1)/report:
	@echo "  LINK    $$@"
	@$(CC) $(2) -o $$@ $$^ $$(an-libs)

$(T)/$(3)unit-analysis-%: $(1)/test_%.o $(addprefix $(1)/,$(addsuffix .o,$(ANALYSIS_TESTED))) \
		| $(1)/summarize $(1)/report
	@echo "  LINK    $$@"
	@$(CC) $(2) -o $$@ $$^ $$(an-libs)
endef
$(eval $(call an-rules,$(an-plain),$(USER_CFLAGS),))
$(eval $(call an-rules,$(an-asan),$(ASAN_CFLAGS),asan-))

.SECONDARY: $(foreach d,$(an-kinds),$(ANALYSIS_TESTS:%=$(d)/test_%.o))

.PHONY: analysis-goldens
analysis-goldens: $(T)/unit-analysis-summarize $(T)/unit-analysis-report
	@for t in $^; do RECORD_GOLDENS=1 $$t; done

-include $(wildcard $(an-kinds:%=%/*.d))
