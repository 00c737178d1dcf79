# SPDX-License-Identifier: GPL-2.0-only
#
# The tables, and with mode "--rst" the text around them. Every figure comes from
# results.csv, so none can be mistyped.

NR > 1 {
	key = $1 FS $2 FS $3 FS $4 FS $5 FS $6 FS $7
	median[key] = $9
	low[key] = $10
	high[key] = $11
	what = $2 FS $3 FS $4 FS $5 FS $6
	if (!(what in seen)) {
		seen[what] = 1
		subjects[$2] = subjects[$2] what "\n"
	}
	if ($8 > samples[$2])
		samples[$2] = $8
}

function has(kernel, what, metric) { return (kernel FS what FS metric) in median }
function get(kernel, what, metric) { return median[kernel FS what FS metric] + 0 }

# The same for the terminal and the page: a simple table of reStructuredText.
function table_begin(title) {
	nr_rows = nr_columns = 0
	table_title = title
}

function table_row(cells, n, i) {
	n = split(cells, cell, "|")
	nr_columns = n
	nr_rows++
	for (i = 1; i <= n; i++) {
		text[nr_rows, i] = cell[i] == "" ? "-" : cell[i]
		if (nr_rows == 1 || length(text[nr_rows, i]) > width[i])
			width[i] = length(text[nr_rows, i])
	}
}

function rule(i, j) {
	for (i = 1; i <= nr_columns; i++) {
		for (j = 0; j < width[i]; j++)
			printf "="
		printf i < nr_columns ? "  " : "\n"
	}
}

function table_end(r, i, line) {
	if (nr_rows < 2)
		return
	if (mode == "--table")
		printf "\n%s\n\n", table_title
	rule()
	for (r = 1; r <= nr_rows; r++) {
		line = ""
		for (i = 1; i <= nr_columns; i++)
			line = line sprintf(text[r, i] ~ /^[-0-9]/ && i > 1 ? "%*s" : "%-*s", width[i], text[r, i]) (i < nr_columns ? "  " : "")
		sub(/ +$/, "", line)
		print line
		if (r == 1)
			rule()
	}
	rule()
	if (mode == "--rst")
		print ""
}

function say(line) { if (mode == "--rst") print line }

function heading(title, i, line) {
	if (mode != "--rst")
		return
	for (i = 0; i < length(title); i++)
		line = line "="
	printf "%s\n%s\n\n", title, line
}

function size(bytes) {
	if (bytes >= 1073741824)
		return bytes / 1073741824 " GiB"
	if (bytes >= 1048576)
		return bytes / 1048576 " MiB"
	return bytes / 1024 " KiB"
}

function whole(value) { return sprintf("%.0f", value) }

# 1234567 as "1.23 M"
function short(value) {
	if (value >= 999500000)
		return sprintf("%.2f G", value / 1e9)
	if (value >= 999500)
		return sprintf(value >= 9995000 ? "%.1f M" : "%.2f M", value / 1e6)
	return sprintf("%.0f", value)
}

# What a page costs from mmap() to munmap(), and the part in the functions that the
# change is about; "" if this kernel did not do it.
function per_page(kernel, what) {
	return has(kernel, what, "map_per_page") ? get(kernel, what, "map_per_page") + get(kernel, what, "unmap_per_page") : ""
}

function per_page_inner(kernel, what) {
	return has(kernel, what, "alloc_per_page") ? get(kernel, what, "alloc_per_page") + get(kernel, what, "free_per_page") : ""
}

function ratio(a, b) { return a == "" || b == "" || b == 0 ? "" : sprintf("%.2f", a / b) }
function cell_of(value) { return value == "" ? "" : whole(value) }

function each_of(what_case) { return split(subjects[what_case], list, "\n") - 1 }

