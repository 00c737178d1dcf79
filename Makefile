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
FLAVOUR ?= plain
VM_KERNEL ?= patched
V ?= 0
export BASE ARCH FLAVOUR KERNEL_SRC V YES
export VM_CPU VM_MEM VM_SMP VM_NODES VM_TIMEOUT VM_APPEND VM_KEEP

TOOL := tools/aux-tune
BUILD := $(CURDIR)/build
QUIET := $(if $(filter 0,$(V)),--no-print-directory -s)

TOOL_VARIABLES := $(foreach v,PREFIX DESTDIR,$(if $(value $(v)),$(v)="$($(v))"))

# What is built before something runs is never part of its output.
MAKE_TOOL = +$(MAKE) $(QUIET) -C $(TOOL) O=$(BUILD)/tool V=$(V) $(TOOL_VARIABLES)
BUILD_KERNEL = scripts/build-kernel $(VM_KERNEL)

.PHONY: all help deps demo test vm kernel tool selftests apply install lint clean check-deps run-in-vm
.NOTPARALLEL:

all: kernel tool

help:
	@echo 'Commands:'
	@sed -n 's/^# !\([a-z]*\)[[:space:]]*\(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS=$$'\t' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done
	@echo
	@echo 'Variables:'
	@sed -n 's/^# ?\([A-Z_]*=[^[:space:]]*\)[[:space:]]*\(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS=$$'\t' read -r name text; do printf '  %-32s %s\n' "$$name" "$$text"; done

# ?BASE=7.3				the Linux version to work with
# ?ARCH=x86_64				the architecture to build for
# ?FLAVOUR=plain|debug|kcsan		kernel debugging options (Kconfig.fragments/)
# ?KERNEL_SRC=/path/to/linux		your own tree; it is copied, only apply writes to it
# ?RUN='command'			for vm: run this instead of a shell
# ?VM_CPU=pt-multi|pt-single|bts|none	which of the CPU's tracing PMUs the guest has
# ?VM_KERNEL=patched|stock		stock: the same kernel without the change
# ?VM_MEM=2G				memory of the guest
# ?VM_SMP=2				CPUs of the guest
# ?VM_NODES=1				NUMA nodes of the guest
# ?VM_TIMEOUT=600			seconds that RUN may take
# ?VM_APPEND='parameters'		more kernel parameters
# ?VM_KEEP=1				keep the kernel log of every run in build/vm
# ?PREFIX=/usr/local			for install; DESTDIR too
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

# !install	install the tool (PREFIX, DESTDIR)
install: tool
	@$(MAKE_TOOL) install

# !lint		the checks of the kernel's maintainers, and shellcheck
lint: check-deps
	@scripts/lint

# !clean		remove build/; downloads stay in the user's cache
clean:
	rm -rf build
