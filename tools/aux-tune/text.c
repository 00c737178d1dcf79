// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "xalloc.h"

/* Bytes of what somebody typed that an error message repeats. */
#define EXCERPT_MAX	64

size_t text_decode(const char *s, uint32_t *cp)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	uint32_t c;
	size_t n;

	if (u[0] < 0x80) {
		*cp = u[0];
		return u[0] ? 1 : 0;
	}
	if (u[0] >= 0xc2 && u[0] < 0xe0) {
		n = 2;
		c = u[0] & 0x1f;
	} else if (u[0] >= 0xe0 && u[0] < 0xf0) {
		n = 3;
		c = u[0] & 0x0f;
	} else if (u[0] >= 0xf0 && u[0] < 0xf5) {
		n = 4;
		c = u[0] & 0x07;
	} else {
		return 0;
	}
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*cp = c;
	return n;
}

bool text_unsafe(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad ||
	       (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
	       (cp >= 0xfff0 && cp <= 0xfffb) || cp >= 0xe0000;
}

char *text_safe(const char *s, bool utf8)
{
	/* The longest replacement: one byte to \u{7f}, and never more than 4 + 6 for four. */
	char *out = xcalloc(strlen(s) + 1, 7), *p = out;
	uint32_t cp;

	while (*s) {
		size_t n = text_decode(s, &cp);

		if (!n) {
			p += sprintf(p, "\\x%02x", (unsigned char)*s++);
			continue;
		}
		if (cp < 0x80 && text_unsafe(cp))
			p += sprintf(p, "\\x%02x", cp);
		else if (text_unsafe(cp) || (cp >= 0x80 && !utf8))
			p += sprintf(p, "\\u{%x}", cp);
		else
			p = mempcpy(p, s, n);
		s += n;
	}
	*p = '\0';
	return out;
}

char *text_excerpt(const char *s)
{
	char *safe = text_safe(s, text_locale_utf8());
	size_t n = strnlen(safe, EXCERPT_MAX);

	/* Not in the middle of a character. */
	while (safe[n] && ((unsigned char)safe[n] & 0xc0) == 0x80)
		n--;
	safe[n] = '\0';
	return safe;
}

char *text_json(const char *s)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *out = xcalloc(strlen(s) + 1, 3), *p = out;
	uint32_t cp;

	while (*s) {
		size_t n = text_decode(s, &cp);

		if (n)
			p = mempcpy(p, s, n);
		else
			p = mempcpy(p, replacement, 3);
		s += n ? n : 1;
	}
	*p = '\0';
	return out;
}

char *text_shell(const char *s)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
	bool controls = false;
	char *out, *p;

	if (*s && !s[strspn(s, plain)])
		return xstrdup(s);

	for (const char *c = s; *c; c++)
		controls |= (unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f;

	out = xcalloc(strlen(s) + 4, 4);
	p = out;
	if (controls)
		*p++ = '$';
	*p++ = '\'';
	for (; *s; s++) {
		unsigned char c = *s;

		if (controls && (c < 0x20 || c >= 0x7f))
			p += sprintf(p, "\\%03o", c);
		else if (controls && (c == '\'' || c == '\\'))
			p += sprintf(p, "\\%c", c);
		else if (c == '\'')
			p = stpcpy(p, "'\\''");
		else
			*p++ = c;
	}
	*p++ = '\'';
	*p = '\0';
	return out;
}

void text_amount(char *buf, size_t size, uint64_t bytes)
{
	static const char units[] = "KMGTP";
	uint64_t tenths = bytes * 10 / 1024;
	int unit = 0;

	while (tenths >= 10000 && units[unit + 1]) {
		tenths /= 1024;
		unit++;
	}
	if (!tenths)
		snprintf(buf, size, "0");
	else if (tenths < 100 && unit)
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10, tenths % 10,
			 units[unit]);
	else
		snprintf(buf, size, "%" PRIu64 "%c", tenths / 10, units[unit]);
}

bool text_locale_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}
