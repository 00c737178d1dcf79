// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays random keys to the screen through a pty: keys, mouse, pastes and garbage, resizes and
 * signals, while files change under it. Whatever comes, it ends when told to or when its terminal
 * goes away, gives the terminal back as it was, and does not spin.
 *
 * usage: keys [-s SEED] [-n SESSIONS] [-t SECONDS] AUX-TUNE TREE...
 *
 * Each session works on a copy of one of the captured trees, and has a seed of its own, which is
 * printed if it fails: -s SEED -n 1 plays it again.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

/* Seconds to end in, on a machine that does ten other things. */
#define END_MAX		60

#define OUTPUT_MAX	(1 << 20)
#define SANITIZER_EXIT	99
#define ASAN_OPTIONS	"exitcode=99:detect_stack_use_after_return=1"

#define NR(array)	((int)(sizeof(array) / sizeof((array)[0])))

enum end {
	END_KEYS,
	END_SIGTERM,
	END_SIGINT,
	END_SIGQUIT,
	END_SIGHUP,
	END_FLOOD,		/* SIGTERM while keys come faster than it can read them */
	END_HANGUP,		/* the terminal goes away */
	END_HANGUP_FULL,	/* the same while nobody reads what it shows */
	NR_ENDS,
};

static const char *const end_names[] = {
	"keys", "SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGTERM among keys", "hangup", "hangup while it writes",
};

static const char *const terms[] = {
	"xterm-256color", "xterm-256color", "screen-256color", "xterm", "linux", "vt100", "ansi",
};

struct session {
	const char *tool;
	const char *tree;
	char dir[64];			/* the copy of the tree, and what it says on stderr */
	const char *term;
	enum end end;
	bool alone;			/* it is not its controlling terminal: no signal tells of a hangup */
	bool still;			/* nothing happens by itself */
	bool flushes;			/* ^C, ^Z or ^\ was typed */
	int master;
	int slave;
	pid_t pid;
	int status;
	bool ended;
	struct termios modes;
	char output[OUTPUT_MAX];
	size_t len;
	char last[512];			/* what was done last, for whoever looks into a failure */
	bool failed;
};

static uint64_t random_state;
static unsigned long total_actions;

static uint32_t random_number(void)
{
	/* splitmix64 */
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z >> 32;
}

