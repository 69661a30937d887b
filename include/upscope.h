/*
 * libupscope: client library for the Upscope co-browsing REST API.
 *
 *     upscope_client *client;
 *     char *json, *name;
 *     if (upscope_client_new("{\"api_key\":\"secret\"}", &client, &json) == UPSCOPE_OK) {
 *         upscope_status status = upscope_get_visitor(client, "{\"visitor_id\":\"1234\"}", &json);
 *     }
 *     puts(json);                     (the visitor, or the error object)
 *     if (upscope_json_get(json, "/visitor/name", &name) == UPSCOPE_OK) puts(name);
 *     upscope_string_free(name);
 *     upscope_string_free(json);
 *     upscope_client_free(client);
 *
 * Calls
 *
 * Each operation of the API is a function that takes a JSON object and returns JSON. It blocks until the call ends, at
 * the latest when the client's timeout_ms has passed. All operations have the same parameters:
 *
 *     client         A client from upscope_client_new.
 *     request_json   A JSON object, or NULL for {}. Unknown keys are an error. A key whose value is null counts as
 *                    absent, and absent keys are not sent. Every request accepts "options": {"timeout_ms",
 *                    "max_retries", "extra_query", "extra_body"}, which apply to this call only.
 *     response_json  Always set: on UPSCOPE_OK to the service's JSON, byte for byte unless "ascii_json" is set; on
 *                    failure to an error object. Free it with upscope_string_free.
 *
 * They return UPSCOPE_OK or one of the error statuses from UPSCOPE_INVALID_ARGUMENT to UPSCOPE_INTERNAL.
 *
 * Error objects
 *
 *     {"error": {"code": "not_found", "status": 4, "message": "...", "operation": "get_visitor", "http_status": 404,
 *                "api_error": "not_found", "api_message": null, "request_id": null, "attempts": 1,
 *                "retryable": false, "retry_after_ms": null, "may_have_applied": false}}
 *
 *     message                 One sentence for a log or a user.
 *     api_error, api_message  The service's own "error" and "message".
 *     request_id              The response's X-Request-Id, for the support of the service.
 *     attempts                The number of requests that were attempted.
 *     retryable               Whether the same call may succeed later and is safe to repeat.
 *     retry_after_ms          How long the service asks to wait.
 *     may_have_applied        Whether the call may have changed something although it failed.
 *
 * operation, http_status, api_error, api_message, request_id and retry_after_ms may be null.
 *
 * JSON
 *
 * Do not insert values into a request with snprintf or by joining strings: a value with a quotation mark in it could
 * add keys, such as permissions of the agent. Build the request with upscope_json_build, or with a JSON library:
 *
 *     const char *fields[] = {"visitor_id", id, "agent.id", agent, "permissions.allow_console", "false", NULL};
 *     status = upscope_json_build("create_watch_url", fields, &request);
 *
 * upscope_json_get reads one value from a response or an error object:
 *
 *     status = upscope_json_get(json, "/error/message", &message);
 *
 * Strings and pointers
 *
 * Strings are NUL-terminated UTF-8. The library copies the strings that you pass in; they remain yours. Parameters must
 * not be NULL unless their documentation allows it: NULL gives UPSCOPE_INVALID_ARGUMENT. Functions that free, cancel
 * or close something accept NULL and do nothing.
 *
 * Threads
 *
 * Any number of threads may use one client at the same time. Create one client and keep it; free it when no call is
 * running on it. upscope_client_close ends running calls within 0.2 seconds. Any thread may free a string. After
 * fork(), the child process may continue to use the client of its parent. The library starts threads only to look up
 * host names, to verify certificates on Windows, and for upscope_start, upscope_sessions_start_next and
 * upscope_sessions_prefetch. Do not unload the library.
 *
 * Signals and callbacks
 *
 * A connection that the server has closed raises no SIGPIPE. The library installs no signal handlers and changes no
 * signal mask. A signal that arrives during a call does not end the call. Threads of the library inherit the signal
 * mask of the thread that starts them; to keep your handlers off them, block the signals in that thread meanwhile. Do
 * not call the library from a signal handler.
 *
 * The done and log functions must not throw C++ exceptions: an exception that leaves them aborts the process. They
 * must not leave with longjmp() either, which is undefined behavior. The same applies to freeing a client while a
 * blocking call is running on it, and to using any handle or string after it was freed.
 *
 * Versions
 *
 * Every later version of the library with the same soname runs programs that were built with this header. If the
 * library may be older than the header, call UPSCOPE_CHECK_VERSION() first. docs/abi.md has the rules.
 *
 * Linking
 *
 * Use pkg-config --cflags --libs upscope, or find_package(upscope) in CMake (upscope::upscope,
 * upscope::upscope_static). Without them:
 *
 *     Linux    shared: -lupscope         static: libupscope.a -lutil -lrt -lpthread -lm -ldl
 *     macOS    shared: -lupscope         static: libupscope.a -framework Security -framework CoreFoundation -liconv
 *     Windows  shared: upscope.lib or libupscope.dll.a
 *              static: libupscope.a -lws2_32 -lcrypt32 -lbcrypt -lntdll -luserenv -ladvapi32
 *
 * If your program enables floating-point exceptions, disable them during calls.
 */

