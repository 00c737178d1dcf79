// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "screen.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

/* Long enough for a slow serial line, too short to be felt after Esc. */
#define ESCAPE_DELAY_MS	50

/* No key and nothing the mouse does is longer. */
#define SEQUENCE_MAX	32

#define MAX_FLUSHED	3

/* Signals after which nothing else gives the terminal back. */
static const int crash_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

#define NR_CRASH_SIGNALS	(sizeof(crash_signals) / sizeof(crash_signals[0]))

/* One process, one terminal; the crash handler has to find this without an argument. */
static struct {
	SCREEN *curses;
	FILE *typed;			/* what has been typed, for curses to read */
	int input;			/* where it comes from */
	bool colors;
	struct termios modes;		/* before the screen was opened */
	char restore[256];		/* what undoes the screen's escape sequences */
	size_t restore_len;
	struct sigaction old_actions[NR_CRASH_SIGNALS];
	struct canvas shown;		/* what is on the screen; no cells: not known */
} terminal;

/* What xterm and those like it understand; others have no mouse. */
#define MOUSE_OFF	"\033[?1000l\033[?1006l"

/* Appends a capability, without the padding only tputs() understands. */
static void add_restore(const char *capability)
{
	const char *s = tigetstr((char *)capability);

	if (!s || s == (char *)-1)
		return;
	while (*s && terminal.restore_len < sizeof(terminal.restore)) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>'))
			s = strchr(s, '>') + 1;
		else
			terminal.restore[terminal.restore_len++] = *s++;
	}
}

/* Async-signal-safe, unlike endwin(). */
static void write_restore(void)
{
	ssize_t ignored = write(STDOUT_FILENO, terminal.restore, terminal.restore_len);

	(void)ignored;
}

/* From the background: the modes are another job's by now, but it cannot know what else to undo. */
static void leave_screen(void)
{
	struct sigaction old, ignore = { .sa_handler = SIG_IGN };

	/* For `stty tostop`. */
	sigaction(SIGTTOU, &ignore, &old);
	write_restore();
	sigaction(SIGTTOU, &old, NULL);
}

static void crashed(int signal)
{
	write_restore();
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal.modes);
	for (size_t i = 0; i < NR_CRASH_SIGNALS; i++)
		if (crash_signals[i] == signal)
			sigaction(signal, &terminal.old_actions[i], NULL);
	raise(signal);
}

enum screen_support screen_check(void)
{
	int result;
	char *cup;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return SCREEN_NO_TERMINAL;
	if (setupterm(NULL, STDOUT_FILENO, &result) != OK)
		return SCREEN_UNKNOWN;
	cup = tigetstr((char *)"cup");
	result = cup && cup != (char *)-1;
	del_curterm(cur_term);
	return result ? SCREEN_OK : SCREEN_NO_CURSOR;
}

static void open_colors(void)
{
	const char *no_color = getenv("NO_COLOR");

	terminal.colors = has_colors() && !(no_color && *no_color) && start_color() == OK &&
			  use_default_colors() == OK;
	if (!terminal.colors)
		return;
	init_pair(ROLE_MARKED, COLOR_YELLOW, -1);
	init_pair(ROLE_DIM, COLOR_CYAN, -1);
	init_pair(ROLE_BAR, COLOR_GREEN, -1);
	init_pair(ROLE_BAR_SMALL, COLOR_RED, -1);
	init_pair(ROLE_GOOD, COLOR_GREEN, -1);
	init_pair(ROLE_BAD, COLOR_RED, -1);
	init_pair(ROLE_KEY, COLOR_CYAN, -1);
}

/* Press and wheel only: moving and dragging stay the terminal's own. */
static void open_mouse(void)
{
	mmask_t wanted = BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED;

	if (!mousemask(wanted, NULL))
		return;
	mouseinterval(0);
	if (terminal.restore_len + strlen(MOUSE_OFF) > sizeof(terminal.restore))
		return;
	memcpy(terminal.restore + terminal.restore_len, MOUSE_OFF, strlen(MOUSE_OFF));
	terminal.restore_len += strlen(MOUSE_OFF);
}

/*
 * newterm() takes over signals that nobody else has: its handlers end the program with status 1.
 * Here they are for the event loop, and whatever comes too late for that ends it as it should.
 */
static SCREEN *new_terminal(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
	struct sigaction actions[sizeof(signals) / sizeof(signals[0])];
	SCREEN *curses;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], NULL, &actions[i]);
	curses = newterm(NULL, stdout, terminal.typed);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &actions[i], NULL);
	return curses;
}

bool screen_wait(void)
{
	/* Changes nothing, but the kernel stops whoever tries with a terminal that is not its. */
	return !tcflow(STDIN_FILENO, TCOON);
}

