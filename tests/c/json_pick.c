/* Tests json_pick.h: paths, decoding, invalid values, and broken JSON. */

#include "check.h"
#include "json_pick.h"

#include <stdlib.h>

static const char *const document =
    " {\"visitors\" : [ {\"short_id\":\"V1\",\"tags\":[],\"name\":null}, {\"short_id\":\"V2\"} ],\n"
    "  \"a\\u0062\": 1, \"brackets\": \"]}{[\\\"\", \"deep\": {\"deeper\": [[1, [2]], -17]},"
    "  \"big\": 12345678901, \"half\": 1.5, \"yes\": true, \"last\": {\"short_id\": \"no\"}} ";

static void paths(void)
{
    static const struct { const char *path, *written; } cases[] = {
        {"visitors.0.short_id", "\"V1\""}, {"visitors.1.short_id", "\"V2\""}, {"visitors.0.name", "null"},
        {"visitors.0.tags", "[]"},         {"brackets", "\"]}{[\\\"\""},      {"deep.deeper.0", "[1, [2]]"},
        {"deep.deeper.0.1.0", "2"},        {"deep.deeper.1", "-17"},          {"yes", "true"},
        {"half", "1.5"},                   {"ab", "1"},                       {"last.short_id", "\"no\""},
        {"visitors.2", NULL},              {"visitors.x", NULL},              {"visitors.0.tags.0", NULL},
        {"visitors..short_id", NULL},      {"short_id", NULL},                {"yes.no", NULL},
        {"brackets.0", NULL},              {"visitors.99999999999", NULL},    {"visitor", NULL},
        {"visitorss", NULL},               {"a", NULL},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_value value = json_pick(document, cases[i].path);
        int right = cases[i].written == NULL ? value.at == NULL : json_is(value, cases[i].written);
        CHECK(right, "%s: %.*s", cases[i].path, (int)value.length, shown(value.at));
    }
    CHECK(json_pick(NULL, "a").at == NULL, "a value");
    CHECK(json_pick("", "").at == NULL, "a value");
    CHECK(json_is(json_pick(" [1] ", ""), "[1]"), "another");
    CHECK(json_is(json_pick(json_pick(document, "visitors.1").at, "short_id"), "\"V2\""), "another");
}

static void strings(void)
{
    static const struct { const char *json, *text; } cases[] = {
        {"\"\"", ""},
        {"\"caf\xC3\xA9\"", "caf\xC3\xA9"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC"},
        {"\"\\ud83e\\uDD8A\"", "\xF0\x9F\xA6\x8A"},
        {"\"\\u0000\"", NULL}, {"\"\\ud83e\"", NULL}, {"\"\\ud83e\\u0041\"", NULL}, {"\"\\udd8a\"", NULL},
        {"\"\\x\"", NULL}, {"\"\\u00g0\"", NULL}, {"\"\\u00", NULL}, {"null", NULL}, {"17", NULL}, {"[\"a\"]", NULL},
    };
    char text[32];
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        int is_text = json_text(json_pick(cases[i].json, ""), text, sizeof text);
        CHECK(is_text == (cases[i].text != NULL), "%s: %d", cases[i].json, is_text);
        CHECK(strcmp(text, cases[i].text == NULL ? "" : cases[i].text) == 0, "%s: %s", cases[i].json, text);
    }
    CHECK(json_text(json_pick("\"abc\"", ""), text, 4) && strcmp(text, "abc") == 0, "%s", text);
    CHECK(!json_text(json_pick("\"abcd\"", ""), text, 4) && text[0] == '\0', "%s", text);
    CHECK(!json_text(json_pick("\"\"", ""), text, 0), "a text");
}

static void numbers_and_counts(void)
{
    CHECK(json_integer(json_pick(document, "deep.deeper.1"), 0) == -17, "another");
    CHECK(json_integer(json_pick(document, "ab"), 0) == 1, "another");
    CHECK(json_integer(json_pick(document, "big"), -1) == -1, "a number");
    CHECK(json_integer(json_pick(document, "half"), -1) == -1, "a number");
    CHECK(json_integer(json_pick(document, "none"), -1) == -1, "a number");
    CHECK(json_integer(json_pick("-", ""), 5) == 5, "a number");
    CHECK(json_count(json_pick(document, "visitors")) == 2, "another");
    CHECK(json_count(json_pick(document, "deep.deeper.0")) == 2, "another");
    CHECK(json_count(json_pick(document, "visitors.0.tags")) == 0, "some");
    CHECK(json_count(json_pick(document, "deep")) == 0, "some");
}

static void quoting_round_trip(void)
{
    const char *text = "a \"b\" \\ c\n\x01 caf\xC3\xA9";
    char json[64], back[64];

    CHECK(json_quote(text, json, sizeof json), "no room");
    CHECK(strcmp(json, "\"a \\\"b\\\" \\\\ c\\u000a\\u0001 caf\xC3\xA9\"") == 0, "%s", json);
    CHECK(json_text(json_pick(json, ""), back, sizeof back) && strcmp(back, text) == 0, "%s", back);
    CHECK(json_quote("", json, 3) && strcmp(json, "\"\"") == 0, "%s", json);
    CHECK(!json_quote("", json, 2), "it fits");
    CHECK(!json_quote("aaaaaaaaaa", json, 10), "it fits");
}

/* Each prefix of the document, in a block of exactly its size, so that valgrind finds reads past the end. */
static void broken_json(void)
{
    size_t length;

    for (length = 0; length <= strlen(document); length++) {
        char *text = (char *)malloc(length + 1), out[16];
        memcpy(text, document, length);
        text[length] = '\0';
        json_text(json_pick(text, "last.short_id"), out, sizeof out);
        json_integer(json_pick(text, "deep.deeper.1"), 0);
        CHECK(json_count(json_pick(text, "visitors")) <= 2, "more");
        free(text);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    paths();
    strings();
    numbers_and_counts();
    quoting_round_trip();
    broken_json();
    return checks_end(argv[0], 300);
}
