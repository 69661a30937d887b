/*
 * What an agent console does, without a window: the calls, what came of them, and what may be tried again. The view is
 * told of each change, on the window's thread, which is the only one that may use this.
 */

#ifndef CONSOLE_H
#define CONSOLE_H

#include "answers.h"
#include "call.h"

#define MOST_VISITORS 50 /* the service gives 10 at the most */
#define SEARCH_UNITS 200

enum { CALL_LIST, CALL_DETAILS, CALL_LINK, CALL_STOP, CALL_PAGE, CALLS };

struct console;

struct view {
    void (*visitors_changed)(void);
    void (*chosen_changed)(void);
    void (*history_changed)(void);
    void (*busy_changed)(void);
    void (*trouble_changed)(void);
    /* A passing remark. */
    void (*tell)(const WCHAR *remark);
    /* Opens a link that nobody else may see: it is not kept, shown or logged. */
    void (*open_link)(const char *link);
};

struct console {
    upscope_client *client;
    upscope_sessions *pages;
    const struct view *view;
    struct call calls[CALLS];
    char agent[3 * SEARCH_UNITS]; /* {"id": ..., "name": ...} */

    WCHAR searched[SEARCH_UNITS];
    int listed; /* whether an answer has come yet */
    int quiet; /* the list is fetched without being asked for */
    int paused; /* refreshing by itself makes no sense now */
    struct visitor visitors[MOST_VISITORS];
    int visitor_count;
    struct visitor chosen; /* its id is "" when there is none */
    char watched[ID_BYTES], stopped[ID_BYTES], asked[ID_BYTES]; /* whom the latest call of its kind was about */

    struct session *history;
    size_t history_count;
    int history_complete;

    /* What went wrong last, and stands in the window until it is put right; "" for nothing. */
    WCHAR trouble[1000];
    int retryable;
    int troubled; /* the call that failed */
};

/* Takes the client over. agent_id and agent_name: who is at this desk. */
void console_open(struct console *console, upscope_client *client, const struct view *view, HWND window,
                  const WCHAR *agent_id, const WCHAR *agent_name);

/* Ends all calls, without waiting for the network. */
void console_close(struct console *console);

void console_search(struct console *console, const WCHAR *text); /* gives an older search up */
void console_refresh(struct console *console); /* the same search again, quietly, while that makes sense */
void console_reload(struct console *console); /* the same search again, as somebody asked for it */
void console_choose(struct console *console, const char *visitor_id);
void console_start_cobrowsing(struct console *console);
void console_stop_session(struct console *console);
void console_load_history(struct console *console); /* the next page */
void console_cancel(struct console *console); /* all that console_busy tells of */
void console_try_again(struct console *console);
void console_dismiss(struct console *console);

/* What is being done, or NULL. */
const WCHAR *console_busy(const struct console *console);

#endif
