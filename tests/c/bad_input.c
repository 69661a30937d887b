/* Invalid requests are rejected before anything is sent, with a message that names the key. */

#include "call_checks.h"
#include "silent_server.h"

static upscope_client *client;

#define AGENT "\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\", \"name\": \"Joe\"}"

/* Rejected by every operation. */
static const struct { const char *request, *named; } for_every_operation[] = {
    {"", "JSON"},
    {"{", "JSON"},
    {"nonsense", "JSON"},
    {"{} {}", "JSON"},
    {"[]", "object"},
    {"\"text\"", "object"},
    {"null", "object"},
    {"{\"a\xFF\": 1}", "UTF-8"},
    {"{\"\xC3\": 1}", "UTF-8"},
    {"{\"\xED\xA0\x80\": 1}", "UTF-8"},
    {"{\"optoins\": {}}", "did you mean \"options\""},
    {"{\"options\": 1}", "options"},
    {"{\"options\": {\"timeout\": 1}}", "did you mean \"options.timeout_ms\""},
    {"{\"options\": {\"timeout_ms\": 0}}", "options.timeout_ms"},
    {"{\"options\": {\"timeout_ms\": \"1\"}}", "options.timeout_ms"},
    {"{\"options\": {\"max_retries\": -1}}", "options.max_retries"},
    {"{\"options\": {\"extra_query\": {\"a\": {}}}}", "options.extra_query"},
    {"{\"options\": {\"extra_body\": []}}", "options.extra_body"},
};