bool screen_foreground(void)
{
	/* Nothing or an error: no job control, or groups of another PID namespace. */
	pid_t group = tcgetpgrp(STDIN_FILENO);

	return group <= 0 || group == getpgrp();
}

/*
 * Curses reads in the middle of a sequence, and of what the mouse does, without asking whether
 * there is something, or until there is something: for ever, should the rest have been flushed or
 * the terminal have gone. It gets a pipe that never waits and never ends.
 */
static bool open_typed(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return false;
	terminal.input = ends[1];
	terminal.typed = fdopen(ends[0], "r");
	if (terminal.typed)
		return true;
	close(ends[0]);
	close(ends[1]);
	return false;
}

static void close_typed(void)
{
	fclose(terminal.typed);
	close(terminal.input);
}

/* For reads that do not wait, whatever poll() said before. */
static void dont_wait(void)
{
	struct termios modes;

	if (tcgetattr(STDOUT_FILENO, &modes))
		return;
	modes.c_cc[VMIN] = 0;
	modes.c_cc[VTIME] = 0;
	if (!tcsetattr(STDOUT_FILENO, TCSANOW, &modes))
		def_prog_mode();
}

bool screen_open(void)
{
	struct sigaction action = { .sa_handler = crashed, .sa_flags = SA_NODEFER };

	tcgetattr(STDIN_FILENO, &terminal.modes);
	if (!open_typed())
		return false;
	terminal.curses = new_terminal();
	if (!terminal.curses) {
		close_typed();
		return false;
	}

	terminal.restore_len = 0;
	add_restore("sgr0");
	add_restore("rmkx");
	add_restore("cnorm");
	add_restore("rmcup");
	open_mouse();
	for (size_t i = 0; i < NR_CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &action, &terminal.old_actions[i]);

	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	/* That has been waited for before it gets it. */
	set_escdelay(0);
	curs_set(0);
	open_colors();
	dont_wait();
	return true;
}

void screen_close(void)
{
	if (!terminal.curses)
		return;
	if (screen_foreground())
		endwin();
	else if (!isendwin())
		leave_screen();
	for (size_t i = 0; i < NR_CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &terminal.old_actions[i], NULL);
	delscreen(terminal.curses);
	terminal.curses = NULL;
	close_typed();
	canvas_free(&terminal.shown);
}

void screen_size(int *rows, int *cols)
{
	getmaxyx(stdscr, *rows, *cols);
}

void screen_resized(void)
{
	struct winsize size;

	/* A serial line has no size: keep what terminfo or the environment said. */
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
}

static attr_t role_attributes(enum role role)
{
	switch (role) {
	case ROLE_TITLE:
	case ROLE_HEADING:
		return A_BOLD;
	case ROLE_SELECTED:
		return A_REVERSE;
	case ROLE_MARKED:
	case ROLE_BAD:
		return A_BOLD;
	default:
		return A_NORMAL;
	}
}

static short role_pair(enum role role)
{
	switch (role) {
	case ROLE_MARKED:
	case ROLE_DIM:
	case ROLE_BAR:
	case ROLE_BAR_SMALL:
	case ROLE_GOOD:
	case ROLE_BAD:
	case ROLE_KEY:
		return terminal.colors ? role : 0;
	default:
		return 0;
	}
}

static void draw_line(int y, const struct canvas *canvas, int cols)
{
	/* No half of a wide character may be left. */
	move(y, 0);
	clrtoeol();
	for (int x = 0; x < canvas->cols && x < cols; x++) {
		const struct cell *cell = &canvas->cells[y * canvas->cols + x];
		wchar_t text[2] = { cell->ch, 0 };
		cchar_t c;

		if (!cell->ch)
			continue;
		setcchar(&c, text, role_attributes(cell->role), role_pair(cell->role), NULL);
		mvadd_wch(y, x, &c);
	}
}

void screen_draw(const struct canvas *canvas)
{
	struct canvas *shown = &terminal.shown;
	bool same = shown->cells && shown->rows == canvas->rows && shown->cols == canvas->cols;
	size_t line = canvas->cols * sizeof(struct cell);
	int rows, cols;

	getmaxyx(stdscr, rows, cols);
	if (!same) {
		erase();
		canvas_reset(shown, canvas->rows, canvas->cols, canvas->utf8);
	}
	for (int y = 0; y < canvas->rows && y < rows; y++) {
		struct cell *old = &shown->cells[(size_t)y * canvas->cols];
		const struct cell *new = &canvas->cells[(size_t)y * canvas->cols];

		if (same && !memcmp(old, new, line))
			continue;
		memcpy(old, new, line);
		draw_line(y, canvas, cols);
	}
	refresh();
}

