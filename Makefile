# SPDX-License-Identifier: GPL-2.0-only
#
# The front door: `make help` lists every command.

SHELL := /bin/bash

# Line variables are for this Makefile, which hands on what others need.  In
# particular RUN may hold anything, and make would expand its dollars.
MAKEOVERRIDES :=
unexport RUN
export AUX_RUN_COMMAND := $(value RUN)

ifdef KERNEL_SRC
ifndef BASE
BASE := $(shell scripts/base-of "$(KERNEL_SRC)")
endif
endif
BASE ?= 7.3
ARCH ?= x86_64
PAGE_SIZE ?= 4k
FLAVOUR ?= plain
VM_KERNEL ?= patched
V ?= 0
export BASE ARCH PAGE_SIZE FLAVOUR KERNEL_SRC V YES
export VM_CPU VM_MEM VM_SMP VM_NODES VM_TIMEOUT VM_APPEND VM_ICOUNT VM_KEEP VM_DISK ROUNDS KERNEL_CONFIG
export BOOT STRESS_SECONDS STRESS_FAULTS STRESS_RACES STRESS_SEED

TOOL := tools/aux-tune
BUILD := $(CURDIR)/build
QUIET := $(if $(filter 0,$(V)),--no-print-directory -s)

TOOL_VARIABLES := $(foreach v,PREFIX DESTDIR,$(if $(value $(v)),$(v)="$($(v))"))

# Programs for another architecture have a compiler, libraries and a place of their own.
FOREIGN := $(filter-out x86_64,$(ARCH))

# What is built before something runs is never part of its output.
MAKE_TOOL = +$(if $(FOREIGN),scripts/cross $(FOREIGN)) $(MAKE) $(QUIET) -C $(TOOL) \
	O=$(BUILD)/tool$(FOREIGN:%=-%) V=$(V) $(TOOL_VARIABLES)
BUILD_KERNEL = scripts/build-kernel $(VM_KERNEL)

.PHONY: all help deps demo test stress bench vm kernel tool selftests apply series bisect install uninstall deb kernel-deb pkgcheck lint clean check-deps run-in-vm matrix fuzz
.NOTPARALLEL:

all: kernel tool

help:
	@echo 'Commands:'
	@sed -n 's/^# !\([a-z-]*\)[[:space:]]*\(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS=$$'\t' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done
	@echo
	@echo 'Variables:'
	@sed -n 's/^# ?\([A-Z_]*=[^[:space:]]*\)[[:space:]]*\(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS=$$'\t' read -r name text; do printf '  %-32s %s\n' "$$name" "$$text"; done

# ?BASE=7.3|6.12|6.1			the Linux version to work with
# ?ARCH=x86_64|arm64			the architecture to build for
# ?PAGE_SIZE=4k|16k|64k			page size of a kernel for arm64
# ?FLAVOUR=plain|debug|kcsan		kernel debugging options (Kconfig.fragments/)
# ?KERNEL_SRC=/path/to/linux		your own tree; it is copied, only apply writes to it
# ?RUN='command'			for vm: run this instead of a shell
# ?VM_CPU=pt-multi|pt-single|bts|none	which of the CPU's tracing PMUs the guest has (arm64: coresight|none)
# ?VM_KERNEL=patched|stock		stock: the same kernel without the change
# ?VM_MEM=2G				memory of the guest
# ?VM_SMP=2				CPUs of the guest
# ?VM_NODES=1				NUMA nodes of the guest
# ?VM_ICOUNT=1				count the guest's instructions: one CPU whose clock is their number
# ?VM_TIMEOUT=600			seconds that RUN may take
# ?VM_DISK=FILE				an ext4 image that keeps what the guest writes
# ?VM_APPEND='parameters'		more kernel parameters
# ?VM_KEEP=1				keep the kernel log of every run in build/vm
# ?STRESS_SECONDS=60			for stress: how long each race goes on; 0: no races
# ?STRESS_FAULTS=100000			for stress: how many allocations fail on purpose; 0: none
# ?CELLS='BASE/ARCH/PAGE_SIZE...'	for matrix: only these
# ?BOOT=0				for bisect: only build
# ?FUZZ_SECONDS=600			for fuzz: how long each target runs
# ?QUICK=1				for bench: a few sizes once, to see that it works
# ?ROUNDS=3				for bench: how often each kernel is booted
# ?PREFIX=/usr/local			for install; DESTDIR too
# ?KERNEL_CONFIG=FILE			for kernel-deb: instead of Debian's configuration
# ?YES=1				for deps: don't ask
# ?DEPS=no				don't look whether packages are missing
# ?V=1					show every command of a build

