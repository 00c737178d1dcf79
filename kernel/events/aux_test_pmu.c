// SPDX-License-Identifier: GPL-2.0-only
/*
 * PMUs that trace without hardware, to test AUX areas with.
 *
 * There is one kind for each way in which drivers use the chunks of an AUX
 * area:
 *
 *   must	like intel_bts: one region per chunk, filled one at a time; in
 *		overwrite mode the area has to be a single chunk
 *   nice	like intel_pt: a table with an entry per chunk, and positions
 *		in a chunk computed by masking the AUX head with its size
 *   dontcare	like arm_spe: the pages are mapped next to each other
 *
 * The trace is a sequence of 64-bit words in the byte order of the machine,
 * written by a timer. The word at AUX head N, which goes on when the AUX area
 * of a buffer is unmapped and mapped again, is
 *
 *	seed << 48 | (N / 8) % 2^48
 *
 * so a reader can verify each byte, and tell where a stray one comes from.
 * perf_event_attr::config and config1 set the seed, the period of the timer,
 * and the bytes it writes each time; see the PMU's format directory.
 *
 * Loading the module registers aux_test_must, aux_test_nice and
 * aux_test_dontcare. In /sys/kernel/debug/aux_test_pmu/:
 *
 *   pmus	"<name> <kind>" for each registered PMU
 *   register	write "<name> <kind>"
 *   unregister	write "<name>"; events that are open are revoked
 *   areas	the AUX areas as the driver sees them, one per line:
 *		"<pmu> <pid> <cpu> <pages> <rw|overwrite> <chunks>", where
 *		chunks lists <page order>x<count> in the order of the area
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitfield.h>
#include <linux/cleanup.h>
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#define WORD_SIZE		sizeof(u64)
#define WORD_NR_BITS		48

/* perf_event_attr::config */
#define CONFIG_BYTES		GENMASK_ULL(31, 0)
#define CONFIG_SEED		GENMASK_ULL(47, 32)
#define CONFIG_REFUSE		BIT_ULL(48)
#define CONFIG_VALID		(CONFIG_BYTES | CONFIG_SEED | CONFIG_REFUSE)

/* perf_event_attr::config1 */
#define CONFIG1_PERIOD_US	GENMASK_ULL(31, 0)

#define DEFAULT_BYTES		SZ_4K
#define MAX_BYTES		SZ_1M
#define DEFAULT_PERIOD_US	1000
#define MIN_PERIOD_US		100
#define MAX_PERIOD_US		(10 * USEC_PER_SEC)
#define MAX_BYTES_PER_US	SZ_2K

#define PMU_NAME_LEN		32
#define MAX_PMUS		1024

/* A physically contiguous part of an AUX area. */
struct aux_test_chunk {
	void		*base;
	unsigned int	first_page;	/* in the area */
	unsigned int	order;
};

/* An AUX area, from setup_aux() to free_aux(). */
struct aux_test_area {
	struct list_head		node;
	const struct aux_test_kind	*kind;
	char				pmu_name[PMU_NAME_LEN];
	pid_t				pid;
	int				cpu;
	unsigned int			nr_pages;
	bool				overwrite;
	void				*mapping;	/* kind dontcare */
	unsigned int			nr_chunks;
	struct aux_test_chunk		chunks[] __counted_by(nr_chunks);
};

/* How a kind of PMU uses the chunks of an AUX area. */
struct aux_test_kind {
	const char	*name;
	int		capabilities;

	/* 0, or a negative errno if the driver can't use the area. */
	int		(*setup)(struct aux_test_area *area, void **pages);
	void		(*free)(struct aux_test_area *area);

	/*
	 * Writes up to @bytes of trace, a multiple of WORD_SIZE, at byte @pos
	 * of the trace. Returns how many.
	 */
	size_t		(*write)(struct aux_test_area *area, u64 pos,
				 size_t bytes, u64 seed);
};

