/*
 * libupscope: client for the Upscope co-browsing REST API.
 *
 * Calls take a JSON object and hand out a JSON object. They block, and end within the client's timeout_ms.
 *
 *     upscope_client *client;
 *     char *json;
 *     if (upscope_client_new("{\"api_key\":\"secret\"}", &client, &json) == UPSCOPE_OK) {
 *         upscope_status status = upscope_get_visitor(client, "{\"visitor_id\":\"1234\"}", &json);
 *     }
 *     puts(json);                     (the visitor, or the error object)
 *     upscope_string_free(json);
 *     upscope_client_free(client);
 *
 * Text is NUL-terminated UTF-8, in and out. What is passed in is copied and stays yours.
 *
 * request_json: a JSON object, or NULL for {}. Unknown keys are refused. A key that is null counts as left out, and
 * what is left out is not sent. Every request may hold "options": {"timeout_ms", "max_retries", "extra_query",
 * "extra_body"}, for that call alone.
 *
 * response_json: always set. On UPSCOPE_OK the service's JSON, byte for byte unless "ascii_json" is set; on failure
 * an error object. Free it with upscope_string_free. The error object:
 *
 *     {"error": {"code": "not_found", "status": 4, "message": "...", "operation": "get_visitor", "http_status": 404,
 *                "api_error": "not_found", "api_message": null, "request_id": null, "attempts": 1,
 *                "retryable": false, "retry_after_ms": null, "may_have_applied": false}}
 *
 * message is a sentence for a log or a person. retryable: the same call may succeed later, and repeating it does no
 * harm. may_have_applied: something may have been changed although the call failed. api_error and api_message
 * are the service's own "error" and "message"; request_id is the answer's X-Request-Id, for the service's support.
 * These, http_status, operation and retry_after_ms may be null.
 *
 * NULL where a pointer is needed gives UPSCOPE_INVALID_ARGUMENT. Functions that free take NULL.
 *
 * Threads: a client may be used by any number of threads at once; make one and keep it. Free it when no call of it
 * runs. Strings may be freed by any thread. After fork() the child may go on using its parent's client. The library
 * starts no thread but for a look-up of a host name that is not known yet, on Windows for the system's
 * verdict on a certificate, and for what upscope_start, upscope_sessions_start_next and upscope_sessions_prefetch are
 * asked to do. Do not unload the library.
 *
 * Linking: with pkg-config --cflags --libs upscope, or find_package(upscope) in CMake (upscope::upscope,
 * upscope::upscope_static). By hand:
 *     Linux    shared: -lupscope         static: libupscope.a -lutil -lrt -lpthread -lm -ldl
 *     macOS    shared: -lupscope         static: libupscope.a -framework Security -framework CoreFoundation -liconv
 *     Windows  shared: upscope.lib or libupscope.dll.a
 *              static: libupscope.a -lws2_32 -lcrypt32 -lbcrypt -lntdll -luserenv -ladvapi32
 *
 * Programs that let the processor raise floating-point exceptions mask them around calls.
 */

#ifndef UPSCOPE_H
#define UPSCOPE_H

/* Generated from crates/boundary by build.rs: `make generate`. */

#include <stdint.h>

/** The version this header belongs to. */
#define UPSCOPE_VERSION "0.1.0"

/**
 * A client: its settings and its connections. Any number of threads may use one at once.
 */
typedef struct upscope_client upscope_client;

/**
 * A call that was started.
 */
typedef struct upscope_pending upscope_pending;

/**
 * A walk through the pages of sessions. Threads that use one at once get one page each, in the order in which they ask.
 */
typedef struct upscope_sessions upscope_sessions;

/**
 * How a call ended: one of the UPSCOPE_... constants. Their values never change; new ones may be added.
 */
typedef int32_t upscope_status;

/**
 * Told how a started call ended: what the call itself would have returned, and its text, which is valid during this
 * call alone; NULL with UPSCOPE_DONE. It runs at most once, on a thread of the library, and may call the library,
 * upscope_pending_free on its own handle included.
 */
typedef void (*upscope_done_fn)(void *user_data, upscope_status status, const char *response_json);

/**
 * Takes a log line. level: 1 error, 2 warn, 3 info, 4 debug, 5 trace. message: UTF-8, valid during the call alone.
 * It runs on the thread that makes the call and may call this library.
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
 * Any other HTTP status but 2xx. Redirects are never followed.
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
 * A 2xx response that is truncated, not JSON, not UTF-8, too large, too deep, or without what the operation requires.
 */
