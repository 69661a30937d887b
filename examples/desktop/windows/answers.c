#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_each.h"
#include "json_pick.h"
#include "text.h"

static void read_value(json_value value, WCHAR *out, int size)
{
    /* Decoded text is never longer than its JSON. */
    char *utf8 = HeapAlloc(GetProcessHeap(), 0, value.length + 1);

    out[0] = L'\0';
    if (utf8 == NULL) return;
    if (json_text(value, utf8, value.length + 1)) text_from_utf8(utf8, out, size);
    HeapFree(GetProcessHeap(), 0, utf8);
}

static void read_key(const char *object, const char *key, WCHAR *out, int size)
{
    read_value(json_pick(object, key), out, size);
}

static int is_true(const char *object, const char *key)
{
    return json_is(json_pick(object, key), "true");
}

/* "first between second", or the only one that exists. */
static void read_two(const char *object, const char *first, const WCHAR *between, const char *second, WCHAR *out,
                     int size)
{
    WCHAR more[NAME_UNITS];

    read_key(object, first, out, size);
    read_key(object, second, more, NAME_UNITS);
    if (out[0] != L'\0' && more[0] != L'\0') text_append(out, size, between);
    text_append(out, size, more);
}

static void read_list(json_value array, const char *key, WCHAR *out, int size)
{
    WCHAR one[NAME_UNITS];
    const char *at;

    out[0] = L'\0';
    for (at = json_first(array); at != NULL; at = json_next(at)) {
        read_value(json_pick(at, key), one, NAME_UNITS);
        if (one[0] == L'\0' && strcmp(key, "name") == 0) read_key(at, "email", one, NAME_UNITS);
        if (one[0] == L'\0' && strcmp(key, "name") == 0) read_key(at, "agent_identifier", one, NAME_UNITS);
        if (out[0] != L'\0' && one[0] != L'\0') text_append(out, size, L", ");
        text_append(out, size, one);
    }
}

/* Parses a time such as "2018-07-05T11:53:38.000+01:00", with any offset, to UTC in units of 100 ns.
   Returns 0 for other text. */
static int read_time(const char *text, ULONGLONG *time)
{
    SYSTEMTIME parts;
    FILETIME utc;
    int year, month, day, hour, minute, second, used = 0, offset_hour = 0, offset_minute = 0;
    LONGLONG offset = 0;

    if (sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &used) != 6) {
        return 0;
    }
    text += used;
    if (*text == '.') text += 1 + strspn(text + 1, "0123456789");
    if (*text == '+' || *text == '-') {
        if (sscanf(text + 1, "%2d:%2d", &offset_hour, &offset_minute) != 2) return 0;
        offset = (LONGLONG)(offset_hour * 60 + offset_minute) * 600000000 * (*text == '-' ? -1 : 1);
    }
    memset(&parts, 0, sizeof parts);
    parts.wYear = (WORD)year;
    parts.wMonth = (WORD)month;
    parts.wDay = (WORD)day;
    parts.wHour = (WORD)hour;
    parts.wMinute = (WORD)minute;
    parts.wSecond = (WORD)(second > 59 ? 59 : second);
    if (!SystemTimeToFileTime(&parts, &utc)) return 0;
    *time = (((ULONGLONG)utc.dwHighDateTime << 32) | utc.dwLowDateTime) - (ULONGLONG)offset;
    return 1;
}

/* A time of the service in the local format; "" if there is none. */
static void read_moment(const char *object, const char *key, WCHAR *out, int size)
{
    char text[64];
    WCHAR date[40], clock[24];
    ULONGLONG then, now;
    LONGLONG minutes;
    FILETIME file_time;
    SYSTEMTIME utc, local, today;

    out[0] = L'\0';
    if (!json_text(json_pick(object, key), text, sizeof text) || !read_time(text, &then)) return;
    GetSystemTimeAsFileTime(&file_time);
    now = ((ULONGLONG)file_time.dwHighDateTime << 32) | file_time.dwLowDateTime;
    minutes = ((LONGLONG)now - (LONGLONG)then) / 600000000;
    if (minutes < 1) {
        text_append(out, size, L"just now");
        return;
    }
    if (minutes < 60) {
        wsprintfW(out, minutes == 1 ? L"%d minute ago" : L"%d minutes ago", (int)minutes);
        return;
    }
    file_time.dwHighDateTime = (DWORD)(then >> 32);
    file_time.dwLowDateTime = (DWORD)then;
    FileTimeToSystemTime(&file_time, &utc);
    SystemTimeToTzSpecificLocalTime(NULL, &utc, &local);
    GetLocalTime(&today);
    GetTimeFormatW(LOCALE_USER_DEFAULT, TIME_NOSECONDS, &local, NULL, clock, 24);
    if (local.wYear == today.wYear && local.wMonth == today.wMonth && local.wDay == today.wDay) {
        text_append(out, size, L"today");
    } else {
        GetDateFormatW(LOCALE_USER_DEFAULT, DATE_SHORTDATE, &local, NULL, date, 40);
        text_append(out, size, date);
    }
    text_append(out, size, L", ");
    text_append(out, size, clock);
}

