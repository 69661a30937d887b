/* Windows's proxy settings count when neither configuration nor environment names a proxy. Writes those settings: of a
 * Windows that is there for tests. */

#include "call_checks.h"

#include <winsock2.h>
#include <windows.h>

static const char path[] = "Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";

static SOCKET listener;
static CRITICAL_SECTION lock;
static char asked_for[200];
static char log_text[4000];

/* A proxy, and the service behind it: keeps the target of each CONNECT, lets it through and answers what follows. */
static DWORD WINAPI proxy(LPVOID unused)
{
    static const char through[] = "HTTP/1.1 200 Connection established\r\n\r\n";
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"usage\":{}}";
    SOCKET connection;

    while ((connection = accept(listener, NULL, NULL)) != INVALID_SOCKET) {
        char request[4096];
        int count = recv(connection, request, sizeof request - 1, 0);
        if (count > 0) {
            request[count] = '\0';
            EnterCriticalSection(&lock);
            sscanf(request, "CONNECT %199s", asked_for);
            LeaveCriticalSection(&lock);
            send(connection, through, sizeof through - 1, 0);
            if (recv(connection, request, sizeof request, 0) > 0) send(connection, answer, sizeof answer - 1, 0);
        }
        closesocket(connection);
    }
    (void)unused;
    return 0;
}

static unsigned start_proxy(void)
{
    struct sockaddr_in address;
    int length = sizeof address;
    WSADATA data;

    CHECK(WSAStartup(MAKEWORD(2, 2), &data) == 0, "no Winsock");
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 10) == 0, "no listener");
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "no address");
    CHECK(CreateThread(NULL, 0, proxy, NULL, 0, NULL) != NULL, "no thread");
    return ntohs(address.sin_port);
}

/* NULL for what is not set. */
static void set_windows(DWORD enabled, const char *server, const char *exceptions, const char *script)
{
    const struct { const char *name, *text; } texts[] = {
        {"ProxyServer", server}, {"ProxyOverride", exceptions}, {"AutoConfigURL", script},
    };
    HKEY key;
    size_t i;

    CHECK(RegCreateKeyExA(HKEY_CURRENT_USER, path, 0, NULL, 0, KEY_SET_VALUE, NULL, &key, NULL) == 0, "no key");
    CHECK(RegSetValueExA(key, "ProxyEnable", 0, REG_DWORD, (const BYTE *)&enabled, sizeof enabled) == 0, "not set");
    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].text == NULL) {
            RegDeleteValueA(key, texts[i].name);
        } else {
            CHECK(RegSetValueExA(key, texts[i].name, 0, REG_SZ, (const BYTE *)texts[i].text,
                                 (DWORD)strlen(texts[i].text) + 1) == 0, "%s is not set", texts[i].name);
        }
    }
    RegCloseKey(key);
}

static void keep(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    /* Why a client takes its way. */
    if (level == 3) snprintf(log_text, sizeof log_text, "%s", message);
}

/* A call by whatever way there is, and what the proxy was asked for: NULL for nothing. */
static void check_way(const char *base_url, const char *more, const char *target, const char *reason)
{
    char config[400], *out = UNSET;
    upscope_client *client;
    upscope_status status;

    snprintf(config, sizeof config,
             "{\"api_key\": \"k\", \"base_url\": \"%s\", \"allow_http\": true, \"max_retries\": 0,"
             " \"timeout_ms\": 2000%s}", base_url, more);
    asked_for[0] = log_text[0] = '\0';
    client = client_of(config);
    CHECK(strstr(log_text, reason) != NULL, "%s is to say %s", log_text, reason);
    status = upscope_get_usage(client, NULL, &out);
    EnterCriticalSection(&lock);
    if (target == NULL) {
        CHECK(asked_for[0] == '\0' && status != UPSCOPE_OK, "%s: %s", asked_for, shown(out));
    } else {
        CHECK(strcmp(asked_for, target) == 0 && status == UPSCOPE_OK, "%s: %s", asked_for, shown(out));
    }
    LeaveCriticalSection(&lock);
    upscope_string_free(out);
    upscope_client_free(client);
}

int main(int argc, char **argv)
{
    static const char *const variables[] = {"https_proxy", "http_proxy", "all_proxy", "no_proxy"};
    char one[100], each[200], explicit[100], url[100];
    unsigned port;
    size_t i;

    (void)argc;
    InitializeCriticalSection(&lock);
    port = start_proxy();
    for (i = 0; i < sizeof variables / sizeof *variables; i++) SetEnvironmentVariableA(variables[i], NULL);
    upscope_set_logger(keep, NULL, 3);
    snprintf(one, sizeof one, "127.0.0.1:%u", port);
    snprintf(each, sizeof each, "ftp=127.0.0.1:1;http=127.0.0.1:%u;https=127.0.0.1:2", port);
    snprintf(explicit, sizeof explicit, ", \"proxy\": \"http://127.0.0.1:%u\"", port);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", port);

    set_windows(1, one, NULL, NULL);
    check_way("http://desk.invalid", "", "desk.invalid:80", "Windows's settings name it");
    set_windows(1, each, "<local>;*.example", NULL);
    check_way("http://desk.invalid:8080", "", "desk.invalid:8080", "Windows's settings name it");
    check_way("http://desk.invalid", ", \"proxy\": \"\"", NULL, "the configuration's proxy is empty");
    set_windows(1, one, "*.INVALID", NULL);
    check_way("http://desk.invalid", "", NULL, "exempt desk.invalid");
    set_windows(1, one, "<local>", NULL);
    check_way("http://desk", "", NULL, "exempt desk");
    check_way("http://127.0.0.1:9", "", NULL, "this computer itself");
    set_windows(1, one, "<-loopback>", NULL);
    check_way("http://127.0.0.1:9", "", "127.0.0.1:9", "Windows's settings name it");
    set_windows(0, one, NULL, NULL);
    check_way("http://desk.invalid", "", NULL, "name no proxy");
    set_windows(0, NULL, NULL, "http://wpad.invalid/wpad.dat");
    check_way("http://desk.invalid", "", NULL, "proxy script, which this library does not run");

    /* What is named otherwise comes first. */
    set_windows(1, "127.0.0.1:1", NULL, NULL);
    check_way("http://desk.invalid", explicit, "desk.invalid:80", "the configuration's proxy names it");
    SetEnvironmentVariableA("HTTP_PROXY", url);
    check_way("http://desk.invalid", "", "desk.invalid:80", "the environment variable");
    SetEnvironmentVariableA("NO_PROXY", "desk.invalid");
    check_way("http://desk.invalid", "", NULL, "NO_PROXY exempts desk.invalid");
    SetEnvironmentVariableA("HTTP_PROXY", NULL);
    check_way("http://desk.invalid", "", NULL, "NO_PROXY exempts desk.invalid");

    set_windows(0, NULL, NULL, NULL);
    upscope_set_logger(NULL, NULL, 0);
    return checks_end(argv[0], 50);
}