static const struct { const char *operation, *request, *named; } for_one_operation[] = {
    {"get_usage", "{\"visitor_id\": \"V\"}", "visitor_id"},

    {"list_visitors", "{\"max_results\": 0}", "max_results"},
    {"list_visitors", "{\"max_results\": 11}", "max_results"},
    {"list_visitors", "{\"max_results\": -1}", "max_results"},
    {"list_visitors", "{\"max_results\": 1.5}", "max_results"},
    {"list_visitors", "{\"max_results\": \"1\"}", "max_results"},
    {"list_visitors", "{\"max_results\": 99999999999999999999}", "max_results"},
    {"list_visitors", "{\"max_result\": 1}", "did you mean \"max_results\""},
    {"list_visitors", "{\"search\": 1234}", "search"},
    {"list_visitors", "{\"search\": \"a\", \"search\": \"b\"}", "search"},

    {"get_visitor", "{\"visitor_id\": null}", "visitor_id"},
    {"get_visitor", "{\"visitor_id\": 1234}", "visitor_id"},
    {"get_visitor", "{\"visitor_id\": \"\"}", "visitor_id"},
    {"get_visitor", "{\"visitor_id\": \".\"}", "visitor_id"},
    {"get_visitor", "{\"visitor_id\": \"..\"}", "visitor_id"},
    {"get_visitor", "{\"visitorid\": \"V\"}", "did you mean \"visitor_id\""},
    {"stop_session", "{\"visitor_id\": \"\"}", "visitor_id"},
    {"stop_session", "{\"visitor_id\": \".\"}", "visitor_id"},
    {"stop_session", "{\"visitor_id\": \"..\"}", "visitor_id"},
    {"delete_visitor", "{\"visitor_id\": \"\"}", "visitor_id"},
    {"delete_visitor", "{\"visitor_id\": \".\"}", "visitor_id"},
    {"delete_visitor", "{\"visitor_id\": \"..\"}", "visitor_id"},
    {"delete_visitor", "{\"all\": true}", "all"},
    {"delete_visitor", "{\"visitor_id\": \"V\", \"all\": true}", "all"},

    {"delete_all_visitors", "{\"all\": false}", "all"},
    {"delete_all_visitors", "{\"all\": null}", "all"},
    {"delete_all_visitors", "{\"all\": \"true\"}", "all"},
    {"delete_all_visitors", "{\"all\": 1}", "all"},
    {"delete_all_visitors", "{\"all\": true, \"visitor_id\": \"V\"}", "visitor_id"},

    {"create_watch_url", "{\"visitor_id\": \"V\"}", "agent"},
    {"create_watch_url", "{\"visitor_id\": \"\", \"agent\": {\"id\": \"1\"}}", "visitor_id"},
    {"create_watch_url", "{\"visitor_id\": \"V\", \"agent\": \"1\"}", "agent"},
    {"create_watch_url", "{\"visitor_id\": \"V\", \"agent\": {}}", "agent.id"},
    {"create_watch_url", "{\"visitor_id\": \"V\", \"agent\": {\"id\": 1}}", "agent.id"},
    {"create_watch_url", "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\", \"nam\": \"J\"}}",
     "did you mean \"agent.name\""},
    {"create_watch_url", "{" AGENT ", \"metadata\": {\"order\": {\"id\": 1}}}", "metadata.order"},
    {"create_watch_url", "{" AGENT ", \"metadata\": {\"orders\": [1]}}", "metadata.orders"},
    {"create_watch_url", "{" AGENT ", \"metadata\": \"T-1\"}", "metadata"},
    {"create_watch_url", "{" AGENT ", \"webhook_url\": \"example.com\"}", "webhook_url"},
    {"create_watch_url", "{" AGENT ", \"webhook_url\": \"ftp://example.com\"}", "webhook_url"},
    {"create_watch_url", "{" AGENT ", \"webhook_url\": \"https://\"}", "webhook_url"},
    {"create_watch_url", "{" AGENT ", \"webhook_url\": \"\"}", "webhook_url"},
    {"create_watch_url", "{" AGENT ", \"permissions\": {\"allow_clik\": true}}",
     "did you mean \"permissions.allow_click\""},
    {"create_watch_url", "{" AGENT ", \"permissions\": {\"allow_type\": \"yes\"}}", "permissions.allow_type"},
    {"create_watch_url", "{" AGENT ", \"branding\": {\"naked\": \"page\"}}", "branding.naked"},
    {"create_watch_url", "{" AGENT ", \"branding\": {\"naked\": 1}}", "branding.naked"},
    {"create_watch_url", "{" AGENT ", \"viewer\": {\"id\": 7}}", "viewer.id"},
    {"create_watch_url", "{" AGENT ", \"langauge\": \"de\"}", "did you mean \"language\""},

    {"lookup_agent", "{}", "email and external_id"},
    {"lookup_agent", "{\"email\": \"j@example.com\", \"external_id\": \"1\"}", "email and external_id"},
    {"lookup_agent", "{\"email\": null, \"external_id\": null}", "email and external_id"},
    {"lookup_agent", "{\"externalid\": \"1\"}", "did you mean \"external_id\""},

    {"list_sessions", "{\"updated_after\": \"yesterday\"}", "updated_after"},
    {"list_sessions", "{\"updated_after\": \"2026-01-31\"}", "updated_after"},
    {"list_sessions", "{\"updated_after\": \"2026-01-31T09:30:00\"}", "updated_after"},
    {"list_sessions", "{\"updated_after\": \"2026-02-30T09:30:00Z\"}", "updated_after"},
    {"list_sessions", "{\"ongoing_only\": \"true\"}", "ongoing_only"},
    {"list_sessions", "{\"afterid\": \"s_1\"}", "did you mean \"after_id\""},

    {"authorize_onpremise_session", "{\"visitor_id\": \"V\", \"agent\": {\"id\": \"1\"}}", "agent.name"},
    {"authorize_onpremise_session", "{\"agent\": {\"id\": \"1\", \"name\": \"Joe\"}}", "visitor_id"},

    {"request", "{\"method\": \"GET\"}", "path"},
    {"request", "{\"path\": \"/usage\"}", "method"},
    {"request", "{\"method\": \"TRACE\", \"path\": \"/usage\"}", "method"},
    {"request", "{\"method\": \"GET\", \"path\": \"usage\"}", "path"},
    {"request", "{\"method\": \"GET\", \"path\": \"/../secrets\"}", "path"},
    {"request", "{\"method\": \"GET\", \"path\": \"/%2e%2E/secrets\"}", "path"},
    {"request", "{\"method\": \"DELETE\", \"path\": \"/visitors?all=true\"}", "path"},
    {"request", "{\"method\": \"GET\", \"path\": \"/usage\", \"query\": {\"a\": []}}", "query.a"},
};

static const struct { const char *config, *named; } configurations[] = {
    {"[]", "object"},
    {"{", "JSON"},
    {"\xFF", "UTF-8"},
    {"{\"apikey\": \"k\"}", "did you mean \"api_key\""},
    {"{\"api_key\": \"\"}", "api_key"},
    {"{\"api_key\": 1}", "api_key"},
    {"{\"api_key\": \"a\\nb\"}", "api_key"},
    {"{\"api_key\": \"k\", \"base_url\": \"example.com\"}", "base_url"},
    {"{\"api_key\": \"k\", \"base_url\": \"http://example.com/v1.3\"}", "allow_http"},
    {"{\"api_key\": \"k\", \"timeout_ms\": 0}", "timeout_ms"},
    {"{\"api_key\": \"k\", \"max_retries\": -1}", "max_retries"},
    {"{\"api_key\": \"k\", \"proxy\": \"ftp://example.com\"}", "proxy"},
    {"{\"api_key\": \"k\", \"ca_file\": \"/no/such/file.pem\"}", "ca_file"},
};

