// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "text.h"
#include "xalloc.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

#define INTERVAL_MIN_MS		100
#define INTERVAL_MAX_MS		3600000

/* Verbs as bits, to say which options a verb takes. */
enum {
	V_SCREEN	= 1 << 0,
	V_LIST		= 1 << 1,
	V_SHOW		= 1 << 2,
	V_GET		= 1 << 3,
	V_SET		= 1 << 4,
	V_RESET		= 1 << 5,
	V_WATCH		= 1 << 6,
	V_PROBE		= 1 << 7,
	V_SAVE		= 1 << 8,
	V_UNSAVE	= 1 << 9,
	V_VERIFY	= 1 << 10,
	V_EXPORT	= 1 << 11,
	V_PRINTING	= V_LIST | V_SHOW | V_GET | V_SET | V_RESET | V_WATCH | V_PROBE |
			  V_SAVE | V_UNSAVE | V_VERIFY | V_EXPORT,
	V_ANY		= V_SCREEN | V_PRINTING,
};

struct verb {
	const char *name;
	int bit;
	const char *arguments;
	int min_args;
	void (*run)(struct cli *cli, int argc, char **argv);
	const char *help;
};

/* What runs without a verb. */
static const struct verb screen_verb = {
	"", V_SCREEN, "", 0, cmd_screen, "the interactive screen",
};

static const struct verb verbs[] = {
	{ "list", V_LIST, "[PMU...]", 0, cmd_list, "a table of PMUs and their orders" },
	{ "show", V_SHOW, "[PMU...]", 0, cmd_show,
	  "everything known of them, and free memory by order" },
	{ "get", V_GET, "PMU...", 1, cmd_get, "only the order" },
	{ "set", V_SET, "PMU... ORDER", 2, cmd_set,
	  "change it: an order (3), a chunk size (64K), or max" },
	{ "reset", V_RESET, "PMU...", 1, cmd_reset, "back to the default" },
	{ "watch", V_WATCH, "[PMU...]", 0, cmd_watch,
	  "the table at intervals, and at once when something changes" },
	{ "probe", V_PROBE, "PMU...", 1, cmd_probe,
	  "map an area at each order, and show what that gets and costs" },
	{ "export", V_EXPORT, "[PMU...]", 0, cmd_export,
	  "all numbers as OpenMetrics text, for node_exporter" },
	{ "save", V_SAVE, "[PMU...]", 0, cmd_save,
	  "keep the order over reboots, with a udev rule" },
	{ "unsave", V_UNSAVE, "[PMU...]", 0, cmd_unsave, "take these rules out" },
	{ "verify", V_VERIFY, "[PMU...]", 0, cmd_verify,
	  "compare the order with what a boot would set" },
};

enum {
	OPT_ROOT = 256,
	OPT_SIZE,
	OPT_ORDERS,
	OPT_MODE,
};

struct option_help {
	const char *name;
	int code;		/* short option or OPT_ */
	const char *argument;	/* NULL: takes none */
	int verbs;
	const char *help;
};

static const struct option_help option_table[] = {
	{ "all", 'a', NULL, V_SCREEN | V_LIST | V_SHOW | V_WATCH,
	  "also PMUs without an AUX area" },
	{ "count", 'n', "N", V_WATCH, "stop after N reports" },
	{ "dry-run", 'N', NULL, V_SET | V_RESET | V_PROBE | V_SAVE | V_UNSAVE,
	  "check and say, but do not do it" },
	{ "file", 'f', "FILE", V_EXPORT, "where to, replaced as a whole; default: standard output" },
	{ "interval", 'd', "SECONDS", V_SCREEN | V_WATCH, "time between updates, default 1" },
	{ "json", 'J', NULL, V_PRINTING, "print one JSON document (watch: one per line)" },
	{ "mode", OPT_MODE, "MODE", V_PROBE, "of the area: rw, or overwrite; default rw" },
	{ "orders", OPT_ORDERS, "N-M", V_PROBE, "orders to try, default all" },
	{ "output", 'o', "COLS", V_LIST | V_SHOW | V_WATCH,
	  "columns to print; +COLS adds to the common ones" },
	{ "quiet", 'q', NULL, V_PRINTING, "print answers and errors only" },
	{ "readonly", 'r', NULL, V_ANY, "refuse every change" },
	{ "root", OPT_ROOT, "DIR", V_ANY, "use a captured tree with its sys and proc" },
	{ "size", OPT_SIZE, "SIZE", V_PROBE, "of the area, default 64M" },
	{ "help", 'h', NULL, V_ANY, "print this text" },
	{ "version", 'V', NULL, V_ANY, "print the version" },
};

#define NR_OPTIONS	(sizeof(option_table) / sizeof(option_table[0]))
#define NR_VERBS	(sizeof(verbs) / sizeof(verbs[0]))

static void print_columns(const struct column_set *set)
{
	for (size_t i = 0; i < set->nr; i++)
		printf("  %-12s%s\n", set->columns[i].name, set->columns[i].help);
}

