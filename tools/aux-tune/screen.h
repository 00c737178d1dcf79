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
	SCREEN_KEY_OTHER,
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
 * Takes the terminal over. It is given back by screen_close(), and by itself should the
 * program crash. Returns false when curses fails.
 */
bool screen_open(void);
void screen_close(void);

void screen_size(int *rows, int *cols);

/* Takes over a new size, after SIGWINCH. */
void screen_resized(void);

/* Shows a canvas; only what differs is sent. */
void screen_draw(const struct canvas *canvas);

/* Never waits. */
int screen_key(void);

/* The terminal's descriptor has input: false when that was its end. */
bool screen_alive(void);

/* Gives the terminal back while the program is stopped, and takes it again. */
void screen_suspend(void);
void screen_resume(void);

#endif
