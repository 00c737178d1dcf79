#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Saved orders and the real udevd: PMUs that come later, or once more; rules that
# nobody should write; what the kernel refuses; file systems that are full or
# read-only.  What takes a reboot is in tests/scripts/reboot.sh.
#
# vm: patched/pt-multi

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
devices=/sys/bus/event_source/devices
test_pmu=/sys/kernel/debug/aux_test_pmu
rules=/etc/udev/rules.d
file=$rules/60-aux-tune.rules
out=/run/aux-saved

order() { cat "$devices/$1/aux_max_order" 2>&1; }

# tune STATUS ARGUMENTS...: aux-tune ends with that status; output in $out, errors in $out.err
tune() {
	local wanted=$1 status=0
	shift
	aux-tune "$@" > $out 2> $out.err || status=$?
	[ $status = "$wanted" ] || { cat $out $out.err; echo "status $status"; return 1; }
}

says() { contains "$(cat $out $out.err)" "$1" "$2"; }

trigger() {
	udevadm trigger --action="${1:-change}" --subsystem-match=event_source
	udevadm settle --timeout=60
}

again() { # PMU KIND: it goes and comes
	echo "$1" > $test_pmu/unregister
	echo "$1 $2" > $test_pmu/register
	udevadm settle --timeout=60
}

# ----- a module that is loaded later -----

modprobe aux_test_pmu
udevadm settle --timeout=60
check "the orders are set" tune 0 set aux_test_nice intel_pt 4
check "they are saved" tune 0 save
same "$(grep -c '^ACTION' $file)" 2 "with a line for each"
rmmod aux_test_pmu
check "saved orders are no drift" tune 0 verify
says "aux_test_nice: is saved, but not here now" "a PMU that is away is told"
modprobe aux_test_pmu
udevadm settle --timeout=60
same "$(order aux_test_nice)" 4 "a PMU whose module is loaded later gets its order"
same "$(order aux_test_dontcare)" 0 "one that is not saved does not"
again aux_test_nice nice
same "$(order aux_test_nice)" 4 "a PMU that is registered once more gets it again"

# udevd looks for changes at most every three seconds; it has to be told.
check "an order is changed and saved" tune 0 set aux_test_nice 6
check "in the same moment" tune 0 save aux_test_nice
again aux_test_nice nice
same "$(order aux_test_nice)" 6 "the next event has the new rule"

echo 1 > $devices/aux_test_nice/aux_max_order
check "what is echoed is a drift" tune 7 verify
says "aux_test_nice: order is 1, but $file" "with the PMU and the rule"
trigger
same "$(order aux_test_nice)" 6 "udevadm trigger puts it right"
check "and that is no drift" tune 0 verify
trigger add
same "$(order intel_pt)" 4 "coldplug sets a built-in PMU"

# ----- names -----

evil='a[b]*"c'
echo "$evil nice" > $test_pmu/register
echo "ab\"c nice" > $test_pmu/register
udevadm settle --timeout=60
check "a PMU has a name that looks like a pattern" test -d "$devices/$evil"
check "it is set" tune 0 set "$evil" 3
check "and saved" tune 0 save "$evil"
echo 0 > "$devices/$evil/aux_max_order"
trigger
same "$(order "$evil")" 3 "it gets its order"
same "$(order "ab\"c")" 0 "a PMU that the pattern would match does not"
same "$(order aux_test_dontcare)" 0 "nor any other"
check "it is taken out" tune 0 unsave "$evil"
echo "$evil" > $test_pmu/unregister
echo "ab\"c" > $test_pmu/unregister

# ----- rules of other people -----

cat > $rules/50-broken.rules <<-'END'
	KERNEL=="aux_test_nice, ATTR{aux_max_order}="9"
	ATTR{aux_max_order}
	KERNEL="aux_test_nice", ATTR{aux_max_order}="9"
	KERNEL=="aux_test_nice", GOTO="nowhere", ATTR{aux_max_order}="x"
	KERNEL=="aux_test_nice", ATTR{aux_max_order}="99999999999999999999"
	KERNEL=="aux_test_nice", ATTR{aux_max_order}="-1"
	KERNEL=="aux_test_nice", ATTR{../../../../kernel/hostname}="owned", ATTR{nothing}="1"
	KERNEL=="aux_test_nice", ATTR{aux_max_order}="9" \