static void print_help(void)
{
	printf("Usage: aux-tune [options]\n"
	       "       aux-tune [options] VERB ...\n\n"
	       "Sets how large the chunks of perf's AUX areas may get, per PMU, and shows what\n"
	       "that does. Without a verb it opens the interactive screen.\n\n"
	       "Verbs (PMU: a name, or a pattern such as 'arm_spe_*'):\n");
	for (size_t i = 0; i < NR_VERBS; i++)
		printf("  %-6s %-13s %s\n", verbs[i].name, verbs[i].arguments, verbs[i].help);
	printf("\nOptions:\n");
	for (size_t i = 0; i < NR_OPTIONS; i++) {
		const struct option_help *option = &option_table[i];
		char *name = xasprintf("%s%s%s", option->name, option->argument ? " " : "",
				       option->argument ?: "");

		if (option->code < 256)
			printf("  -%c, --%-18s %s\n", option->code, name, option->help);
		else
			printf("      --%-18s %s\n", name, option->help);
		free(name);
	}
	printf("\nColumns for -o:\n");
	print_columns(&pmu_columns);
	printf("\nExit status: 0 done, 1 failure, 2 usage, 3 no such PMU, 4 refused (read-only PMU,\n"
	       "out of range), 5 no permission, 6 kernel without aux_max_order, 7 verify found a\n"
	       "drift. See aux-tune(8).\n");
}

__attribute__((format(printf, 2, 3)))
static void usage_error(struct cli *cli, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	output_error(cli->output, STATUS_USAGE, NULL, "%s; try 'aux-tune --help'", text);
	free(text);
}

/* Digits only, without getopt's and strtol's leniency; false when not in 1..@max. */
static bool parse_count(const char *s, unsigned long max, unsigned long *value)
{
	*value = 0;
	for (const char *p = s; *p; p++) {
		if (*p < '0' || *p > '9' || *value > (max - (*p - '0')) / 10)
			return false;
		*value = *value * 10 + (*p - '0');
	}
	return *s && *value;
}

/* "2", "0.5": seconds with up to three decimals, in milliseconds. */
static bool parse_interval(const char *s, unsigned int *ms)
{
	size_t whole = strspn(s, "0123456789");
	const char *fraction = s + whole;
	unsigned int value = 0, scale = 1000;

	if (!whole || whole > 4)
		return false;
	for (size_t i = 0; i < whole; i++)
		value = value * 10 + (s[i] - '0');
	value *= 1000;
	if (*fraction == '.') {
		fraction++;
		if (!*fraction)
			return false;
		for (; *fraction >= '0' && *fraction <= '9' && scale > 1; fraction++) {
			scale /= 10;
			value += (*fraction - '0') * scale;
		}
	}
	*ms = value;
	return !*fraction && value >= INTERVAL_MIN_MS && value <= INTERVAL_MAX_MS;
}

static bool parse_probe(struct cli *cli, int code)
{
	struct probe_options *options = &cli->options.probe;

	switch (code) {
	case OPT_SIZE:
		if (order_parse_bytes(optarg, &options->size))
			return true;
		usage_error(cli, "--size takes a size such as 64M, not '%s'", optarg);
		return false;
	case OPT_ORDERS:
		if (order_parse_range(optarg, &options->first, &options->last))
			return true;
		usage_error(cli, "--orders takes an order or two, 3 or 0-10, not '%s'", optarg);
		return false;
	case OPT_MODE:
		options->overwrite = !strcmp(optarg, "overwrite");
		if (options->overwrite || !strcmp(optarg, "rw"))
			return true;
		usage_error(cli, "--mode is rw or overwrite, not '%s'", optarg);
		return false;
	}
	return false;
}

#define SHORTS_SIZE	(2 * NR_OPTIONS + 2)

/* As getopt_long() wants them. */
static void option_tables(struct option longs[NR_OPTIONS + 1], char shorts[SHORTS_SIZE])
{
	*shorts++ = ':';
	for (size_t i = 0; i < NR_OPTIONS; i++) {
		const struct option_help *option = &option_table[i];

		longs[i] = (struct option){ option->name, option->argument ? required_argument :
					    no_argument, NULL, option->code };
		if (option->code >= 256)
			continue;
		*shorts++ = option->code;
		if (option->argument)
			*shorts++ = ':';
	}
	*shorts = '\0';
	longs[NR_OPTIONS] = (struct option){ 0 };
}

/* Whether errors are to be JSON has to be known before the first option is looked at. */
static bool wants_json(int argc, char **argv)
{
	struct option longs[NR_OPTIONS + 1];
	char shorts[SHORTS_SIZE];
	bool json = false;
	char **copy;
	int code;

	/* It moves them, and what an option without a value takes for one depends on that. */
	copy = xcalloc(argc + 1, sizeof(*copy));
	memcpy(copy, argv, argc * sizeof(*copy));
	option_tables(longs, shorts);
	while ((code = getopt_long(argc, copy, shorts, longs, NULL)) != -1)
		json |= code == 'J';
	free(copy);
	/* From the start again, next time. */
	optind = 0;
	return json;
}

