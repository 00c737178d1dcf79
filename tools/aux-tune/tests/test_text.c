// SPDX-License-Identifier: GPL-2.0-only
#include <locale.h>

#include "tree.h"
#include "text.h"
#include "xalloc.h"

static void assert_safe(const char *in, bool utf8, const char *want)
{
	char *out = text_safe(in, utf8);

	assert_string_equal(out, want);
	free(out);
}

static void plain_text_is_kept(void **state)
{
	assert_safe("intel_pt", true, "intel_pt");
	assert_safe("", true, "");
	assert_safe("gr\303\266\303\237e", true, "gr\303\266\303\237e");
}

static void controls_become_visible(void **state)
{
	assert_safe("a\033[2Jb", true, "a\\x1b[2Jb");
	assert_safe("a\nb\tc\177", true, "a\\x0ab\\x09c\\x7f");
	/* C1 controls start escape sequences on some terminals. */
	assert_safe("\302\233" "31m", true, "\\u{9b}31m");
	/* Text that would run backwards hides what it says. */
	assert_safe("x\342\200\256y", true, "x\\u{202e}y");
}

static void broken_utf8_becomes_visible(void **state)
{
	assert_safe("\377", true, "\\xff");
	assert_safe("\303", true, "\\xc3");
	assert_safe("\300\257", true, "\\xc0\\xaf");
	/* '/' in more bytes than it takes */
	assert_safe("\340\200\257", true, "\\xe0\\x80\\xaf");
	assert_safe("\360\200\200\257", true, "\\xf0\\x80\\x80\\xaf");
	assert_safe("\355\240\200", true, "\\xed\\xa0\\x80");
	assert_safe("\364\220\200\200", true, "\\xf4\\x90\\x80\\x80");
}

static void ascii_locales_get_ascii(void **state)
{
	assert_safe("gr\303\266\303\237e", false, "gr\\u{f6}\\u{df}e");
}

/* Whatever two bytes come in, nothing unsafe goes out, and JSON text is valid UTF-8. */
static void no_bytes_get_through_unsafe(void **state)
{
	for (unsigned int pair = 1; pair < 0x10000; pair++) {
		char in[] = { pair & 0xff, pair >> 8, 'a', 0 };
		char *outs[] = { text_safe(in, true), text_safe(in, false), text_json(in) };

		for (int o = 0; o < 3; o++) {
			uint32_t cp;
			size_t n;

			for (const char *p = outs[o]; *p; p += n) {
				n = text_decode(p, &cp);
				assert_true(n > 0);
				assert_true(o == 2 || !text_unsafe(cp));
				assert_true(o != 1 || cp < 0x80);
			}
			free(outs[o]);
		}
	}
}

static void assert_shell(const char *in, const char *want)
{
	char *out = text_shell(in);

	assert_string_equal(out, want);
	free(out);
}

static void shell_words_are_quoted_when_needed(void **state)
{
	assert_shell("/sys/intel_pt", "/sys/intel_pt");
	assert_shell("", "''");
	assert_shell("a b", "'a b'");
	assert_shell("$(id)", "'$(id)'");
	assert_shell("it's", "'it'\\''s'");
	assert_shell("~", "'~'");
	assert_shell("e\033'\\", "$'e\\033\\'\\\\'");
}

/* The proof is a shell that hands the word back. */
static void shell_words_survive_bash(void **state)
{
	static const char *const words[] = {
		"a b", "$(id)`id`", "it's", "\"", "\\", "*", "a\nb", "\001\033[31m'\\", "\377", "!!",
		"-n", "#x", "\n", "'", "a;b&c|d<e>f",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char *quoted = text_shell(words[i]);
		char *script = xasprintf("printf '%%s.' %s", quoted);
		char got[64] = { 0 };
		FILE *pipe;

		setenv("SCRIPT", script, 1);
		pipe = popen("LC_ALL=C bash -c \"$SCRIPT\"", "r");
		assert_non_null(pipe);
		assert_true(fread(got, 1, sizeof(got) - 1, pipe) > 0);
		assert_int_equal(pclose(pipe), 0);
		got[strlen(got) - 1] = '\0';
		assert_string_equal(got, words[i]);
		free(script);
		free(quoted);
	}
}

static void excerpts_end_with_a_whole_character(void **state)
{
	char text[129], *out;

	for (int before = 0; before < 3; before++) {
		memset(text, 'x', before);
		for (int i = before; i + 3 < 128; i += 3)
			memcpy(text + i, "\342\202\254", 4);
		out = text_excerpt(text);
		assert_true(strlen(out) <= 64);
		/* All of ASCII in this locale, so what is cut may be an escape. */
		for (const char *c = out; *c; c++)
			assert_true((unsigned char)*c < 0x80);
		free(out);
		assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
		out = text_excerpt(text);
		assert_true(strlen(out) > 61 && strlen(out) <= 64);
		assert_int_equal((strlen(out) - before) % 3, 0);
		free(out);
		setlocale(LC_CTYPE, "C");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_is_kept),
		cmocka_unit_test(controls_become_visible),
		cmocka_unit_test(broken_utf8_becomes_visible),
		cmocka_unit_test(ascii_locales_get_ascii),
		cmocka_unit_test(no_bytes_get_through_unsafe),
		cmocka_unit_test(shell_words_are_quoted_when_needed),
		cmocka_unit_test(shell_words_survive_bash),
		cmocka_unit_test(excerpts_end_with_a_whole_character),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
