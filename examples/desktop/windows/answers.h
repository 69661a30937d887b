/* The parts of the service's responses that the window shows, in UTF-16. Long texts are truncated; ids never are. */

#ifndef ANSWERS_H
#define ANSWERS_H

#include <windows.h>

#define ID_BYTES 200
#define NAME_UNITS 160
#define TEXT_UNITS 300

struct visitor {
    char id[ID_BYTES]; /* UTF-8, for requests */
    WCHAR name[NAME_UNITS]; /* or another name for the visitor */
    WCHAR email[NAME_UNITS];
    WCHAR code[16];
    WCHAR location[NAME_UNITS];
    WCHAR device[NAME_UNITS];
    WCHAR page[TEXT_UNITS];
    WCHAR tags[NAME_UNITS];
    WCHAR seen[64]; /* as text */
    int sessions;
    int online, in_session, waits;
};

struct session {
    WCHAR visitor[64];
    WCHAR started[64];
    WCHAR agents[NAME_UNITS];
    WCHAR length[48];
    WCHAR features[80];
};

struct failure {
    WCHAR message[1000];
    int retryable, may_have_applied;
};

/* The value at a JSON pointer; NULL if there is none. The caller frees it with upscope_string_free. */
char *json_value(const char *json, const char *pointer);

/* Returns the number of visitors, at most `most`. Visitors without an id are skipped. */
int read_visitors(const char *json, struct visitor *visitors, int most);

/* The response of get_visitor. */
void read_visitor(const char *json, struct visitor *visitor);

/* Returns an array to free with HeapFree, or NULL if it is empty. Sets `count` to its length. */
struct session *read_sessions(const char *json, size_t *count);
int is_last_page(const char *json);

void read_failure(const char *json, struct failure *failure);

#endif
