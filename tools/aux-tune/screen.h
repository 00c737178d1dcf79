/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal. The only part that knows curses, and there is one terminal. */
#ifndef AUX_TUNE_SCREEN_H
#define AUX_TUNE_SCREEN_H

#include "canvas.h"

/* Keys beyond the characters; "none" once there is nothing more to read. */
enum screen_key {
	SCREEN_KEY_NONE = -1,
	SCREEN_KEY_UP = 0x110000,
	SCREEN_KEY_DOWN,
	SCREEN_KEY_LEFT,
	SCREEN_KEY_RIGHT,
	SCREEN_KEY_PAGE_UP,
	SCREEN_KEY_PAGE_DOWN,
	SCREEN_KEY_HOME,
	SCREEN_KEY_END,
	SCREEN_KEY_BACKSPACE,
	SCREEN_KEY_MOUSE,	/* screen_mouse() tells more */
	SCREEN_KEY_OTHER,
	SCREEN_KEY_F0,		/* F1 is the next one, and so on to F12 */
};

#define SCREEN_KEY_F(n)		(SCREEN_KEY_F0 + (n))
#define SCREEN_KEY_ENTER	'\r'
#define SCREEN_KEY_ESCAPE	27
#define SCREEN_KEY_CTRL(c)	(0x1f & (c))

enum screen_click {
	SCREEN_CLICK,
	SCREEN_WHEEL_UP,
	SCREEN_WHEEL_DOWN,
};

struct screen_mouse {
	int y, x;
	enum screen_click what;
};

enum screen_support {
	SCREEN_OK,
	SCREEN_NO_TERMINAL,	/* input or output is none */
	SCREEN_UNKNOWN,		/* no terminal of the type TERM names */
	SCREEN_NO_CURSOR,	/* TERM is one that cannot move the cursor */
};

/* Whether screen_open() can work; touches nothing. */
enum screen_support screen_check(void);

/*
 * To be called before signals are held back: in the background, a program is stopped here until
 * the shell gives it the terminal. Returns false, with errno, if nobody ever can.
 */
bool screen_wait(void);

/* False in the background, where the terminal is another job's: hands off. */
bool screen_foreground(void);

/*
 * Takes the terminal over. It is given back by screen_close(), and by itself should the
 * program crash. Returns false when curses fails.
 */
bool screen_open(void);
void screen_close(void);

void screen_size(int *rows, int *cols);

/* Takes over a new size, after SIGWINCH. */
void screen_resized(void);

/* Shows a canvas. What has not changed since the last one costs nothing. */
void screen_draw(const struct canvas *canvas);

/*
 * Takes in what has been typed, for screen_key(). Waits for the rest of an escape sequence, but
 * not for longer than a person would notice. False once the terminal has gone.
 */
bool screen_input(void);

/* Never waits. */
int screen_key(void);

/* What the mouse did, after SCREEN_KEY_MOUSE. False when that is nothing of interest. */
bool screen_mouse(struct screen_mouse *mouse);

/* Gives the terminal back while the program is stopped, and takes it again. */
void screen_suspend(void);
void screen_resume(void);

#endif
