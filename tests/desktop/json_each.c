/* Tests json_each.h: it returns each element of an array once and in order, and tolerates broken JSON. */

#include "check.h"
#include "json_each.h"

#include <stdlib.h>

static void counts(void)
{
    static const struct { const char *json; int elements; } cases[] = {
        {"[]", 0},        {" [ ] ", 0},          {"[1]", 1},   {"[1,2]", 2},  {" [ 1 , 2 , 3 ] ", 3},
        {"[[],[]]", 2},   {"[\"],[\", \"\"]", 2}, {"[{}]", 1},  {"[null]", 1}, {"[{\"a\":[1,2]}, [3,[4]]]", 2},
        {"{\"a\":1}", 0}, {"\"[1]\"", 0},        {"null", 0},  {"", 0},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *at = json_first(json_pick(cases[i].json, ""));
        int count = 0;
        for (; at != NULL; at = json_next(at)) count++;
        CHECK(count == cases[i].elements, "%d in %s", count, cases[i].json);
    }
    CHECK(json_first(json_pick("{}", "missing")) == NULL, "an element");
}

static void values(void)
{
    static const char json[] = "{\"v\": [{\"id\": \"a\"}, {\"other\": 1}, {\"id\": \"]\\\"\"}]}";
    static const char *const ids[] = {"a", "", "]\""};
    const char *at = json_first(json_pick(json, "v"));
    char text[8];
    int i;

    for (i = 0; i < 3; i++) {
        CHECK(at != NULL, "nothing at %d", i);
        if (at == NULL) return;
        json_text(json_pick(at, "id"), text, sizeof text);
        CHECK(strcmp(text, ids[i]) == 0, "%s", text);
        at = json_next(at);
    }
    CHECK(at == NULL, "%s", at);
}

/* Each prefix of the text, in a block of exactly its size, so that valgrind finds reads past the end. */
static void broken_json(void)
{
    static const char json[] = "[{\"a\": [1, \"x\\\"\"]} , \"]\", [2] ]";
    size_t length;

    for (length = 0; length < sizeof json; length++) {
        char *part = malloc(length + 1);
        const char *at;
        int count = 0;
        if (part == NULL) return;
        memcpy(part, json, length);
        part[length] = '\0';
        for (at = json_first(json_pick(part, "")); at != NULL && count < 10; at = json_next(at)) count++;
        CHECK(count <= 3, "%d in %s", count, part);
        free(part);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    counts();
    values();
    broken_json();
    return checks_end(argv[0], 50);
}
