/*
 * The logic of the agent console, without a window: calls, their results, and retries. It notifies the view of each
 * change. Use it only on the GUI thread.
 */

#ifndef CONSOLE_H
#define CONSOLE_H

#include "answers.h"
#include "call.h"

#define MOST_VISITORS 50 /* the service returns at most 10 */
#define SEARCH_UNITS 200

enum { CALL_LIST, CALL_DETAILS, CALL_LINK, CALL_STOP, CALL_PAGE, CALLS };

struct console;

struct view {
    void (*visitors_changed)(void);
    void (*chosen_changed)(void);
    void (*history_changed)(void);
    void (*busy_changed)(void);
    void (*error_changed)(void);
    /* Shows a short notice. */
    void (*show_notice)(const WCHAR *notice);
    /* Opens a secret link, without storing, showing or logging it. */
    void (*open_link)(const char *link);
};

struct console {
    upscope_client *client;
    upscope_sessions *pages;
    const struct view *view;
    struct call calls[CALLS];
    char agent_id[SEARCH_UNITS], agent_name[SEARCH_UNITS]; /* UTF-8 */

    WCHAR searched[SEARCH_UNITS];
    int listed; /* whether a response has arrived */
    int quiet; /* the list is loading in the background */
    int paused; /* automatic refresh is paused */
    struct visitor visitors[MOST_VISITORS];
    int visitor_count;
    struct visitor chosen; /* its id is "" if there is none */
    char watched[ID_BYTES], stopped[ID_BYTES], asked[ID_BYTES]; /* the visitor of the latest call of each kind */

    struct session *history;
    size_t history_count;
    int history_complete;

    /* The latest error, shown until it is resolved; "" if there is none. */
    WCHAR error_message[1000];
    int retryable;
    int failed_call; /* the call that failed */
};

/* Takes ownership of the client. agent_id and agent_name describe the user. */
void console_open(struct console *console, upscope_client *client, const struct view *view, HWND window,
                  const WCHAR *agent_id, const WCHAR *agent_name);

/* Cancels all calls, without waiting for the network. */
void console_close(struct console *console);

void console_search(struct console *console, const WCHAR *text); /* cancels the previous search */
void console_refresh(struct console *console); /* repeats the search in the background, unless paused */
void console_reload(struct console *console); /* repeats the search for the user */
void console_choose(struct console *console, const char *visitor_id);
void console_start_cobrowsing(struct console *console);
void console_stop_session(struct console *console);
void console_load_history(struct console *console); /* the next page */
void console_cancel(struct console *console); /* the calls that console_busy reports */
void console_try_again(struct console *console);
void console_dismiss(struct console *console);

/* What is in progress, or NULL. */
const WCHAR *console_busy(const struct console *console);

#endif