static int below(int limit)
{
	return random_number() % limit;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

__attribute__((format(printf, 2, 3)))
static void fail(struct session *s, const char *fmt, ...)
{
	va_list ap;

	s->failed = true;
	va_start(ap, fmt);
	printf("# ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
}

/* ----- the tree ----- */

static const char *copy_from, *copy_to;

static int copy_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	char to[PATH_MAX], buf[65536];
	ssize_t n;
	int in, out;

	(void)ftw;
	snprintf(to, sizeof(to), "%s%s", copy_to, path + strlen(copy_from));
	if (flag == FTW_SL) {
		n = readlink(path, buf, sizeof(buf) - 1);
		buf[n > 0 ? n : 0] = '\0';
		return symlink(buf, to);
	}
	if (flag == FTW_D)
		return mkdir(to, 0755) && errno != EEXIST;
	if (S_ISFIFO(st->st_mode))
		return mkfifo(to, 0644);
	in = open(path, O_RDONLY);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, st->st_mode & 0777);
	if (in < 0 || out < 0)
		return -1;
	fchmod(out, st->st_mode & 0777);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, n) != n)
			return -1;
	close(in);
	close(out);
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void remove_tree(const char *dir)
{
	nftw(dir, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const struct session *s, const char *path, const char *text)
{
	char full[PATH_MAX];
	int fd;

	snprintf(full, sizeof(full), "%s/tree%s", s->dir, path);
	fd = open(full, O_WRONLY | O_TRUNC | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		perror(full);
	close(fd);
}

/* The name of some PMU. */
static bool some_pmu(const struct session *s, char *name, size_t size)
{
	char full[PATH_MAX];
	struct dirent *d;
	int skip = below(20);
	DIR *dir;

	*name = '\0';
	snprintf(full, sizeof(full), "%s/tree/sys/bus/event_source/devices", s->dir);
	dir = opendir(full);
	while (dir && (d = readdir(dir))) {
		if (*d->d_name == '.')
			continue;
		snprintf(name, size, "%s", d->d_name);
		if (!skip--)
			break;
	}
	if (dir)
		closedir(dir);
	return *name;
}

/* Somebody else is at work, too. */
static void change_tree(const struct session *s)
{
	char name[256], path[PATH_MAX], other[PATH_MAX];
	static int made;

	if (!some_pmu(s, name, sizeof(name)))
		return;
	switch (below(7)) {
	case 0:
		snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/aux_max_order", name);
		write_file(s, path, below(4) ? "4\n" : "garbage\n");
		break;
	case 1:
		snprintf(path, sizeof(path), "%s/tree/sys/bus/event_source/devices/%s", s->dir, name);
		snprintf(other, sizeof(other), "%s/tree/%s", s->dir, name);
		if (rename(path, other) && errno == EEXIST)
			unlink(other);
		break;
	case 2:
		snprintf(path, sizeof(path), "%s/tree/%s", s->dir, name);
		snprintf(other, sizeof(other), "%s/tree/sys/bus/event_source/devices/new_%d", s->dir,
			 made++ % 20);
		if (symlink("../../../devices/intel_pt", other))
			unlink(other);
		break;
	case 3:
		write_file(s, "/proc/buddyinfo", below(2) ? "" : "Node 0, zone Normal 1 2 3 4 5\n");
		break;
	case 4:
		snprintf(path, sizeof(path), "/sys/kernel/debug/perf_aux/%s/stats", name);
		write_file(s, path, below(2) ? "" : "area_live 1\npage_live 77\narea_fail_new 3\n");
		break;
	case 5:
		write_file(s, "/sys/kernel/debug/perf_aux/areas", below(2) ? "torn" :
			   "pmu pages chunks\nintel_pt 16 0:16\ngone 8 3:1\n");
		break;
	case 6:
		write_file(s, "/etc/udev/rules.d/60-aux-tune.rules",
			   "KERNEL==\"intel_pt\", ATTR{aux_max_order}=\"7\"\n");
		break;
	}
}

/* ----- the terminal ----- */

static void keep_output(struct session *s, const char *text, size_t len)
{
	if (s->len + len > OUTPUT_MAX) {
		/* What was sent first matters least. */
		memmove(s->output, s->output + OUTPUT_MAX / 2, s->len - OUTPUT_MAX / 2);
		s->len -= OUTPUT_MAX / 2;
	}
	memcpy(s->output + s->len, text, len);
	s->len += len;
}

/* True when there was something. */
static bool drain(struct session *s, int wait_ms)
{
	struct pollfd poll_fd = { .fd = s->master, .events = POLLIN };
	bool any = false;
	char buf[4096];
	ssize_t n;

	while (s->master >= 0 && poll(&poll_fd, 1, any ? 0 : wait_ms) > 0) {
		n = read(s->master, buf, sizeof(buf));
		if (n <= 0)
			break;
		keep_output(s, buf, n);
		any = true;
	}
	return any;
}

static bool same_modes(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
	       a->c_lflag == b->c_lflag && !memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc));
}

static void check_modes(struct session *s, const char *when)
{
	struct termios modes;

	if (tcgetattr(s->slave, &modes))
		fail(s, "no terminal modes %s", when);
	else if (!same_modes(&modes, &s->modes))
		fail(s, "the terminal's modes are not as they were %s", when);
}

/* Where @text was sent last, -1 if never. */
static long last_of(const struct session *s, const char *text)
{
	size_t len = strlen(text);

	for (long at = (long)s->len - (long)len; at >= 0; at--)
		if (!memcmp(s->output + at, text, len))
			return at;
	return -1;
}

