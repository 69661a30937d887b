/* upscope_json_get and upscope_json_build: values, types, names, errors, and values that try to change a request. */

#include "call_checks.h"

static const char *const document =
    " {\"visitors\" : [ {\"short_id\":\"V1\",\"tags\":[],\"name\":null}, {\"short_id\":\"V2\"} ],\n"
    "  \"a\\u0062\": 1, \"brackets\": \"]}{[\\\"\", \"deep\": {\"deeper\": [[1, [2]], -17]},"
    "  \"big\": 12345678901234567890, \"half\": 1.50, \"yes\": true, \"a/b\": {\"~\": \"slash\"}, \"\": \"empty\","
    "  \"twice\": 1, \"twice\": {\"x\": 2}, \"last\": {\"short_id\": \"no\"}} ";

static void check_value(const char *json, const char *pointer, const char *expected)
{
    char *value = UNSET;
    upscope_status status = upscope_json_get(json, pointer, &value);

    if (expected == NULL) {
        CHECK(status == UPSCOPE_ABSENT && value == NULL, "%s: %s", pointer, upscope_status_name(status));
    } else {
        CHECK(status == UPSCOPE_OK && value != NULL && strcmp(value, expected) == 0, "%s: %s, %s", pointer,
              upscope_status_name(status), shown(value));
    }
    if (value != UNSET) upscope_string_free(value);
}

static void check_refused_get(const char *json, const char *pointer, const char *named)
{
    char *error = UNSET;
    upscope_status status = upscope_json_get(json, pointer, &error);

    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, named, shown(pointer));
}

static void check_refused_build(const char *operation, const char *const *fields, const char *named)
{
    char *error = UNSET;
    upscope_status status = upscope_json_build(operation, fields, &error);

    check_error(status, error, UPSCOPE_INVALID_ARGUMENT, named, shown(operation));
}

static void values(void)
{
    static const struct { const char *pointer, *value; } cases[] = {
        {"/visitors/0/short_id", "V1"}, {"/visitors/1/short_id", "V2"}, {"/visitors/0/tags", "[]"},
        {"/visitors/1", "{\"short_id\":\"V2\"}"}, {"/brackets", "]}{[\""}, {"/deep/deeper/0", "[1, [2]]"},
        {"/deep/deeper/0/1/0", "2"}, {"/deep/deeper/1", "-17"}, {"/yes", "true"}, {"/half", "1.50"},
        {"/big", "12345678901234567890"}, {"/ab", "1"}, {"/last/short_id", "no"}, {"/a~1b/~0", "slash"}, {"/", "empty"},
        {"/twice/x", "2"}, {"/twice", "{\"x\": 2}"},
        {"/visitors/0/name", NULL}, {"/visitors/2", NULL}, {"/visitors/x", NULL}, {"/visitors/-", NULL},
        {"/visitors/01", NULL}, {"/visitors/0/tags/0", NULL}, {"/visitors//short_id", NULL}, {"/short_id", NULL},
        {"/yes/no", NULL}, {"/brackets/0", NULL}, {"/visitors/99999999999999999999", NULL}, {"/visitor", NULL},
        {"/a", NULL}, {"/a/b", NULL},
    };
    char *whole = UNSET;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) check_value(document, cases[i].pointer, cases[i].value);
    CHECK(upscope_json_get(document, "", &whole) == UPSCOPE_OK, "%s", shown(whole));
    check_value(whole, "/last/short_id", "no");
    upscope_string_free(whole);
    check_value("\"text\"", "", "text");
    check_value("17", "", "17");
    check_value("null", "", NULL);
}

