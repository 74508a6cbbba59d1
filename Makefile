# SPDX-License-Identifier: GPL-2.0-or-later
# exitcost: the only front door. 'make help' lists what a user can do.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory \
	$(if $(filter 0,$(MAKELEVEL)),-j$(shell nproc))

# Data-path variants; adding one: README.md, "Add a variant"
KNOWN_VARIANTS := 32 64 fifo dma window ring
VARIANT ?= all
ifeq ($(filter $(VARIANT),$(KNOWN_VARIANTS) all),)
$(error unknown VARIANT '$(VARIANT)'; choose one of: $(KNOWN_VARIANTS) all)
endif
VARIANTS := $(if $(filter all,$(VARIANT)),$(KNOWN_VARIANTS),$(VARIANT))

# Lanes: what the guest runs on
ACCEL ?= auto
ifeq ($(filter $(ACCEL),tcg kvm nested auto),)
$(error unknown ACCEL '$(ACCEL)'; choose one of: tcg kvm nested auto)
endif

# The distribution's QEMU and Linux to use: vm/versions
KNOWN_QEMUS := $(shell awk '$$1 == "qemu" { print $$2 }' vm/versions)
KNOWN_LINUXES := $(shell awk '$$1 == "linux" { print $$2 }' vm/versions)
QEMU_VERSION ?= $(firstword $(KNOWN_QEMUS))
LINUX ?= $(firstword $(KNOWN_LINUXES))
ifeq ($(filter $(QEMU_VERSION),$(KNOWN_QEMUS)),)
$(error unknown QEMU_VERSION '$(QEMU_VERSION)'; choose one of: $(KNOWN_QEMUS))
endif
ifeq ($(filter $(LINUX),$(KNOWN_LINUXES)),)
$(error unknown LINUX '$(LINUX)'; choose one of: $(KNOWN_LINUXES))
endif
export QEMU_VERSION LINUX MATRIX
export ACCEL QUICK QEMU_SRC KERNEL KDIR KMODULES KSRC
# Of make trace
export TOOL SIZE SECONDS_ON LOOK_SECONDS PAIRS BLOCKS BOOTS LOAD_PATH

B := build/$(VARIANT)# outputs of this variant
H := build/host#        host tools, the same for all variants
T := build/tests#       test programs
QEMU_BUILDDIR := build/qemu/bld
BARE := build/bare/$(VARIANT)# as $(B), without trace events
KERNEL_HEADERS := build/kernel/headers
PYTHON := /usr/bin/python3
CC := gcc
USER_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wvla -Iinclude
ASAN_CFLAGS := $(filter-out -O2,$(USER_CFLAGS)) -O1 \
	-fsanitize=address,undefined -fno-sanitize-recover=all

.DEFAULT_GOAL := all
.PHONY: all FORCE
FORCE:
all: ## build the emulator, the driver and the benchmark (default)

include vm/own/build.mk
include vm/build.mk
include vm/baremetal/build.mk
include device/build.mk
include driver/build.mk
include userbench/build.mk
include analysis/build.mk
include vm/count.mk
include tracing/build.mk
HOST_TOOLS := $(ANALYSIS_BINS) $(H)/hostbench $(H)/kvmcount $(TRACING_BINS)
# Lanes that count exits need perf
COUNT_DEPS := $(if $(filter kvm nested,$(ACCEL)),build/deps-count)
# make trace prices itself against an emulator without trace events
LOOKING := $(if $(filter 0,$(PAIRS)),,$(BARE)/qemu-system-x86_64 $(BARE)/initramfs.cpio.gz)
include tests/build.mk
include analysis/install.mk

BUILT := $(B)/qemu-system-x86_64 $(B)/my_rng.ko $(B)/userbench $(B)/my-app
all: $(BUILT)

##@ Measure

.PHONY: study bench exitbench trace shell plots report predict publish
study: $(MACHINE) $(HOST_TOOLS) build/deps-plot $(COUNT_DEPS) ## the whole study: measure, plot, write report.md (QUICK=1: short)
	@vm/study.sh study $(B)

bench: $(MACHINE) $(HOST_TOOLS) $(COUNT_DEPS) ## measure only; prints the table
	@vm/study.sh bench $(B)

exitbench: $(B)/qemu-system-x86_64 $(EXITBENCH) build/kernel.stamp ## price single accesses with the bare-metal guest (CASES=list)
	@vm/exitbench.sh $(B) --accel $(ACCEL) $(if $(CASES),--cases $(CASES))

trace: $(MACHINE) $(HOST_TOOLS) build/deps-trace $(LOOKING) ## trace a guest under load: tables, pictures, what looking costs
	@tracing/trace.sh $(B)

shell: $(MACHINE) ## a shell in the guest, with the variant's devices
	@vm/study.sh shell $(B)

RUN ?= results/latest
plots: $(HOST_TOOLS) build/deps-plot ## draw the plots of RUN (default results/latest) again
	@analysis/plots.sh $(RUN) $(WITH)