struct aux_test_pmu {
	struct list_head		node;
	struct pmu			pmu;
	const struct aux_test_kind	*kind;
	char				name[PMU_NAME_LEN];
};

/* What hardware would have in registers while the event is scheduled. */
struct aux_test_event {
	struct hrtimer			timer;
	struct perf_output_handle	handle;
	struct perf_event		*event;
	ktime_t				period;
	size_t				bytes;
	u64				seed;

	/*
	 * There is an output transaction on the handle, and nobody is at it.
	 * Who changes it from 1 to 0 is the one to end it.
	 */
	int				pending;
};

/* Protects the list only: an area on it is as it was set up. */
static DEFINE_MUTEX(areas_lock);
static LIST_HEAD(areas);

/* Nests outside of everything in perf. */
static DEFINE_MUTEX(test_pmus_lock);
static LIST_HEAD(pmus);
static unsigned int nr_pmus;

static struct dentry *debugfs_dir;

/* Trace output */

static void write_words(void *to, u64 pos, size_t bytes, u64 seed)
{
	u64 nr = pos / WORD_SIZE;
	u64 *word = to;

	for (; bytes; bytes -= WORD_SIZE)
		*word++ = seed << WORD_NR_BITS | (nr++ & GENMASK_ULL(WORD_NR_BITS - 1, 0));
}

static size_t area_size(const struct aux_test_area *area)
{
	return (size_t)area->nr_pages << PAGE_SHIFT;
}

static size_t chunk_size(const struct aux_test_chunk *chunk)
{
	return PAGE_SIZE << chunk->order;
}

static const struct aux_test_chunk *
find_chunk(const struct aux_test_area *area, u64 pos)
{
	unsigned int page = (pos & (area_size(area) - 1)) >> PAGE_SHIFT;
	unsigned int low = 0, high = area->nr_chunks - 1;

	while (low < high) {
		unsigned int mid = (low + high + 1) / 2;

		if (area->chunks[mid].first_page <= page)
			low = mid;
		else
			high = mid - 1;
	}

	return &area->chunks[low];
}

/* One region at a time, as if an interrupt were needed to set up the next. */
static size_t must_write(struct aux_test_area *area, u64 pos, size_t bytes, u64 seed)
{
	const struct aux_test_chunk *chunk = find_chunk(area, pos);
	size_t off = (pos & (area_size(area) - 1)) -
		     ((size_t)chunk->first_page << PAGE_SHIFT);

	bytes = min(bytes, chunk_size(chunk) - off);
	write_words(chunk->base + off, pos, bytes, seed);

	return bytes;
}

static int must_setup(struct aux_test_area *area, void **pages)
{
	return area->overwrite && area->nr_chunks > 1 ? -EINVAL : 0;
}

static size_t nice_write(struct aux_test_area *area, u64 pos, size_t bytes, u64 seed)
{
	size_t done = 0;

	while (done < bytes) {
		const struct aux_test_chunk *chunk = find_chunk(area, pos + done);
		/* Right only if the chunk is aligned to its size in the area. */
		size_t off = (pos + done) & (chunk_size(chunk) - 1);
		size_t len = min(bytes - done, chunk_size(chunk) - off);

		write_words(chunk->base + off, pos + done, len, seed);
		done += len;
	}

	return done;
}

static int dontcare_setup(struct aux_test_area *area, void **pages)
{
	struct page **map;
	unsigned int i;

	map = kvmalloc_array(area->nr_pages, sizeof(*map), GFP_KERNEL);
	if (!map)
		return -ENOMEM;

	for (i = 0; i < area->nr_pages; i++)
		map[i] = virt_to_page(pages[i]);

	area->mapping = vmap(map, area->nr_pages, VM_MAP, PAGE_KERNEL);
	kvfree(map);

	return area->mapping ? 0 : -ENOMEM;
}

static void dontcare_free(struct aux_test_area *area)
{
	vunmap(area->mapping);
}

