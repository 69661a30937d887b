/* The proxy settings of Windows apply if neither the configuration nor the environment names a proxy. This program changes
 * those settings: use it only on a Windows system for tests. */

#include "call_checks.h"

#include <winsock2.h>
#include <windows.h>

static const char path[] = "Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";

static SOCKET listener;
static CRITICAL_SECTION lock;
static char connect_target[200];
static char log_text[4000];

/* A proxy and the service behind it. Records the target of each CONNECT and responds to the request that follows. */
static DWORD WINAPI proxy(LPVOID unused)
{
    static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";
    static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"usage\":{}}";
    SOCKET connection;

    while ((connection = accept(listener, NULL, NULL)) != INVALID_SOCKET) {
        char request[4096];
        int count = recv(connection, request, sizeof request - 1, 0);
        if (count > 0) {
            request[count] = '\0';
            EnterCriticalSection(&lock);
            sscanf(request, "CONNECT %199s", connect_target);
            LeaveCriticalSection(&lock);
            send(connection, established, sizeof established - 1, 0);
            if (recv(connection, request, sizeof request, 0) > 0) send(connection, response, sizeof response - 1, 0);
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

/* NULL removes a setting. */
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

static void record_line(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    /* Level 3 says why a client uses a proxy or not. */
    if (level == 3) snprintf(log_text, sizeof log_text, "%s", message);
}

/* Makes a call and checks which target the proxy received; NULL for none. */
static void check_proxy_use(const char *base_url, const char *more, const char *target, const char *reason)
{
    char config[400], *out = UNSET;
    upscope_client *client;
    upscope_status status;

    snprintf(config, sizeof config,
             "{\"api_key\": \"k\", \"base_url\": \"%s\", \"allow_http\": true, \"max_retries\": 0,"
             " \"timeout_ms\": 2000%s}", base_url, more);
    connect_target[0] = log_text[0] = '\0';
    client = client_of(config);
    CHECK(strstr(log_text, reason) != NULL, "%s does not contain %s", log_text, reason);
    status = upscope_get_usage(client, NULL, &out);
    EnterCriticalSection(&lock);
    if (target == NULL) {
        CHECK(connect_target[0] == '\0' && status != UPSCOPE_OK, "%s: %s", connect_target, shown(out));
    } else {
        CHECK(strcmp(connect_target, target) == 0 && status == UPSCOPE_OK, "%s: %s", connect_target, shown(out));
    }
    LeaveCriticalSection(&lock);
    upscope_string_free(out);
    upscope_client_free(client);
}

int main(int argc, char **argv)
{
    static const char *const variables[] = {"https_proxy", "http_proxy", "all_proxy", "no_proxy"};
    char single[100], per_scheme[200], explicit[100], url[100];
    unsigned port;
    size_t i;

    (void)argc;
    InitializeCriticalSection(&lock);
    port = start_proxy();
    for (i = 0; i < sizeof variables / sizeof *variables; i++) SetEnvironmentVariableA(variables[i], NULL);
    upscope_set_logger(record_line, NULL, 3);
    snprintf(single, sizeof single, "127.0.0.1:%u", port);
    snprintf(per_scheme, sizeof per_scheme, "ftp=127.0.0.1:1;http=127.0.0.1:%u;https=127.0.0.1:2", port);
    snprintf(explicit, sizeof explicit, ", \"proxy\": \"http://127.0.0.1:%u\"", port);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", port);

    set_windows(1, single, NULL, NULL);
    check_proxy_use("http://desk.invalid", "", "desk.invalid:80", "Windows's settings name it");
    set_windows(1, per_scheme, "<local>;*.example", NULL);
    check_proxy_use("http://desk.invalid:8080", "", "desk.invalid:8080", "Windows's settings name it");
    check_proxy_use("http://desk.invalid", ", \"proxy\": \"\"", NULL, "the configuration's proxy is empty");
    set_windows(1, single, "*.INVALID", NULL);
    check_proxy_use("http://desk.invalid", "", NULL, "exempt desk.invalid");
    set_windows(1, single, "<local>", NULL);
    check_proxy_use("http://desk", "", NULL, "exempt desk");
    check_proxy_use("http://127.0.0.1:9", "", NULL, "this computer itself");
    set_windows(1, single, "<-loopback>", NULL);
    check_proxy_use("http://127.0.0.1:9", "", "127.0.0.1:9", "Windows's settings name it");
    set_windows(0, single, NULL, NULL);
    check_proxy_use("http://desk.invalid", "", NULL, "name no proxy");
    set_windows(0, NULL, NULL, "http://wpad.invalid/wpad.dat");
    check_proxy_use("http://desk.invalid", "", NULL, "proxy script, which this library does not run");

    /* Configuration and environment have priority. */
    set_windows(1, "127.0.0.1:1", NULL, NULL);
    check_proxy_use("http://desk.invalid", explicit, "desk.invalid:80", "the configuration's proxy names it");
    SetEnvironmentVariableA("HTTP_PROXY", url);
    check_proxy_use("http://desk.invalid", "", "desk.invalid:80", "the environment variable");
    SetEnvironmentVariableA("NO_PROXY", "desk.invalid");
    check_proxy_use("http://desk.invalid", "", NULL, "NO_PROXY exempts desk.invalid");
    SetEnvironmentVariableA("HTTP_PROXY", NULL);
    check_proxy_use("http://desk.invalid", "", NULL, "NO_PROXY exempts desk.invalid");

    set_windows(0, NULL, NULL, NULL);
    upscope_set_logger(NULL, NULL, 0);
    return checks_end(argv[0], 50);
}
