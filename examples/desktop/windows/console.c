#include "console.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

static void went_well(struct console *console, int call)
{
    if (console->error_message[0] != L'\0' && console->failed_call == call) console_dismiss(console);
    console->view->busy_changed();
}

/* changed: the notice for a cancelled call that may have changed something; NULL if it changes nothing. */
static void failed(struct console *console, int call, upscope_status status, const char *json, const WCHAR *changed)
{
    struct failure failure;

    read_failure(json, &failure);
    if (status == UPSCOPE_CANCELLED) {
        console->view->show_notice(failure.may_have_applied && changed != NULL ? changed : L"Cancelled.");
    } else {
        console->error_message[0] = L'\0';
        text_append(console->error_message, sizeof console->error_message / sizeof(WCHAR), failure.message);
        console->retryable = failure.retryable;
        console->failed_call = call;
        console->view->error_changed();
    }
    console->view->busy_changed();
}

static void act(struct console *console, int call, const char *operation, const char *const *fields, call_done done)
{
    call_start(&console->calls[call], console->client, operation, fields, done, console);
    console->view->busy_changed();
}

static void act_on_visitor(struct console *console, int call, const char *operation, const char *id, call_done done)
{
    const char *fields[] = {"visitor_id", id, NULL};

    act(console, call, operation, fields, done);
    console->view->chosen_changed();
}

static void list_ended(void *context, upscope_status status, const char *json)
{
    struct console *console = context;
    int i;

    if (status != UPSCOPE_OK) {
        failed(console, CALL_LIST, status, json, NULL);
        console->paused = status != UPSCOPE_CANCELLED && !console->retryable;
        return;
    }
    console->visitor_count = read_visitors(json, console->visitors, MOST_VISITORS);
    console->listed = 1;
    went_well(console, CALL_LIST);
    console->view->visitors_changed();
    /* A pending response for the selected visitor will be newer. */
    for (i = 0; i < console->visitor_count && !call_runs(&console->calls[CALL_DETAILS]); i++) {
        if (strcmp(console->visitors[i].id, console->chosen.id) != 0) continue;
        console->chosen = console->visitors[i];
        console->view->chosen_changed();
    }
}

static void list(struct console *console, int quiet)
{
    char utf8[3 * SEARCH_UNITS];
    const char *fields[] = {"search", utf8, NULL};
    int searches = console->searched[0] != L'\0' && text_to_utf8(console->searched, utf8, sizeof utf8);

    console->quiet = quiet;
    console->paused = 0;
    act(console, CALL_LIST, "list_visitors", searches ? fields : fields + 2, list_ended);
}

void console_search(struct console *console, const WCHAR *text)
{
    console->searched[0] = L'\0';
    text_append(console->searched, SEARCH_UNITS, text);
    list(console, 0);
}

void console_refresh(struct console *console)
{
    if (!console->paused && !call_runs(&console->calls[CALL_LIST])) list(console, 1);
}

void console_reload(struct console *console)
{
    list(console, 0);
}

static void details_ended(void *context, upscope_status status, const char *json)
{
    struct console *console = context;

    if (status == UPSCOPE_OK) {
        read_visitor(json, &console->chosen);
        went_well(console, CALL_DETAILS);
    } else {
        failed(console, CALL_DETAILS, status, json, NULL);
    }
    console->view->chosen_changed();
}

static void ask_about(struct console *console)
{
    act_on_visitor(console, CALL_DETAILS, "get_visitor", console->asked, details_ended);
}

void console_choose(struct console *console, const char *visitor_id)
{
    int i;

    /* Shows the data from the list at once. */
    for (i = 0; i < console->visitor_count; i++) {
        if (strcmp(console->visitors[i].id, visitor_id) == 0) console->chosen = console->visitors[i];
    }
    snprintf(console->asked, sizeof console->asked, "%s", visitor_id);
    ask_about(console);
}

static void link_ended(void *context, upscope_status status, const char *json)
{
    struct console *console = context;
    char *link;

    if (status != UPSCOPE_OK) {
        failed(console, CALL_LINK, status, json, L"Cancelled, but a link may have been created.");
    } else if ((link = json_value(json, "/watch_url")) != NULL) {
        console->view->open_link(link);
        /* Erases it, too. */
        upscope_string_free(link);
        went_well(console, CALL_LINK);
    }
    console->view->chosen_changed();
}

static void watch(struct console *console)
{
    const char *fields[] = {
        "visitor_id", console->watched, "agent.id", console->agent_id, "agent.name", console->agent_name, NULL,
    };

    act(console, CALL_LINK, "create_watch_url", fields, link_ended);
    console->view->chosen_changed();
}

void console_start_cobrowsing(struct console *console)
{
    if (console->chosen.id[0] == '\0' || call_runs(&console->calls[CALL_LINK])) return;
    snprintf(console->watched, sizeof console->watched, "%s", console->chosen.id);
    watch(console);
}

