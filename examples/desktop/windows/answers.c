#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "upscope.h"

char *json_value(const char *json, const char *pointer)
{
    char *value;

    if (upscope_json_get(json, pointer, &value) == UPSCOPE_OK) return value;
    upscope_string_free(value);
    return NULL;
}

/* An element of an array; NULL after the last one. The caller frees it. */
static char *json_element(const char *array, size_t index)
{
    char pointer[24];

    if (array == NULL) return NULL;
    snprintf(pointer, sizeof pointer, "/%lu", (unsigned long)index);
    return json_value(array, pointer);
}

static void read_key(const char *json, const char *pointer, WCHAR *out, int size)
{
    char *value = json_value(json, pointer);

    out[0] = L'\0';
    if (value != NULL) text_from_utf8(value, out, size);
    upscope_string_free(value);
}

static int is(const char *json, const char *pointer, const char *expected)
{
    char *value = json_value(json, pointer);
    int same = value != NULL && strcmp(value, expected) == 0;

    upscope_string_free(value);
    return same;
}

static int is_true(const char *json, const char *pointer)
{
    return is(json, pointer, "true");
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

/* The elements of an array, or if they are objects, this key of each. */
static void read_list(const char *json, const char *pointer, const char *key, WCHAR *out, int size)
{
    char *array = json_value(json, pointer), *element;
    WCHAR one[NAME_UNITS];
    size_t i;

    out[0] = L'\0';
    for (i = 0; (element = json_element(array, i)) != NULL; i++) {
        if (key == NULL) text_from_utf8(element, one, NAME_UNITS);
        else read_key(element, key, one, NAME_UNITS);
        if (one[0] == L'\0' && key != NULL) read_key(element, "/email", one, NAME_UNITS);
        if (one[0] == L'\0' && key != NULL) read_key(element, "/agent_identifier", one, NAME_UNITS);
        if (out[0] != L'\0' && one[0] != L'\0') text_append(out, size, L", ");
        text_append(out, size, one);
        upscope_string_free(element);
    }
    upscope_string_free(array);
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
    char *text = json_value(object, key);
    WCHAR date[40], clock[24];
    ULONGLONG then, now;
    LONGLONG minutes;
    FILETIME file_time;
    SYSTEMTIME utc, local, today;

    int is_time = text != NULL && read_time(text, &then);

    upscope_string_free(text);
    out[0] = L'\0';
    if (!is_time) return;
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
    static const char *const names[] = {"/name", "/nickname", "/call_name", "/email", "/unique_id"};
    char *id = json_value(object, "/short_id"), *sessions, *session;
    int has_id = id != NULL && strlen(id) < sizeof visitor->id;
    size_t i;

    memset(visitor, 0, sizeof *visitor);
    if (has_id) strcpy(visitor->id, id);
    upscope_string_free(id);
    if (!has_id) return 0;
    for (i = 0; i < sizeof names / sizeof *names && visitor->name[0] == L'\0'; i++) {
        read_key(object, names[i], visitor->name, NAME_UNITS);
    }
    if (visitor->name[0] == L'\0') {
        text_append(visitor->name, NAME_UNITS, L"Visitor ");
        read_key(object, "/short_id", visitor->name + 8, NAME_UNITS - 8);
    }
    read_key(object, "/email", visitor->email, NAME_UNITS);
    read_key(object, "/lookup_code", visitor->code, sizeof visitor->code / sizeof *visitor->code);
    read_two(object, "/location_city", L", ", "/location_country_name", visitor->location, NAME_UNITS);
    read_two(object, "/browser_name", L" on ", "/device_name", visitor->device, NAME_UNITS);
    read_key(object, "/last_url", visitor->page, TEXT_UNITS);
    read_list(object, "/tags", NULL, visitor->tags, NAME_UNITS);
    read_moment(object, "/last_seen_at", visitor->seen, sizeof visitor->seen / sizeof *visitor->seen);
    sessions = json_value(object, "/sessions");
    while ((session = json_element(sessions, (size_t)visitor->sessions)) != NULL) {
        visitor->sessions++;
        upscope_string_free(session);
    }
    upscope_string_free(sessions);
    visitor->online = is_true(object, "/is_online");
    visitor->in_session = is_true(object, "/is_in_session");
    visitor->waits = is_true(object, "/is_waiting_for_call");
    return 1;
}

static void session_of(const char *object, struct session *session)
{
    char *ended = json_value(object, "/ended_at");

    read_key(object, "/visitor_id", session->visitor, sizeof session->visitor / sizeof *session->visitor);
    read_moment(object, "/started_at", session->started, sizeof session->started / sizeof *session->started);
    read_list(object, "/agents", "/name", session->agents, NAME_UNITS);
    read_key(object, "/formatted_length", session->length, sizeof session->length / sizeof *session->length);
    read_list(object, "/features_used", NULL, session->features,
              sizeof session->features / sizeof *session->features);
    if (ended == NULL) {
        session->length[0] = L'\0';
        text_append(session->length, sizeof session->length / sizeof *session->length, L"running");
    }
    upscope_string_free(ended);
}

int read_visitors(const char *json, struct visitor *visitors, int most)
{
    char *array = json_value(json, "/visitors"), *object;
    int count = 0;
    size_t i;

    for (i = 0; count < most && (object = json_element(array, i)) != NULL; i++) {
        count += visitor_of(object, &visitors[count]);
        upscope_string_free(object);
    }
    upscope_string_free(array);
    return count;
}

void read_visitor(const char *json, struct visitor *visitor)
{
    char *object = json_value(json, "/visitor");

    visitor_of(object, visitor);
    upscope_string_free(object);
}

struct session *read_sessions(const char *json, size_t *count)
{
    char *array = json_value(json, "/cobrowsing_sessions"), *object;
    struct session *sessions = NULL, *larger;
    size_t room = 0;

    for (*count = 0; (object = json_element(array, *count)) != NULL; (*count)++) {
        if (*count == room) {
            room += 64;
            larger = sessions == NULL ? HeapAlloc(GetProcessHeap(), 0, room * sizeof *sessions)
                                      : HeapReAlloc(GetProcessHeap(), 0, sessions, room * sizeof *sessions);
            if (larger == NULL) {
                upscope_string_free(object);
                break;
            }
            sessions = larger;
        }
        session_of(object, &sessions[*count]);
        upscope_string_free(object);
    }
    upscope_string_free(array);
    return sessions;
}

int is_last_page(const char *json)
{
    return is(json, "/has_more", "false");
}

void read_failure(const char *json, struct failure *failure)
{
    read_key(json, "/error/message", failure->message, sizeof failure->message / sizeof(WCHAR));
    failure->retryable = is_true(json, "/error/retryable");
    failure->may_have_applied = is_true(json, "/error/may_have_applied");
}
