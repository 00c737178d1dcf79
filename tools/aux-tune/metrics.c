// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "metrics.h"
#include "text.h"
#include "xalloc.h"

struct metrics {
	FILE *file;
	char *text;
	size_t size;
	size_t nr;
	const char *name;		/* of the family, NULL once its heading is printed */
	const char *unit;
	const char *help;
	const char *sample;		/* names of its samples: this and a suffix */
	enum metric_type type;
};

struct metrics *metrics_new(void)
{
	struct metrics *metrics = xcalloc(1, sizeof(*metrics));

	metrics->file = xalloc_check(open_memstream(&metrics->text, &metrics->size));
	return metrics;
}

void metrics_family(struct metrics *metrics, const char *name, enum metric_type type,
		    const char *unit, const char *help)
{
	metrics->name = name;
	metrics->sample = name;
	metrics->type = type;
	metrics->unit = unit;
	metrics->help = help;
}

static void heading(struct metrics *metrics)
{
	if (!metrics->name)
		return;
	fprintf(metrics->file, "# TYPE %s %s\n", metrics->name,
		metrics->type == METRIC_COUNTER ? "counter" : "gauge");
	if (metrics->unit)
		fprintf(metrics->file, "# UNIT %s %s\n", metrics->name, metrics->unit);
	fprintf(metrics->file, "# HELP %s %s\n", metrics->name, metrics->help);
	metrics->name = NULL;
}

/* A name that has one of the label's own escapes in it. */
static bool looks_escaped(const char *s)
{
	return !strncmp(s, "\\x", 2) || !strncmp(s, "\\u{", 3);
}

/*
 * The text has to be UTF-8. A byte that is not is written as \xNN, so that names that differ
 * in nothing else stay different: a series that is there twice makes the whole file invalid.
 */
static void label_value(FILE *file, const char *s)
{
	uint32_t cp;

	while (*s) {
		size_t n = text_decode(s, &cp);

		if (!n || looks_escaped(s))
			fprintf(file, "\\\\x%02x", (unsigned char)*s);
		else if (*s == '\n')
			fputs("\\n", file);
		else if (*s == '"' || *s == '\\')
			fprintf(file, "\\%c", *s);
		else if (text_unsafe(cp))
			/* Legal, but nobody who looks at the file wants it on his terminal. */
			fprintf(file, cp < 0x80 ? "\\\\x%02x" : "\\\\u{%x}", cp);
		else
			fwrite(s, n, 1, file);
		s += n ? n : 1;
	}
}

static void begin_sample(struct metrics *metrics, const struct metric_label *labels)
{
	heading(metrics);
	metrics->nr++;
	fprintf(metrics->file, "%s%s", metrics->sample,
		metrics->type == METRIC_COUNTER ? "_total" : "");
	for (const struct metric_label *label = labels; label->name; label++) {
		fprintf(metrics->file, "%c%s=\"", label == labels ? '{' : ',', label->name);
		label_value(metrics->file, label->value);
		fputc('"', metrics->file);
	}
	fputs(labels->name ? "} " : " ", metrics->file);
}

void metrics_sample(struct metrics *metrics, const struct metric_label *labels, uint64_t value)
{
	begin_sample(metrics, labels);
	fprintf(metrics->file, "%" PRIu64 "\n", value);
}

void metrics_sample_ns(struct metrics *metrics, const struct metric_label *labels, uint64_t ns)
{
	begin_sample(metrics, labels);
	fprintf(metrics->file, "%" PRIu64 ".%09" PRIu64 "\n", ns / 1000000000, ns % 1000000000);
}

char *metrics_finish(struct metrics *metrics, size_t *nr)
{
	char *text;

	fputs("# EOF\n", metrics->file);
	if (fclose(metrics->file))
		xalloc_check(NULL);
	text = metrics->text;
	*nr = metrics->nr;
	free(metrics);
	return text;
}