END
head -c 5000 /dev/urandom > $rules/51-noise.rules
udevadm control --reload
echo 1 > $devices/aux_test_nice/aux_max_order
trigger
same "$(order aux_test_nice)" 6 "broken rules don't keep a saved one from running"
check "udevd lives" udevadm control --ping --timeout=10
check "verify is not impressed" tune 0 verify
says "50-broken.rules:1: udev ignores it" "but names what udev ignores"
rm $rules/50-broken.rules $rules/51-noise.rules

# What verify says of a rule is what the kernel and udevd do.
mkdir -p /run/udev/rules.d
echo 'KERNEL=="aux_test_nice", ATTR{aux_max_order}="2"' > /run/udev/rules.d/90-other.rules
udevadm control --reload
trigger
same "$(order aux_test_nice)" 2 "a file with a later name wins, in whatever directory"
check "which verify knows" tune 0 verify
same "$(aux-tune list -o saved,saved-by aux_test_nice | tail -n 1 | xargs)" \
	"2 /run/udev/rules.d/90-other.rules:1" "and says where it is"
echo 5 > $devices/aux_test_nice/aux_max_order
check "save does not write what has no effect" tune 4 save aux_test_nice
says "/run/udev/rules.d/90-other.rules:1 is read after it and sets '2'" "and names the line that wins"
ln -s /dev/null $rules/90-other.rules
udevadm control --reload
trigger
same "$(order aux_test_nice)" 6 "a link to /dev/null switches that file off"
check "which verify knows as well" tune 0 verify
rm $rules/90-other.rules /run/udev/rules.d/90-other.rules

# ----- a PMU that must have contiguous memory -----

check "its order cannot be saved" tune 4 save intel_bts
cp $file /run/saved.rules
echo 'KERNEL=="intel_bts", ATTR{aux_max_order}="3"' >> $file
udevadm control --reload
trigger
same "$(order intel_bts)" 10 "the kernel refuses a rule that sets it"
check "verify reports that" tune 7 verify
says "intel_bts: the kernel refuses what $file:4 sets" "with the line"
check "save keeps a line by hand" tune 0 save aux_test_dontcare
check "byte for byte" grep -qxF 'KERNEL=="intel_bts", ATTR{aux_max_order}="3"' $file
cp /run/saved.rules $file

# ----- where it cannot be written -----

echo 7 > $devices/intel_pt/aux_max_order
mount -t tmpfs -o size=8k full $rules
cp /run/saved.rules $file
udevadm control --reload
head -c 1M /dev/zero > $rules/filler 2> /dev/null
check "a full file system is told" tune 1 save
says "no space left to write $file: the file is as it was" "in words"
check "and leaves the old file whole" cmp $file /run/saved.rules
same "$(ls -A $rules)" $'60-aux-tune.rules\nfiller' "and nothing beside it"
mount -o remount,ro $rules
check "a read-only file system is told" tune 5 save
says "$file is on a file system that is mounted read-only" "in words"
check "and has the old file" cmp $file /run/saved.rules
check "verify reads it all the same" tune 7 verify
umount $rules

ln -sf /run/saved.rules $file
check "nothing is written through a link" tune 4 save
says "symbolic link" "in words"
rm $file

# ----- gone -----

cp /run/saved.rules $file
check "everything is taken out" tune 0 unsave
check "and the file" test ! -e $file
again aux_test_nice nice
same "$(order aux_test_nice)" 0 "a PMU gets its default again"
trigger add
same "$(order intel_pt)" 7 "no rule means that none changes it"

# The example.
cp "$AUX_TOP/tools/aux-tune/examples/50-intel-pt-large-chunks.rules" $rules
udevadm control --reload
trigger
same "$(order intel_pt)" 10 "the example gives intel_pt the large chunks it had"
check "which verify finds saved" tune 0 verify
rm $rules/50-intel-pt-large-chunks.rules

udevadm control --exit
for _ in $(seq 50); do
	[ -e /run/udev/control ] || break
	sleep 0.1
done
rm -f /run/udev/control
check "without udevd it can be saved too" tune 0 save intel_pt
says "no udevd runs here" "with a word about it"

# As it was, for those who come next.
tune 0 unsave > /dev/null
/lib/systemd/systemd-udevd --daemon
for order in "$devices"/*/aux_max_order; do
	[ "$(stat -c %a "$order")" = 444 ] || echo 0 > "$order"
done
rmmod aux_test_pmu
done_testing
