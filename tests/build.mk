# SPDX-License-Identifier: GPL-2.0-or-later
# The test suites of 'make check', each NAME=COMMAND for tests/run.pl.

include tests/device/build.mk
include tests/guest/build.mk
include tests/grade/build.mk

# tcg unless kvm is asked for: a test must not depend on what a probe finds
CHECK_ACCEL := $(if $(filter kvm,$(ACCEL)),kvm,tcg)
CHECK_NEEDS := $(MACHINE) $(HOST_TOOLS) $(UNIT_TESTS) $(T)/device-test \
	$(SANITIZED)/qemu-system-x86_64 \
	build/deps-check build/deps-count build/deps-trace $(LOOKING) $(OWN_MACHINE) \
	$(if $(filter 32 all,$(VARIANT)),$(GRADE_NEEDS) $(GRADE_BROKEN))
# The suites of the variant at hand; some need all variants
CHECK_SUITES := $(foreach t,$(UNIT_TESTS),$(notdir $(t))=$(t)) \
	"device=tests/device/run.sh $(T)/device-test $(SANITIZED)/qemu-system-x86_64 '$(VARIANTS)'" \
	"device/leaks=tests/device/leaks.sh $(SANITIZED)/qemu-system-x86_64 $(VARIANTS)" \
	"guest=tests/guest/run.sh $(B)" \
	"guest/exercise=tests/guest/exercise.sh $(B)" \
	$(if $(filter dma ring,$(VARIANTS)),"guest/iommu=tests/guest/bus.sh $(B) iommu $(VARIANTS)") \
	$(if $(filter dma,$(VARIANTS)),"guest/bounce=tests/guest/bus.sh $(B) bounce $(VARIANTS)") \
	$(if $(filter ring,$(VARIANTS)),"guest/nomsi=tests/guest/bus.sh $(B) nomsi $(VARIANTS)") \
	"guest/reset=tests/guest/bus.sh $(B) reset $(VARIANTS)" \
	"guest/host=tests/guest/bus.sh $(B) host $(VARIANTS)" \
	"host/vmrun=VMRUN=$(H)/vmrun tests/host/vmrun.sh $(B)" \
	"host/facts=tests/host/facts.sh build/kernel/busybox" \
	"host/qemu-patch=tests/host/qemu-patch.sh $(B)" \
	"host/kernel-test=tests/host/kernel-test.sh $(B) $(OWN)" \
	"host/study=tests/host/study.sh $(B)" \
	host/publish=tests/host/publish.sh \
	"host/exitbench=tests/host/exitbench.sh $(B)" \
	"host/quality=tests/host/quality.sh $(B) $(firstword $(VARIANTS))" \
	host/kvmcount=tests/host/kvmcount.sh \
	"host/fold=tests/host/fold.sh $(H)" \
	"host/trace=tests/host/trace.sh $(B)" \
	"host/trace-perf=tests/host/trace-perf.sh $(B)" \
	"host/trace-strace=tests/host/trace-strace.sh $(B)" \
	"host/trace-guest=tests/host/trace-guest.sh $(B)"
# The exercise's device is variant 32, the default where it is compiled in
ifneq ($(filter 32 all,$(VARIANT)),)
CHECK_SUITES += "host/grade=tests/host/grade.sh $(B)"
endif
ifeq ($(VARIANT),all)
CHECK_SUITES += host/make=tests/host/make.sh host/matrix=tests/host/matrix.sh \
	"host/packaging=tests/host/packaging.sh $(B)" \
	"host/dkms=tests/host/dkms.sh $(B)" \
	"host/nested=tests/host/nested.sh $(B)" \
	"host/bpf-parse=tests/host/trace-bpf.sh --parse $(B)/qemu-system-x86_64" \
	"host/trace-bpf=tests/host/trace-bpf.sh $(B)" \
	"host/trace-qemu=tests/host/trace-qemu.sh $(B)"
endif

# The suites of make check-debug: slower several times, and with more memory
CHECK_DEBUG_NEEDS := $(OWN_DEBUG_MACHINE) build/deps-check
CHECK_DEBUG_SUITES := \
	"guest-debug=KERNELDIR=$(OWN_DEBUG) INITRAMFS=$(OWN_DEBUG)/initramfs.cpio.gz MEM=1024 LIMIT=1100 tests/guest/run.sh $(B)"

# Two traces at a time lose events of one another; make in one build/ at a time
CHECK_IN_TURN := host/packaging host/dkms host/trace-perf host/trace-strace host/bpf-parse \
	host/trace-bpf
# What looking costs is measured
CHECK_ALONE := host/trace

# What make matrix builds in each of its copies of the sources
.PHONY: matrix-cell
matrix-cell: $(MACHINE) $(HOST_TOOLS) $(T)/device-test build/deps-check