static size_t dontcare_write(struct aux_test_area *area, u64 pos, size_t bytes, u64 seed)
{
	size_t off = pos & (area_size(area) - 1);
	size_t len = min(bytes, area_size(area) - off);

	write_words(area->mapping + off, pos, len, seed);
	write_words(area->mapping, pos + len, bytes - len, seed);

	return bytes;
}

static const struct aux_test_kind kinds[] = {
	{
		.name		= "must",
		.capabilities	= PERF_PMU_CAP_AUX_NO_SG,
		.setup		= must_setup,
		.write		= must_write,
	},
	{
		.name		= "nice",
		.write		= nice_write,
	},
	{
		.name		= "dontcare",
		.setup		= dontcare_setup,
		.free		= dontcare_free,
		.write		= dontcare_write,
	},
};

/* AUX areas */

static unsigned int chunk_order(void *addr)
{
	struct page *page = virt_to_page(addr);

	return PagePrivate(page) ? page_private(page) : 0;
}

static void *aux_test_setup_aux(struct perf_event *event, void **pages,
				int nr_pages, bool overwrite)
{
	struct aux_test_pmu *test_pmu = container_of(event->pmu, struct aux_test_pmu, pmu);
	unsigned int page, i, nr_chunks = 0;
	struct aux_test_area *area;

	if (event->attr.config & CONFIG_REFUSE)
		return NULL;

	for (page = 0; page < nr_pages; page += 1U << chunk_order(pages[page]))
		nr_chunks++;

	/* The last chunk must not reach beyond the area. */
	if (WARN_ON_ONCE(page != nr_pages))
		return NULL;

	area = kvzalloc_flex(*area, chunks, nr_chunks);
	if (!area)
		return NULL;

	area->nr_chunks = nr_chunks;
	area->kind = test_pmu->kind;
	strscpy(area->pmu_name, test_pmu->name);
	area->pid = task_tgid_nr(current);
	area->cpu = event->cpu;
	area->nr_pages = nr_pages;
	area->overwrite = overwrite;

	for (page = 0, i = 0; i < nr_chunks; i++) {
		area->chunks[i].base = pages[page];
		area->chunks[i].first_page = page;
		area->chunks[i].order = chunk_order(pages[page]);
		page += 1U << area->chunks[i].order;
	}

	if (area->kind->setup && area->kind->setup(area, pages)) {
		kvfree(area);
		return NULL;
	}

	scoped_guard(mutex, &areas_lock)
		list_add_tail(&area->node, &areas);

	return area;
}

/* The PMU may be gone by now. */
static void aux_test_free_aux(void *priv)
{
	struct aux_test_area *area = priv;

	scoped_guard(mutex, &areas_lock)
		list_del(&area->node);

	if (area->kind->free)
		area->kind->free(area);
	kvfree(area);
}

/* Events */

/* Returns false if the event can't go on; perf core has disabled it then. */
static bool aux_test_trace(struct aux_test_event *tracer)
{
	struct perf_output_handle *handle = &tracer->handle;
	struct aux_test_area *area = perf_get_aux(handle);
	size_t bytes = tracer->bytes;

	if (area->overwrite)
		bytes = min(bytes, area_size(area));
	else
		bytes = min(bytes, round_down(handle->size, WORD_SIZE));

	if (bytes) {
		bytes = area->kind->write(area, handle->head, bytes, tracer->seed);
		local64_add(bytes, &tracer->event->count);
	} else {
		perf_aux_output_flag(handle, PERF_AUX_FLAG_TRUNCATED);
	}

	if (area->overwrite)
		handle->head += bytes;

	/*
	 * Have the trace in memory before the new head. In overwrite mode
	 * perf_aux_output_end() writes no record that would order the two.
	 */
	smp_wmb();
	perf_aux_output_end(handle, bytes);

	return bytes && perf_aux_output_begin(handle, tracer->event);
}