# !deps		install what is missing on this Debian (asks before it uses sudo)
deps:
	@scripts/install-deps

check-deps:
ifneq ($(DEPS),no)
	@scripts/install-deps --check
endif

# !demo		all of it: build, boot the VM with tracing PMUs at work, open aux-tune there
demo: deps kernel tool selftests
	@tests/vm/run "$$($(BUILD_KERNEL))" 'exec "$$AUX_TOP/tests/vm/demo"'

# !test		everything CI runs
test: check-deps
	@tests/run

# !matrix	build and test the change on each base, architecture and page size (an hour or two)
matrix: check-deps
	@tests/matrix $(CELLS)

# !bench		measure the stock and the patched kernel; tables, CSV and plots in build/bench
bench: check-deps tool
	@stock="$$(scripts/build-kernel stock)" && patched="$$(scripts/build-kernel patched)" && \
	tests/bench/run $(if $(filter-out 0,$(QUICK)),--quick) "$$stock" "$$patched"

# !stress	races and injected faults for longer, in the VM
stress: kernel selftests
	@tests/stress "$$($(BUILD_KERNEL))"

# !fuzz		run the fuzzers of the tool for long (FUZZ_SECONDS)
fuzz: check-deps
	@nice tests/fuzz/run $(or $(FUZZ_SECONDS),600)

# !vm		a root shell in the VM; with RUN=, run a command there
ifeq ($(AUX_RUN_COMMAND),)
vm: kernel tool selftests
	@tests/vm/run "$$($(BUILD_KERNEL))"
else
# Its exit status becomes make's own, see scripts/make-exit.c; where make cannot
# load that, every failure is status 2.
vm: run-in-vm
	@$(exit-as-recorded $(BUILD)/vm)
	@status=$(BUILD)/vm/status.$$PPID; read -r code < $$status; rm $$status; exit $$code

run-in-vm: kernel tool selftests
	@mkdir -p $(BUILD)/vm; \
	tests/vm/run "$$($(BUILD_KERNEL))" "$$AUX_RUN_COMMAND"; \
	echo $$? > $(BUILD)/vm/status.$$PPID

ifneq ($(filter load,$(.FEATURES)),)
ifneq ($(filter vm,$(MAKECMDGOALS)),)
-load $(BUILD)/make-exit.so(make_exit_gmk_setup)
$(BUILD)/make-exit.so: scripts/make-exit.c
	@mkdir -p $(@D); $(CC) -shared -fPIC -o $@ $< 2>/dev/null || :
endif
endif
endif

# !kernel		build the kernel with the change (VM_KERNEL=stock: without)
kernel: check-deps
	@$(BUILD_KERNEL) >/dev/null

# !tool		build aux-tune
tool: check-deps
	@$(MAKE_TOOL) all >&2

# !selftests	build the kernel selftests
selftests: check-deps
	@scripts/build-selftests

# !apply		put the change into the tree at KERNEL_SRC
apply:
	@[ -n "$(KERNEL_SRC)" ] || { echo 'usage: make apply KERNEL_SRC=/path/to/linux' >&2; exit 2; }
	@scripts/apply-change $(BASE) "$(KERNEL_SRC)"

# !series	write the patches to mail to Linux' maintainers (build/series)
series: check-deps
	@scripts/series

# !bisect	check that each patch of the series builds without warnings, and boots its tests (half an hour)
bisect: check-deps
	@scripts/check-series

# !install	install the tool (PREFIX, DESTDIR)
install: tool
	@$(MAKE_TOOL) install

# !uninstall	take it away again; what is saved in /etc/udev/rules.d stays
uninstall:
	@$(MAKE_TOOL) uninstall

# !deb		build a Debian package of the tool, in build/deb
deb: check-deps
	@scripts/build-deb

# !kernel-deb	build Debian packages of a kernel: Debian's configuration and the change
kernel-deb: check-deps
	@scripts/build-kernel-deb

# !pkgcheck	install that package into a fresh Debian, run it there, purge it
pkgcheck: check-deps
	@tests/scripts/package.sh

# !lint		the checks of the kernel's maintainers, and shellcheck
lint: check-deps
	@scripts/lint

# !clean		remove build/; downloads stay in the user's cache
clean:
	rm -rf build