#define UPSCOPE_BAD_RESPONSE 11

/**
 * The caller cancelled the call.
 */
#define UPSCOPE_CANCELLED 12

/**
 * A bug in this library, caught before it could harm the program.
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

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * The name of a status, such as "not_found"; "unknown" for a number that is none.
 *
 * The string is static: do not free it. Any thread may call this.
 */
const char *upscope_status_name(upscope_status status);

/**
 * Makes a client. Nothing is sent and no thread is started.
 *
 * config_json: a JSON object, or NULL for the defaults. Its keys, all optional:
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
 * client: set to the client, which upscope_client_free frees; NULL on failure.
 * error_json: set to NULL on success, else to an error object to free with upscope_string_free.
 *
 * Returns UPSCOPE_OK or UPSCOPE_INVALID_ARGUMENT.
 */
upscope_status upscope_client_new(const char *config_json, upscope_client **client, char **error_json);

/**
 * Frees a client. NULL is fine.
 *
 * No call of it may be running. Page iterators made from it go on working.
 */
void upscope_client_free(upscope_client *client);

/**
 * Retrieves the account's usage statistics.
 * GET /usage
 *
 * Request: no keys.
 *
 * Answer: {"usage": {...}, ...}: the account's usage statistics.
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
 * Answer: {"visitors": [...], ...}: the matching visitors.
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
 * Answer: {"visitor": {...}, ...}: the visitor.
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
 * Answer: {"watch_url": ..., "expiration": ..., ...}: the link, and when it expires.
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
 * Answer: a JSON object; {} if the service sends none.
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
 * Answer: a JSON object; {} if the service sends none.
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
 * Answer: a JSON object; {} if the service sends none.
 */
upscope_status upscope_delete_all_visitors(const upscope_client *client,
                                           const char *request_json,
                                           char **response_json);

/**
 * Looks up an agent by e-mail address or by external id.
 * GET /agents/lookup
 *
 * Request, with exactly one of these:
 *   "email" (string): The e-mail address of a user of the account.
 *   "external_id" (string): The agent's id in your own system, as used when a watch link was created.
 *
 * Answer: {"agent": {...}, ...}: the agent.
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
 * Answer: {"cobrowsing_sessions": [...], "has_more": ..., "last_id": ..., ...}: one page of sessions.
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
 * Answer: {"authorized": ..., "token": ..., ...}: whether the session is authorized, and the token for the
 * on-premise server.
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
 * Answer: the JSON of the service; {} if the body is empty.
 */
upscope_status upscope_request(const upscope_client *client, const char *request_json, char **response_json);

/**
 * Calls the operation of this name: upscope_call(client, "get_usage", ...) is upscope_get_usage(client, ...).
 *
 * operation: a "name" from upscope_operations.
 */
upscope_status upscope_call(const upscope_client *client,
                            const char *operation,
                            const char *request_json,
                            char **response_json);

/**
 * Begins a walk through all sessions, page by page, from first to last. Nothing is sent yet.
 *
 * request_json: as for upscope_list_sessions, or NULL for all sessions.
 * pages: set to the walk, which upscope_sessions_free frees; NULL on failure.
 * error_json: set to NULL on success, else to an error object to free with upscope_string_free.
 *
 * Returns UPSCOPE_OK or UPSCOPE_INVALID_ARGUMENT.
 */
upscope_status upscope_sessions_open(const upscope_client *client,
                                     const char *request_json,
                                     upscope_sessions **pages,
                                     char **error_json);

/**
 * Fetches the next page.
 *
 * page_json: set to the answer of upscope_list_sessions, to free with upscope_string_free; to NULL after the last
 * page; to an error object on failure. After a failure the same page can be asked for again.
 *
 * Returns UPSCOPE_OK, UPSCOPE_DONE after the last page, or what upscope_list_sessions returns.
 */
upscope_status upscope_sessions_next(upscope_sessions *pages,
                                     char **page_json);

/**
 * Starts to fetch the next page and returns at once: upscope_sessions_next as upscope_start would start it.
 *
 * The handle ends with UPSCOPE_OK and the page, with UPSCOPE_DONE and NULL after the last page, or with an error object.
 * Pages that are started before others have come follow in the order of their start.
 *
 * done, user_data, pending, error_json: as for upscope_start. The walk may be freed before the page has come.
 *
 * Returns UPSCOPE_OK, UPSCOPE_INVALID_ARGUMENT, or UPSCOPE_INTERNAL when no thread can be started.
 */
