/* The stdcall functions with UTF-16 strings, declared as VB6 and similar languages declare them. */

#include <windows.h>

#include "sandbox.h"

typedef struct upscope_text upscope_text;

int32_t __stdcall upscope_w_client_new(const uint16_t *config, upscope_client **client, upscope_text **error);
void __stdcall upscope_w_client_free(upscope_client *client);
void __stdcall upscope_w_client_close(const upscope_client *client);
int32_t __stdcall upscope_w_connection_info(const upscope_client *client, upscope_text **info);
int32_t __stdcall upscope_w_call(const upscope_client *client, const uint16_t *operation, const uint16_t *request,
                                 upscope_text **response);
int32_t __stdcall upscope_w_json_get(const uint16_t *json, const uint16_t *pointer, upscope_text **value);
int32_t __stdcall upscope_w_json_build(const uint16_t *operation, const uint16_t *const *fields, upscope_text **request);
int32_t __stdcall upscope_w_parse_webhook(const uint16_t *body, upscope_text **session);
int32_t __stdcall upscope_w_sessions_open(const upscope_client *client, const uint16_t *request,
                                          upscope_sessions **pages, upscope_text **error);
int32_t __stdcall upscope_w_sessions_next(upscope_sessions *pages, upscope_text **page);
int32_t __stdcall upscope_w_sessions_start_next(upscope_sessions *pages, upscope_pending **pending,
                                                upscope_text **error);
void __stdcall upscope_w_sessions_free(upscope_sessions *pages);
int32_t __stdcall upscope_w_start(const upscope_client *client, const uint16_t *operation, const uint16_t *request,
                                  upscope_pending **pending, upscope_text **error);
int32_t __stdcall upscope_w_pending_wait(upscope_pending *pending, uint32_t timeout_ms, upscope_text **response);
void __stdcall upscope_w_pending_cancel(upscope_pending *pending);
void __stdcall upscope_w_pending_free(upscope_pending *pending);
int32_t __stdcall upscope_w_text_length(const upscope_text *text);
int32_t __stdcall upscope_w_text_copy(const upscope_text *text, uint16_t *buffer, int32_t units);
void __stdcall upscope_w_text_free(upscope_text *text);
int32_t __stdcall upscope_w_about(int32_t what, upscope_text **text);

/* Every name is exported undecorated, for languages that look it up at run time. */
static const char *const names[] = {
    "upscope_w_client_new", "upscope_w_client_free", "upscope_w_client_close", "upscope_w_connection_info",
    "upscope_w_call", "upscope_w_parse_webhook",
    "upscope_w_json_get", "upscope_w_json_build",
    "upscope_w_sessions_open", "upscope_w_sessions_next", "upscope_w_sessions_start_next", "upscope_w_sessions_free",
    "upscope_w_start", "upscope_w_pending_wait", "upscope_w_pending_cancel", "upscope_w_pending_free",
    "upscope_w_text_length", "upscope_w_text_copy", "upscope_w_text_free", "upscope_w_about",
};
enum { NAMES = sizeof names / sizeof *names };

/* Converts UTF-8 to UTF-16, in one of 16 buffers. */
static const uint16_t *utf16(const char *text)
{
    static WCHAR buffers[16][1000];
    static int next;
    WCHAR *buffer = buffers[next++ % 16];

    CHECK(MultiByteToWideChar(CP_UTF8, 0, text, -1, buffer, 1000) > 0, "%s", text);
    return (const uint16_t *)buffer;
}

/* Converts a text to UTF-8 and frees the text. The caller frees the result. */
static char *to_utf8(upscope_text *text)
{
    int32_t length = upscope_w_text_length(text);
    WCHAR *units = (WCHAR *)malloc(((size_t)length + 1) * sizeof(WCHAR));
    char *bytes = (char *)malloc((size_t)length * 3 + 1);

    if (units == NULL || bytes == NULL) exit(2);
    CHECK(upscope_w_text_copy(text, (uint16_t *)units, length) == length, "%d units", (int)length);
    units[length] = 0;
    WideCharToMultiByte(CP_UTF8, 0, units, -1, bytes, length * 3 + 1, NULL, NULL);
    upscope_w_text_free(text);
    free(units);
    return bytes;
}

