/* Nothing is left in memory of a key and of a watch link once the client and the answer are freed. */

#include <fcntl.h>
#include <unistd.h>

#include "sandbox.h"

/* What is looked for. Masked, or it would be found here. */
struct needle {
    unsigned char masked[300];
    size_t length;
};

static unsigned char masked(char byte)
{
    return (unsigned char)byte ^ 0xa5;
}

/* Takes the text away from where it is. */
static struct needle take(char *text, size_t length)
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

/* The same text without the mask, into a place that is to be taken away from. */
static void put(char *place, const struct needle *needle)
{
    size_t at;

    for (at = 0; at < needle->length; at++) place[at] = (char)masked((char)needle->masked[at]);
    place[at] = 0;
}

static int found_within(const char *memory, size_t length, const struct needle *needle)
{
    int found = 0;
    size_t at, same;

    for (at = 0; at + needle->length <= length; at++) {
        for (same = 0; same < needle->length && masked(memory[at + same]) == needle->masked[same]; same++) continue;
        found += same == needle->length;
    }
    return found;
}

/* How often it is in memory that this program may write to. */
static int found_in_memory(const struct needle *needle)
{
    /* Passed over: it holds what was read before. */
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
            /* It may lie across the end of a piece. */
            if (begin < end && (size_t)count > needle->length) begin -= needle->length;
        }
    }
    if (maps != NULL) fclose(maps);
    close(memory);
    return found;
}

int main(int argc, char **argv)
{
    char config[1000], text[600], request[700], *of_environment = getenv("UPSCOPE_API_KEY"), *answer, *link;
    struct needle key, token;
    upscope_client *client;

    (void)argc;
    CHECK(of_environment != NULL, "no key");
    key = take(of_environment, strlen(of_environment));
    put(text, &key);
    snprintf(config, sizeof config, "{\"api_key\": \"%s\", \"base_url\": \"%s\"}", text,
             sandbox_place("UPSCOPE_BASE_URL"));
    client = client_of(config);
    memset(text, 0, sizeof text);
    memset(config, 0, sizeof config);
    CHECK(found_in_memory(&key) > 0, "the search finds nothing");

    answer = call_well(client, "list_visitors", "{\"max_results\": 1}");
    json_text(json_pick(answer, "visitors.0.short_id"), text, sizeof text);
    upscope_string_free(answer);
    snprintf(request, sizeof request, "{\"visitor_id\": \"%s\", \"agent\": {\"id\": \"1\"}}", text);
    answer = call_well(client, "create_watch_url", request);
    json_text(json_pick(answer, "watch_url"), text, sizeof text);
    /* Its end tells one link from another. */
    link = strlen(text) > 30 ? text + strlen(text) - 30 : text;
    token = take(link, strlen(link));
    memset(text, 0, sizeof text);
    CHECK(token.length == 30 && found_in_memory(&token) > 0, "the search finds nothing");
    upscope_string_free(answer);
    upscope_client_free(client);

    CHECK(found_in_memory(&key) == 0, "%d times the key", found_in_memory(&key));
    CHECK(found_in_memory(&token) == 0, "%d times the link", found_in_memory(&token));
    return checks_end(argv[0], 10);
}