static void stop_ended(void *context, upscope_status status, const char *json)
{
    struct console *console = context;

    if (status == UPSCOPE_OK) {
        if (strcmp(console->chosen.id, console->stopped) == 0) console->chosen.in_session = 0;
        went_well(console, CALL_STOP);
        console->view->show_notice(L"The session has been stopped.");
        if (!call_runs(&console->calls[CALL_LIST])) list(console, 1);
    } else {
        failed(console, CALL_STOP, status, json, L"Cancelled, but the session may have been stopped.");
    }
    console->view->chosen_changed();
}

static void stop(struct console *console)
{
    act_on_visitor(console, CALL_STOP, "stop_session", console->stopped, stop_ended);
}

void console_stop_session(struct console *console)
{
    if (console->chosen.id[0] == '\0' || call_runs(&console->calls[CALL_STOP])) return;
    snprintf(console->stopped, sizeof console->stopped, "%s", console->chosen.id);
    stop(console);
}

static void add_to_history(struct console *console, const char *json)
{
    size_t count;
    struct session *page = read_sessions(json, &count), *all;

    if (page == NULL) return;
    if (console->history == NULL) {
        console->history = page;
        console->history_count = count;
        return;
    }
    all = HeapReAlloc(GetProcessHeap(), 0, console->history, (console->history_count + count) * sizeof *all);
    if (all != NULL) {
        memcpy(all + console->history_count, page, count * sizeof *page);
        console->history = all;
        console->history_count += count;
    }
    HeapFree(GetProcessHeap(), 0, page);
}

static void page_ended(void *context, upscope_status status, const char *json)
{
    struct console *console = context;

    if (status == UPSCOPE_OK) {
        add_to_history(console, json);
        console->history_complete = is_last_page(json);
        went_well(console, CALL_PAGE);
    } else if (status == UPSCOPE_DONE) {
        console->history_complete = 1;
        went_well(console, CALL_PAGE);
    } else {
        failed(console, CALL_PAGE, status, json, NULL);
    }
    console->view->history_changed();
}

void console_load_history(struct console *console)
{
    char *error = NULL;

    if (console->history_complete || call_runs(&console->calls[CALL_PAGE])) return;
    if (console->pages == NULL) {
        upscope_status status = upscope_sessions_open(console->client, NULL, &console->pages, &error);
        if (status != UPSCOPE_OK) {
            failed(console, CALL_PAGE, status, error, NULL);
            upscope_string_free(error);
            return;
        }
    }
    call_start_next(&console->calls[CALL_PAGE], console->pages, page_ended, console);
    console->view->busy_changed();
    console->view->history_changed();
}

void console_cancel(struct console *console)
{
    int call;

    for (call = 0; call < CALLS; call++) {
        if (call != CALL_LIST || !console->quiet) call_cancel(&console->calls[call]);
    }
}

void console_try_again(struct console *console)
{
    int again = console->retryable ? console->failed_call : CALLS;

    console_dismiss(console);
    if (again == CALL_LIST) list(console, 0);
    if (again == CALL_DETAILS) ask_about(console);
    if (again == CALL_LINK) watch(console);
    if (again == CALL_STOP) stop(console);
    if (again == CALL_PAGE) console_load_history(console);
}

void console_dismiss(struct console *console)
{
    console->error_message[0] = L'\0';
    console->retryable = 0;
    console->view->error_changed();
}

const WCHAR *console_busy(const struct console *console)
{
    if (call_runs(&console->calls[CALL_LINK])) return L"Preparing the session\x2026";
    if (call_runs(&console->calls[CALL_STOP])) return L"Stopping the session\x2026";
    if (call_runs(&console->calls[CALL_LIST]) && !console->quiet) {
        return console->searched[0] == L'\0' ? L"Loading visitors\x2026" : L"Searching\x2026";
    }
    if (call_runs(&console->calls[CALL_PAGE])) return L"Loading the history\x2026";
    if (call_runs(&console->calls[CALL_DETAILS])) return L"Loading the visitor\x2026";
    return NULL;
}

void console_open(struct console *console, upscope_client *client, const struct view *view, HWND window,
                  const WCHAR *agent_id, const WCHAR *agent_name)
{
    int call;

    memset(console, 0, sizeof *console);
    console->client = client;
    console->view = view;
    for (call = 0; call < CALLS; call++) console->calls[call].window = window;
    if (!text_to_utf8(agent_id, console->agent_id, sizeof console->agent_id) || console->agent_id[0] == '\0') {
        strcpy(console->agent_id, "agent");
    }
    if (!text_to_utf8(agent_name, console->agent_name, sizeof console->agent_name)) {
        strcpy(console->agent_name, console->agent_id);
    }
}

void console_close(struct console *console)
{
    int call;

    for (call = 0; call < CALLS; call++) call_discard(&console->calls[call]);
    upscope_sessions_free(console->pages);
    upscope_client_free(console->client);
    if (console->history != NULL) HeapFree(GetProcessHeap(), 0, console->history);
    memset(console, 0, sizeof *console);
}