#ifndef UPSCOPE_H
#define UPSCOPE_H

/* Generated from crates/boundary by build.rs: `make generate`. */

#if defined(_MSC_VER) && _MSC_VER < 1600
typedef int int32_t;
typedef unsigned int uint32_t;
#else
#include <stdint.h>
#endif
#include <stdlib.h>
#include <string.h>

/** The version of this header. */
#define UPSCOPE_VERSION "0.2.0"
#define UPSCOPE_VERSION_MAJOR 0
#define UPSCOPE_VERSION_MINOR 2
#define UPSCOPE_VERSION_PATCH 0

/** The version of this header as a number, also for preprocessor conditions: (major << 16) | (minor << 8) | patch. */
#define UPSCOPE_VERSION_NUMBER \
    ((UPSCOPE_VERSION_MAJOR << 16) | (UPSCOPE_VERSION_MINOR << 8) | UPSCOPE_VERSION_PATCH)

/**
 * Whether the library that is loaded is not older than this header. If it is older, functions of this header may be
 * missing. Works with every version of the library.
 */
#define UPSCOPE_CHECK_VERSION() \
    (((atoi(upscope_version()) << 16) | (atoi(strchr(upscope_version(), '.') + 1) << 8) | \
      atoi(strchr(strchr(upscope_version(), '.') + 1, '.') + 1)) >= UPSCOPE_VERSION_NUMBER)

/**
 * Marks functions whose result must be used, because it says whether an out-pointer holds a handle. Define
 * UPSCOPE_NO_WARN_UNUSED_RESULT before including this header to turn the warning off.
 */
#if defined(UPSCOPE_NO_WARN_UNUSED_RESULT)
#define UPSCOPE_WARN_UNUSED_RESULT
#elif defined(__clang__) || (defined(__GNUC__) && (__GNUC__ > 3 || (__GNUC__ == 3 && __GNUC_MINOR__ >= 4)))
#define UPSCOPE_WARN_UNUSED_RESULT __attribute__((__warn_unused_result__))
#elif defined(_MSVC_LANG) && _MSVC_LANG >= 201703L
#define UPSCOPE_WARN_UNUSED_RESULT [[nodiscard]]
#else
#define UPSCOPE_WARN_UNUSED_RESULT
#endif

/**
 * Marks functions that a later version will remove; message names the replacement. Define UPSCOPE_NO_DEPRECATED before
 * including this header to turn the warning off.
 */
#if defined(UPSCOPE_NO_DEPRECATED)
#define UPSCOPE_DEPRECATED(message)
#elif defined(__clang__) || (defined(__GNUC__) && (__GNUC__ > 4 || (__GNUC__ == 4 && __GNUC_MINOR__ >= 5)))
#define UPSCOPE_DEPRECATED(message) __attribute__((__deprecated__(message)))
#elif defined(__GNUC__)
#define UPSCOPE_DEPRECATED(message) __attribute__((__deprecated__))
#elif defined(_MSC_VER) && _MSC_VER >= 1400
#define UPSCOPE_DEPRECATED(message) __declspec(deprecated(message))
#else
#define UPSCOPE_DEPRECATED(message)
#endif

/**
 * A client: configuration and connections. Any number of threads may use one client at the same time.
 */
typedef struct upscope_client upscope_client;

/**
 * A started call.
 */
typedef struct upscope_pending upscope_pending;

/**
 * An iterator over the pages of sessions. Threads that use one iterator at the same time get one page each, in the
 * order in which they ask.
 */