function map_table(inner, i, n, f, stock, patched) {
	table_begin(inner ? "Allocating and freeing the memory of an AUX area: guest instructions per page" : \
		"mmap() and munmap() of an AUX area: guest instructions per page")
	table_row("PMU|size|order|stock|patched|stock, not zeroing|patched, not zeroing|ratio")
	n = each_of("map")
	for (i = 1; i <= n; i++) {
		split(list[i], f, FS)
		stock = inner ? per_page_inner("stock", list[i]) : per_page("stock", list[i])
		patched = inner ? per_page_inner("patched", list[i]) : per_page("patched", list[i])
		if (stock == "" && patched == "")
			continue
		table_row(f[2] "|" size(f[3]) "|" f[4] "|" cell_of(stock) "|" cell_of(patched) "|" \
			cell_of(stock == "" ? "" : stock - zero) "|" cell_of(patched == "" ? "" : patched - zero) "|" \
			ratio(patched == "" ? "" : patched - zero, stock == "" ? "" : stock - zero))
	}
	table_end()
}

function two(kernel, what, a, b) {
	return has(kernel, what, a) ? whole(get(kernel, what, a)) " / " whole(get(kernel, what, b)) : ""
}

# min..max where the rounds differ, or the one value
function range(kernel, what, metric, unit, key) {
	key = kernel FS what FS metric
	if (!(key in median))
		return ""
	if (low[key] == high[key])
		return whole(median[key])
	return whole(median[key]) " (" whole(low[key]) ".." whole(high[key]) ")"
}

function blocks_table(i, n, f) {
	table_begin("Large blocks (2 MiB and more) while 16 AUX areas of 4 MiB of intel_pt are mapped")
	table_row("free small blocks are|kernel|order|large before|during|lost|after|huge pages before|during")
	n = each_of("blocks")
	for (i = 1; i <= n; i++) {
		split(list[i], f, FS)
		for (k = 1; k <= 2; k++) {
			if (!has(kernels[k], list[i], "large_lost"))
				continue
			table_row(f[5] "|" kernels[k] "|" (f[4] == "-" ? "default" : f[4]) "|" \
				range(kernels[k], list[i], "large_before") "|" range(kernels[k], list[i], "large_during") "|" \
				range(kernels[k], list[i], "large_lost") "|" range(kernels[k], list[i], "large_after") "|" \
				range(kernels[k], list[i], "huge_pages_before") "|" range(kernels[k], list[i], "huge_pages_during"))
		}
	}
	table_end()
}

function must_table(i, n, f, w) {
	table_begin("AUX areas of intel_bts in overwrite mode that could be mapped, of 16, in %")
	table_row("size|blocks ready|blocks pinned|stock|patched|stock, stalls|patched, stalls|stock, slowest|patched, slowest")
	n = each_of("must")
	for (i = 1; i <= n; i++) {
		split(list[i], f, FS)
		split(f[5], w, " ")
		table_row(size(f[3]) "|" w[1] "|" w[5] "|" range("stock", list[i], "success_percent") "|" \
			range("patched", list[i], "success_percent") "|" two("stock", list[i], "compact_stall", "allocstall") "|" \
			two("patched", list[i], "compact_stall", "allocstall") "|" \
			short(get("stock", list[i], "worst_map")) "|" short(get("patched", list[i], "worst_map")))
	}
	table_end()
}

function stall_table(i, n, f) {
	table_begin("8 AUX areas of 16 MiB of intel_pt in fragmented memory")
	table_row("order|memory can be|kernel|slowest mmap()|mean|compact_stall|allocstall|failed")
	n = each_of("stall")
	for (i = 1; i <= n; i++) {
		split(list[i], f, FS)
		for (k = 1; k <= 2; k++) {
			if (!has(kernels[k], list[i], "worst_map"))
				continue
			table_row(f[4] "|" (f[5] == "pinned" ? "not moved" : "moved") "|" kernels[k] "|" \
				short(get(kernels[k], list[i], "worst_map")) "|" short(get(kernels[k], list[i], "mean_map")) "|" \
				range(kernels[k], list[i], "compact_stall") "|" range(kernels[k], list[i], "allocstall") "|" \
				range(kernels[k], list[i], "failed"))
		}
	}
	table_end()
}