static void check_text(int32_t status, upscope_text *text, int32_t wanted, const char *part)
{
    char *bytes = text == NULL ? NULL : to_utf8(text);

    CHECK(status == wanted, "%d, %s", (int)status, shown(bytes));
    CHECK(part == NULL ? bytes == NULL : bytes != NULL && strstr(bytes, part) != NULL, "%s", shown(bytes));
    free(bytes);
}

static void text_outside_ascii_is_unchanged(const upscope_client *client)
{
    /* Cyrillic, Chinese, and a character that needs a surrogate pair. */
    static const char name[] = "\xD0\x96\xD0\xB5\xD0\xBD\xD1\x8F \xE9\x99\x88 \xF0\x9F\xA6\x8A";
    char visitor[200], request[200];
    upscope_text *text;
    int32_t status;

    snprintf(visitor, sizeof visitor, "{\"short_id\": \"%s\", \"name\": \"%s\"}", name, name);
    snprintf(request, sizeof request, "{\"visitor_id\": \"%s\"}", name);
    sandbox_set("/visitors", visitor);
    text = (upscope_text *)UNSET;
    status = upscope_w_call(client, utf16("get_visitor"), utf16(request), &text);
    check_text(status, text, UPSCOPE_OK, name);
    text = (upscope_text *)UNSET;
    status = upscope_w_parse_webhook(utf16("{\"id\": \"\xF0\x9F\xA6\x8A\"}"), &text);
    check_text(status, text, UPSCOPE_OK, "\xF0\x9F\xA6\x8A");
}

static void json_is_read_and_built(const upscope_client *client)
{
    /* A name that would end a string, and a character that needs a surrogate pair. */
    static const char name[] = "Joe\", \"x\": \"\xF0\x9F\xA6\x8A";
    const uint16_t *fields[] = {utf16("search"), utf16(name), utf16("max_results"), utf16("1"), NULL};
    upscope_text *text = (upscope_text *)UNSET;
    int32_t status = upscope_w_json_build(utf16("list_visitors"), fields, &text);
    char *request = to_utf8(text), value[100] = "";

    CHECK(status == UPSCOPE_OK && json_text(request, "/search", value, sizeof value), "%s", shown(request));
    CHECK(strcmp(value, name) == 0, "%s", value);
    status = upscope_w_call(client, utf16("list_visitors"), utf16(request), &text);
    check_text(status, text, UPSCOPE_OK, "\"visitors\"");
    status = upscope_w_json_get(utf16(request), utf16("/search"), &text);
    check_text(status, text, UPSCOPE_OK, name);
    status = upscope_w_json_get(utf16(request), utf16("/missing"), &text);
    check_text(status, text, UPSCOPE_ABSENT, NULL);
    free(request);
    fields[3] = utf16("eleven");
    status = upscope_w_json_build(utf16("list_visitors"), fields, &text);
    check_text(status, text, UPSCOPE_INVALID_ARGUMENT, "max_results");
}