typedef struct upscope_sessions upscope_sessions;

/**
 * The status of a call: one of the UPSCOPE_... constants below. Values never change, but new ones may be added.
 */
typedef int32_t upscope_status;

/**
 * A function that the library calls when a started call ends.
 *
 * status, response_json: what the blocking function would have returned. response_json is valid only during this
 *   function; it is NULL with UPSCOPE_DONE. Do not free it.
 * user_data: as passed to upscope_start.
 *
 * The function runs at most once, on a thread of the library. It may call the library, including
 * upscope_pending_free on its own handle.
 */
typedef void (*upscope_done_fn)(void *user_data, upscope_status status, const char *response_json);

/**
 * A function that the library calls for each log line.
 *
 * level: 1 error, 2 warn, 3 info, 4 debug, 5 trace.
 * message: UTF-8, valid only during this function. Do not free it.
 * user_data: as passed to upscope_set_logger or upscope_client_set_logger.
 *
 * The function runs on the thread that makes the call, so several threads may run it at the same time. It may call
 * the library.
 */
typedef void (*upscope_log_fn)(void *user_data, int32_t level, const char *message);

/**
 * The call succeeded.
 */
#define UPSCOPE_OK 0

/**
 * NULL, not UTF-8, not JSON, or an unknown, missing or ill-typed key: nothing was sent.
 */
#define UPSCOPE_INVALID_ARGUMENT 1

/**
 * HTTP 401: the API key is not accepted.
 */
#define UPSCOPE_UNAUTHORIZED 2

/**
 * HTTP 402: the subscription does not cover the call.
 */
#define UPSCOPE_PAYMENT_REQUIRED 3

/**
 * HTTP 404: no such visitor, agent or path.
 */
#define UPSCOPE_NOT_FOUND 4

/**
 * HTTP 409: the current state does not allow the call, such as deleting a visitor who is online.
 */
#define UPSCOPE_CONFLICT 5

/**
 * HTTP 429, after all retries.
 */
#define UPSCOPE_RATE_LIMITED 6

/**
 * HTTP 5xx, after all retries.
 */
#define UPSCOPE_SERVER_ERROR 7

/**
 * Any other HTTP status except 2xx. Redirects are never followed.
 */
#define UPSCOPE_HTTP_ERROR 8

/**
 * The deadline of the call passed, in any phase.
 */
#define UPSCOPE_TIMEOUT 9

/**
 * No connection, or a broken one: DNS, refused, TLS, proxy, reset, closed.
 */
#define UPSCOPE_CONNECTION 10

/**
 * A 2xx response that is truncated, too large, too deeply nested, not JSON or UTF-8, or lacks what the operation
 * promises.
 */
#define UPSCOPE_BAD_RESPONSE 11

/**
 * The caller cancelled the call.
 */
#define UPSCOPE_CANCELLED 12

/**
 * A bug in this library, caught before it could crash the program.
 */
#define UPSCOPE_INTERNAL 13

/**
 * upscope_sessions_next: there are no more pages.
 */
#define UPSCOPE_DONE 100

/**
 * Not finished yet.
 */
#define UPSCOPE_PENDING 101

/**
 * The JSON text has no such value, or it is null.
 */
#define UPSCOPE_ABSENT 102

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Returns the name of a status, such as "not_found"; "unknown" for unknown values.
 *
 * The string is static: do not free it. Any thread may call this function.
 */
const char *upscope_status_name(upscope_status status);

/**
 * Creates a client. This sends nothing and starts no thread.
 *
 * config_json: a JSON object, or NULL for the defaults. All keys are optional:
 *   api_key             The secret REST API key. Default: the environment variable UPSCOPE_API_KEY.
 *   base_url            The base URL of the service; may have a path prefix. Default: the environment
 *                       variable UPSCOPE_BASE_URL, else https://api.upscope.io/v1.3.
 *   allow_http          Whether plain http is allowed to other hosts than this computer. Default: false.
 *   timeout_ms          The time limit of a whole call: name lookup, connection, all attempts and the delays
 *                       between them. Default: 30000 ms.
 *   connect_timeout_ms  The time limit of one connection, including proxy and TLS. Default: 10000 ms.
 *   max_retries         How often a failed attempt may be retried. Default: 2.
 *   proxy               The URL of the proxy (http, https, socks5, socks5h), or an empty string for none.
 *                       Default: the environment variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY;
 *                       on Windows, else the system's settings.
 *   ca_file             A PEM file of root certificates to trust in addition to the operating system's.
 *   user_agent          The name and version of the program, which the User-Agent header has before those of
 *                       this library.
 *   max_response_bytes  The largest response accepted in bytes, after decompression. Default: 67108864.
 *   ascii_json          Whether the JSON that the library returns has \uXXXX in place of characters outside
 *                       ASCII. Default: false.
 * client: set to the new client, which the caller frees with upscope_client_free; set to NULL on failure.
 * error_json: set to NULL on success, or to an error object that the caller frees with upscope_string_free.
 *
 * Returns UPSCOPE_OK, or UPSCOPE_INVALID_ARGUMENT if the configuration is not valid. Any thread may call this
 * function.
 */