/* The function of the operation, upscope_call and upscope_start must reject the request. */
static void check_rejected(const char *operation, const char *request, const char *named)
{
    upscope_pending *pending = (upscope_pending *)UNSET;
    char about[400], *out = UNSET;
    upscope_status status;

    snprintf(about, sizeof about, "%s(%s)", operation, request);
    status = function_of(operation)(client, request, &out);
    check_error(status, out, UPSCOPE_INVALID_ARGUMENT, named, about);
    out = UNSET;
    status = upscope_call(client, operation, request, &out);
    check_error(status, out, UPSCOPE_INVALID_ARGUMENT, named, about);
    out = UNSET;
    status = upscope_start(client, operation, request, NULL, NULL, &pending, &out);
    check_error(status, out, UPSCOPE_INVALID_ARGUMENT, named, about);
    CHECK(pending == NULL, "%s: a call", about);
    CHECK(silent_server_connections() == 0, "%s: a connection", about);
}

static void page_iterators_and_clients(void)
{
    size_t i;

    for (i = 0; i < sizeof for_one_operation / sizeof *for_one_operation; i++) {
        upscope_sessions *pages = (upscope_sessions *)UNSET;
        char *error = UNSET;
        upscope_status status;
        if (strcmp(for_one_operation[i].operation, "list_sessions") != 0) continue;
        status = upscope_sessions_open(client, for_one_operation[i].request, &pages, &error);
        check_error(status, error, UPSCOPE_INVALID_ARGUMENT, for_one_operation[i].named, for_one_operation[i].request);
        CHECK(pages == NULL, "an iterator");
    }
    for (i = 0; i < sizeof configurations / sizeof *configurations; i++) {
        upscope_client *created = (upscope_client *)UNSET;
        char *error = UNSET;
        upscope_status status = upscope_client_new(configurations[i].config, &created, &error);
        check_error(status, error, UPSCOPE_INVALID_ARGUMENT, configurations[i].named, configurations[i].config);
        CHECK(created == NULL, "a client");
    }
}

static void operation_names_and_webhooks(void)
{
    static const struct { const char *body, *named; } bodies[] = {
        {"", "JSON"}, {"ok", "JSON"}, {"[]", "object"}, {"{}", "id"}, {"{\"id\": null}", "id"},
        {"{\"id\": \"\xFF\"}", "UTF-8"},
    };
    static const struct { const char *name, *named; } names[] = {
        {"get_visitors", "did you mean \"get_visitor\""}, {"", "operation"}, {"upscope_get_usage", "operation"},
        {"\xFF", "UTF-8"},
    };
    char *out;
    upscope_status status;
    size_t i;

    for (i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        out = UNSET;
        status = upscope_parse_webhook(bodies[i].body, &out);
        check_error(status, out, UPSCOPE_INVALID_ARGUMENT, bodies[i].named, bodies[i].body);
    }
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        out = UNSET;
        status = upscope_call(client, names[i].name, "{}", &out);
        check_error(status, out, UPSCOPE_INVALID_ARGUMENT, names[i].named, names[i].name);
    }
}

int main(int argc, char **argv)
{
    char config[200], *out = UNSET;
    upscope_status status;
    size_t i, j;

    (void)argc;
    CHECK(silent_server_open(config, sizeof config), "no free port");
    client = client_of(config);
    for (i = 0; i < OPERATIONS; i++) {
        for (j = 0; j < sizeof for_every_operation / sizeof *for_every_operation; j++) {
            check_rejected(operations[i].name, for_every_operation[j].request, for_every_operation[j].named);
        }
    }
    for (i = 0; i < sizeof for_one_operation / sizeof *for_one_operation; i++) {
        check_rejected(for_one_operation[i].operation, for_one_operation[i].request, for_one_operation[i].named);
    }
    page_iterators_and_clients();
    operation_names_and_webhooks();
    CHECK(silent_server_connections() == 0, "a connection");
    /* The server counts connections. */
    status = upscope_get_usage(client, NULL, &out);
    check_error(status, out, UPSCOPE_TIMEOUT, "deadline", "a valid call");
    CHECK(silent_server_connections() == 1, "no connection, or several");
    upscope_client_free(client);
    return checks_end(argv[0], 3000);
}
