/* What the service's answers say, as far as the window shows it, in UTF-16. Longer texts are cut off; ids never are. */

#ifndef ANSWERS_H
#define ANSWERS_H

#include <windows.h>

#define ID_BYTES 200
#define NAME_UNITS 160
#define TEXT_UNITS 300

struct visitor {
    char id[ID_BYTES]; /* UTF-8, as it goes into a request */
    WCHAR name[NAME_UNITS]; /* or what else a person would know the visitor by */
    WCHAR email[NAME_UNITS];
    WCHAR code[16];
    WCHAR place[NAME_UNITS];
    WCHAR device[NAME_UNITS];
    WCHAR page[TEXT_UNITS];
    WCHAR tags[NAME_UNITS];
    WCHAR seen[64]; /* in words */
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

/* Gives how many there are, at most `most`; one without an id is left out. */
int read_visitors(const char *json, struct visitor *visitors, int most);

/* The answer of get_visitor. */
void read_visitor(const char *json, struct visitor *visitor);

/* Gives an array to free with HeapFree, NULL for none; `count` says how long it is. */
struct session *read_sessions(const char *json, size_t *count);
int is_last_page(const char *json);

void read_failure(const char *json, struct failure *failure);

#endif