report: $(HOST_TOOLS) ## write RUN/report.md again (WITH="other runs" BENCH="exitbench runs")
	@$(H)/model $(RUN) -o $(RUN)/model.tsv
	@$(H)/report $(RUN) $(WITH:%=--with %) $(BENCH:%=--exitbench %) \
		-o $(RUN)/report.md && echo "$(RUN)/report.md"

predict: $(HOST_TOOLS) ## another host's table from its PRICES=model.tsv|exitbench.tsv and RUN's counts
	@test -n "$(PRICES)" || { echo "name the prices: make predict" \
		"PRICES=model.tsv or exitbench.tsv of the other host" >&2; exit 1; }
	@$(H)/predict --prices $(PRICES) --counts $(RUN) \
		$(SOFTWARE:%=--software %) $(VALIDATE:%=--validate %) \
		-o $(RUN)/predict.tsv && column -t -s $$'\t' $(RUN)/predict.tsv

publish: $(HOST_TOOLS) ## copy the newest run to REPORT.md and results/published (FORCE=1: also a worse one)
	@analysis/publish.sh $(H)/report

##@ Check

.PHONY: kernel-test check check-debug selftest grade matrix quality lint
kernel-test: $(OWN_MACHINE) ## the exercise's boot-time test, in a guest kernel built for it
	@KERNELDIR=$(OWN) INITRAMFS=$(OWN)/initramfs.cpio.gz \
		vm/kernel-test.sh $(B) $(firstword $(VARIANTS))

check: $(CHECK_NEEDS) ## run all tests
	@ACCEL=$(CHECK_ACCEL) IN_TURN="$(CHECK_IN_TURN)" ALONE="$(CHECK_ALONE)" \
		tests/run.pl $(CHECK_SUITES)

check-debug: $(CHECK_DEBUG_NEEDS) ## the driver's tests in a guest kernel that checks memory and locks (KASAN, lockdep)
	@ACCEL=$(CHECK_ACCEL) SUITE_LIMIT=1200 tests/run.pl $(CHECK_DEBUG_SUITES)

selftest: $(MACHINE) $(HOST_TOOLS) ## how often the verdicts are right on this machine: A/A, and a tenth wasted
	@vm/selftest.sh $(B)

grade: $(GRADE_NEEDS) ## points for anybody's my_rng: QEMU=path (DEVICE=type KO=driver.ko OUT=table.tsv)
	@tests/grade/grade.sh --qemu '$(QEMU)' --device '$(or $(DEVICE),my_rng)' \
		$(if $(KO),--ko '$(KO)') $(if $(OUT),-o '$(OUT)')

matrix: build/deps-check ## every QEMU x Linux supported: build, test, short study (MATRIX=10.0/6.12)
	@tests/matrix.sh

quality: $(MACHINE) ## is it random? rngtest and dieharder on what the guest reads (GENERATOR="names", MIB=64)
	@tests/quality.sh $(B) $(VARIANTS)

lint: build/deps-lint $(B)/my_rng.ko ## formatting and static analysis
	@tests/lint.sh

##@ Install

.PHONY: install uninstall
install: $(INSTALLED) ## host tools and userbench, below prefix=/usr/local (DESTDIR= in front)
	@$(call install-all,install)

uninstall: ## what make install installed, with the same prefix
	@$(call install-all,uninstall)

##@ Tidy

.PHONY: clean distclean help
clean: ## remove build/ (downloads and QEMU stay cached)
	@rm -rf build

distclean: clean ## remove build/, unpublished results and the cache
	@rm -rf "$$(. vm/lib.sh && cache_dir)"
	@find results -mindepth 1 -maxdepth 1 ! -name published \
		-exec rm -rf {} + 2> /dev/null || :

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@printf '\nVARIANT=%s\n' "$(subst $( ) ,|,$(KNOWN_VARIANTS))|all (default all)"
	@printf '%s\n' \
		'ACCEL=tcg|kvm|nested|auto   lane of the guest (default auto: kvm if usable, else tcg)' \
		'QUICK=1             a study of about two minutes' \
		'GENERATOR=NAME      what makes the random numbers: device/SPEC.md (default glibc)' \
		'FORCE=1             make publish: also a poor run, or one worse than the published one' \
	'TOOL=perf|strace|bpf|qemu|guest|all SIZE=4k   what make trace uses, on reads of what size' \
		'QEMU_VERSION=$(subst $( ) ,|,$(KNOWN_QEMUS))   the QEMU, and' \
		'LINUX=$(subst $( ) ,|,$(KNOWN_LINUXES))           the guest kernel, of the distribution' \
		'QEMU_SRC=DIR        use this QEMU source tree, never written to' \
		'KERNEL=FILE KDIR=DIR KMODULES=DIR   use this guest kernel' \
		'KERNEL=own          use a small guest kernel built here, with the boot-time test' \
		'KERNEL=own-debug    the same with KASAN, lockdep and more, as make check-debug has it' \
		'KSRC=DIR            build that one from this Linux tree, never written to' \
		'EXITCOST_CACHE=DIR  downloads and the QEMU build (~/.cache/exitcost)'