static enum hrtimer_restart aux_test_tick(struct hrtimer *timer)
{
	struct aux_test_event *tracer = container_of(timer, struct aux_test_event, timer);
	struct hw_perf_event *hw = &tracer->event->hw;

	if (!xchg(&tracer->pending, 0))
		return HRTIMER_NORESTART;

	if (!aux_test_trace(tracer)) {
		hw->state |= PERF_HES_STOPPED;
		return HRTIMER_NORESTART;
	}

	/* Stopped in the meantime, by an NMI for example? */
	WRITE_ONCE(tracer->pending, 1);
	if (READ_ONCE(hw->state) & PERF_HES_STOPPED) {
		if (xchg(&tracer->pending, 0))
			perf_aux_output_end(&tracer->handle, 0);
		return HRTIMER_NORESTART;
	}

	hrtimer_forward_now(timer, tracer->period);
	return HRTIMER_RESTART;
}

static void aux_test_start(struct perf_event *event, int flags)
{
	struct aux_test_event *tracer = event->pmu_private;

	if (!perf_aux_output_begin(&tracer->handle, event)) {
		event->hw.state = PERF_HES_STOPPED;
		return;
	}

	event->hw.state = 0;
	WRITE_ONCE(tracer->pending, 1);
	hrtimer_start(&tracer->timer, tracer->period, HRTIMER_MODE_REL_PINNED_HARD);
}

/*
 * When a group is throttled, this runs in any context, including NMI, under the
 * locks of the timer, and in the middle of aux_test_tick(). So leave the timer
 * alone; it finds out when it fires.
 */
static void aux_test_stop(struct perf_event *event, int flags)
{
	struct aux_test_event *tracer = event->pmu_private;

	WRITE_ONCE(event->hw.state, event->hw.state | PERF_HES_STOPPED);
	if (xchg(&tracer->pending, 0))
		perf_aux_output_end(&tracer->handle, 0);
}

static int aux_test_add(struct perf_event *event, int flags)
{
	event->hw.state = PERF_HES_STOPPED;
	if (flags & PERF_EF_START)
		aux_test_start(event, flags);

	return 0;
}

/* Runs on the CPU the timer is pinned to, with interrupts off. */
static void aux_test_del(struct perf_event *event, int flags)
{
	struct aux_test_event *tracer = event->pmu_private;

	aux_test_stop(event, PERF_EF_UPDATE);
	hrtimer_cancel(&tracer->timer);
}

static void aux_test_read(struct perf_event *event)
{
}

static void aux_test_event_destroy(struct perf_event *event)
{
	kfree(event->pmu_private);
	event->pmu_private = NULL;
}

static int aux_test_event_init(struct perf_event *event)
{
	const struct perf_event_attr *attr = &event->attr;
	struct aux_test_event *tracer;
	u64 bytes, period_us;

	if (attr->type != event->pmu->type)
		return -ENOENT;

	if (attr->config & ~CONFIG_VALID || attr->config1 & ~CONFIG1_PERIOD_US ||
	    attr->config2 || attr->config3)
		return -EINVAL;

	bytes = FIELD_GET(CONFIG_BYTES, attr->config) ?: DEFAULT_BYTES;
	if (bytes > MAX_BYTES || bytes % WORD_SIZE)
		return -EINVAL;

	period_us = FIELD_GET(CONFIG1_PERIOD_US, attr->config1) ?: DEFAULT_PERIOD_US;
	if (period_us < MIN_PERIOD_US || period_us > MAX_PERIOD_US)
		return -EINVAL;

	/* Leave some of the CPU to others. */
	if (bytes > period_us * MAX_BYTES_PER_US)
		return -EINVAL;

	tracer = kzalloc_obj(*tracer);
	if (!tracer)
		return -ENOMEM;

	tracer->event = event;
	tracer->bytes = bytes;
	tracer->period = ns_to_ktime(period_us * NSEC_PER_USEC);
	tracer->seed = FIELD_GET(CONFIG_SEED, attr->config);
	hrtimer_setup(&tracer->timer, aux_test_tick, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);

	event->pmu_private = tracer;
	event->destroy = aux_test_event_destroy;

	return 0;
}