UPSCOPE_WARN_UNUSED_RESULT
upscope_status upscope_client_new(const char *config_json,
                                  upscope_client **client,
                                  char **error_json);

/**
 * Returns how the client reaches the service, and why: {"base_url", "proxy", "proxy_reason", "roots"}.
 *
 * proxy is null for a direct connection. roots is the source of the root certificates. The JSON contains no secrets.
 *
 * json: set to the JSON, or to an error object. Free it with upscope_string_free.
 *
 * Returns UPSCOPE_OK, or UPSCOPE_INVALID_ARGUMENT if a parameter is NULL. Any thread may call this function.
 */
upscope_status upscope_connection_info(const upscope_client *client,
                                       char **json);

/**
 * Closes a client: its calls end with UPSCOPE_CANCELLED, as a program needs when it shuts down.
 *
 * Calls that are running, started calls and calls of its page iterators end within 0.2 seconds, except a call that is
 * connecting through a SOCKS proxy that does not respond: it ends after connect_timeout_ms. A call that is made
 * later ends immediately; upscope_start and upscope_sessions_start_next then return UPSCOPE_CANCELLED. Connections
 * are closed. Like any started call, a started call that ends in this way runs its done function.
 *
 * This function does not wait for the calls. Once they have returned, free the client with upscope_client_free.
 *
 * client: NULL does nothing.
 *
 * Any thread may call this function, and so may a done or log function. A signal handler must not. In a child
 * process, it ends only the calls of that process.
 */
void upscope_client_close(const upscope_client *client);

/**
 * Frees a client. NULL does nothing.
 *
 * No call may be running on the client. Page iterators and started calls of the client continue to work.
 */
void upscope_client_free(upscope_client *client);

