// SPDX-License-Identifier: GPL-2.0-only
/*
 * What pages cost the kernel, and pages that only the kernel can have, for the
 * benchmark of AUX areas. In /sys/kernel/debug/aux_bench_pages/:
 *
 *   costs	"<what> <pages> <cycles>" for single pages: zero (clear_page()),
 *		alloc and free (one by one), alloc_bulk and free_bulk; nothing but
 *		"zero" zeroes. These are the floor of what an AUX area can cost.
 *   fragment	write "<pages> <run>": takes so many unmovable pages, and gives back
 *		those whose frame number modulo 2 * run is below run. Then their page
 *		blocks have free runs of so many pages, aligned, and none that are
 *		larger. Write "0 0": gives back the others.
 *   take	write "take <order> <blocks>": takes so many blocks that are there; fails
 *		if there are fewer. Write "give <blocks>": gives back so many, those
 *		first that were taken first. Write "forget": where compaction has failed
 */

#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/gfp.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/timex.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#define NR_PAGES	4096

static struct dentry *dir;

static DEFINE_MUTEX(held_lock);
static LIST_HEAD(held);		/* single pages */
static LIST_HEAD(taken);	/* blocks, the order in page_private() */

static void give_back(unsigned int run)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &held, lru) {
		if (run && page_to_pfn(page) % (2 * run) >= run)
			continue;
		list_del(&page->lru);
		__free_page(page);
		cond_resched();
	}
}

static ssize_t fragment_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	unsigned int nr, run;
	struct page *page;
	char buf[32];

	if (len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, from, len))
		return -EFAULT;
	buf[len] = '\0';
	if (sscanf(buf, "%u %u", &nr, &run) != 2 || (nr && !is_power_of_2(run)))
		return -EINVAL;

	guard(mutex)(&held_lock);
	give_back(0);
	while (nr--) {
		page = alloc_page(GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY);
		if (!page) {
			give_back(0);
			return -ENOMEM;
		}
		list_add(&page->lru, &held);
		cond_resched();
	}
	if (run)
		give_back(run);

	return len;
}

static void give_back_taken(unsigned int nr)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &taken, lru) {
		if (!nr--)
			return;
		list_del(&page->lru);
		__free_pages(page, page_private(page));
		cond_resched();
	}
}

static int take(unsigned int order, unsigned int nr)
{
	struct page *page;

	while (nr--) {
		/* Nothing is woken up, and nothing done, to have more of them. */
		page = alloc_pages(__GFP_NOWARN | __GFP_HIGH, order);
		if (!page)
			return -ENOMEM;
		set_page_private(page, order);
		list_add_tail(&page->lru, &taken);
		cond_resched();
	}

	return 0;
}

/*
 * After compaction has failed, it isn't tried again for a while, and leaves out what
 * it could not use. Have it forget all that. It can do so itself, when the machine has
 * nothing to do, but exports no function for it.
 */
static int forget_failures(void)
{
	struct kprobe probe = { .symbol_name = "reset_isolation_suitable" };
	void (*reset)(pg_data_t *pgdat);
	struct zone *zone;
	int nid, ret;

	ret = register_kprobe(&probe);
	if (ret)
		return ret;
	reset = (void *)probe.addr;
	unregister_kprobe(&probe);

	for_each_online_node(nid) {
		for (zone = NODE_DATA(nid)->node_zones;
		     zone < NODE_DATA(nid)->node_zones + MAX_NR_ZONES; zone++) {
			zone->compact_considered = 0;
			zone->compact_defer_shift = 0;
			zone->compact_order_failed = 0;
			zone->compact_blockskip_flush = true;
		}
		reset(NODE_DATA(nid));
	}

	return 0;
}