/* What @on switched on is off again. */
static void check_off(struct session *s, const char *on, const char *off, const char *what)
{
	if (!on || on == (char *)-1 || !off || off == (char *)-1 || !strcmp(on, off))
		return;
	/* What it wrote last may be on its way, through a worker of the kernel. */
	for (int i = 0; i < 40 && last_of(s, on) > last_of(s, off); i++)
		drain(s, 50);
	if (last_of(s, on) <= last_of(s, off))
		return;
	/*
	 * These keys flush output that has not been read, until the screen has told the kernel not
	 * to and as soon as it has given the terminal back; and a worker looks at keys when it can.
	 */
	if (s->flushes)
		printf("# %s, which may have been flushed\n", what);
	else
		fail(s, "%s", what);
}

static void check_restored(struct session *s)
{
	check_modes(s, "at the end");
	check_off(s, tigetstr((char *)"smcup"), tigetstr((char *)"rmcup"),
		  "the alternate screen is left on");
	check_off(s, tigetstr((char *)"civis"), tigetstr((char *)"cnorm"),
		  "the cursor is left hidden");
	check_off(s, "\033[?1000h", "\033[?1000l", "the mouse is left on");
	check_off(s, "\033[?1006;1000h", "\033[?1006;1000l", "the mouse is left on");
}

static void check_stopped(struct session *s)
{
	drain(s, 0);
	check_modes(s, "while it is stopped");
	kill(s->pid, SIGCONT);
}

/* Notes when it has ended, and goes on when it has stopped. */
static bool has_ended(struct session *s)
{
	int status;

	while (!s->ended && waitpid(s->pid, &status, WNOHANG | WUNTRACED) == s->pid) {
		if (WIFSTOPPED(status)) {
			check_stopped(s);
			continue;
		}
		s->status = status;
		s->ended = true;
	}
	return s->ended;
}

static void send_bytes(struct session *s, const char *text, size_t len)
{
	double until = now() + END_MAX;

	s->flushes |= memchr(text, '\3', len) || memchr(text, '\32', len) || memchr(text, '\34', len);
	while (len && !has_ended(s)) {
		ssize_t n = write(s->master, text, len);

		if (n > 0) {
			text += n;
			len -= n;
		} else if (now() > until) {
			fail(s, "it does not read its keys");
			kill(s->pid, SIGKILL);
		}
		drain(s, n > 0 ? 0 : 1);
	}
}

static void send_text(struct session *s, const char *text)
{
	send_bytes(s, text, strlen(text));
}

static void resize(struct session *s)
{
	static const int edges[] = { 0, 1, 2, 3, 5, 10, 24, 40, 80, 200, 500 };
	struct winsize size = {
		.ws_row = below(3) ? below(60) : edges[below(NR(edges))],
		.ws_col = below(3) ? below(250) : edges[below(NR(edges))],
	};

	ioctl(s->master, TIOCSWINSZ, &size);
}

static void paste(struct session *s)
{
	char text[2048];
	int len = below(sizeof(text)), at = 0;

	at += sprintf(text, "\033[200~");
	while (at < len)
		text[at++] = ' ' + below(95);
	send_bytes(s, text, at);
	send_text(s, "\033[201~");
}

static void mouse(struct session *s)
{
	char text[32];

	if (below(2))
		snprintf(text, sizeof(text), "\033[<%d;%d;%d%c", below(70), below(300), below(100),
			 below(2) ? 'M' : 'm');
	else
		snprintf(text, sizeof(text), "\033[M%c%c%c", 32 + below(70), 33 + below(200),
			 33 + below(100));
	send_text(s, text);
}

static void garbage(struct session *s)
{
	char text[64];
	int len = 1 + below(sizeof(text));

	for (int i = 0; i < len; i++) {
		text[i] = below(256);
		/* Stops all output until the other one comes, which is nobody's fault. */
		if (text[i] == 'S' - '@' || text[i] == 'Q' - '@')
			text[i] = ' ';
	}
	send_bytes(s, text, len);
}