/**
 * Retrieves the account's usage statistics.
 * GET /usage
 *
 * Request: no keys.
 *
 * Response: {"usage": {...}, ...}: the account's usage statistics.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_get_usage(const upscope_client *client,
                                 const char *request_json,
                                 char **response_json);

/**
 * Searches for visitors, or lists the latest ones.
 * GET /list
 *
 * Request:
 *   "search" (string): What to search for: free text, an e-mail address, "online", "-online",
 *     "ip:1.1.1.1", "id:" and a unique id, a four-digit lookup code, "#" and a tag, or "integration_id:".
 *     By default, the latest visitors.
 *   "max_results" (1 to 10): The maximum number of visitors, 1 to 10; the service's default is 10, and 1
 *     is fastest.
 *
 * Response: {"visitors": [...], ...}: the matching visitors.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_list_visitors(const upscope_client *client,
                                     const char *request_json,
                                     char **response_json);

/**
 * Retrieves one visitor.
 * GET /visitors/{visitor_id}
 *
 * Request:
 *   "visitor_id" (required, string): The visitor's short id.
 *
 * Response: {"visitor": {...}, ...}: the visitor.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_get_visitor(const upscope_client *client,
                                   const char *request_json,
                                   char **response_json);

/**
 * Creates a secure link with which an agent starts a co-browsing session; treat it as a password.
 * POST /visitors/{visitor_id}/watch_url
 *
 * Anyone who has the link sees the screen: open it at once, and do not store it.
 *
 * Request:
 *   "visitor_id" (required, string): The visitor's short id.
 *   "agent" (required, object): The agent who will watch.
 *     "id" (required, string): The agent's id in your own system.
 *     "name" (string): The agent's name.
 *   "branding" (object): How the agent's page looks.
 *     "naked" (true, false or "page_only"): Whether to hide the Upscope logo; "page_only" hides the
 *       agent's controls as well. The service's default is false.
 *     "on_end_url" (string): Where the agent's browser goes when the session ends. By default, the window
 *       is closed if possible.
 *     "retry_url" (string): The target of a "Retry now" link, shown when there are problems. By default,
 *       there is no such link.
 *   "initial_notes" (string): The initial text of the agent's notes.
 *   "metadata" (object of strings, numbers and booleans): Stored with the record of the session: a flat
 *     object of strings, numbers and booleans.
 *   "permissions" (object): What the agent may do.
 *     "allow_agent_redirect" (boolean): Redirect and reload the visitor's page.
 *     "allow_audio" (boolean): Use audio.
 *     "allow_click" (boolean): Click on the visitor's page.
 *     "allow_confetti" (boolean): Throw confetti.
 *     "allow_console" (boolean): Use the remote console; the service's default is false.
 *     "allow_draw" (boolean): Draw on the visitor's page.
 *     "allow_notes" (boolean): Leave notes.
 *     "allow_request_visitor_screen" (boolean): Ask the visitor to share their full screen.
 *     "allow_scroll" (boolean): Scroll the visitor's page.
 *     "allow_show_agent_screen" (boolean): Share the agent's screen with the visitor.
 *     "allow_type" (boolean): Type on the visitor's page.
 *     "hide_private_details" (boolean): Hide private details of the visitor, such as the IP address, from
 *       the agent; the service's default is false.
 *   "language" (string): The language of the agent's page. By default, that of the browser.
 *   "viewer" (object): The person who views the screen, if that is not the agent.
 *     "id" (string): The viewer's id in your own system.
 *     "name" (string): The viewer's name.
 *   "webhook_url" (URL): Where the service posts the record of the session when it has ended.
 *
 * Response: {"watch_url": ..., "expiration": ..., ...}: the link, and when it expires.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_create_watch_url(const upscope_client *client,
                                        const char *request_json,
                                        char **response_json);

/**
 * Stops the visitor's active session.
 * DELETE /visitors/{visitor_id}/session
 *
 * Request:
 *   "visitor_id" (required, string): The visitor's short id.
 *
 * Response: a JSON object; {} if the service sends none.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_stop_session(const upscope_client *client,
                                    const char *request_json,
                                    char **response_json);

/**
 * Deletes one visitor who is not online.
 * DELETE /visitors/{visitor_id}
 *
 * The error for a visitor who is online is "conflict".
 *
 * Request:
 *   "visitor_id" (required, string): The visitor's short id.
 *
 * Response: a JSON object; {} if the service sends none.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_delete_visitor(const upscope_client *client,
                                      const char *request_json,
                                      char **response_json);

/**
 * Deletes every visitor of the account who is not online.
 * DELETE /visitors?all=true
 *
 * The service may need some minutes to finish after its response.
 *
 * Request:
 *   "all" (required, true): true, to confirm that all visitors are meant.
 *
 * Response: a JSON object; {} if the service sends none.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_delete_all_visitors(const upscope_client *client,
                                           const char *request_json,
                                           char **response_json);

/**
 * Looks up an agent by e-mail address or by external id.
 * GET /agents/lookup
 *
 * Request, with exactly one of these keys:
 *   "email" (string): The e-mail address of a user of the account.
 *   "external_id" (string): The agent's id in your own system, as used when a watch link was created.
 *
 * Response: {"agent": {...}, ...}: the agent.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_lookup_agent(const upscope_client *client,
                                    const char *request_json,
                                    char **response_json);

/**
 * Lists one page of sessions, from first to last.
 * GET /cobrowsing_sessions/list
 *
 * To read all pages, use an iterator over sessions.
 *
 * Request:
 *   "before_id" (string): Only sessions before the one with this id.
 *   "after_id" (string): Only sessions after the one with this id; for the next page, the "last_id" of a
 *     page.
 *   "ongoing_only" (boolean): Only sessions that are active now.
 *   "updated_after" (RFC 3339 time with its offset): Only sessions whose record changed after this time
 *     (RFC 3339, with its offset).
 *
 * Response: {"cobrowsing_sessions": [...], "has_more": ..., "last_id": ..., ...}: one page of sessions.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_list_sessions(const upscope_client *client,
                                     const char *request_json,
                                     char **response_json);

/**
 * Authorizes a session on an on-premise server.
 * POST /onpremise/token
 *
 * The token is for the on-premise server; treat it as a password.
 *
 * Request:
 *   "visitor_id" (required, string): The id of the visitor to co-browse with.
 *   "agent" (required, object): The agent who co-browses.
 *     "id" (required, string): The agent's id in your own system.
 *     "name" (required, string): The agent's name.
 *
 * Response: {"authorized": ..., "token": ..., ...}: whether the session is authorized, and the token for the
 * on-premise server.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_authorize_onpremise_session(const upscope_client *client,
                                                   const char *request_json,
                                                   char **response_json);

/**
 * Sends any request below the base URL, for operations that this library does not support yet.
 *
 * Request:
 *   "method" (required, "GET", "POST", "PUT", "PATCH", "DELETE"): The HTTP method.
 *   "path" (required, string): The path below the base URL, such as "/usage", percent-encoded or not.
 *   "query" (object of strings, numbers and booleans): Query parameters: strings, numbers or booleans.
 *   "body" (any JSON): The JSON body: any value.
 *
 * Response: the JSON of the service; {} if the body is empty.
 *
 * Parameters, return value and ownership: see "Calls" at the top of this header.
 */
