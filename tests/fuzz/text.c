// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes, made fit for a terminal, for JSON and for a shell: and nothing is lost there. */
#include "draw.h"
#include "fuzz.h"
#include "text.h"
#include "xalloc.h"

static void check_safe(const char *s)
{
	char *utf8 = text_safe(s, true), *ascii = text_safe(s, false);

	CHECK(fuzz_printable(utf8) && !strchr(utf8, '\n'));
	CHECK(fuzz_printable(ascii) && !strchr(ascii, '\n'));
	for (const unsigned char *c = (const unsigned char *)ascii; *c; c++)
		CHECK(*c < 0x80);
	if (fuzz_printable(s) && !strchr(s, '\n'))
		CHECK(!strcmp(utf8, s));
	free(utf8);
	free(ascii);
}

static void check_json(const char *s)
{
	char *json = text_json(s);

	CHECK(fuzz_utf8(json));
	CHECK(fuzz_utf8(s) == !strcmp(json, s));
	free(json);
}

static unsigned int octal(const char *s)
{
	CHECK(s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' &&
	      s[2] <= '7');
	return (s[0] - '0') << 6 | (s[1] - '0') << 3 | (s[2] - '0');
}

/* One word as bash reads it; fails for what ends the word or expands to anything. */
static char *shell_word(const char *s)
{
	char *out = xcalloc(strlen(s) + 1, 1), *p = out;
	bool quoted = false, ansi = false;

	for (; *s; s++) {
		if (!quoted && s[0] == '$' && s[1] == '\'') {
			quoted = ansi = true;
			s++;
		} else if (*s == '\'') {
			quoted = !quoted;
			ansi = false;
		} else if (ansi && *s == '\\') {
			s++;
			if (*s == '\\' || *s == '\'') {
				*p++ = *s;
			} else {
				*p++ = octal(s);
				s += 2;
			}
		} else if (!quoted && *s == '\\') {
			s++;
			CHECK(*s == '\'');
			*p++ = *s;
		} else {
			CHECK(quoted || (*s && !strchr(" \t\n\"`$&|;<>()*?[]#~!{}^", *s)));
			*p++ = *s;
		}
	}
	CHECK(!quoted);
	return out;
}

static void check_shell(const char *s)
{
	char *word = text_shell(s), *back = shell_word(word);

	CHECK(*word && !strcmp(back, s));
	for (const unsigned char *c = (const unsigned char *)word; *c; c++)
		CHECK(*c >= 0x20 && *c < 0x7f);
	free(word);
	free(back);
}

static void check_amount(uint64_t number, uint64_t size)
{
	uint64_t bytes = draw_bytes(number, size);
	char buf[32];

	CHECK(bytes <= number * (__uint128_t)size);
	text_amount(buf, sizeof(buf), bytes);
	CHECK(strlen(buf) >= 1 && strlen(buf) <= 5);
	for (int width = 3; width < 8; width++) {
		draw_count(buf, sizeof(buf), width, number);
		CHECK(strlen(buf) <= (size_t)width);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char *s = fuzz_string(&input);
	uint64_t number = 0, page = 0;

	check_safe(s);
	check_json(s);
	check_shell(s);
	for (int i = 0; i < 8; i++)
		number = number << 8 | fuzz_byte(&input);
	for (int i = 0; i < 3; i++)
		page = page << 8 | fuzz_byte(&input);
	check_amount(number, page);
	free(s);
	return 0;
}