static void named_key(struct session *s)
{
	static const char *const names[] = {
		"kcuu1", "kcud1", "kcub1", "kcuf1", "kpp", "knp", "khome", "kend", "kbs",
		"kf1", "kf2", "kf3", "kf4", "kf5", "kf6", "kf7", "kf8", "kf9",
	};
	const char *text = tigetstr((char *)names[below(NR(names))]);

	if (text && text != (char *)-1)
		send_text(s, text);
}

static void control_sequence(struct session *s)
{
	char text[64];

	snprintf(text, sizeof(text), "\033%c%d;%d%c", "[O]P_("[below(6)], below(100000), below(9),
		 '@' + below(63));
	send_text(s, text);
}

static void signal_it(struct session *s)
{
	static const int signals[] = { SIGWINCH, SIGCONT, SIGTSTP, SIGWINCH };

	kill(s->pid, signals[below(NR(signals))]);
}

/* Keys that do something; those that end it come rarely. */
static void key(struct session *s)
{
	static const char keys[] = "+-=0123456789uUimdzarjkkjjh?/sSvp\r\033\033\t \b\177\22"
				   "xyzint*_[^";
	char text[2] = { keys[below(NR(keys) - 1)] };

	if (!below(100))
		text[0] = "q\3\34\32\4"[below(5)];
	send_text(s, text);
}

static void action(struct session *s)
{
	static void (*const actions[])(struct session *s) = {
		resize, paste, mouse, garbage, control_sequence, signal_it,
	};
	int what = below(24);

	total_actions++;
	snprintf(s->last + strlen(s->last) % 480, 16, " %d", what);
	if (what < NR(actions))
		actions[what](s);
	else if (what < 9)
		named_key(s);
	else if (what < 12)
		change_tree(s);
	else
		key(s);
	drain(s, below(8) ? 0 : below(30));
}

/* ----- a session ----- */

