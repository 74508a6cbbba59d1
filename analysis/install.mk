# SPDX-License-Identifier: GPL-2.0-or-later
# make install: what is of use without this checkout. One command goes to bindir,
# exitcost (analysis/exitcost.sh), with the programs and scripts it runs in a
# folder of their own; and userbench with its manual page. Include it last.
#
# For the Makefile that includes this: INSTALLED (what has to be built first),
# and install-all, which takes install or uninstall.

# The GNU names, for the command line
prefix = /usr/local
exec_prefix = $(prefix)
bindir = $(exec_prefix)/bin
libexecdir = $(exec_prefix)/libexec
datarootdir = $(prefix)/share
mandir = $(datarootdir)/man
INSTALL = install

# In lib/ (libexec/exitcost) the scripts find one another as they do here, and
# the programs in bin/ instead of build/host/.
in-programs := $(HOST_TOOLS) $(H)/vmrun build/guest/my-app
in-tracers := perf strace bpf qemu
in-scripts := $(in-tracers:%=tracing/%.sh) analysis/plots.sh
in-sourced := tracing/session.sh $(wildcard tracing/bpf/*.bt)
in-data := vm/lib.sh $(wildcard analysis/plots/*.gp analysis/plots/*.awk)

in-edited := build/install
INSTALLED := $(in-programs) build/guest/userbench $(in-edited)/exitcost \
	$(addprefix $(in-edited)/,$(in-scripts) $(in-sourced))

# A script calls itself what a person types who has no checkout
$(in-edited)/%: % analysis/install.mk
	@mkdir -p $(@D)
	@sed -e 's,build/host,bin,g' -e 's,analysis/plots\.sh,exitcost plots,g' \
		-e 's,tracing/$$tool\.sh,exitcost $$tool,g' \
		-e 's,tracing/\($(subst $( ) ,\|,$(in-tracers))\)\.sh,exitcost \1,g' \
		$< > $@.tmp
	@mv $@.tmp $@

$(in-edited)/exitcost: analysis/exitcost.sh userbench/options.h
	@mkdir -p $(@D)
	@v=$$(sed -n 's/^#define BENCH_VERSION "\(.*\)"$$/\1/p' userbench/options.h) && \
		sed "s/@VERSION@/$$v/" $< > $@.tmp
	@mv $@.tmp $@

# MODE:FILE:PLACE
in-files = 755:$(in-edited)/exitcost:lib/exitcost link:lib/exitcost:bin/exitcost \
	755:build/guest/userbench:bin/userbench \
	644:userbench/userbench.1:man/userbench.1 \
	$(foreach f,$(in-programs),755:$f:lib/bin/$(notdir $f)) \
	$(foreach f,$(in-scripts),755:$(in-edited)/$f:lib/$f) \
	$(foreach f,$(in-sourced),644:$(in-edited)/$f:lib/$f) \
	$(foreach f,$(in-data),644:$f:lib/$f)
install-all = DESTDIR='$(DESTDIR)' bindir='$(bindir)' INSTALL='$(INSTALL)' \
	libexecdir='$(libexecdir)' mandir='$(mandir)' \
	analysis/install.sh $(1) $(in-files)
