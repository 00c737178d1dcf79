// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "text.h"
#include "xalloc.h"

void fuzz_fail(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, condition);
	abort();
}

char *fuzz_string(struct fuzz_input *input)
{
	size_t len = strnlen((const char *)input->data, input->size);
	char *text = xcalloc(len + 1, 1);

	memcpy(text, input->data, len);
	len += len < input->size;
	input->data += len;
	input->size -= len;
	return text;
}

char *fuzz_name(struct fuzz_input *input)
{
	char *name = fuzz_string(input), *short_name;

	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '!';
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..")) {
		free(name);
		return xstrdup("pmu");
	}
	short_name = xalloc_check(strndup(name, NAME_MAX));
	free(name);
	return short_name;
}

unsigned int fuzz_byte(struct fuzz_input *input)
{
	if (!input->size)
		return 0;
	input->size--;
	return *input->data++;
}

static int captured = -1;

void fuzz_capture(void)
{
	if (captured < 0)
		captured = memfd_create("stdout", MFD_CLOEXEC);
	if (captured < 0 || ftruncate(captured, 0) || lseek(captured, 0, SEEK_SET) < 0 ||
	    dup2(captured, STDOUT_FILENO) < 0)
		abort();
	clearerr(stdout);
}

char *fuzz_captured(void)
{
	off_t size;
	char *text;

	if (fcntl(STDOUT_FILENO, F_GETFD) >= 0)
		fflush(stdout);
	size = lseek(captured, 0, SEEK_END);
	text = xcalloc(size + 1, 1);
	/* Whoever opens a file next is not to get this descriptor. */
	if (pread(captured, text, size, 0) != size || dup2(captured, STDOUT_FILENO) < 0)
		abort();
	return text;
}

/* Not text_decode(), which is what is tested. */
static size_t sequence(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return s[1] >> 6 == 2 ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
			return 0;
		return s[1] >> 6 == 2 && s[2] >> 6 == 2 ? 3 : 0;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
			return 0;
		return s[1] >> 6 == 2 && s[2] >> 6 == 2 && s[3] >> 6 == 2 ? 4 : 0;
	}
	return 0;
}

bool fuzz_utf8(const char *text)
{
	size_t n;

	for (; *text; text += n) {
		n = sequence((const unsigned char *)text);
		if (!n)
			return false;
	}
	return true;
}

bool fuzz_printable(const char *text)
{
	uint32_t cp;
	size_t n;

	if (!fuzz_utf8(text))
		return false;
	for (; *text; text += n) {
		n = text_decode(text, &cp);
		if (!n || (text_unsafe(cp) && cp != '\n'))
			return false;
		/* Whatever text_unsafe() says of them. */
		if ((cp < 0x20 && cp != '\n') || (cp >= 0x7f && cp < 0xa0) ||
		    (cp >= 0x202a && cp <= 0x202e))
			return false;
	}
	return true;
}