function topa_table(i, n, f) {
	table_begin("What scattered pages cost intel_pt (patched kernel)")
	table_row("size|order|tables|build|per page|free|find offset|find markers|start")
	n = each_of("topa")
	for (i = 1; i <= n; i++) {
		split(list[i], f, FS)
		table_row(size(f[3]) "|" f[4] "|" whole(get("patched", list[i], "tables")) "|" \
			short(get("patched", list[i], "build")) "|" \
			sprintf("%.1f", get("patched", list[i], "build") / (f[3] / 4096)) "|" \
			short(get("patched", list[i], "free")) "|" short(get("patched", list[i], "reset_offsets")) "|" \
			short(get("patched", list[i], "reset_markers")) "|" short(get("patched", list[i], "start")))
	}
	table_end()
}

function tool_table(i, n, f) {
	table_begin("Tools")
	table_row("command|PMUs|until it is done, or its screen drawn|each update|resident KiB")
	n = each_of("tool")
	for (i = 1; i <= n; i++) {
		split(list[i], f, FS)
		if (!has("patched", list[i], "instructions"))
			continue
		sub(/ PMUs/, "", f[5])
		table_row(f[2] "|" f[5] "|" short(get("patched", list[i], "instructions")) "|" \
			(has("patched", list[i], "instructions_per_update") ? short(get("patched", list[i], "instructions_per_update")) : "") "|" \
			whole(get("patched", list[i], "resident_kib")))
	}
	table_end()
}

function costs_table(i, n, names) {
	table_begin("Single pages, without an AUX area: guest instructions per page")
	table_row("what|stock|patched")
	n = split("zero alloc free alloc_bulk free_bulk", names, " ")
	for (i = 1; i <= n; i++)
		table_row(names[i] "|" sprintf("%.0f|%.0f", get("stock", "costs,-,-,0,-", names[i]), get("patched", "costs,-,-,0,-", names[i])))
	table_end()
}

# The largest difference between two samples of one measurement, in percent.
function spread(name, metrics, key, f, s, max) {
	for (key in median) {
		split(key, f, FS)
		if (f[2] != name || f[7] !~ metrics || !median[key])
			continue
		s = (high[key] - low[key]) / median[key] * 100
		if (s > max)
			max = s
	}
	return sprintf("%.1f %%", max)
}

function fixed(format, a, b, c, d) { printf "  " format "\n", a, b, c, d }