static void start_tool(const struct session *s, char **argv)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT };
	char path[80];
	sigset_t none;
	int fd;

	/* Under nohup, or in the background, some are ignored. All are blocked: none is lost yet. */
	for (size_t i = 0; i < NR(signals); i++)
		signal(signals[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (!s->alone)
		ioctl(s->slave, TIOCSCTTY, 0);
	for (fd = 0; fd < 2; fd++)
		dup2(s->slave, fd);
	snprintf(path, sizeof(path), "%s/err", s->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(fd, STDERR_FILENO);
	closefrom(3);
	setenv("TERM", s->term, 1);
	/* Where ncurses loads libgpm, which loses some memory. */
	if (!strcmp(s->term, "linux"))
		setenv("ASAN_OPTIONS", ASAN_OPTIONS ":detect_leaks=0", 1);
	setenv("LC_ALL", below(4) ? "C.UTF-8" : "C", 1);
	if (!below(4))
		setenv("NO_COLOR", "1", 1);
	execv(s->tool, argv);
	_exit(127);
}

static void open_session(struct session *s, int nr_trees, char **trees)
{
	static const char *const intervals[] = { "0.1", "0.3", "3600" };
	char tree[80], *argv[9] = { (char *)s->tool, (char *)"--root", tree, (char *)"-d" };
	int argc = 5, result;
	sigset_t all, old;

	s->tree = trees[below(nr_trees)];
	s->term = terms[below(NR(terms))];
	s->end = below(NR_ENDS);
	s->alone = s->end >= END_HANGUP && below(2);
	argv[4] = (char *)intervals[below(NR(intervals))];
	s->still = !strcmp(argv[4], "3600");
	if (!below(4))
		argv[argc++] = (char *)"--readonly";
	if (!below(4))
		argv[argc++] = (char *)"--all";
	strcpy(s->dir, "/tmp/aux-keys.XXXXXX");
	if (!mkdtemp(s->dir))
		die(s->dir);
	snprintf(tree, sizeof(tree), "%s/tree", s->dir);
	copy_from = s->tree;
	copy_to = tree;
	if (nftw(s->tree, copy_entry, 32, FTW_PHYS))
		die(s->tree);

	s->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (s->master < 0 || grantpt(s->master) || unlockpt(s->master))
		die("pty");
	s->slave = open(ptsname(s->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s->slave < 0 || tcgetattr(s->slave, &s->modes))
		die("pty");
	if (setupterm((char *)s->term, s->slave, &result) != OK)
		die(s->term);
	resize(s);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	s->pid = fork();
	if (s->pid < 0)
		die("fork");
	if (!s->pid)
		start_tool(s, argv);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* Time that it ran, or would have if others had let it. */
static uint64_t busy_ms(const struct session *s)
{
	unsigned long long ran = 0, waited = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", s->pid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%llu %llu", &ran, &waited) != 2)
		ran = waited = 0;
	fclose(file);
	return (ran + waited) / 1000000;
}

/* Not at once: on a busy machine it may have been kept from what there was to do. */
static void check_idle(struct session *s)
{
	uint64_t before, took = 0, most = 0;

	for (int i = 0; i < 10; i++) {
		double from = now();

		while (drain(s, 300) && now() - from < END_MAX)
			;
		from = now();
		before = busy_ms(s);
		while (now() - from < 0.4)
			drain(s, 50);
		took = busy_ms(s) - before;
		most = (now() - from) * 1000;
		if (has_ended(s) || took < most / 2)
			return;
	}
	fail(s, "busy for %d of %d ms of doing nothing", (int)took, (int)most);
}

static void hang_up(struct session *s)
{
	close(s->slave);
	close(s->master);
	s->slave = s->master = -1;
}

/* As much as there is room for. */
static void flood(struct session *s)
{
	static const char keys[] = "jkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjkjk";

	while (write(s->master, keys, sizeof(keys) - 1) > 0)
		;
}

static void tell_to_end(struct session *s)
{
	static const int signals[] = {
		[END_SIGTERM] = SIGTERM, [END_SIGINT] = SIGINT, [END_SIGQUIT] = SIGQUIT,
		[END_SIGHUP] = SIGHUP, [END_FLOOD] = SIGTERM,
	};

	switch (s->end) {
	case END_KEYS:
		/* Out of whatever it is in. Together, Esc and q would be Alt-q. */
		for (int i = 0; i < 4 && !has_ended(s); i++) {
			send_text(s, "\033");
			drain(s, 150);
			send_text(s, "q");
			drain(s, 50);
		}
		break;
	case END_HANGUP_FULL:
		for (int i = 0; i < 50; i++) {
			resize(s);
			if (write(s->master, "?", 1) < 0)
				break;
			usleep(1000);
		}
		hang_up(s);
		break;
	case END_HANGUP:
		hang_up(s);
		break;
	default:
		if (s->end == END_FLOOD)
			flood(s);
		kill(s->pid, signals[s->end]);
		break;
	}
}

/* For whoever has to find out why. */
static void show_where_it_is(const struct session *s)
{
	static const char *const files[] = { "status", "wchan", "syscall", "stack" };
	char path[64], line[512];

	for (size_t i = 0; i < NR(files); i++) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%d/%s", s->pid, files[i]);
		file = fopen(path, "r");
		while (file && fgets(line, sizeof(line), file))
			if (i || !strncmp(line, "State", 5) || !strncmp(line, "Sig", 3) ||
			    !strncmp(line, "ShdPnd", 6))
				printf("#   %s: %s%s", files[i], line, strchr(line, '\n') ? "" : "\n");
		if (file)
			fclose(file);
	}
}

static void wait_for_end(struct session *s)
{
	double from = now(), again = from + 1;
	int turns = 0;

	while (!has_ended(s)) {
		if (s->end == END_FLOOD)
			flood(s);
		if (s->master >= 0)
			drain(s, s->end == END_FLOOD ? 0 : 5);
		else
			usleep(5000);
		/* A key may still be the beginning of a sequence, or answer a page. */
		if (s->end == END_KEYS && now() > again) {
			again = now() + 1;
			tell_to_end(s);
		}
		/* Of a machine that stood still, the clock may tell nothing else. */
		if (++turns < 1000 || now() - from < END_MAX)
			continue;
		fail(s, "it has not ended after %d s", END_MAX);
		show_where_it_is(s);
		kill(s->pid, SIGKILL);
		waitpid(s->pid, &s->status, 0);
		s->ended = true;
	}
	drain(s, 0);
}

static void check_status(struct session *s)
{
	int code = WIFEXITED(s->status) ? WEXITSTATUS(s->status) : 0;
	int signal = WIFSIGNALED(s->status) ? WTERMSIG(s->status) : 0;
	char path[80], line[512];
	FILE *err;

	/* With nothing to write to it may say that it could not. */
	if (signal && signal != SIGTERM && signal != SIGINT && signal != SIGQUIT && signal != SIGHUP)
		fail(s, "killed by signal %d", signal);
	if (code == SANITIZER_EXIT)
		fail(s, "a sanitizer's report");
	else if (code && !(code == 1 && s->master < 0))
		fail(s, "exit status %d", code);
	snprintf(path, sizeof(path), "%s/err", s->dir);
	err = fopen(path, "r");
	while (err && fgets(line, sizeof(line), err))
		if (s->failed || strstr(line, "runtime error") || strstr(line, "Sanitizer")) {
			s->failed = true;
			printf("#   %s", line);
		}
	if (err)
		fclose(err);
}

static bool play(uint64_t seed, const char *tool, int nr_trees, char **trees)
{
	struct session *s = calloc(1, sizeof(*s));
	bool failed;
	int actions;

	random_state = seed;
	s->tool = tool;
	open_session(s, nr_trees, trees);
	/* Some of them before it is ready. */
	if (below(4))
		drain(s, 2000);
	actions = below(150);
	for (int i = 0; i < actions && !has_ended(s); i++)
		action(s);
	if (s->still && !has_ended(s) && below(3))
		check_idle(s);
	if (!has_ended(s))
		tell_to_end(s);
	wait_for_end(s);
	if (s->master >= 0)
		check_restored(s);
	check_status(s);
	if (s->failed)
		printf("# seed %llu: TERM=%s %s, end: %s%s; last actions:%s\n",
		       (unsigned long long)seed, s->term, s->tree, end_names[s->end],
		       s->alone ? " (no signal)" : "", s->last);
	del_curterm(cur_term);
	if (s->master >= 0)
		hang_up(s);
	remove_tree(s->dir);
	failed = s->failed;
	free(s);
	return !failed;
}

int main(int argc, char **argv)
{
	unsigned long sessions = ULONG_MAX, done = 0, failures = 0;
	double from = now(), seconds = 0;
	uint64_t seed = time(NULL);
	int option;

	while ((option = getopt(argc, argv, "s:n:t:")) != -1) {
		switch (option) {
		case 's':
			seed = strtoull(optarg, NULL, 10);
			break;
		case 'n':
			sessions = strtoul(optarg, NULL, 10);
			break;
		case 't':
			seconds = strtod(optarg, NULL);
			break;
		default:
			return 2;
		}
	}
	if (argc - optind < 2) {
		fprintf(stderr, "usage: keys [-s SEED] [-n SESSIONS] [-t SECONDS] AUX-TUNE TREE...\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	setenv("ASAN_OPTIONS", ASAN_OPTIONS, 1);
	setenv("UBSAN_OPTIONS", "exitcode=99:print_stacktrace=1", 1);
	while (done < sessions && (!seconds || now() - from < seconds) && failures < 10)
		failures += !play(seed + done++, argv[optind], argc - optind - 1,
				  argv + optind + 1);
	printf("# seed %llu: %lu sessions, %lu actions in %.0f s, %lu failed\n",
	       (unsigned long long)seed, done, total_actions, now() - from, failures);
	return failures != 0;
}