bool screen_mouse(struct screen_mouse *mouse)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return false;
	mouse->y = event.y;
	mouse->x = event.x;
	if (event.bstate & BUTTON1_PRESSED)
		mouse->what = SCREEN_CLICK;
	else if (event.bstate & BUTTON4_PRESSED)
		mouse->what = SCREEN_WHEEL_UP;
	else if (event.bstate & BUTTON5_PRESSED)
		mouse->what = SCREEN_WHEEL_DOWN;
	else
		return false;
	return true;
}

/* How much of @text is an escape sequence that has yet to be completed, at its end. */
static size_t incomplete(const char *text, size_t len)
{
	size_t at = len, n;

	while (at > 0 && text[at - 1] != '\033' && len - at < SEQUENCE_MAX)
		at--;
	if (!at || text[--at] != '\033')
		return 0;
	n = len - at;
	text += at;
	if (n == 1 || (n == 2 && strchr("[O", text[1])))
		return n;
	if (text[1] != '[')
		return 0;
	/* The mouse of old, with three characters of any kind. */
	if (text[2] == 'M')
		return n < 6 ? n : 0;
	for (size_t i = 2; i < n; i++)
		if (text[i] >= '@' && text[i] <= '~')
			return 0;
	return n;
}

/* Something, or nothing for that long: 1 or 0. Negative once the terminal has gone. */
static int typed_within(int timeout_ms)
{
	struct pollfd terminal_fd = { .fd = STDIN_FILENO, .events = POLLIN };

	if (poll(&terminal_fd, 1, timeout_ms) <= 0)
		return 0;
	if (terminal_fd.revents & (POLLHUP | POLLERR))
		return -1;
	return (terminal_fd.revents & POLLIN) ? 1 : -1;
}

bool screen_input(void)
{
	ssize_t n, written;
	char text[1024];
	size_t len = 0;
	int more = 1;

	/* What there was to read may have been flushed. Over and over, it is an end of file. */
	for (int i = 0; !len && more > 0 && i < MAX_FLUSHED; i++) {
		n = read(STDIN_FILENO, text, sizeof(text));
		if (n > 0)
			len = n;
		else
			more = typed_within(0);
	}
	if (!len)
		return !more;
	while (len < sizeof(text) && incomplete(text, len) && typed_within(ESCAPE_DELAY_MS) > 0) {
		n = read(STDIN_FILENO, text + len, sizeof(text) - len);
		if (n <= 0)
			break;
		len += n;
	}
	/* There is room: it is empty, but for what curses had no use for. */
	written = write(terminal.input, text, len);
	(void)written;
	return true;
}

static int typed_left(void)
{
	int left = 0;

	ioctl(fileno(terminal.typed), FIONREAD, &left);
	return left;
}

/* Of what makes no key, curses says the same as of nothing. */
static int next_key(wint_t *ch)
{
	int before, result;

	do {
		before = typed_left();
		result = get_wch(ch);
	} while (result == ERR && typed_left() != before && typed_left());
	return result;
}

int screen_key(void)
{
	wint_t ch;

	switch (next_key(&ch)) {
	case OK:
		if (ch == '\n')
			return SCREEN_KEY_ENTER;
		return ch == 127 || ch == '\b' ? SCREEN_KEY_BACKSPACE : (int)ch;
	case KEY_CODE_YES:
		break;
	default:
		return SCREEN_KEY_NONE;
	}
	switch (ch) {
	case KEY_UP:
		return SCREEN_KEY_UP;
	case KEY_DOWN:
		return SCREEN_KEY_DOWN;
	case KEY_LEFT:
		return SCREEN_KEY_LEFT;
	case KEY_RIGHT:
		return SCREEN_KEY_RIGHT;
	case KEY_PPAGE:
		return SCREEN_KEY_PAGE_UP;
	case KEY_NPAGE:
		return SCREEN_KEY_PAGE_DOWN;
	case KEY_HOME:
		return SCREEN_KEY_HOME;
	case KEY_END:
		return SCREEN_KEY_END;
	case KEY_ENTER:
		return SCREEN_KEY_ENTER;
	case KEY_BACKSPACE:
		return SCREEN_KEY_BACKSPACE;
	case KEY_MOUSE:
		return SCREEN_KEY_MOUSE;
	default:
		if (ch > KEY_F0 && ch <= KEY_F(12))
			return SCREEN_KEY_F(ch - KEY_F0);
		return SCREEN_KEY_OTHER;
	}
}

void screen_suspend(void)
{
	endwin();
}

void screen_resume(void)
{
	/* Stopped by SIGSTOP, it had no chance to give the terminal back: have it taken anew. */
	if (!isendwin())
		endwin();
	screen_resized();
	clearok(curscr, TRUE);
	refresh();
	canvas_free(&terminal.shown);
}