# For people who read nothing else: plain text, also in a mail.
function summary(what, order, i) {
	if (mode != "--rst")
		return
	print "Linux " linux ", stock against patched, in QEMU without KVM. Costs are guest"
	print "instructions (QEMU -icount), not hardware time; zeroing a page takes " whole(zero) " of"
	print "them in either kernel, and is not counted here::"
	print ""
	fixed("%-44s %9s %9s %6s", "per page of an AUX area in single pages", "stock", "patched", "ratio")
	summary_cost("intel_pt, rb_alloc_aux() + rb_free_aux()", per_page_inner("stock", area), per_page_inner("patched", area))
	summary_cost("intel_pt, mmap() + munmap()", per_page("stock", area), per_page("patched", area))
	what = area
	sub(/intel_pt/, "aux_test_dontcare", what)
	summary_cost("don't care (vmap), alloc + free", per_page_inner("stock", what), per_page_inner("patched", what))
	summary_cost("don't care (vmap), mmap() + munmap()", per_page("stock", what), per_page("patched", what))
	print ""
	fixed("%-44s %9s %9s", "16 areas of 4 MiB of intel_pt, by default", "stock", "patched")
	for (i = 1; i <= 2; i++) {
		order = i == 1 ? "unmovable" : "movable"
		what = "blocks,intel_pt,4194304,-," order
		fixed("%-44s %9s %9s", "blocks >= 2 MiB lost, free pages " order, whole(get("stock", what, "large_lost")), whole(get("patched", what, "large_lost")))
	}
	print ""
	fixed("%-44s %9s %9s", "8 areas of 16 MiB of intel_pt at order 9", "stock", "patched")
	what = "stall,intel_pt,16777216,9,pinned"
	fixed("%-44s %9s %9s", "compact_stall, memory can't be moved", whole(get("stock", what, "compact_stall")), whole(get("patched", what, "compact_stall")))
	fixed("%-44s %9s %9s", "slowest mmap()", short(get("stock", what, "worst_map")), short(get("patched", what, "worst_map")))
	what = "stall,intel_pt,16777216,9,movable"
	fixed("%-44s %9s %9s", "compact_stall, memory can be moved", whole(get("stock", what, "compact_stall")), whole(get("patched", what, "compact_stall")))
	fixed("%-44s %9s %9s", "slowest mmap()", short(get("stock", what, "worst_map")), short(get("patched", what, "worst_map")))
	print ""
	fixed("%-44s %9s %9s", "16 areas of intel_bts, overwrite: mapped", "stock", "patched")
	for (i = 1; i <= 3; i++) {
		bytes = i == 1 ? 262144 : i == 2 ? 1048576 : 4194304
		what = "must,intel_bts," bytes ",-,8 of 16 ready; 50% pinned"
		if (has("stock", what, "success_percent"))
			fixed("%-44s %8s%% %8s%%", size(bytes) " each, 8 such blocks ready", whole(get("stock", what, "success_percent")), whole(get("patched", what, "success_percent")))
		what = "must,intel_bts," bytes ",-,0 of 16 ready; 50% pinned"
		if (has("stock", what, "success_percent"))
			fixed("%-44s %8s%% %8s%%", size(bytes) " each, none ready", whole(get("stock", what, "success_percent")), whole(get("patched", what, "success_percent")))
	}
}

function summary_cost(name, stock, patched) {
	fixed("%-44s %9s %9s %6s", name, cell_of(stock - zero), cell_of(patched - zero), ratio(patched - zero, stock - zero))
}

