#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The Debian package: built, looked at by lintian, installed into a Debian that
# has never seen it, run there, and purged without a trace.

# shellcheck disable=SC2016 # commands for the shell in the chroot

set -u
# shellcheck source=tests/lib/tap
. "$(dirname "$0")/../lib/tap"
top=$(cd "$(dirname "$0")/../.." && pwd)

[ "$(id -u)" -eq 0 ] || skip_all "a chroot needs root"
for command in mmdebstrap dpkg-buildpackage lintian; do
	command -v $command > /dev/null || skip_all "$command is not installed (make deps)"
done
# shellcheck disable=SC1091 # the system's
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
# shellcheck disable=SC2016 # the dollars are apt's
mirror=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 2> /dev/null | sort -u |
	awk -v codename="$codename" '$1 == "Debian" && $2 == codename { print $3; exit }')
[ -n "$mirror" ] || skip_all "no Debian mirror among this machine's apt sources"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

"$top/scripts/build-deb" > "$work/path" 2> "$work/err"
same $? 0 "the package builds, and lintian finds neither errors nor warnings"
deb=$(<"$work/path")
if [ ! -f "$deb" ]; then
	diag "$(<"$work/err")"
	done_testing
	exit
fi

check "the package switches nothing on" \
	bash -c '! dpkg-deb -c "$1" | grep -E "[^ ]*/(rules\.d|[a-z]*\.wants)/"' - "$deb"

dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work" ./usr/sbin/aux-tune
check "the tool in it is hardened" "$top/tools/aux-tune/tests/hardening.sh" "$work/usr/sbin/aux-tune"

# What it depends on is there first, so that all that comes afterwards is its own.
depends=$(dpkg-deb -f "$deb" Depends | sed -E 's/ *\([^)]*\)//g; s/ *\|[^,]*//g; s/, */,/g')
mmdebstrap --quiet --mode=root --variant=essential --include="$depends,jq" "$codename" "$root" \
	"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $codename main" \
	> "$work/err" 2>&1
status=$?
result $status "a fresh $codename"
if [ $status -ne 0 ]; then
	diag "$(tail -n 20 "$work/err")"
	done_testing
	exit
fi

# in_root COMMAND: by a shell in the chroot, which has this machine's /proc and /sys.
in_root() {
	unshare -m sh -c '
		mount --make-rprivate / && mount --rbind /proc "$1/proc" && mount --rbind /sys "$1/sys" &&
		mount -o remount,bind,ro "$1/sys" &&
		exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin AUTOPKGTEST_TMP=/tmp/autopkgtest \
			LC_ALL=C.UTF-8 sh -ec "$2"' - "$root" "$1"
}

# Everything in the chroot but what every dpkg leaves: logs, and backups of its database.
trace() {
	(cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./tmp -o -path ./var/log \
		-o -path ./var/cache -o -path ./var/lib/dpkg \) -prune -o -printf '%p %m %s %l\n' | sort)
	(cd "$root" && ls var/lib/dpkg/info var/lib/dpkg/alternatives)
}

mkdir -p "$root/tmp/autopkgtest" "$root/etc/udev/rules.d"
cp "$deb" "$root/tmp/aux-tune.deb"
cp -r "$top/debian/tests" "$root/tmp/tests"
trace > "$work/before"

check "it installs with what it depends on and nothing else" in_root 'dpkg -i /tmp/aux-tune.deb'
for test in smoke saved; do
	rm -rf "$root/tmp/autopkgtest"
	mkdir "$root/tmp/autopkgtest"
	check "autopkgtest $test" in_root "/tmp/tests/$test"
done
check "a kernel without the attribute is told" in_root '
	[ ! -e /sys/bus/event_source/devices/intel_pt/aux_max_order ] || exit 0
	status=0; aux-tune list > /dev/null 2> /tmp/err || status=$?
	[ $status = 6 ] && [ "$(wc -l < /tmp/err)" = 1 ] && rm /tmp/err'
check "no unit is enabled" in_root '[ ! -e /etc/systemd/system/timers.target.wants/aux-tune-verify.timer ]'

# A saved rule is configuration.
in_root '
	tree=/tmp/autopkgtest/tree
	aux-tune --root $tree set intel_pt 9
	rm -f $tree/etc/udev/rules.d/*
	aux-tune --root $tree save
	cp $tree/etc/udev/rules.d/60-aux-tune.rules /etc/udev/rules.d' > "$work/err" 2>&1 || diag "$(<"$work/err")"
saved=$root/etc/udev/rules.d/60-aux-tune.rules
in_root 'dpkg -r aux-tune' > /dev/null 2>&1
check "removing it keeps what is saved" grep -q 'ATTR{aux_max_order}="9"' "$saved"
in_root 'dpkg -i /tmp/aux-tune.deb' > /dev/null 2>&1
echo '# somebody else' >> "$saved"
in_root 'dpkg -P aux-tune' > /dev/null 2>&1
same "$(cat "$saved" 2>&1)" '# somebody else' "purging it takes out its own lines only"
rm -f "$saved"

in_root 'dpkg -i /tmp/aux-tune.deb' > /dev/null 2>&1
cp "$root/tmp/autopkgtest/tree/etc/udev/rules.d/60-aux-tune.rules" "$saved"
check "it can be purged" in_root 'dpkg -P aux-tune'
trace > "$work/after"
same "$(diff "$work/before" "$work/after")" "" "nothing is left"

done_testing