PMU_FORMAT_ATTR(bytes, "config:0-31");
PMU_FORMAT_ATTR(seed, "config:32-47");
PMU_FORMAT_ATTR(refuse, "config:48");
PMU_FORMAT_ATTR(period_us, "config1:0-31");

static struct attribute *aux_test_format_attrs[] = {
	&format_attr_bytes.attr,
	&format_attr_seed.attr,
	&format_attr_refuse.attr,
	&format_attr_period_us.attr,
	NULL
};

static const struct attribute_group aux_test_format_group = {
	.name = "format",
	.attrs = aux_test_format_attrs,
};

static const struct attribute_group *aux_test_attr_groups[] = {
	&aux_test_format_group,
	NULL
};

/* PMUs */

static struct aux_test_pmu *find_pmu(const char *name)
{
	struct aux_test_pmu *test_pmu;

	lockdep_assert_held(&test_pmus_lock);

	list_for_each_entry(test_pmu, &pmus, node) {
		if (!strcmp(test_pmu->name, name))
			return test_pmu;
	}

	return NULL;
}

static const struct aux_test_kind *find_kind(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}

	return NULL;
}

/* The name becomes that of a directory in sysfs. */
static bool valid_name(const char *name)
{
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return false;

	for (; *name; name++) {
		if (!isascii(*name) || !isgraph(*name) || *name == '/')
			return false;
	}

	return true;
}

static int register_pmu(const char *name, const struct aux_test_kind *kind)
{
	struct aux_test_pmu *test_pmu;
	int ret;

	if (!valid_name(name))
		return -EINVAL;

	guard(mutex)(&test_pmus_lock);

	if (nr_pmus >= MAX_PMUS)
		return -ENOSPC;

	if (find_pmu(name))
		return -EEXIST;

	test_pmu = kzalloc_obj(*test_pmu);
	if (!test_pmu)
		return -ENOMEM;

	test_pmu->kind = kind;
	strscpy(test_pmu->name, name);
	test_pmu->pmu = (struct pmu) {
		.module		= THIS_MODULE,
		/* An AUX area has room for the output of one event at a time. */
		.capabilities	= kind->capabilities | PERF_PMU_CAP_EXCLUSIVE,
		.task_ctx_nr	= perf_sw_context,
		.attr_groups	= aux_test_attr_groups,
		.event_init	= aux_test_event_init,
		.add		= aux_test_add,
		.del		= aux_test_del,
		.start		= aux_test_start,
		.stop		= aux_test_stop,
		.read		= aux_test_read,
		.setup_aux	= aux_test_setup_aux,
		.free_aux	= aux_test_free_aux,
	};

	ret = perf_pmu_register(&test_pmu->pmu, test_pmu->name, -1);
	if (ret) {
		kfree(test_pmu);
		return ret;
	}

	list_add_tail(&test_pmu->node, &pmus);
	nr_pmus++;

	return 0;
}

static int unregister_pmu(struct aux_test_pmu *test_pmu)
{
	int ret;

	lockdep_assert_held(&test_pmus_lock);

	ret = perf_pmu_unregister(&test_pmu->pmu);
	if (ret)
		return ret;

	list_del(&test_pmu->node);
	nr_pmus--;
	kfree(test_pmu);

	return 0;
}

static void unregister_all_pmus(void)
{
	struct aux_test_pmu *test_pmu, *next;

	guard(mutex)(&test_pmus_lock);

	list_for_each_entry_safe(test_pmu, next, &pmus, node)
		WARN_ON(unregister_pmu(test_pmu));
}

/* debugfs */