upscope_status upscope_request(const upscope_client *client, const char *request_json, char **response_json);

/**
 * Calls an operation by its name.
 *
 * upscope_call(client, "get_usage", ...) is the same as upscope_get_usage(client, ...).
 *
 * operation: the "name" of an operation, as in upscope_operations. An unknown name is UPSCOPE_INVALID_ARGUMENT.
 * client, request_json, response_json: as for every operation; see "Calls" at the top of this header.
 */
upscope_status upscope_call(const upscope_client *client,
                            const char *operation,
                            const char *request_json,
                            char **response_json);

/**
 * Creates an iterator over the pages of sessions, from first to last. This sends nothing.
 *
 * request_json: as for upscope_list_sessions, or NULL for all sessions.
 * pages: set to the new iterator, which the caller frees with upscope_sessions_free; set to NULL on failure.
 * error_json: set to NULL on success, or to an error object that the caller frees with upscope_string_free.
 *
 * Returns UPSCOPE_OK, or UPSCOPE_INVALID_ARGUMENT if the request is not valid. Any thread may call this function.
 */
UPSCOPE_WARN_UNUSED_RESULT
upscope_status upscope_sessions_open(const upscope_client *client,
                                     const char *request_json,
                                     upscope_sessions **pages,
                                     char **error_json);

/**
 * Fetches the next page. Blocks until the page arrives or the deadline passes.
 *
 * page_json: set to the page, as upscope_list_sessions returns it; to NULL after the last page; or to an error
 *   object. Free it with upscope_string_free.
 *
 * Returns UPSCOPE_OK, UPSCOPE_DONE after the last page, or an error as upscope_list_sessions does. After an error,
 * the next call fetches the same page again. Any thread may call this function.
 */
upscope_status upscope_sessions_next(upscope_sessions *pages,
                                     char **page_json);

/**
 * Starts to fetch the next page and returns immediately, as upscope_start does for a call.
 *
 * The started call ends with UPSCOPE_OK and the page, with UPSCOPE_DONE and NULL after the last page, or with an
 * error object. Several pages may be started at once; they arrive in the order in which they were started. The
 * iterator may be freed before the page arrives.
 *
 * done, user_data, pending, error_json: as for upscope_start.
 *
 * Returns UPSCOPE_OK, UPSCOPE_INVALID_ARGUMENT, or UPSCOPE_INTERNAL if no thread can be started. Any thread may call
 * this function.
 */
upscope_status upscope_sessions_start_next(upscope_sessions *pages,
                                           upscope_done_fn done,
                                           void *user_data,
                                           upscope_pending **pending,
                                           char **error_json);

/**
 * Enables background prefetch of the next page. It is off by default.
 *
 * While the program processes one page, a thread of the client fetches the next one. If that fails, the call that
 * asks for this page returns the error.
 *
 * pages: NULL does nothing.
 * on: 0 disables prefetch, any other value enables it.
 */
void upscope_sessions_prefetch(upscope_sessions *pages,
                               int32_t on);

/**
 * Frees an iterator. NULL does nothing.
 *
 * No other thread may be using the iterator. Its client may have been freed before.
 */
void upscope_sessions_free(upscope_sessions *pages);