static void bad_option(struct cli *cli, char **argv, int code)
{
	/* Of a letter among others, optind is still behind the word before. */
	const char *word = argv[optind - 1];
	bool known = false;

	for (size_t i = 0; i < NR_OPTIONS; i++)
		known |= option_table[i].code == optopt;
	if (code == ':' && !strncmp(word, "--", 2))
		usage_error(cli, "option '%s' needs a value", word);
	else if (code == ':')
		usage_error(cli, "option '-%c' needs a value", optopt);
	else if (known)
		usage_error(cli, "option takes no value: '%s'", word);
	else if (optopt >= '0' && optopt <= '9')
		usage_error(cli, "an order is not negative: '-%c'", optopt);
	else if (optopt)
		usage_error(cli, "unknown option '-%c'", optopt);
	else
		usage_error(cli, "unknown or ambiguous option '%s'", word);
}

/*
 * Reads the options into @cli; @given collects their indexes as bits. Returns false when
 * there is nothing left to do: after an error, --help or --version.
 */
static bool parse_options(struct cli *cli, int argc, char **argv, unsigned int *given)
{
	struct options *options = &cli->options;
	struct option longs[NR_OPTIONS + 1];
	char shorts[SHORTS_SIZE];
	unsigned long count;
	int code;

	option_tables(longs, shorts);
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		for (size_t i = 0; i < NR_OPTIONS; i++)
			if (option_table[i].code == code)
				*given |= 1U << i;
		switch (code) {
		case 'a':
			options->all = true;
			break;
		case 'n':
			if (!parse_count(optarg, 1000000000, &count)) {
				usage_error(cli, "--count takes a number from 1 to 1000000000, not '%s'",
					    optarg);
				return false;
			}
			options->count = count;
			break;
		case 'N':
			options->dry_run = true;
			break;
		case 'd':
			if (!parse_interval(optarg, &options->interval_ms)) {
				usage_error(cli, "--interval takes seconds from 0.1 to 3600, not '%s'",
					    optarg);
				return false;
			}
			break;
		case 'f':
			options->file = optarg;
			break;
		case 'J':
			options->json = true;
			break;
		case 'o':
			options->columns = optarg;
			break;
		case 'q':
			output_set_quiet(cli->output);
			break;
		case 'r':
			options->readonly = true;
			break;
		case OPT_SIZE:
		case OPT_ORDERS:
		case OPT_MODE:
			if (!parse_probe(cli, code))
				return false;
			break;
		case OPT_ROOT:
			options->root = optarg;
			break;
		case 'h':
			output_set_text(cli->output);
			print_help();
			return false;
		case 'V':
			output_set_text(cli->output);
			printf("aux-tune %s\n", VERSION);
			return false;
		default:
			bad_option(cli, argv, code);
			return false;
		}
	}
	return true;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < NR_VERBS; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static bool check_usage(struct cli *cli, const struct verb *verb, int argc, unsigned int given)
{
	for (size_t i = 0; i < NR_OPTIONS; i++) {
		if (!(given & 1U << i) || option_table[i].verbs & verb->bit)
			continue;
		if (verb->bit == V_SCREEN)
			usage_error(cli, "--%s needs a verb", option_table[i].name);
		else
			usage_error(cli, "--%s is not for '%s'", option_table[i].name,
				    verb->name);
		return false;
	}
	if (argc < verb->min_args) {
		usage_error(cli, "'%s' takes %s", verb->name, verb->arguments);
		return false;
	}
	return true;
}

static void run(struct cli *cli, int argc, char **argv)
{
	const struct verb *verb = &screen_verb;
	unsigned int given = 0;
	int err;

	if (!parse_options(cli, argc, argv, &given))
		return;
	argc -= optind;
	argv += optind;
	if (argc) {
		verb = find_verb(argv[0]);
		if (!verb) {
			usage_error(cli, "unknown verb '%s'", argv[0]);
			return;
		}
		argc--;
		argv++;
	}
	if (!check_usage(cli, verb, argc, given))
		return;

	err = machine_open(&cli->machine, cli->options.root);
	if (err) {
		output_error(cli->output, STATUS_FAILURE, NULL, "%s: %s",
			     cli->options.root ?: "udev", strerror(-err));
		return;
	}
	verb->run(cli, argc, argv);
	machine_close(&cli->machine);
}

int main(int argc, char **argv)
{
	struct cli cli = {
		.options.interval_ms = 1000,
		.options.probe = {
			.size = PROBE_SIZE_DEFAULT,
			.first = PROBE_ALL_ORDERS,
			.last = PROBE_ALL_ORDERS,
		},
	};

	setlocale(LC_CTYPE, "");
	/* A pipe that is closed early is a write error, to be told like a full disk. */
	signal(SIGPIPE, SIG_IGN);
	/* So is a file that may not get larger. */
	signal(SIGXFSZ, SIG_IGN);

	opterr = 0;
	cli.output = output_open(wants_json(argc, argv));
	run(&cli, argc, argv);
	return output_close(cli.output);
}
