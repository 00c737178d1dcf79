#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The VM runner: what it passes through, and what it makes of a guest that
# misbehaves.
#
# usage: vm-run.sh KERNEL_BUILD_DIR

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
top=$(cd "$(dirname "$0")/../.." && pwd)
kernel=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export VM_CPU=none VM_SMP=1 VM_MEM=512M VM_TIMEOUT=60
unset VM_KEEP VM_APPEND VM_NODES VM_ICOUNT VM_DISK

# vm COMMAND: output in out and err, status in status
vm() {
	"$top/tests/vm/run" -n "$kernel" "$1" > "$work/out" 2> "$work/err"
	status=$?
	out=$(<"$work/out") err=$(<"$work/err")
	log=$(sed -n 's/.*(log: \(.*\))$/\1/p' "$work/err")
	[ -z "$log" ] || rm -rf "${log%/*}"
}

vm 'echo out; echo err >&2; exit 3'
same $status 3 "the command's exit status is passed through"
same "$out" out "standard output is the command's alone"
same "$err" err "standard error is the command's alone"

# The command is a script of several lines, with everything a shell could stumble on.
# shellcheck disable=SC2016 # for the guest to expand
vm 'x="a  b"; printf "%s|" "$x" '\''$HOME `id` \n'\'' "it'\''s" "ü ☃"
echo
seq 100000 | wc -l
printf "no newline" > /dev/stdout
sleep 1000 &'
same "$status" 0 "a process left behind does not keep the VM running"
same "$out" $'a  b|$HOME `id` \\n|it\'s|ü ☃|\n100000\nno newline' "quotes, dollars, newlines and UTF-8 survive"

vm 'head -c 3000000 /dev/zero | tr "\0" x'
same "${#out}" 3000000 "long output arrives completely"

vm 'kill -SEGV $$'
same $status 139 "death by a signal shows as 128 + its number"

# shellcheck disable=SC2016 # for the guest to expand
vm 'read -r line; echo "<$line> $?"; [ -t 0 ] || echo no terminal'
same "$out" $'<> 1\nno terminal' "standard input is empty"

vm 'echo done; echo "WARNING: planted" > /dev/kmsg'
same "$status" 70 "a kernel warning fails the run although the command succeeded"
same "$out" "done" "the output is there all the same"
contains "$err" "WARNING: planted" "the splat is shown"

vm 'modprobe lkdtm; echo WARNING > /sys/kernel/debug/provoke-crash/DIRECT'
same "$status" 70 "a real WARN() fails the run"

vm 'modprobe lkdtm; echo EXCEPTION > /sys/kernel/debug/provoke-crash/DIRECT; echo survived'
same "$status" 70 "an oops fails the run"
same "$out" "" "nothing runs after an oops"

vm 'echo c > /proc/sysrq-trigger'
same "$status" 70 "a panic fails the run"

vm 'echo b > /proc/sysrq-trigger; sleep 10'
same "$status" 71 "a guest that dies without a word is an error"
contains "$err" "the guest died" "the message says so"

# With an instruction per nanosecond, this is the same on any host.
VM_ICOUNT=1 vm 'dmesg | grep -o "Detected [0-9]*"'
check "VM_ICOUNT=1 has a clock of 1 GHz, which counts instructions" grep -qE '^Detected (999|1000)$' <<< "$out"

VM_ICOUNT=1 VM_SMP=2 vm 'true'
same "$status" 71 "VM_ICOUNT=1 with two CPUs is refused"
contains "$err" "counts on one CPU only" "the message says why"

VM_TIMEOUT=20 vm 'echo before; sleep 1000'
same "$status" 124 "a command that takes too long ends with status 124"
same "$out" before "its output so far is there"
contains "$err" "timed out after 20 seconds" "the message says so"

VM_APPEND='rdinit=/nonexistent init=/nonexistent' vm 'true'
check "a guest that never comes up is an error" [ $status -ne 0 ]

before=$SECONDS
"$top/tests/vm/run" -n "$kernel" 'while :; do echo y; done' 2>/dev/null | head -n1 > "$work/out"
same "$(<"$work/out")" y "output can be cut short"
check "a VM whose output nobody reads is stopped" [ $((SECONDS - before)) -lt 30 ]

# Several at once, each with its own output.
for i in 1 2 3; do
	"$top/tests/vm/run" -n "$kernel" "sleep 1; echo vm $i; exit $i" > "$work/out.$i" 2>&1 &
	pids[i]=$!
done
for i in 1 2 3; do
	wait "${pids[i]}"
	same "$? $(<"$work/out.$i")" "$i vm $i" "VM $i of three at the same time"
done

if command -v script >/dev/null; then
	TERM=xterm script -qec "stty rows 33 cols 111; '$top/tests/vm/run' '$kernel' 'stty size; tty; exit 5'" \
		/dev/null < /dev/null > "$work/out" 2>&1
	same $? 5 "on a terminal, the exit status is passed through too"
	out=$(tr -d '\r' < "$work/out")
	contains "$out" "33 111" "the guest's terminal has the size of ours"
	contains "$out" "/dev/hvc0" "the command has a terminal"
else
	skip "a terminal in the guest" "no script(1)"
fi

"$top/tests/vm/run" -n "$work" true > /dev/null 2> "$work/err"
same $? 71 "a kernel that is not built is an error"
contains "$(<"$work/err")" "not built" "the message says so"

done_testing