/**
 * Starts a call and returns immediately, for programs that must not block their thread.
 *
 * The request is checked before this function returns. The time limit of the call starts now. A client runs up to 32
 * started calls at the same time, on its own threads; further calls wait in a queue. Freeing the client does not
 * cancel started calls.
 *
 * operation, request_json: as for upscope_call.
 * done: called when the call ends; or NULL, for a program that polls with upscope_pending_wait. It may run before
 *   this function returns; pending is already set then.
 * user_data: passed to done unchanged. May be NULL.
 * pending: set to the handle of the call, which the caller frees with upscope_pending_free; set to NULL on failure.
 * error_json: set to NULL on success, or to an error object that the caller frees with upscope_string_free.
 *
 * Returns UPSCOPE_OK, UPSCOPE_INVALID_ARGUMENT, or UPSCOPE_INTERNAL if no thread can be started. Any thread may call
 * this function.
 */
UPSCOPE_WARN_UNUSED_RESULT
upscope_status upscope_start(const upscope_client *client,
                             const char *operation,
                             const char *request_json,
                             upscope_done_fn done,
                             void *user_data,
                             upscope_pending **pending,
                             char **error_json);

/**
 * Waits until a started call ends, or until timeout_ms have passed. With timeout_ms 0, it does not wait.
 *
 * response_json: as for the blocking function; set to NULL while the call runs. Free it with upscope_string_free.
 *
 * Returns UPSCOPE_PENDING while the call runs, or what the blocking function would have returned. After the end of
 * the call, each call of this function returns the same status and a new copy of the JSON. Any thread may call this
 * function.
 */
upscope_status upscope_pending_wait(upscope_pending *pending,
                                    uint32_t timeout_ms,
                                    char **response_json);

/**
 * Cancels a started call: it ends with UPSCOPE_CANCELLED, unless it has already ended.
 *
 * NULL does nothing. Any thread may call this function.
 */
void upscope_pending_cancel(upscope_pending *pending);

/**
 * Frees the handle of a started call, and cancels the call if it is still running. NULL does nothing.
 *
 * This function never waits for the network. If done is running on another thread, it waits until done returns.
 * After this function returns, done does not run any more; if the call has ended but done has not run yet, done
 * never runs.
 *
 * No other thread may be using the handle.
 */
void upscope_pending_free(upscope_pending *pending);

/**
 * Reads one value from JSON text, such as a response or an error object.
 *
 *     char *name;
 *     if (upscope_json_get(json, "/visitors/0/name", &name) == UPSCOPE_OK) puts(name);
 *     upscope_string_free(name);
 *
 * json: JSON text, nested at most 128 levels deep. It is read to its end, so read an element of a long array once, and
 * then the fields of that element.
 * pointer: a JSON pointer (RFC 6901): keys and array indexes, each after a slash. In a key, write ~ as ~0 and / as ~1.
 * "" is the whole text. If an object has a key twice, the last one counts.
 * value: set to a string without quotes and escapes, or to any other value as JSON text; to an error object on
 * failure; to NULL with UPSCOPE_ABSENT. Free it with upscope_string_free. In a string, an unpaired surrogate
 * becomes U+FFFD.
 *
 * Returns UPSCOPE_OK; UPSCOPE_ABSENT if there is no such value, or it is null; UPSCOPE_INVALID_ARGUMENT if json is not
 * JSON, if pointer is not a JSON pointer (a slash is missing at its start), or if the string contains U+0000. Any
 * thread may call this function.
 */
upscope_status upscope_json_get(const char *json,
                                const char *pointer,
                                char **value);

/**
 * Builds the JSON of a request. A value cannot change the rest of the request, whatever it contains.
 *
 *     const char *fields[] = {"visitor_id", id, "agent.id", "7", "permissions.allow_click", "false", NULL};
 *     char *request;
 *     status = upscope_json_build("create_watch_url", fields, &request);
 *
 * The definition of the operation gives the type of each value: permissions.allow_click is the boolean false here. A
 * value that does not fit is an error. Where the definition leaves the type open, as in metadata and body, values are
 * strings.
 *
 * operation: the "name" of an operation, as in upscope_operations.
 * fields: names and values in turn, then NULL. A dot separates the key of an object from a key in it. In "metadata",
 * "query" and "options.extra_query", the rest of the name is one key, with its dots. In "body" and
 * "options.extra_body", each dot opens an object.
 * request_json: set to the request, or to an error object. Free it with upscope_string_free.
 *
 * Returns UPSCOPE_OK, or UPSCOPE_INVALID_ARGUMENT if a name is unknown or occurs twice, if a required key is missing,
 * or if the operation would refuse the request for another reason. Any thread may call this function.
 */