END {
	kernels[1] = "stock"
	kernels[2] = "patched"
	zero = get("patched", "costs,-,-,0,-", "zero")
	area = "map,intel_pt,67108864,0,-"
	if (!has("patched", area, "map_per_page"))
		area = "map,intel_pt,16777216,0,-"
	split(area, area_field, FS)

	say(".. SPDX-License-Identifier: GPL-2.0-only")
	say(".. Made by \"make bench\", as build/bench/report.rst: don't edit.")
	say("")
	say("==============================")
	say("Benchmarks of AUX area chunks")
	say("==============================")
	say("")
	say("What the orders of the chunks of an AUX area cost, on Linux " linux " as it is (*stock*)")
	say("and with the change (*patched*), see Documentation/admin-guide/perf/aux-max-order.rst.")
	say("To measure it again:")
	say("")
	say("::")
	say("")
	say("  make bench" (rounds == 3 ? "" : " ROUNDS=" rounds))
	say("")
	say("This builds both kernels from the same source with the same configuration (but")
	say("``CONFIG_PERF_AUX_STATS=y``, which only the patched one has), boots them in turns,")
	say((rounds == 1 ? "once" : rounds " times") " each, in QEMU " qemu " without KVM, with one CPU (a Nehalem with intel_bts")
	say("and intel_pt), and shows medians over all samples. Compiler: " compiler ".")
	say("")
	say("What these numbers are")
	say("======================")
	say("")
	say("Time is counted in **guest instructions (QEMU -icount)**: the clock of the guest")
	say("advances by one nanosecond per instruction it executes. That is repeatable on any")
	say("host, busy or not: the samples of one measurement in the table of mmap() and munmap()")
	say("differ by at most " spread("map", "^map_per_page$") " of their median for mmap(), those of the costs of a single")
	say("page by " spread("costs", ".") ".")
	say("")
	say("It is not hardware time, and says nothing of what emulation doesn't have: caches and")
	say("TLBs, memory bandwidth, contention of several CPUs for the zone lock, NUMA, interrupts of")
	say("a tracing device, a trace. Zeroing above all is a ``rep stosq`` here, which counts as one")
	say("instruction for 8 bytes; hardware is several times faster at it than this suggests,")
	say("so it is shown apart. What the tables say of blocks, huge pages, stalls and failures")
	say("are counts, and not subject to any of this, but they are those of a small machine.")
	say("")

	heading("In short")
	say(".. cover-letter: begin")
	say("")
	summary()
	say("")
	say(".. cover-letter: end")
	say("")

	heading("The floor")
	say("Measured by a module, in a loop: what any AUX area pays for its pages at the least.")
	say("``alloc`` and ``free`` are one page at a time and don't zero, ``zero`` is clear_page().")
	say("")
	costs_table()

	heading("Mapping and unmapping")
	say("From before mmap() to after munmap(); then the part of it in rb_alloc_aux() and")
	say("rb_free_aux(), from kprobes. Zeroing takes " whole(zero) " instructions per page. The stock kernel has")
	say("no other orders than 0 for a PMU that doesn't care. It gets the orders of intel_pt by")
	say("the watermark, the patched one by ``aux_max_order`` and the same watermark.")
	say("")
	map_table(0)
	map_table(1)

	heading("Large blocks")
	say("Memory is fragmented first: 128 MiB are free in runs of 8 pages, and some 250 MiB in")
	say("blocks of 2 MiB and more; everything else is taken and can't be moved. The runs are")
	say("*unmovable* if they lie in page blocks that the page allocator uses for the kernel,")
	say("*movable* if they lie in those for user space. The kernel's own pages, of which an AUX")
	say("area is made, don't go to the latter as long as there is a large block anywhere: the page")
	say("allocator rather turns that into a block for the kernel, whatever the order. So order 0")
	say("keeps large blocks intact where the kernel has small blocks of its own to use.")
	say("Huge pages are faults that succeed without compaction, when all large blocks are asked")
	say("for.")
	say("")
	blocks_table()

	heading("Areas that must be contiguous")
	say("A quarter of the memory is free in runs of 4 pages, and as many blocks of the size of an")
	say("area are *ready* as the table says. In so many of the 4 MiB blocks a page is *pinned*, so")
	say("that no compaction can make a block of it. Then 16 areas are mapped, one after")
	say("the other, and held. Stalls are compact_stall / allocstall of /proc/vmstat, the slowest")
	say("mmap() in guest instructions.")
	say("")
	say("The stock kernel asks with ``__GFP_NORETRY``. That is asynchronous compaction, which for")
	say("the memory of the kernel looks no further than page blocks the kernel uses already.")
	say("The patched one does the same, and if that fails, asks again with")
	say("``__GFP_RETRY_MAYFAIL``: synchronous compaction of any page block. It can make a block that")
	say("fits into a page block (2 MiB); one of 4 MiB needs two neighbours. If it fails, compaction of")
	say("that order is deferred, also in the background (kcompactd), which asynchronous attempts")
	say("never cause. Each row begins with nothing deferred; on a machine where compaction has")
	say("failed lately, the second attempt gets no further than the first until that is over.")
	say("")
	must_table()

	heading("Stalls")
	say("Half of the memory is free in runs of 8 pages; the rest of it can be moved by compaction,")
	say("or not. 40 MiB are left in larger blocks. The areas ask for chunks of order 9, or for")
	say("single pages.")
	say("")
	stall_table()

	heading("What order 0 costs intel_pt")
	say("Tables are pages for the ToPA, 507 entries each. They are built by mmap(); the offset and")
	say("the markers are found each time the event starts, here with the markers on the last page,")
	say("which is where the search is longest. All in guest instructions, a kprobe of some 700")
	say("included.")
	say("")
	topa_table()

	if (each_of("tool") <= 0)
		exit
	heading("aux-tune")
	say("Guest instructions of the process, with what the kernel executes for it: until the")
	say("command ends or its screen is complete, and for each update of the screen, one per second.")
	say("Other tools are there for scale.")
	say("")
	tool_table()
}
