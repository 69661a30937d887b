/* Searches the memory of this process for a text. */

#ifndef MEMORY_SEARCH_H
#define MEMORY_SEARCH_H

#include <fcntl.h>
#include <unistd.h>

#include "check.h"

/* The text to search for. It is masked, so that the search does not find it here. */
struct needle {
    unsigned char masked[300];
    size_t length;
};

static inline unsigned char masked(char byte)
{
    return (unsigned char)byte ^ 0xa5;
}

/* Makes a needle of the text and overwrites the text. */
static inline struct needle mask_and_overwrite(char *text, size_t length)
{
    struct needle needle = {{0}, 0};
    size_t at;

    for (at = 0; at < length && at < sizeof needle.masked; at++) {
        needle.masked[at] = masked(text[at]);
        text[at] = '-';
    }
    needle.length = at;
    return needle;
}

/* Writes the unmasked text to `buffer`; the caller overwrites it after use. */
static inline void unmask(char *buffer, const struct needle *needle)
{
    size_t at;

    for (at = 0; at < needle->length; at++) buffer[at] = (char)masked((char)needle->masked[at]);
    buffer[at] = 0;
}

static inline int found_within(const char *memory, size_t length, const struct needle *needle)
{
    int found = 0;
    size_t at, same;

    for (at = 0; at + needle->length <= length; at++) {
        for (same = 0; same < needle->length && masked(memory[at + same]) == needle->masked[same]; same++) continue;
        found += same == needle->length;
    }
    return found;
}

/* How often the writable memory of this process contains the text. */
static inline int found_in_memory(const struct needle *needle)
{
    /* The search skips this buffer: it contains what was read before. */
    static char piece[1 << 20];
    char line[500], rights[8];
    unsigned long begin, end;
    int found = 0, memory = open("/proc/self/mem", O_RDONLY);
    FILE *maps = fopen("/proc/self/maps", "r");

    CHECK(maps != NULL && memory >= 0, "no /proc/self");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx %7s", &begin, &end, rights) != 3 || strncmp(rights, "rw", 2) != 0) continue;
        while (begin < end) {
            size_t wanted = end - begin < sizeof piece ? end - begin : sizeof piece;
            ssize_t count;

            if (begin < (unsigned long)(piece + sizeof piece) && begin + wanted > (unsigned long)piece) {
                begin = (unsigned long)(piece + sizeof piece);
                continue;
            }
            count = pread(memory, piece, wanted, (off_t)begin);
            if (count <= 0) break;
            found += found_within(piece, (size_t)count, needle);
            memset(piece, 0, (size_t)count);
            begin += (size_t)count;
            /* The text may cross the end of a piece. */
            if (begin < end && (size_t)count > needle->length) begin -= needle->length;
        }
    }
    if (maps != NULL) fclose(maps);
    close(memory);
    return found;
}

#endif