upscope_status upscope_sessions_start_next(upscope_sessions *pages,
                                           upscope_done_fn done,
                                           void *user_data,
                                           upscope_pending **pending,
                                           char **error_json);

/**
 * Says whether the page after the one that is handed out is fetched meanwhile, on a thread of the client's: 0 (as at
 * the start) for no. What goes wrong with it is told when it is asked for. NULL is fine.
 */
void upscope_sessions_prefetch(upscope_sessions *pages,
                               int32_t on);

/**
 * Ends a walk. NULL is fine. Its client may have been freed before.
 */
void upscope_sessions_free(upscope_sessions *pages);

/**
 * Starts a call and returns at once, for programs whose thread must not block.
 *
 * The request is checked first: a bad one is refused here. The call's time begins now. A client runs up to 32 started
 * calls at once, on threads of its own; further ones wait for their turn. Freeing the client leaves them running.
 *
 * operation, request_json: as for upscope_call.
 * done: told the end, or NULL for a program that asks with upscope_pending_wait. It may run before this returns;
 *   pending is set by then.
 * user_data: handed to done as it is.
 * pending: set to the handle, which upscope_pending_free frees; NULL on failure.
 * error_json: set to NULL on success, else to an error object to free with upscope_string_free.
 *
 * Returns UPSCOPE_OK, UPSCOPE_INVALID_ARGUMENT, or UPSCOPE_INTERNAL when no thread can be started.
 */
upscope_status upscope_start(const upscope_client *client,
                             const char *operation,
                             const char *request_json,
                             upscope_done_fn done,
                             void *user_data,
                             upscope_pending **pending,
                             char **error_json);

/**
 * Waits for a started call, at most timeout_ms; 0 asks without waiting.
 *
 * response_json: as for the call itself; set to NULL while it is not finished. After the end every call of this gives
 * the same status and a fresh copy.
 *
 * Returns what the call itself would have returned, or UPSCOPE_PENDING.
 */
upscope_status upscope_pending_wait(upscope_pending *pending,
                                    uint32_t timeout_ms,
                                    char **response_json);

/**
 * Ends a started call with UPSCOPE_CANCELLED, unless it has ended already. NULL is fine. Any thread may call this.
 */
void upscope_pending_cancel(upscope_pending *pending);

/**
 * Frees a started call, and cancels it if it still runs. NULL is fine.
 *
 * Never waits for the network. A call that has ended may be freed before done was told; done then stays untold. Once
 * this has returned, done will not run any more; when done runs just now on another thread, this waits until it is
 * through.
 */
void upscope_pending_free(upscope_pending *pending);

/**
 * Reads the body of the service's POST to a "webhook_url": the session that has ended.
 *
 * body: the body as it came. session_json: set to the session's JSON, or to an error object; free it with
 * upscope_string_free. Only the session's "id" is required; the service documents no signature, so whoever knows
 * the URL can post to it.
 *
 * Returns UPSCOPE_OK or UPSCOPE_INVALID_ARGUMENT.
 */
upscope_status upscope_parse_webhook(const char *body,
                                     char **session_json);

/**
 * Frees a string that a function of this library handed out, and wipes it: it may hold a link or a token. NULL is fine.
 *
 * Any thread may free it. Freeing it twice, or with free(), corrupts the program's memory.
 */
void upscope_string_free(char *string);

/**
 * Sends the library's log lines, of all clients, to `log`; NULL turns them off, as at the start.
 *
 * Each attempt of a call is one line at level 4: method, path, status, milliseconds, attempt. A retry is a line at
 * level 2, and so is a "webhook_url" on a host that is reserved for examples, such as example.com. No line holds a key,
 * a query, a header or a body.
 *
 * user_data: handed to `log` as it is. max_level: the highest level wanted, 1 to 5.
 * When this returns, the former function runs no more, unless it made this call itself.
 */
void upscope_set_logger(upscope_log_fn log,
                        void *user_data,
                        int32_t max_level);

/**
 * The library's version, such as "0.1.0". Static: do not free it.
 */
const char *upscope_version(void);

/**
 * All operations as a JSON array: [{"name", "method", "path", "summary", "changes_state", "request": JSON Schema,
 * "response": JSON Schema of a 2xx answer}, ...].
 *
 * Static: do not free it. Any thread may call this.
 */
const char *upscope_operations(void);

#ifdef __cplusplus
}  // extern "C"
#endif /* __cplusplus */

#endif  /* UPSCOPE_H */