static void strings(void)
{
    static const struct { const char *json, *text; } cases[] = {
        {"\"\"", ""},
        {"\"caf\xC3\xA9\"", "caf\xC3\xA9"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC"},
        {"\"\\ud83e\\uDD8A\"", "\xF0\x9F\xA6\x8A"},
        {"\"a\\ud83e\"", "a\xEF\xBF\xBD"},
        {"\"\\ud83e\\u0041\"", "\xEF\xBF\xBD" "A"},
        {"\"\\udd8a!\"", "\xEF\xBF\xBD!"},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) check_value(cases[i].json, "", cases[i].text);
    check_refused_get("[\"a\\u0000b\"]", "/0", "U+0000");
    check_value("[\"a\\u0000b\"]", "", "[\"a\\u0000b\"]");
}

static void refused(void)
{
    static const struct { const char *json, *pointer, *named; } cases[] = {
        {NULL, "/a", "json must not be NULL"}, {"{}", NULL, "pointer must not be NULL"},
        {"{}", "visitors/0", "not a JSON pointer"}, {"{}", "0", "not a JSON pointer"}, {"{}", "/~2", "not a JSON pointer"},
        {"{}", "/a~", "not a JSON pointer"}, {"", "", "JSON"}, {"{\"a\":1", "/a", "JSON"}, {"{\"a\":1}}", "/a", "JSON"},
        {"{'a':1}", "/a", "JSON"}, {"[1,]", "/0", "JSON"}, {"{\"a\":01}", "/a", "JSON"}, {"\"\\x\"", "", "JSON"},
        {"\"\n\"", "", "JSON"}, {"{\"a\":\"\xFF\"}", "/a", "UTF-8"}, {"{}", "/\xFF", "UTF-8"},
        {"\xEF\xBB\xBF{}", "", "byte order mark"},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_refused_get(cases[i].json, cases[i].pointer, cases[i].named);
    }
    CHECK(upscope_json_get("{}", "", NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
    CHECK(upscope_json_get(NULL, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
}

/* Every prefix of the document, in a block of exactly its size, so that valgrind finds reads past the end. */
static void broken_json(void)
{
    size_t length;

    for (length = 0; length < strlen(document) - 1; length++) {
        char *text = (char *)malloc(length + 1);
        memcpy(text, document, length);
        text[length] = '\0';
        check_refused_get(text, "/last/short_id", "JSON");
        free(text);
    }
}

/* Neither deep nesting nor a long pointer uses the stack, and the time for 32 MB is far below a second on any machine. */
static void large_json(void)
{
    static const size_t size = 32 * 1024 * 1024;
    char *text = (char *)malloc(size + 1), *value = UNSET;

    memset(text, '[', size);
    text[size] = '\0';
    check_refused_get(text, "/0", "128 levels");
    memset(text, ' ', size);
    memcpy(text, "{\"a\":[", 6);
    memcpy(text + size - 22, "], \"b\" : \"the end\" }", 20);
    memset(text + 6, '1', size - 28);
    check_value(text, "/b", "the end");
    memset(text, '/', size);
    check_value("{\"\":{\"\":1}}", text, NULL);
    memset(text, 'a', size);
    text[0] = text[size - 1] = '"';
    CHECK(upscope_json_get(text, "", &value) == UPSCOPE_OK && strlen(value) == size - 2, "another value");
    upscope_string_free(value);
    free(text);
}

/* The request for these fields has these values: pointer and value in turn, then NULL. */
static void check_request(const char *operation, const char *const *fields, const char *const *expected)
{
    char *request = UNSET;
    upscope_status status = upscope_json_build(operation, fields, &request);
    size_t i;

    CHECK(status == UPSCOPE_OK, "%s: %s", operation, shown(request));
    for (i = 0; status == UPSCOPE_OK && expected[i] != NULL; i += 2) check_value(request, expected[i], expected[i + 1]);
    upscope_string_free(request);
}

static void requests(void)
{
    static const char *const none[] = {NULL};
    static const char *const link[] = {
        "visitor_id", "1234", "agent.id", "7", "agent.name", "Joe", "permissions.allow_click", "false", "branding.naked",
        "page_only", "metadata.order.id", "1", "metadata.vip", "true", "options.timeout_ms", "5000",
        "options.extra_query.page.size", "2", "options.extra_body.later.on", "3", NULL,
    };
    static const char *const link_values[] = {
        "/visitor_id", "1234", "/agent", "{\"id\":\"7\",\"name\":\"Joe\"}", "/permissions", "{\"allow_click\":false}",
        "/branding", "{\"naked\":\"page_only\"}", "/metadata", "{\"order.id\":\"1\",\"vip\":\"true\"}",
        "/options/timeout_ms", "5000", "/options/extra_query", "{\"page.size\":\"2\"}", "/options/extra_body",
        "{\"later\":{\"on\":\"3\"}}", NULL,
    };
    static const char *const any[] = {
        "method", "POST", "path", "/later", "query.page.size", "4", "body.a.b", "5", "body.a.c", "[6]", NULL,
    };
    static const char *const any_values[] = {
        "/query", "{\"page.size\":\"4\"}", "/body", "{\"a\":{\"b\":\"5\",\"c\":\"[6]\"}}", NULL,
    };
    static const char *const text[] = {"method", "POST", "path", "/later", "body", "null", NULL};
    static const char *const text_values[] = {"/body", "null", NULL};
    static const char *const naked[] = {"visitor_id", "1", "agent.id", "7", "branding.naked", "true", NULL};
    static const char *const naked_values[] = {"/branding", "{\"naked\":true}", NULL};
    static const char *const all[] = {"all", "true", NULL};
    static const char *const all_values[] = {"", "{\"all\":true}", NULL};
    static const char *const nothing[] = {"", "{}", NULL};

    check_request("get_usage", none, nothing);
    check_request("create_watch_url", link, link_values);
    check_request("create_watch_url", naked, naked_values);
    check_request("request", any, any_values);
    check_request("request", text, text_values);
    check_request("delete_all_visitors", all, all_values);
}

static void refused_fields(void)
{
    static const struct { const char *operation, *fields[8], *named; } cases[] = {
        {NULL, {NULL}, "operation must not be NULL"},
        {"get_usages", {NULL}, "did you mean \"get_usage\""},
        {"get_visitor", {NULL}, "visitor_id is missing"},
        {"get_visitor", {"visitor_id", NULL}, "fields[1] must not be NULL"},
        {"get_visitor", {"visitor_id", "1", "visitor_id", "2", NULL}, "twice"},
        {"get_visitor", {"visitor_id", "..", NULL}, "visitor_id"},
        {"get_visitor", {"visitor_id.x", "1", NULL}, "visitor_id must be a string"},
        {"get_visitor", {"vistor_id", "1", NULL}, "did you mean \"visitor_id\""},
        {"get_visitor", {"visitor_id", "\xFF", NULL}, "fields[1] is not UTF-8"},
        {"get_visitor", {"\xFF", "1", NULL}, "fields[0] is not UTF-8"},
        {"list_visitors", {"max_results", "eleven", NULL}, "max_results"},
        {"list_visitors", {"max_results", "11", NULL}, "max_results"},
        {"list_visitors", {"max_results", "1, \"search\": \"x\"", NULL}, "max_results"},
        {"delete_all_visitors", {"all", "false", NULL}, "all must be true"},
        {"create_watch_url", {"visitor_id", "1", "agent.name", "Joe", NULL}, "agent.id is missing"},
        {"create_watch_url", {"visitor_id", "1", "agent", "{\"id\": \"7\"}", NULL}, "agent must be an object"},
        {"create_watch_url", {"visitor_id", "1", "agent.id", "7", "permissions.allow_type", "yes", NULL}, "allow_type"},
        {"create_watch_url", {"visitor_id", "1", "agent.id", "7", "metadata", "{}", NULL}, "metadata"},
        {"request", {"method", "POST", "path", "/x", "body.a", "1", "body.a.b", NULL}, "fields[7] must not be NULL"},
    };
    static const char *const none[] = {NULL};
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *fields[9] = {NULL};
        memcpy(fields, cases[i].fields, sizeof cases[i].fields);
        check_refused_build(cases[i].operation, fields, cases[i].named);
    }
    check_refused_build("get_usage", NULL, "fields must not be NULL");
    CHECK(upscope_json_build("get_usage", none, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
    CHECK(upscope_json_build(NULL, NULL, NULL) == UPSCOPE_INVALID_ARGUMENT, "another status");
}

/* With snprintf, each of these names would add keys to the request or break it. */
static void injections(void)
{
    static const char *const hostile[] = {
        "Joe\"}, \"permissions\": {\"allow_console\": true}, \"viewer\": {\"name\": \"Joe",
        "\", \"id\": \"8", "\\", "\\\"", "\"", "{\"id\": \"8\"}", "[]", "null", "true", "8", "", "a\nb\tc\x01",
        "\xF0\x9F\xA6\x8A", "\\u0022", "%s%n", "'; --", "<script>", "}}]]",
    };
    size_t i;

    for (i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        const char *fields[] = {"visitor_id", "1234", "agent.id", "7", "agent.name", NULL, "metadata.name", NULL, NULL};
        char *request = UNSET, *agent, *metadata, *id;
        fields[5] = fields[7] = hostile[i];
        CHECK(upscope_json_build("create_watch_url", fields, &request) == UPSCOPE_OK, "%s", shown(request));
        check_value(request, "/agent/name", hostile[i]);
        check_value(request, "/metadata/name", hostile[i]);
        check_value(request, "/agent/id", "7");
        check_value(request, "/permissions", NULL);
        check_value(request, "/viewer", NULL);

        /* Without these values, only the constant parts remain. */
        agent = json_value(request, "/agent");
        metadata = json_value(request, "/metadata");
        id = json_value(request, "/visitor_id");
        CHECK(agent != NULL && metadata != NULL && id != NULL &&
                  strlen(request) == strlen("{\"agent\":,\"metadata\":,\"visitor_id\":\"\"}") + strlen(agent) +
                                         strlen(metadata) + strlen(id),
              "%s", shown(request));
        upscope_string_free(agent);
        upscope_string_free(metadata);
        upscope_string_free(id);
        upscope_string_free(request);

        /* A name is no better place for it. */
        fields[4] = hostile[i];
        fields[6] = NULL;
        check_refused_build("create_watch_url", fields, "does not know the key");
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    CHECK(UPSCOPE_ABSENT == 102 && strcmp(upscope_status_name(UPSCOPE_ABSENT), "absent") == 0, "another status");
    values();
    strings();
    refused();
    broken_json();
    large_json();
    requests();
    refused_fields();
    injections();
    return checks_end(argv[0], 2000);
}