static ssize_t take_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	unsigned int order, nr;
	char buf[32];
	int ret = 0;

	if (len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, from, len))
		return -EFAULT;
	buf[len] = '\0';

	guard(mutex)(&held_lock);
	if (sscanf(buf, "give %u", &nr) == 1)
		give_back_taken(nr);
	else if (sscanf(buf, "take %u %u", &order, &nr) == 2 && order <= MAX_PAGE_ORDER)
		ret = take(order, nr);
	else if (!strcmp(strim(buf), "forget"))
		ret = forget_failures();
	else
		ret = -EINVAL;

	return ret ?: len;
}

static const struct file_operations take_fops = {
	.owner	= THIS_MODULE,
	.write	= take_write,
};

static const struct file_operations fragment_fops = {
	.owner	= THIS_MODULE,
	.write	= fragment_write,
};

/* Cycles of a command. No interrupts meanwhile. */
#define cycles_of(command)				\
({							\
	unsigned long flags;				\
	cycles_t begin, end;				\
							\
	local_irq_save(flags);				\
	begin = get_cycles();				\
	command;					\
	end = get_cycles();				\
	local_irq_restore(flags);			\
	end - begin;					\
})

static void zero_all(struct page **pages)
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		clear_page(page_address(pages[i]));
}

static void alloc_all(struct page **pages)
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		pages[i] = alloc_page(GFP_NOWAIT | __GFP_NOWARN);
}

static void alloc_all_bulk(struct page **pages)
{
	unsigned int nr = 0, last;

	do {
		last = nr;
		nr = alloc_pages_bulk(GFP_NOWAIT | __GFP_NOWARN, NR_PAGES, pages);
	} while (nr < NR_PAGES && nr > last);
}

static bool has_all(struct page **pages)
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++) {
		if (!pages[i])
			return false;
	}

	return true;
}

static void free_all(struct page **pages)
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++) {
		if (pages[i])
			__free_page(pages[i]);
	}
}

static void free_all_bulk(struct page **pages)
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++) {
		if (!pages[i])
			return;
	}
	release_pages(pages, NR_PAGES);
}

enum cost { ZERO, ALLOC, FREE, ALLOC_BULK, FREE_BULK, NR_COSTS };

static const char *const names[NR_COSTS] = {
	[ZERO]		= "zero",
	[ALLOC]		= "alloc",
	[FREE]		= "free",
	[ALLOC_BULK]	= "alloc_bulk",
	[FREE_BULK]	= "free_bulk",
};

static int costs_show(struct seq_file *seq, void *unused)
{
	struct page **pages __free(kvfree) = NULL;
	cycles_t cost[NR_COSTS] = { };
	enum cost i;

	pages = kvcalloc(NR_PAGES, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;

	cost[ALLOC] = cycles_of(alloc_all(pages));
	if (!has_all(pages)) {
		free_all(pages);
		return -ENOMEM;
	}
	cost[ZERO] = cycles_of(zero_all(pages));
	cost[FREE] = cycles_of(free_all(pages));

	memset(pages, 0, NR_PAGES * sizeof(*pages));
	cost[ALLOC_BULK] = cycles_of(alloc_all_bulk(pages));
	if (!has_all(pages)) {
		free_all(pages);
		return -ENOMEM;
	}
	cost[FREE_BULK] = cycles_of(free_all_bulk(pages));

	for (i = 0; i < NR_COSTS; i++)
		seq_printf(seq, "%s %u %llu\n", names[i], NR_PAGES, (u64)cost[i]);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(costs);

static int __init aux_bench_init(void)
{
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("costs", 0400, dir, NULL, &costs_fops);
	debugfs_create_file("fragment", 0200, dir, NULL, &fragment_fops);
	debugfs_create_file("take", 0200, dir, NULL, &take_fops);

	return 0;
}
module_init(aux_bench_init);

static void __exit aux_bench_exit(void)
{
	debugfs_remove(dir);
	give_back_taken(UINT_MAX);
	give_back(0);
}
module_exit(aux_bench_exit);

MODULE_DESCRIPTION("What pages cost, for the benchmark of AUX areas");
MODULE_LICENSE("GPL");