/* Returns 0 if the id is missing or too long. */
static int visitor_of(const char *object, struct visitor *visitor)
{
    static const char *const names[] = {"name", "nickname", "call_name", "email", "unique_id"};
    size_t i;

    memset(visitor, 0, sizeof *visitor);
    if (object == NULL || !json_text(json_pick(object, "short_id"), visitor->id, sizeof visitor->id)) return 0;
    for (i = 0; i < sizeof names / sizeof *names && visitor->name[0] == L'\0'; i++) {
        read_key(object, names[i], visitor->name, NAME_UNITS);
    }
    if (visitor->name[0] == L'\0') {
        text_append(visitor->name, NAME_UNITS, L"Visitor ");
        read_key(object, "short_id", visitor->name + 8, NAME_UNITS - 8);
    }
    read_key(object, "email", visitor->email, NAME_UNITS);
    read_key(object, "lookup_code", visitor->code, sizeof visitor->code / sizeof *visitor->code);
    read_two(object, "location_city", L", ", "location_country_name", visitor->location, NAME_UNITS);
    read_two(object, "browser_name", L" on ", "device_name", visitor->device, NAME_UNITS);
    read_key(object, "last_url", visitor->page, TEXT_UNITS);
    read_list(json_pick(object, "tags"), "", visitor->tags, NAME_UNITS);
    read_moment(object, "last_seen_at", visitor->seen, sizeof visitor->seen / sizeof *visitor->seen);
    visitor->sessions = (int)json_count(json_pick(object, "sessions"));
    visitor->online = is_true(object, "is_online");
    visitor->in_session = is_true(object, "is_in_session");
    visitor->waits = is_true(object, "is_waiting_for_call");
    return 1;
}

static void session_of(const char *object, struct session *session)
{
    read_key(object, "visitor_id", session->visitor, sizeof session->visitor / sizeof *session->visitor);
    read_moment(object, "started_at", session->started, sizeof session->started / sizeof *session->started);
    read_list(json_pick(object, "agents"), "name", session->agents, NAME_UNITS);
    read_key(object, "formatted_length", session->length, sizeof session->length / sizeof *session->length);
    read_list(json_pick(object, "features_used"), "", session->features,
              sizeof session->features / sizeof *session->features);
    if (json_is(json_pick(object, "ended_at"), "null")) {
        session->length[0] = L'\0';
        text_append(session->length, sizeof session->length / sizeof *session->length, L"running");
    }
}

int read_visitors(const char *json, struct visitor *visitors, int most)
{
    const char *at = json_first(json_pick(json, "visitors"));
    int count = 0;

    for (; at != NULL && count < most; at = json_next(at)) count += visitor_of(at, &visitors[count]);
    return count;
}

void read_visitor(const char *json, struct visitor *visitor)
{
    visitor_of(json_pick(json, "visitor").at, visitor);
}

struct session *read_sessions(const char *json, size_t *count)
{
    json_value array = json_pick(json, "cobrowsing_sessions");
    size_t number = json_count(array), i = 0;
    struct session *sessions;
    const char *at;

    *count = 0;
    if (number == 0) return NULL;
    sessions = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, number * sizeof *sessions);
    if (sessions == NULL) return NULL;
    for (at = json_first(array); at != NULL && i < number; at = json_next(at)) session_of(at, &sessions[i++]);
    *count = i;
    return sessions;
}

int is_last_page(const char *json)
{
    return json_is(json_pick(json, "has_more"), "false");
}

void read_failure(const char *json, struct failure *failure)
{
    read_value(json_pick(json, "error.message"), failure->message, sizeof failure->message / sizeof(WCHAR));
    failure->retryable = json_is(json_pick(json, "error.retryable"), "true");
    failure->may_have_applied = json_is(json_pick(json, "error.may_have_applied"), "true");
}