upscope_status upscope_json_build(const char *operation,
                                  const char *const *fields,
                                  char **request_json);

/**
 * Parses the body of a webhook request: the record of an ended session, which the service posts to a "webhook_url".
 *
 * The service documents no signature, so anyone who knows the URL can post to it. Only the session's "id" is
 * required.
 *
 * body: the request body, unchanged.
 * session_json: set to the session as JSON, or to an error object. Free it with upscope_string_free.
 *
 * Returns UPSCOPE_OK, or UPSCOPE_INVALID_ARGUMENT if the body cannot be parsed. Any thread may call this function.
 */
upscope_status upscope_parse_webhook(const char *body,
                                     char **session_json);

/**
 * Parses the body of a webhook request that does not end with a NUL, as HTTP servers provide it.
 *
 * body: the request body, unchanged. It must not contain a NUL, not even at its end.
 * length: the length of the body in bytes.
 * session_json: as for upscope_parse_webhook.
 *
 * Returns UPSCOPE_OK, or UPSCOPE_INVALID_ARGUMENT if the body cannot be parsed. Any thread may call this function.
 */
upscope_status upscope_parse_webhook_n(const char *body,
                                       size_t length,
                                       char **session_json);

/**
 * Erases and frees a string that this library returned through a char ** parameter.
 *
 * Erasing matters because the string may contain a link or a token. Any thread may call this function. NULL does
 * nothing. Do not use free(), and do not free a string twice: both corrupt the memory of the program.
 */
void upscope_string_free(char *string);

/**
 * Sets the function that receives the log lines of all clients, except those for which upscope_client_set_logger has
 * set another one. Logging is off by default.
 *
 * Each attempt of a call writes one line at level 4: method, path, status, milliseconds and attempt. A retry writes
 * a line at level 2, as does a "webhook_url" whose host is reserved for examples, such as example.com. Log lines
 * never contain keys, queries, headers or bodies.
 *
 * log: the function; NULL turns logging off.
 * user_data: passed to log unchanged. May be NULL.
 * max_level: the highest level to log, 1 to 5.
 *
 * After this function returns, the previous log function does not run any more, except if a log function made this
 * call. Any thread may call this function.
 */
void upscope_set_logger(upscope_log_fn log,
                        void *user_data,
                        int32_t max_level);

/**
 * Sets the function that receives the log lines of one client, instead of the function that upscope_set_logger set.
 *
 * client: NULL does nothing.
 * log: the function; NULL returns to the function that upscope_set_logger set.
 * user_data: passed to log unchanged. May be NULL.
 * max_level: the highest level to log, 1 to 5. With 0, the client logs nothing.
 *
 * The client's line at level 3, which upscope_client_new writes, goes to the function that upscope_set_logger set.
 *
 * After this function returns, the previous log function does not run any more for lines of this client, except if a
 * log function made this call. Started calls may log after upscope_client_free: before you free user_data, call this
 * function with NULL, or wait for these calls. Any thread may call this function.
 */
void upscope_client_set_logger(upscope_client *client,
                               upscope_log_fn log,
                               void *user_data,
                               int32_t max_level);

/**
 * Returns the version of the library, such as "0.2.0".
 *
 * The string is static: do not free it. Any thread may call this function.
 */
const char *upscope_version(void);

/**
 * Returns the version of the library that is loaded, as a number: (major << 16) | (minor << 8) | patch.
 *
 * Libraries before version 0.2 lack this function; UPSCOPE_CHECK_VERSION() works with those as well. Any thread may
 * call this function.
 */
uint32_t upscope_version_number(void);

/**
 * Returns all operations as a JSON array: [{"name", "method", "path", "summary", "changes_state", "request",
 * "response"}, ...]. "request" is the JSON Schema of the request, "response" that of a 2xx response.
 *
 * The string is static: do not free it. Any thread may call this function.
 */
const char *upscope_operations(void);

#ifdef __cplusplus
}  // extern "C"
#endif /* __cplusplus */

#endif  /* UPSCOPE_H */