static char *get_command(const char __user *ubuf, size_t count)
{
	char *command;

	if (count > 2 * PMU_NAME_LEN)
		return ERR_PTR(-E2BIG);

	command = memdup_user_nul(ubuf, count);
	if (!IS_ERR(command) && strlen(command) != count) {
		kfree(command);
		return ERR_PTR(-EINVAL);
	}

	return command;
}

static ssize_t register_write(struct file *file, const char __user *ubuf,
			      size_t count, loff_t *ppos)
{
	char name[PMU_NAME_LEN + 1], kind_name[PMU_NAME_LEN + 1], rest;
	const struct aux_test_kind *kind;
	int ret;

	char *command __free(kfree) = get_command(ubuf, count);
	if (IS_ERR(command))
		return PTR_ERR(command);

	if (sscanf(command, "%32s %32s %c", name, kind_name, &rest) != 2 ||
	    strlen(name) >= PMU_NAME_LEN)
		return -EINVAL;

	kind = find_kind(kind_name);
	if (!kind)
		return -EINVAL;

	ret = register_pmu(name, kind);
	return ret ?: count;
}

static const struct file_operations register_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= register_write,
};

static ssize_t unregister_write(struct file *file, const char __user *ubuf,
				size_t count, loff_t *ppos)
{
	struct aux_test_pmu *test_pmu;
	int ret;

	char *command __free(kfree) = get_command(ubuf, count);
	if (IS_ERR(command))
		return PTR_ERR(command);

	guard(mutex)(&test_pmus_lock);

	test_pmu = find_pmu(strim(command));
	if (!test_pmu)
		return -ENOENT;

	ret = unregister_pmu(test_pmu);
	return ret ?: count;
}

static const struct file_operations unregister_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= unregister_write,
};

static int pmus_show(struct seq_file *m, void *v)
{
	struct aux_test_pmu *test_pmu;

	guard(mutex)(&test_pmus_lock);

	list_for_each_entry(test_pmu, &pmus, node)
		seq_printf(m, "%s %s\n", test_pmu->name, test_pmu->kind->name);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pmus);

static void show_chunks(struct seq_file *m, const struct aux_test_area *area)
{
	unsigned int i, run;

	for (i = 0; i < area->nr_chunks; i += run) {
		for (run = 1; i + run < area->nr_chunks; run++) {
			if (area->chunks[i + run].order != area->chunks[i].order)
				break;
		}
		seq_printf(m, "%s%ux%u", i ? "," : "", area->chunks[i].order, run);
	}
}

static int areas_show(struct seq_file *m, void *v)
{
	struct aux_test_area *area;

	guard(mutex)(&areas_lock);

	list_for_each_entry(area, &areas, node) {
		seq_printf(m, "%s %d %d %u %s ", area->pmu_name, area->pid,
			   area->cpu, area->nr_pages,
			   area->overwrite ? "overwrite" : "rw");
		show_chunks(m, area);
		seq_putc(m, '\n');
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(areas);

static int __init aux_test_init(void)
{
	char name[PMU_NAME_LEN];
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(name, sizeof(name), "aux_test_%s", kinds[i].name);
		ret = register_pmu(name, &kinds[i]);
		if (ret) {
			unregister_all_pmus();
			return ret;
		}
	}

	debugfs_dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("pmus", 0444, debugfs_dir, NULL, &pmus_fops);
	debugfs_create_file("register", 0200, debugfs_dir, NULL, &register_fops);
	debugfs_create_file("unregister", 0200, debugfs_dir, NULL, &unregister_fops);
	debugfs_create_file("areas", 0444, debugfs_dir, NULL, &areas_fops);

	return 0;
}
module_init(aux_test_init);

static void __exit aux_test_exit(void)
{
	debugfs_remove(debugfs_dir);
	unregister_all_pmus();
}
module_exit(aux_test_exit);

MODULE_DESCRIPTION("PMUs that trace without hardware, to test AUX areas with");
MODULE_LICENSE("GPL");