static void invalid_input_is_rejected(const upscope_client *client)
{
    static const uint16_t broken[] = {'{', 0xD83E, '}', 0};
    upscope_text *text = (upscope_text *)UNSET;
    upscope_client *created = (upscope_client *)UNSET;
    int32_t status = upscope_w_call(client, utf16("get_usage"), broken, &text);

    check_text(status, text, UPSCOPE_INVALID_ARGUMENT, "unpaired surrogate at code unit 1");
    status = upscope_w_call(client, utf16("get_visitor"), NULL, &text);
    check_text(status, text, UPSCOPE_INVALID_ARGUMENT, "visitor_id");
    status = upscope_w_call(client, utf16("get_visitor"), utf16("{\"visitor_id\": \"nobody\"}"), &text);
    check_text(status, text, UPSCOPE_NOT_FOUND, "\"http_status\":404");
    status = upscope_w_client_new(utf16("{\"apikey\": \"k\"}"), &created, &text);
    check_text(status, text, UPSCOPE_INVALID_ARGUMENT, "did you mean");
    CHECK(created == NULL, "a client");
    CHECK(upscope_w_call(client, utf16("get_usage"), NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "no out-pointer");
    status = upscope_w_about(3, &text);
    check_text(status, text, UPSCOPE_INVALID_ARGUMENT, "1 (the version)");
}

/* Polls as a timer would, until the call ends. */
static int32_t poll_until_done(upscope_pending *pending, upscope_text **text)
{
    int32_t status;
    int polls = 0;

    while ((status = upscope_w_pending_wait(pending, 0, text)) == UPSCOPE_PENDING && polls++ < 1000) {
        CHECK(*text == NULL, "a text");
        Sleep(10);
    }
    return status;
}

static void calls_can_be_started(const upscope_client *client)
{
    upscope_pending *pending = NULL;
    upscope_sessions *pages = NULL;
    upscope_text *text = NULL;
    int32_t status = upscope_w_start(client, utf16("get_usage"), NULL, &pending, &text);
    DWORD began;
    int count = 0;

    check_text(status, text, UPSCOPE_OK, NULL);
    status = poll_until_done(pending, &text);
    check_text(status, text, UPSCOPE_OK, "\"usage\"");
    upscope_w_pending_free(pending);

    sandbox_set("/faults", "[{\"delay_ms\": 30000}]");
    status = upscope_w_start(client, utf16("get_usage"), NULL, &pending, &text);
    check_text(status, text, UPSCOPE_OK, NULL);
    status = upscope_w_pending_wait(pending, 300, &text);
    check_text(status, text, UPSCOPE_PENDING, NULL);
    began = GetTickCount();
    upscope_w_pending_cancel(pending);
    status = upscope_w_pending_wait(pending, 10000, &text);
    CHECK(GetTickCount() - began < 200, "%lu ms", GetTickCount() - began);
    check_text(status, text, UPSCOPE_CANCELLED, "cancelled");
    upscope_w_pending_free(pending);
    sandbox_set("/reset", NULL);

    status = upscope_w_sessions_open(client, NULL, &pages, &text);
    check_text(status, text, UPSCOPE_OK, NULL);
    status = upscope_w_sessions_next(pages, &text);
    check_text(status, text, UPSCOPE_OK, "\"cobrowsing_sessions\"");
    do {
        status = upscope_w_sessions_start_next(pages, &pending, &text);
        check_text(status, text, UPSCOPE_OK, NULL);
        status = poll_until_done(pending, &text);
        check_text(status, text, status == UPSCOPE_DONE ? UPSCOPE_DONE : UPSCOPE_OK,
                   status == UPSCOPE_DONE ? NULL : "\"cobrowsing_sessions\"");
        upscope_w_pending_free(pending);
    } while (status == UPSCOPE_OK && ++count < 1000);
    CHECK(status == UPSCOPE_DONE && count > 0, "%d after %d pages", (int)status, count);
    upscope_w_sessions_free(pages);
}

int main(int argc, char **argv)
{
    HMODULE library = GetModuleHandleA("upscope.dll");
    upscope_client *client = NULL;
    upscope_text *text = NULL;
    int32_t status = upscope_w_client_new(NULL, &client, &text);
    int i;

    (void)argc;
    for (i = 0; i < NAMES; i++) {
        CHECK((void *)(intptr_t)GetProcAddress(library, names[i]) != NULL, "no %s", names[i]);
    }
    /* UPSCOPE_API_KEY and UPSCOPE_BASE_URL are in the environment. */
    check_text(status, text, UPSCOPE_OK, NULL);
    status = upscope_w_about(1, &text);
    check_text(status, text, UPSCOPE_OK, UPSCOPE_VERSION);
    status = upscope_w_about(2, &text);
    check_text(status, text, UPSCOPE_OK, "\"create_watch_url\"");
    sandbox_set("/reset", NULL);
    text_outside_ascii_is_unchanged(client);
    json_is_read_and_built(client);
    invalid_input_is_rejected(client);
    calls_can_be_started(client);
    status = upscope_w_connection_info(client, &text);
    check_text(status, text, UPSCOPE_OK, "\"base_url\"");
    upscope_w_client_close(client);
    status = upscope_w_call(client, utf16("get_usage"), NULL, &text);
    check_text(status, text, UPSCOPE_CANCELLED, "the client is closed");
    upscope_w_client_free(client);
    upscope_w_client_close(NULL);
    upscope_w_client_free(NULL);
    upscope_w_pending_cancel(NULL);
    upscope_w_pending_free(NULL);
    upscope_w_sessions_free(NULL);
    upscope_w_text_free(NULL);
    CHECK(upscope_w_text_length(NULL) == 0 && upscope_w_text_copy(NULL, NULL, 5) == 0, "a length for NULL");
    return checks_end(argv[0], 60);
}
