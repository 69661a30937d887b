/*
 * libupscope for C++17 and later: a header-only interface to upscope.h.
 *
 *     upscope::Client client("secret");
 *     try {
 *         upscope::Answer found = client.get_visitor({"1234"});
 *         std::cout << found.string("/visitor/name").value_or("unknown") << '\n';
 *     } catch (const upscope::NotFoundError &) {
 *     } catch (const upscope::Error &error) {
 *         std::cerr << error.code() << ": " << error.message() << '\n';
 *     }
 *
 * Requests are plain structs. Their members are the request keys of upscope.h; members that are not set are not sent.
 * In C++20:
 *
 *     client.create_watch_url({.visitor_id = "1234", .agent = {.id = "7", .name = "Joe"},
 *                              .metadata = upscope::Object{{"ticket", "T-1"}}});
 *
 * Answers are the service's JSON text, unchanged. There are three ways to read them:
 *
 *     answer.string("/visitor/short_id");                  // one value, by its JSON pointer: a std::optional
 *     answer.as<upscope::Visitor>()->short_id;             // a struct with all documented attributes
 *     answer.parsed().at("visitor").at("short_id");        // a nlohmann::json, if <nlohmann/json.hpp> is found
 *
 * The service may add, omit or change attributes at any time. An attribute that is missing, null or of another type is
 * std::nullopt, never an error. The structs convert to and from nlohmann::json. `answer.parsed<Type>()` calls
 * Type::parse(begin, end), for other JSON libraries.
 *
 * Errors: each function that can fail exists twice. `get_visitor` throws the subclass of upscope::Error that matches
 * the status; `try_get_visitor` returns a Result. With -fno-exceptions, only the second form exists. RTTI is never
 * needed. Both can throw std::bad_alloc. A string that contains a NUL character is an invalid_argument error; it is
 * never truncated.
 *
 * Threads: any number of threads may use one Client at the same time. Other objects may be used by one thread at a
 * time, except Pending::cancel. A moved-from object may be destroyed or assigned to; other calls on it give
 * invalid_argument.
 *
 * Secrets: the JSON of a request is erased after the call, and an Answer when it is destroyed. Copies that the program
 * makes are not erased, nor are Config, the request structs, and what is read from an Answer: strings and structs. An
 * Answer cannot be copied or printed by accident.
 *
 * Macros. Define them before including this header, in the same way in all files of a program:
 *   UPSCOPE_NO_EXCEPTIONS  leaves out the throwing functions, even if exceptions are enabled
 *   UPSCOPE_NO_NLOHMANN    does not look for <nlohmann/json.hpp>
 *   UPSCOPE_NO_FUTURES     leaves out start_future and <future>, which takes a fifth of the time to compile this header
 */

#ifndef UPSCOPE_HPP
#define UPSCOPE_HPP

/* Documentation generators define none of these macros. */
#if (!defined(__cplusplus) && defined(__STDC__)) || \
    (defined(__cplusplus) && __cplusplus < 201703L && !(defined(_MSVC_LANG) && _MSVC_LANG >= 201703L))
#error "upscope.hpp needs C++17 or later: compile with -std=c++17 (MSVC: /std:c++17). In C, include upscope.h."
#else

#include "upscope.h"

#include <atomic>
#include <cfloat>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(UPSCOPE_NO_EXCEPTIONS) || (defined(_MSC_VER) && !defined(_CPPUNWIND)) || \
    (defined(__GNUC__) && !defined(__cpp_exceptions) && !defined(__EXCEPTIONS))
#define UPSCOPE_HPP_THROWS 0
#else
#define UPSCOPE_HPP_THROWS 1
#endif

#if !defined(UPSCOPE_NO_NLOHMANN) && __has_include(<nlohmann/json.hpp>)
#include <nlohmann/json.hpp>
#define UPSCOPE_HPP_PARSES 1
#else
#define UPSCOPE_HPP_PARSES 0
#endif

/* mingw with Windows threads has std::future only since gcc 13. */
#if !defined(UPSCOPE_NO_FUTURES) && (!defined(__GLIBCXX__) || defined(_GLIBCXX_HAS_GTHREADS))
#include <future>
#define UPSCOPE_HPP_FUTURES 1
#else
#define UPSCOPE_HPP_FUTURES 0
#endif

namespace upscope {
#if !UPSCOPE_HPP_THROWS
/* Distinct types, so that files with and without exceptions can be linked into one program. */
inline namespace without_exceptions {
#endif

/* ---- Errors ---- */

/** The keys of the error object; upscope.h documents them. */
struct ErrorObject {
    std::string code = {};
    upscope_status status = UPSCOPE_INTERNAL;
    std::string message = {};
    std::optional<std::string> operation = {};
    std::optional<int> http_status = {};
    std::optional<std::string> api_error = {};
    std::optional<std::string> api_message = {};
    std::optional<std::string> request_id = {};
    int attempts = 0;
    bool retryable = false;
    std::optional<std::int64_t> retry_after_ms = {};
    bool may_have_applied = false;
};

/** The base class of all exceptions of this header. Copying is cheap and does not throw. */
class Error : public std::exception {
public:
    explicit Error(ErrorObject object) : object_(new ErrorObject(std::move(object))) {}
    Error(const Error &) noexcept = default;
    Error &operator=(const Error &) noexcept = default;

    /** The name of the status, such as "not_found". */
    const std::string &code() const noexcept { return object_->code; }
    /** The status, such as UPSCOPE_NOT_FOUND. */
    upscope_status status() const noexcept { return object_->status; }
    /** One sentence for a log or a user. */
    const std::string &message() const noexcept { return object_->message; }
    /** The operation that failed, such as "get_visitor". */
    const std::optional<std::string> &operation() const noexcept { return object_->operation; }
    std::optional<int> http_status() const noexcept { return object_->http_status; }
    /** The service's own "error", such as "invalid_api_key". */
    const std::optional<std::string> &api_error() const noexcept { return object_->api_error; }
    /** The service's own "message". */
    const std::optional<std::string> &api_message() const noexcept { return object_->api_message; }
    /** The X-Request-Id or Request-Id of the response, for the support of the service. */
    const std::optional<std::string> &request_id() const noexcept { return object_->request_id; }
    /** The number of requests that were attempted. */
    int attempts() const noexcept { return object_->attempts; }
    /** Whether the same call may succeed later and is safe to repeat. */
    bool retryable() const noexcept { return object_->retryable; }
    /** How long the service asks to wait. */
    std::optional<std::int64_t> retry_after_ms() const noexcept { return object_->retry_after_ms; }
    /** Whether the call may have changed something although it failed. */
    bool may_have_applied() const noexcept { return object_->may_have_applied; }

    /** Same as message(). */
    const char *what() const noexcept override { return object_->message.c_str(); }

#if UPSCOPE_HPP_THROWS
    /** Throws this error as the subclass that matches its status. */
    [[noreturn]] void raise() const;
#endif

private:
    std::shared_ptr<const ErrorObject> object_;
};

#if UPSCOPE_HPP_THROWS

/** The service responded with an error. */
class ApiError : public Error {
public:
    explicit ApiError(const Error &error) : Error(error) {}
};

/* Error classes: generated by `make generate`. */

/** The request or the configuration is wrong. Nothing was sent. */
class InvalidArgumentError : public Error {
public:
    explicit InvalidArgumentError(const Error &error) : Error(error) {}
};

/** HTTP 401: the API key is not accepted. */
class UnauthorizedError : public ApiError {
public:
    explicit UnauthorizedError(const Error &error) : ApiError(error) {}
};

/** HTTP 402: the subscription does not cover the call. */
class PaymentRequiredError : public ApiError {
public:
    explicit PaymentRequiredError(const Error &error) : ApiError(error) {}
};

/** HTTP 404: no such visitor, agent or path. */
class NotFoundError : public ApiError {
public:
    explicit NotFoundError(const Error &error) : ApiError(error) {}
};

/** HTTP 409: the current state does not allow the call, such as deleting a visitor who is online. */
class ConflictError : public ApiError {
public:
    explicit ConflictError(const Error &error) : ApiError(error) {}
};

/** HTTP 429, after all retries. */
class RateLimitedError : public ApiError {
public:
    explicit RateLimitedError(const Error &error) : ApiError(error) {}
};

/** HTTP 5xx, after all retries. */
class ServerError : public ApiError {
public:
    explicit ServerError(const Error &error) : ApiError(error) {}
};

/** Any other HTTP status except 2xx. Redirects are never followed. */
class HttpError : public ApiError {
public:
    explicit HttpError(const Error &error) : ApiError(error) {}
};

/** The deadline of the call passed, in any phase. */
class CallTimeoutError : public Error {
public:
    explicit CallTimeoutError(const Error &error) : Error(error) {}
};

/** No connection, or a broken one: DNS, refused, TLS, proxy, reset, closed. */
class TransportError : public Error {
public:
    explicit TransportError(const Error &error) : Error(error) {}
};

/**
 * A 2xx response that is truncated, too large, too deeply nested, not JSON or UTF-8, or lacks what the operation
 * promises.
 */
class BadResponseError : public Error {
public:
    explicit BadResponseError(const Error &error) : Error(error) {}
};

/** The caller cancelled the call. */
class CallCancelledError : public Error {
public:
    explicit CallCancelledError(const Error &error) : Error(error) {}
};

/** A bug in this library, caught before it could crash the program. */
class InternalError : public Error {
public:
    explicit InternalError(const Error &error) : Error(error) {}
};

inline void Error::raise() const {
    switch (status()) {
    case UPSCOPE_INVALID_ARGUMENT:
        throw InvalidArgumentError(*this);
    case UPSCOPE_UNAUTHORIZED:
        throw UnauthorizedError(*this);
    case UPSCOPE_PAYMENT_REQUIRED:
        throw PaymentRequiredError(*this);
    case UPSCOPE_NOT_FOUND:
        throw NotFoundError(*this);
    case UPSCOPE_CONFLICT:
        throw ConflictError(*this);
    case UPSCOPE_RATE_LIMITED:
        throw RateLimitedError(*this);
    case UPSCOPE_SERVER_ERROR:
        throw ServerError(*this);
    case UPSCOPE_HTTP_ERROR:
        throw HttpError(*this);
    case UPSCOPE_TIMEOUT:
        throw CallTimeoutError(*this);
    case UPSCOPE_CONNECTION:
        throw TransportError(*this);
    case UPSCOPE_BAD_RESPONSE:
        throw BadResponseError(*this);
    case UPSCOPE_CANCELLED:
        throw CallCancelledError(*this);
    case UPSCOPE_INTERNAL:
        throw InternalError(*this);
    default:
        throw Error(*this);
    }
}

/* End of the error classes. */

#endif

/**
 * A value or an error. If there is no value, value(), * and -> throw the error; without exceptions they abort the
 * program. If there is a value, error() aborts the program.
 */
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : value_(std::in_place, std::move(value)) {}
    Result(Error error) : error_(std::in_place, std::move(error)) {}

    bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    T &value() & {
        check();
        return *value_;
    }
    const T &value() const & {
        check();
        return *value_;
    }
    T &&value() && {
        check();
        return std::move(*value_);
    }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

    const Error &error() const {
        if (!error_) std::abort();
        return *error_;
    }

private:
    void check() const {
        if (value_) return;
#if UPSCOPE_HPP_THROWS
        error().raise();
#else
        std::abort();
#endif
    }

    /* Exactly one of them has a value. std::variant takes far longer to compile. */
    std::optional<T> value_ = {};
    std::optional<Error> error_ = {};
};

/* ---- JSON: only what this header needs ---- */

namespace detail {

/** Overwrites text with zeros. volatile prevents the compiler from removing the writes. */
inline void erase(char *at, std::size_t size) noexcept {
    volatile char *byte = at;
    for (; size > 0; --size, ++byte) *byte = '\0';
}

/** Appends to a text. If it has to move to a larger buffer, erases the old one. */
inline void append(std::string &text, std::string_view more) {
    if (text.capacity() - text.size() < more.size()) {
        std::string larger;
        larger.reserve(2 * text.capacity() + more.size());
        larger.append(text);
        erase(text.data(), text.size());
        text.swap(larger);
    }
    text.append(more);
}

inline Error error_of(upscope_status status, std::string message, const char *operation) {
    ErrorObject object;
    object.code = upscope_status_name(status);
    object.status = status;
    object.message = std::move(message);
    if (operation != nullptr) object.operation = operation;
    return Error(std::move(object));
}

/** Why a value cannot be written. */
enum class Invalid : unsigned char { none, nul, not_finite, not_json };

inline Invalid append_string(std::string &to, std::string_view text) {
    static constexpr char hex[] = "0123456789abcdef";
    append(to, "\"");
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && static_cast<unsigned char>(text[plain]) >= 0x20 && text[plain] != '"' &&
               text[plain] != '\\') {
            ++plain;
        }
        append(to, text.substr(0, plain));
        if (plain == text.size()) break;
        const auto byte = static_cast<unsigned char>(text[plain]);
        if (byte == 0) return Invalid::nul;
        if (byte < 0x20) {
            const char escape[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
            append(to, std::string_view(escape, sizeof escape));
        } else {
            const char escape[] = {'\\', text[plain]};
            append(to, std::string_view(escape, sizeof escape));
        }
        text.remove_prefix(plain + 1);
    }
    append(to, "\"");
    return Invalid::none;
}

/** The shortest of 15, 16 or 17 digits that reads back as the same number. */
inline std::string to_json(double number) {
    char text[40];
    for (int digits = 15; digits <= 17; ++digits) {
        std::snprintf(text, sizeof text, "%.*g", digits, number);
        if (std::strtod(text, nullptr) == number) break;
    }
    /* The decimal point of the program's locale may differ, and may have more than one byte. */
    std::string clean;
    for (const char *at = text; *at != '\0'; ++at) {
        const bool is_plain = (*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == 'e';
        if (is_plain) clean += *at;
        else if (clean.empty() || clean.back() != '.') clean += '.';
    }
    return clean;
}

/** Whether a number is neither infinite nor NaN. */
inline bool is_finite(double number) noexcept { return number <= DBL_MAX && number >= -DBL_MAX; }

/** What a lone surrogate in a string is: an error, or U+FFFD. */
enum class Surrogates : unsigned char { rejected, replaced };

/** A strict JSON scanner. It does not check UTF-8 or duplicate keys. */
class Scanner {
public:
    explicit Scanner(std::string_view text, Surrogates surrogates = Surrogates::rejected) noexcept
        : at_(text.data()), end_(text.data() + text.size()), surrogates_(surrogates) {}

    /** Skips white space, then this character if it is the next one. */
    bool take(char wanted) noexcept {
        space();
        if (at_ == end_ || *at_ != wanted) return false;
        ++at_;
        return true;
    }

    bool at_end() noexcept {
        space();
        return at_ == end_;
    }

    /** Skips a string, and decodes it if `decoded` is not null. */
    bool string(std::string *decoded) {
        if (decoded != nullptr) decoded->clear();
        if (!take('"')) return false;
        while (at_ != end_ && *at_ != '"') {
            if (static_cast<unsigned char>(*at_) < 0x20) return false;
            if (*at_ == '\\') {
                if (!escape(decoded)) return false;
            } else {
                if (decoded != nullptr) decoded->push_back(*at_);
                ++at_;
            }
        }
        return take('"');
    }

    /** Skips a value, and sets `raw` to its text if `raw` is not null. */
    bool value(std::string_view *raw) {
        space();
        const char *begin = at_;
        if (!value_within(0)) return false;
        if (raw != nullptr) *raw = std::string_view(begin, static_cast<std::size_t>(at_ - begin));
        return true;
    }

private:
    /** The nesting limit of the library. */
    static constexpr int max_levels = 128;

    void space() noexcept {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
    }

    bool value_within(int level) {
        space();
        if (at_ == end_ || level > max_levels) return false;
        switch (*at_) {
        case '"': return string(nullptr);
        case '{': return items('{', '}', level);
        case '[': return items('[', ']', level);
        case 't': return word("true");
        case 'f': return word("false");
        case 'n': return word("null");
        default: return number();
        }
    }

    bool items(char open, char close, int level) {
        if (!take(open)) return false;
        if (take(close)) return true;
        do {
            if (open == '{' && !(string(nullptr) && take(':'))) return false;
            if (!value_within(level + 1)) return false;
        } while (take(','));
        return take(close);
    }

    bool word(std::string_view wanted) noexcept {
        const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
        if (rest.substr(0, wanted.size()) != wanted) return false;
        at_ += wanted.size();
        return true;
    }

    bool one_of(std::string_view characters) noexcept {
        if (at_ == end_ || characters.find(*at_) == std::string_view::npos) return false;
        ++at_;
        return true;
    }

    bool digits() noexcept {
        const char *begin = at_;
        while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
        return at_ != begin;
    }

    bool number() noexcept {
        one_of("-");
        const char *begin = at_;
        if (!digits() || (*begin == '0' && at_ - begin > 1)) return false;
        if (one_of(".") && !digits()) return false;
        if (!one_of("eE")) return true;
        one_of("+-");
        return digits();
    }

    bool hex4(std::uint32_t *code) noexcept {
        *code = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            if (at_ == end_) return false;
            const char digit = *at_;
            std::uint32_t number = 0;
            if (digit >= '0' && digit <= '9') number = static_cast<std::uint32_t>(digit - '0');
            else if (digit >= 'a' && digit <= 'f') number = static_cast<std::uint32_t>(digit - 'a') + 10;
            else if (digit >= 'A' && digit <= 'F') number = static_cast<std::uint32_t>(digit - 'A') + 10;
            else return false;
            *code = *code * 16 + number;
        }
        return true;
    }

    bool escape(std::string *decoded) {
        static constexpr std::string_view plain = "\"\\/bfnrt";
        static constexpr std::string_view decodes_to = "\"\\/\b\f\n\r\t";
        ++at_;
        if (at_ == end_) return false;
        const char letter = *at_++;
        if (letter == 'u') return character(decoded);
        const std::size_t index = plain.find(letter);
        if (index == std::string_view::npos) return false;
        if (decoded != nullptr) decoded->push_back(decodes_to[index]);
        return true;
    }

    bool character(std::string *decoded) {
        std::uint32_t code = 0;
        if (!hex4(&code)) return false;
        if (code >= 0xD800 && code <= 0xDFFF) {
            const char *after = at_;
            std::uint32_t low = 0;
            if (code <= 0xDBFF && one_of("\\") && one_of("u") && hex4(&low) && low >= 0xDC00 && low <= 0xDFFF) {
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            } else if (surrogates_ == Surrogates::replaced) {
                at_ = after;
                code = 0xFFFD;
            } else {
                return false;
            }
        }
        if (decoded == nullptr) return true;
        const auto byte = [decoded](std::uint32_t bits) {
            decoded->push_back(static_cast<char>(static_cast<unsigned char>(bits)));
        };
        if (code < 0x80) {
            byte(code);
        } else if (code < 0x800) {
            byte(0xC0 | (code >> 6));
            byte(0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            byte(0xE0 | (code >> 12));
            byte(0x80 | ((code >> 6) & 0x3F));
            byte(0x80 | (code & 0x3F));
        } else {
            byte(0xF0 | (code >> 18));
            byte(0x80 | ((code >> 12) & 0x3F));
            byte(0x80 | ((code >> 6) & 0x3F));
            byte(0x80 | (code & 0x3F));
        }
        return true;
    }

    const char *at_;
    const char *end_;
    Surrogates surrogates_;
};

inline bool read(std::string_view raw, std::string *to) {
    Scanner text(raw);
    return text.string(to) && text.at_end();
}

inline bool read(std::string_view raw, bool *to) {
    *to = raw == "true";
    return *to || raw == "false";
}

inline bool read(std::string_view raw, std::int64_t *to) {
    *to = 0;
    if (raw.empty()) return false;
    for (const char digit : raw) {
        if (digit < '0' || digit > '9') return false;
        /* A number that does not fit becomes the largest one. */
        if (*to > (INT64_MAX - 9) / 10) *to = INT64_MAX;
        else *to = *to * 10 + (digit - '0');
    }
    return true;
}

inline bool read(std::string_view raw, int *to) {
    std::int64_t number = 0;
    if (!read(raw, &number) || number > INT32_MAX) return false;
    *to = static_cast<int>(number);
    return true;
}

template <typename T>
bool read(std::string_view raw, std::optional<T> *to) {
    if (raw == "null") {
        to->reset();
        return true;
    }
    return read(raw, &to->emplace());
}

inline bool read_member(const std::string &key, std::string_view raw, ErrorObject *to) {
    if (key == "code") return read(raw, &to->code);
    if (key == "status") return read(raw, &to->status);
    if (key == "message") return read(raw, &to->message);
    if (key == "operation") return read(raw, &to->operation);
    if (key == "http_status") return read(raw, &to->http_status);
    if (key == "api_error") return read(raw, &to->api_error);
    if (key == "api_message") return read(raw, &to->api_message);
    if (key == "request_id") return read(raw, &to->request_id);
    if (key == "attempts") return read(raw, &to->attempts);
    if (key == "retryable") return read(raw, &to->retryable);
    if (key == "retry_after_ms") return read(raw, &to->retry_after_ms);
    if (key == "may_have_applied") return read(raw, &to->may_have_applied);
    return true; /* A later version of the library may have more keys. */
}

/** Reads {"error": {...}}. */
inline bool read_object(std::string_view text, ErrorObject *to) {
    Scanner json(text);
    std::string key;
    std::string_view raw;
    to->code.clear();
    if (!json.take('{') || !json.string(&key) || key != "error" || !json.take(':') || !json.take('{')) return false;
    do {
        if (!json.string(&key) || !json.take(':') || !json.value(&raw) || !read_member(key, raw, to)) return false;
    } while (json.take(','));
    return json.take('}') && json.take('}') && json.at_end() && !to->code.empty();
}

/** The error of a call, from its status and error object. */
inline Error read_error(upscope_status status, const char *text) {
    ErrorObject object;
    if (text != nullptr && read_object(text, &object)) return Error(std::move(object));
    return error_of(status, "The call failed, and the library's error object cannot be read; use the upscope.hpp that "
                            "belongs to the library.", nullptr);
}

/** The text of an answer or of a part of it. The service may send lone surrogates. */
inline Scanner scanner_of(std::string_view text) noexcept { return Scanner(text, Surrogates::replaced); }

/** Reads the next member of an object, after which there is ',' or '}'. */
inline bool next_member(Scanner &json, std::string *key, std::string_view *raw) {
    return json.string(key) && json.take(':') && json.value(raw);
}

/** The last member with this key. False if there is none, or if the text is not an object. */
inline bool find_member(std::string_view object, std::string_view name, std::string_view *found) {
    Scanner json = scanner_of(object);
    std::string key;
    std::string_view raw;
    bool is_found = false;
    if (!json.take('{') || json.take('}')) return false;
    do {
        if (!next_member(json, &key, &raw)) return false;
        if (key != name) continue;
        *found = raw;
        is_found = true;
    } while (json.take(','));
    return json.take('}') && is_found;
}

/** Reads the next element of an array. `rest` is the array, or what follows an element. False at the end. */
inline bool next_element(std::string_view *rest, bool is_first, std::string_view *element) {
    Scanner json = scanner_of(*rest);
    if (!json.take(is_first ? '[' : ',')) return false;
    if (is_first && json.take(']')) return false;
    if (!json.value(element)) return false;
    const char *end = element->data() + element->size();
    *rest = std::string_view(end, static_cast<std::size_t>(rest->data() + rest->size() - end));
    return true;
}

/** The element with the index `name`: a number without leading zeros. */
inline bool find_element(std::string_view array, std::string_view name, std::string_view *found) {
    std::size_t index = 0;
    if (name.empty() || (name.size() > 1 && name.front() == '0')) return false;
    for (const char digit : name) {
        if (digit < '0' || digit > '9' || index > SIZE_MAX / 10 - 1) return false;
        index = 10 * index + static_cast<std::size_t>(digit - '0');
    }
    std::string_view rest = array;
    for (std::size_t at = 0; next_element(&rest, at == 0, found); ++at) {
        if (at == index) return true;
    }
    return false;
}

/** Decodes one part of a JSON pointer. */
inline bool unescape(std::string_view part, std::string *name) {
    name->clear();
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (part[i] != '~') {
            name->push_back(part[i]);
        } else {
            ++i;
            if (i == part.size() || (part[i] != '0' && part[i] != '1')) return false;
            name->push_back(part[i] == '0' ? '~' : '/');
        }
    }
    return true;
}

/** The text of the value at a JSON pointer; empty if there is none, or null. */
inline std::string_view find(std::string_view text, std::string_view pointer) {
    Scanner json = scanner_of(text);
    std::string_view found;
    std::string name;
    if (!json.value(&found) || !json.at_end()) return {};
    while (!pointer.empty()) {
        if (pointer.front() != '/') return {};
        pointer.remove_prefix(1);
        const std::string_view part = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(part.size());
        const std::string_view parent = found;
        if (!unescape(part, &name)) return {};
        if (!find_member(parent, name, &found) && !find_element(parent, name, &found)) return {};
    }
    return found == "null" ? std::string_view() : found;
}

/* read_value(text, to) reads a JSON value of this type. It returns false if the value is of another type. */

/** A string with U+0000 counts as another type, because C strings would end there. */
inline bool read_value(std::string_view raw, std::string *to) {
    return scanner_of(raw).string(to) && to->find('\0') == std::string::npos;
}

inline bool read_value(std::string_view raw, bool *to) { return read(raw, to); }

inline bool read_value(std::string_view raw, std::int64_t *to) {
    const bool is_negative = !raw.empty() && raw.front() == '-';
    if (is_negative) raw.remove_prefix(1);
    if (raw.empty()) return false;
    *to = 0;
    for (const char character : raw) {
        /* Negative numbers have the larger range. */
        const int digit = character - '0';
        if (digit < 0 || digit > 9 || *to < (INT64_MIN + digit) / 10) return false;
        *to = *to * 10 - digit;
    }
    if (!is_negative && *to == INT64_MIN) return false;
    if (!is_negative) *to = -*to;
    return true;
}

inline bool read_value(std::string_view raw, double *to) {
    if (raw.empty() || (raw.front() != '-' && (raw.front() < '0' || raw.front() > '9'))) return false;
    std::string number(raw);
    const std::size_t point = number.find('.');
    if (point != std::string::npos) {
        /* strtod expects the decimal point of the program's locale, which snprintf writes between 0 and 5. */
        char sample[24];
        std::snprintf(sample, sizeof sample, "%.1f", 0.5);
        number.replace(point, 1, sample + 1, std::strlen(sample) - 2);
    }
    *to = std::strtod(number.c_str(), nullptr);
    return is_finite(*to);
}

/** The type that `parsed()` returns. */
template <typename>
struct Parsed;
#if UPSCOPE_HPP_PARSES
template <>
struct Parsed<void> {
    using type = nlohmann::json;
};
#endif
template <typename Wanted>
struct Parsed {
    using type = Wanted;
};

template <typename T>
T parse(std::string_view text) {
    static_assert(!std::is_void_v<T>, "parsed() needs <nlohmann/json.hpp>, or a type: parsed<Type>()");
    return T::parse(text.data(), text.data() + text.size());
}

struct Free {
    void operator()(upscope_client *client) const noexcept { upscope_client_free(client); }
    void operator()(upscope_sessions *pages) const noexcept { upscope_sessions_free(pages); }
    void operator()(upscope_pending *pending) const noexcept { upscope_pending_free(pending); }
};

/** Frees a string of the library, or a copy of one. */
struct FreeText {
    void (*free)(char *) = upscope_string_free;
    void operator()(char *text) const noexcept { free(text); }
};
using Text = std::unique_ptr<char, FreeText>;

inline void free_copy(char *text) {
    erase(text, std::strlen(text));
    delete[] text;
}

inline Text copy_of(const char *text) {
    if (text == nullptr) return Text();
    const std::size_t size = std::strlen(text) + 1;
    Text copy(new char[size], FreeText{free_copy});
    std::memcpy(copy.get(), text, size);
    return copy;
}

} // namespace detail

/* ---- Reading JSON ---- */

class JsonItems;

/**
 * Reads values from a JSON text; the base class of Answer, Session, JsonView and Value. A pointer is a JSON pointer
 * (RFC 6901) such as "/visitors/0/name". "" is the whole text; in names, "~1" is a slash and "~0" a tilde. Of equal
 * keys the last one counts. A lone surrogate in a string is read as U+FFFD. Every function searches the text again: to
 * read many values of a large text, use items() or a struct.
 */
template <typename Text>
class JsonReader {
public:
    /** The string at a pointer, or std::nullopt. A string that contains U+0000 is std::nullopt, too. */
    std::optional<std::string> string(std::string_view pointer = {}) const { return as<std::string>(pointer); }
    /** The integer at a pointer, or std::nullopt if it is not an integer of 64 bits. */
    std::optional<std::int64_t> integer(std::string_view pointer = {}) const { return as<std::int64_t>(pointer); }
    /** The number at a pointer, or std::nullopt. */
    std::optional<double> number(std::string_view pointer = {}) const { return as<double>(pointer); }
    /** The boolean at a pointer, or std::nullopt. */
    std::optional<bool> boolean(std::string_view pointer = {}) const { return as<bool>(pointer); }
    /** The JSON text of the value at a pointer, of any type except null, or std::nullopt. */
    std::optional<std::string> json(std::string_view pointer = {}) const {
        const std::string_view found = detail::find(whole(), pointer);
        return found.empty() ? std::nullopt : std::optional<std::string>(found);
    }

    /** The number of elements of the array at a pointer; 0 if there is no array. */
    std::size_t size(std::string_view pointer = {}) const {
        std::string_view rest = detail::find(whole(), pointer), element;
        std::size_t count = 0;
        while (detail::next_element(&rest, count == 0, &element)) ++count;
        return count;
    }
    /**
     * The elements of the array at a pointer: `for (const JsonView &visitor : answer.items("/visitors"))`. No elements
     * if there is no array. They point into this object, which must exist as long as they are used.
     */
    JsonItems items(std::string_view pointer = {}) const &;
    JsonItems items(std::string_view pointer = {}) const && = delete;

    /** The object at a pointer as one of the structs for responses, such as Visitor, or std::nullopt. */
    template <typename Model>
    std::optional<Model> as(std::string_view pointer) const;
    /** The array at a pointer as structs, without the elements that are not objects. */
    template <typename Model>
    std::vector<Model> list(std::string_view pointer) const;

private:
    std::string_view whole() const noexcept { return static_cast<const Text &>(*this).text(); }
};

/** One value in the JSON text of another object, such as an element of an array. Valid as long as that text. */
class JsonView : public JsonReader<JsonView> {
public:
    /** Any JSON text. If it is not valid JSON, all functions return std::nullopt. */
    explicit JsonView(std::string_view text) noexcept : text_(text) {}

    std::string_view text() const noexcept { return text_; }

    using JsonReader::as;
    using JsonReader::list;
    /** The value as one of the structs for responses. */
    template <typename Model>
    std::optional<Model> as() const {
        return as<Model>(std::string_view());
    }
    /** The array as structs, without the elements that are not objects. */
    template <typename Model>
    std::vector<Model> list() const {
        return list<Model>(std::string_view());
    }

private:
    std::string_view text_;
};

/** The elements of an array; see JsonReader::items. */
class JsonItems {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = JsonView;
        using difference_type = std::ptrdiff_t;
        using pointer = const JsonView *;
        using reference = const JsonView &;

        iterator() = default;
        explicit iterator(std::string_view array) : rest_(array) { advance(true); }

        reference operator*() const noexcept { return current_; }
        pointer operator->() const noexcept { return &current_; }
        iterator &operator++() {
            advance(false);
            return *this;
        }
        iterator operator++(int) {
            iterator before = *this;
            advance(false);
            return before;
        }
        friend bool operator==(const iterator &left, const iterator &right) noexcept {
            return left.current_.text().data() == right.current_.text().data();
        }
        friend bool operator!=(const iterator &left, const iterator &right) noexcept { return !(left == right); }

    private:
        void advance(bool is_first) {
            std::string_view element;
            const bool is_found = detail::next_element(&rest_, is_first, &element);
            current_ = JsonView(is_found ? element : std::string_view());
        }

        std::string_view rest_ = {};
        JsonView current_ = JsonView(std::string_view());
    };

    /** The text of an array. */
    explicit JsonItems(std::string_view array) noexcept : array_(array) {}

    iterator begin() const { return iterator(array_); }
    iterator end() const noexcept { return iterator(); }

private:
    std::string_view array_;
};

template <typename Text>
JsonItems JsonReader<Text>::items(std::string_view pointer) const & {
    return JsonItems(detail::find(whole(), pointer));
}

/* ---- Values in requests ---- */

class Object;

/**
 * Any JSON value: upscope::Value(5), "text", true, nullptr, an Object, or existing JSON. Like an Answer, it can also be
 * read: `session.metadata->find("ticket")->string()`.
 */
class Value : public JsonReader<Value> {
public:
    Value(std::nullptr_t = nullptr) : text_("null") {}
    template <typename T, std::enable_if_t<std::is_arithmetic_v<T>, int> = 0>
    Value(T value) {
        if constexpr (std::is_same_v<T, bool>) {
            text_ = value ? "true" : "false";
        } else if constexpr (std::is_integral_v<T>) {
            text_ = std::to_string(value);
        } else {
            const double number = static_cast<double>(value);
            invalid_ = detail::is_finite(number) ? detail::Invalid::none : detail::Invalid::not_finite;
            text_ = detail::to_json(number);
        }
    }
    Value(std::string_view text) : invalid_(detail::append_string(text_, text)) {}
    Value(const std::string &text) : Value(std::string_view(text)) {}
    Value(const char *text) : Value(std::string_view(text)) {}
    Value(const Object &object);

    /** Existing JSON, such as `json.dump()`. It must be one value, which is checked. */
    static Value raw(std::string json) {
        detail::Scanner scanner(json);
        Value value(nullptr);
        value.invalid_ = json.find('\0') != std::string::npos    ? detail::Invalid::nul
                       : scanner.value(nullptr) && scanner.at_end() ? detail::Invalid::none
                                                                    : detail::Invalid::not_json;
        value.text_ = std::move(json);
        return value;
    }

    const std::string &text() const noexcept { return text_; }
    /** Why the value cannot be sent. A call with such a value returns invalid_argument. */
    detail::Invalid invalid() const noexcept { return invalid_; }

private:
    /* The order matters: initializing invalid_ writes to text_. */
    std::string text_ = {};
    detail::Invalid invalid_ = detail::Invalid::none;
};

/** A JSON object: upscope::Object{{"ticket", "T-1"}, {"vip", true}}. Keys keep their order. */
class Object {
public:
    struct Member {
        std::string key;
        Value value;
    };

    Object() = default;
    Object(std::initializer_list<Member> members) : members_(members) {}

    Object &add(std::string key, Value value) {
        members_.push_back(Member{std::move(key), std::move(value)});
        return *this;
    }

    const std::vector<Member> &members() const noexcept { return members_; }
    /** The value with this key, or nullptr. Of equal keys the last one counts. */
    const Value *find(std::string_view key) const noexcept {
        for (std::size_t i = members_.size(); i > 0; --i) {
            if (members_[i - 1].key == key) return &members_[i - 1].value;
        }
        return nullptr;
    }

private:
    std::vector<Member> members_ = {};
};

inline Value::Value(const Object &object) : text_("{") {
    for (const Object::Member &member : object.members()) {
        if (text_.size() > 1) text_ += ',';
        const detail::Invalid invalid = detail::append_string(text_, member.key);
        if (invalid != detail::Invalid::none) invalid_ = invalid;
        if (member.value.invalid() != detail::Invalid::none) invalid_ = member.value.invalid();
        text_ += ':';
        text_ += member.value.text();
    }
    text_ += '}';
}

/* ---- Configuration and requests: the keys of upscope.h, which documents them ---- */

/* Requests: generated by `make generate`. */

/** The configuration of a client. */
struct Config {
    /** The secret REST API key. Default: the environment variable UPSCOPE_API_KEY. */
    std::optional<std::string> api_key = {};
    /**
     * The base URL of the service; may have a path prefix. Default: the environment variable UPSCOPE_BASE_URL, else
     * https://api.upscope.io/v1.3.
     */
    std::optional<std::string> base_url = {};
    /** Whether plain http is allowed to other hosts than this computer. Default: false. */
    std::optional<bool> allow_http = {};
    /**
     * The time limit of a whole call: name lookup, connection, all attempts and the delays between them. Default: 30000
     * ms.
     */
    std::optional<std::int64_t> timeout_ms = {};
    /** The time limit of one connection, including proxy and TLS. Default: 10000 ms. */
    std::optional<std::int64_t> connect_timeout_ms = {};
    /** How often a failed attempt may be retried. Default: 2. */
    std::optional<std::int64_t> max_retries = {};
    /**
     * The URL of the proxy (http, https, socks5, socks5h), or an empty string for none. Default: the environment
     * variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; on Windows, else the system's settings.
     */
    std::optional<std::string> proxy = {};
    /** A PEM file of root certificates to trust in addition to the operating system's. */
    std::optional<std::string> ca_file = {};
    /** The name and version of the program, which the User-Agent header has before those of this library. */
    std::optional<std::string> user_agent = {};
    /** The largest response accepted in bytes, after decompression. Default: 67108864. */
    std::optional<std::int64_t> max_response_bytes = {};
    /** Whether the JSON that the library returns has \uXXXX in place of characters outside ASCII. Default: false. */
    std::optional<bool> ascii_json = {};
};

/** Settings of one call, which override those of the client. */
struct CallOptions {
    /**
     * The time limit of the whole call in milliseconds: name lookup, connection, all attempts and the delays between
     * them.
     */
    std::optional<std::int64_t> timeout_ms = {};
    /** How often a failed attempt may be retried. */
    std::optional<std::int64_t> max_retries = {};
    /** Query parameters that this library does not support yet: strings, numbers or booleans. */
    std::optional<Object> extra_query = {};
    /** Members of the JSON body that this library does not support yet. */
    std::optional<Object> extra_body = {};
};

/** Retrieves the account's usage statistics. */
struct GetUsage {
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/** Searches for visitors, or lists the latest ones. */
struct ListVisitors {
    /**
     * What to search for: free text, an e-mail address, online, -online, ip:1.1.1.1, id: and a unique id, a four-digit
     * lookup code, # and a tag, or integration_id:. By default, the latest visitors.
     */
    std::optional<std::string> search = {};
    /** The maximum number of visitors, 1 to 10; the service's default is 10, and 1 is fastest. */
    std::optional<std::int64_t> max_results = {};
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/** Retrieves one visitor. Required: visitor_id. */
struct GetVisitor {
    /** The visitor's short id. */
    std::string visitor_id = {};
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/** The agent who will watch. Required: id. */
struct WatchAgent {
    /** The agent's id in your own system. */
    std::string id = {};
    /** The agent's name. */
    std::optional<std::string> name = {};
};

/**
 * Whether to hide the Upscope logo; page_only hides the agent's controls as well. The service's default is false. Text
 * does not convert to a boolean.
 */
class Naked {
public:
    template <typename T, std::enable_if_t<std::is_same_v<T, bool>, int> = 0>
    Naked(T value) noexcept : word_(value ? "true" : "false") {}
    static Naked page_only() noexcept {
        Naked chosen(true);
        chosen.word_ = "\"page_only\"";
        return chosen;
    }
    const char *json() const noexcept { return word_; }

private:
    const char *word_;
};

/** How the agent's page looks. */
struct Branding {
    /**
     * Whether to hide the Upscope logo; page_only hides the agent's controls as well. The service's default is false.
     */
    std::optional<Naked> naked = {};
    /** Where the agent's browser goes when the session ends. By default, the window is closed if possible. */
    std::optional<std::string> on_end_url = {};
    /** The target of a "Retry now" link, shown when there are problems. By default, there is no such link. */
    std::optional<std::string> retry_url = {};
};

/** What the agent may do. The service and the JavaScript SDK decide about missing keys. */
struct Permissions {
    /** Redirect and reload the visitor's page. */
    std::optional<bool> allow_agent_redirect = {};
    /** Use audio. */
    std::optional<bool> allow_audio = {};
    /** Click on the visitor's page. */
    std::optional<bool> allow_click = {};
    /** Throw confetti. */
    std::optional<bool> allow_confetti = {};
    /** Use the remote console; the service's default is false. */
    std::optional<bool> allow_console = {};
    /** Draw on the visitor's page. */
    std::optional<bool> allow_draw = {};
    /** Leave notes. */
    std::optional<bool> allow_notes = {};
    /** Ask the visitor to share their full screen. */
    std::optional<bool> allow_request_visitor_screen = {};
    /** Scroll the visitor's page. */
    std::optional<bool> allow_scroll = {};
    /** Share the agent's screen with the visitor. */
    std::optional<bool> allow_show_agent_screen = {};
    /** Type on the visitor's page. */
    std::optional<bool> allow_type = {};
    /** Hide private details of the visitor, such as the IP address, from the agent; the service's default is false. */
    std::optional<bool> hide_private_details = {};
};

/** The person who views the screen, if that is not the agent. */
struct Viewer {
    /** The viewer's id in your own system. */
    std::optional<std::string> id = {};
    /** The viewer's name. */
    std::optional<std::string> name = {};
};

/**
 * Creates a secure link with which an agent starts a co-browsing session; treat it as a password. Required: visitor_id,
 * agent.
 */
struct CreateWatchUrl {
    /** The visitor's short id. */
    std::string visitor_id = {};
    /** The agent who will watch. */
    WatchAgent agent = {};
    /** How the agent's page looks. */
    std::optional<Branding> branding = {};
    /** The initial text of the agent's notes. */
    std::optional<std::string> initial_notes = {};
    /** Stored with the record of the session: a flat object of strings, numbers and booleans. */
    std::optional<Object> metadata = {};
    /** What the agent may do. */
    std::optional<Permissions> permissions = {};
    /** The language of the agent's page. By default, that of the browser. */
    std::optional<std::string> language = {};
    /** The person who views the screen, if that is not the agent. */
    std::optional<Viewer> viewer = {};
    /** Where the service posts the record of the session when it has ended. */
    std::optional<std::string> webhook_url = {};
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/** Stops the visitor's active session. Required: visitor_id. */
struct StopSession {
    /** The visitor's short id. */
    std::string visitor_id = {};
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/** Deletes one visitor who is not online. Required: visitor_id. */
struct DeleteVisitor {
    /** The visitor's short id. */
    std::string visitor_id = {};
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/** Deletes every visitor of the account who is not online. Required: all. */
struct DeleteAllVisitors {
    /** true, to confirm that all visitors are meant. */
    bool all = false;
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/** Looks up an agent by e-mail address or by external id. Needs exactly one of email and external_id. */
struct LookupAgent {
    /** The e-mail address of a user of the account. */
    std::optional<std::string> email = {};
    /** The agent's id in your own system, as used when a watch link was created. */
    std::optional<std::string> external_id = {};
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/** Lists one page of sessions, from first to last. */
struct ListSessions {
    /** Only sessions before the one with this id. */
    std::optional<std::string> before_id = {};
    /** Only sessions after the one with this id; for the next page, the last_id of a page. */
    std::optional<std::string> after_id = {};
    /** Only sessions that are active now. */
    std::optional<bool> ongoing_only = {};
    /** Only sessions whose record changed after this time (RFC 3339, with its offset). */
    std::optional<std::string> updated_after = {};
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/** The agent who co-browses on premise. Required: id, name. */
struct OnpremiseAgent {
    /** The agent's id in your own system. */
    std::string id = {};
    /** The agent's name. */
    std::string name = {};
};

/** Authorizes a session on an on-premise server. Required: visitor_id, agent. */
struct AuthorizeOnpremiseSession {
    /** The id of the visitor to co-browse with. */
    std::string visitor_id = {};
    /** The agent who co-browses. */
    OnpremiseAgent agent = {};
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/**
 * Sends any request below the base URL, for operations that this library does not support yet. Required: method, path.
 */
struct Request {
    /** The HTTP method. */
    std::string method = {};
    /** The path below the base URL, such as /usage, percent-encoded or not. */
    std::string path = {};
    /** Query parameters: strings, numbers or booleans. */
    std::optional<Object> query = {};
    /** The JSON body: any value. */
    std::optional<Value> body = {};
    /** Options for this call only. */
    std::optional<CallOptions> options = {};
};

/* End of the requests. */

namespace detail {

/** Whether a type is a boolean or one of several words, such as Naked. */
template <typename T, typename = void>
struct is_choice : std::false_type {};
template <typename T>
struct is_choice<T, std::void_t<decltype(std::declval<const T &>().json())>> : std::true_type {};

/** Writes a request as JSON. Erases it when destroyed. */
class Writer {
public:
    Writer() = default;
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;
    ~Writer() { erase(text_.data(), text_.size()); }

    template <typename T>
    void member(std::string_view key, const std::optional<T> &value) {
        if (value) member(key, *value);
    }
    template <typename T>
    void member(std::string_view key, const T &value) {
        const std::size_t parent = path_.size();
        if (parent > 0) path_ += '.';
        path_ += key;
        if (text_.back() != '{') append(text_, ",");
        check(append_string(text_, key));
        append(text_, ":");
        write(value);
        path_.resize(parent);
    }

    void write(const std::string &value) { check(append_string(text_, value)); }
    void write(bool value) { append(text_, value ? "true" : "false"); }
    void write(std::int64_t value) { append(text_, std::to_string(value)); }
    void write(const Value &value) {
        check(value.invalid());
        append(text_, value.text());
    }
    void write(const Object &object) {
        append(text_, "{");
        for (const Object::Member &each : object.members()) member(each.key, each.value);
        append(text_, "}");
    }
    /** A struct of this header, whose members the function `members` lists, or a type like Naked. */
    template <typename T>
    void write(const T &object) {
        if constexpr (is_choice<T>::value) {
            append(text_, object.json());
        } else {
            append(text_, "{");
            members(*this, object);
            append(text_, "}");
        }
    }

    const char *c_str() const noexcept { return text_.c_str(); }
    /** Why the request is not valid; empty if it is. */
    const std::string &problem() const noexcept { return problem_; }

private:
    void check(Invalid invalid) {
        if (invalid == Invalid::none || !problem_.empty()) return;
        /* A key that contains a NUL cannot be quoted. */
        problem_ = path_.find('\0') == std::string::npos ? "\"" + path_ + "\"" : "A key";
        switch (invalid) {
        case Invalid::nul: problem_ += " holds a NUL character; remove it."; break;
        case Invalid::not_finite: problem_ += " is a number that JSON cannot express: infinite or NaN."; break;
        default: problem_ += " is not one JSON value; pass one, such as the result of `json.dump()`."; break;
        }
    }

    std::string text_ = {};
    std::string path_ = {};
    std::string problem_ = {};
};

/* Calls to.member(key, member) for each key of a struct, in the order of upscope.h. */

/* Their keys: generated by `make generate`. */

template <typename To>
void members(To &to, const Config &from) {
    to.member("api_key", from.api_key);
    to.member("base_url", from.base_url);
    to.member("allow_http", from.allow_http);
    to.member("timeout_ms", from.timeout_ms);
    to.member("connect_timeout_ms", from.connect_timeout_ms);
    to.member("max_retries", from.max_retries);
    to.member("proxy", from.proxy);
    to.member("ca_file", from.ca_file);
    to.member("user_agent", from.user_agent);
    to.member("max_response_bytes", from.max_response_bytes);
    to.member("ascii_json", from.ascii_json);
}

template <typename To>
void members(To &to, const CallOptions &from) {
    to.member("timeout_ms", from.timeout_ms);
    to.member("max_retries", from.max_retries);
    to.member("extra_query", from.extra_query);
    to.member("extra_body", from.extra_body);
}

template <typename To>
void members(To &to, const GetUsage &from) {
    to.member("options", from.options);
}

template <typename To>
void members(To &to, const ListVisitors &from) {
    to.member("search", from.search);
    to.member("max_results", from.max_results);
    to.member("options", from.options);
}

template <typename To>
void members(To &to, const GetVisitor &from) {
    to.member("visitor_id", from.visitor_id);
    to.member("options", from.options);
}

template <typename To>
void members(To &to, const WatchAgent &from) {
    to.member("id", from.id);
    to.member("name", from.name);
}

template <typename To>
void members(To &to, const Branding &from) {
    to.member("naked", from.naked);
    to.member("on_end_url", from.on_end_url);
    to.member("retry_url", from.retry_url);
}

template <typename To>
void members(To &to, const Permissions &from) {
    to.member("allow_agent_redirect", from.allow_agent_redirect);
    to.member("allow_audio", from.allow_audio);
    to.member("allow_click", from.allow_click);
    to.member("allow_confetti", from.allow_confetti);
    to.member("allow_console", from.allow_console);
    to.member("allow_draw", from.allow_draw);
    to.member("allow_notes", from.allow_notes);
    to.member("allow_request_visitor_screen", from.allow_request_visitor_screen);
    to.member("allow_scroll", from.allow_scroll);
    to.member("allow_show_agent_screen", from.allow_show_agent_screen);
    to.member("allow_type", from.allow_type);
    to.member("hide_private_details", from.hide_private_details);
}

template <typename To>
void members(To &to, const Viewer &from) {
    to.member("id", from.id);
    to.member("name", from.name);
}

template <typename To>
void members(To &to, const CreateWatchUrl &from) {
    to.member("visitor_id", from.visitor_id);
    to.member("agent", from.agent);
    to.member("branding", from.branding);
    to.member("initial_notes", from.initial_notes);
    to.member("metadata", from.metadata);
    to.member("permissions", from.permissions);
    to.member("language", from.language);
    to.member("viewer", from.viewer);
    to.member("webhook_url", from.webhook_url);
    to.member("options", from.options);
}

template <typename To>
void members(To &to, const StopSession &from) {
    to.member("visitor_id", from.visitor_id);
    to.member("options", from.options);
}

template <typename To>
void members(To &to, const DeleteVisitor &from) {
    to.member("visitor_id", from.visitor_id);
    to.member("options", from.options);
}

template <typename To>
void members(To &to, const DeleteAllVisitors &from) {
    to.member("all", from.all);
    to.member("options", from.options);
}

template <typename To>
void members(To &to, const LookupAgent &from) {
    to.member("email", from.email);
    to.member("external_id", from.external_id);
    to.member("options", from.options);
}

template <typename To>
void members(To &to, const ListSessions &from) {
    to.member("before_id", from.before_id);
    to.member("after_id", from.after_id);
    to.member("ongoing_only", from.ongoing_only);
    to.member("updated_after", from.updated_after);
    to.member("options", from.options);
}

template <typename To>
void members(To &to, const OnpremiseAgent &from) {
    to.member("id", from.id);
    to.member("name", from.name);
}

template <typename To>
void members(To &to, const AuthorizeOnpremiseSession &from) {
    to.member("visitor_id", from.visitor_id);
    to.member("agent", from.agent);
    to.member("options", from.options);
}

template <typename To>
void members(To &to, const Request &from) {
    to.member("method", from.method);
    to.member("path", from.path);
    to.member("query", from.query);
    to.member("body", from.body);
    to.member("options", from.options);
}

/** The name of the operation that a request type belongs to. */
inline const char *operation_of(const GetUsage &) { return "get_usage"; }
inline const char *operation_of(const ListVisitors &) { return "list_visitors"; }
inline const char *operation_of(const GetVisitor &) { return "get_visitor"; }
inline const char *operation_of(const CreateWatchUrl &) { return "create_watch_url"; }
inline const char *operation_of(const StopSession &) { return "stop_session"; }
inline const char *operation_of(const DeleteVisitor &) { return "delete_visitor"; }
inline const char *operation_of(const DeleteAllVisitors &) { return "delete_all_visitors"; }
inline const char *operation_of(const LookupAgent &) { return "lookup_agent"; }
inline const char *operation_of(const ListSessions &) { return "list_sessions"; }
inline const char *operation_of(const AuthorizeOnpremiseSession &) { return "authorize_onpremise_session"; }
inline const char *operation_of(const Request &) { return "request"; }

/** All request types. */
template <typename...>
struct List {};
using Requests = List<GetUsage, ListVisitors, GetVisitor, CreateWatchUrl, StopSession, DeleteVisitor, DeleteAllVisitors,
                      LookupAgent, ListSessions, AuthorizeOnpremiseSession, Request>;

/* End of their keys. */

/** A NUL-terminated copy of a string argument. Erases it when destroyed. */
class StringArg {
public:
    explicit StringArg(std::string_view text) { append(text_, text); }
    StringArg(const StringArg &) = delete;
    StringArg &operator=(const StringArg &) = delete;
    ~StringArg() { erase(text_.data(), text_.size()); }

    bool has_nul() const noexcept { return text_.find('\0') != std::string::npos; }
    const char *c_str() const noexcept { return text_.c_str(); }

private:
    std::string text_ = {};
};

inline Error nul_error(const char *what, const char *operation) {
    return error_of(UPSCOPE_INVALID_ARGUMENT, std::string(what) + " holds a NUL character; remove it.",
                    operation);
}

} // namespace detail

/* ---- Structs for responses ---- */

/*
 * Each struct has all documented attributes. An attribute is std::nullopt if it is missing, null or of another type.
 * Ids are text; the numbers that older servers sent are converted. Times are RFC 3339 text as the service sent it;
 * upscope::parse_time converts them. The structs convert to and from nlohmann::json.
 */

struct Session;

namespace detail {

template <typename Model>
bool read_model(std::string_view raw, Model *to);

/** Only for strings. */
template <typename T>
using IfText = std::enable_if_t<std::is_convertible_v<const T &, std::string_view> && !std::is_null_pointer_v<T>>;

} // namespace detail

/* Structs for responses: generated by `make generate`. */

/** Whether a session on an on-premise server is authorized, and the token for that server. */
struct OnpremiseToken {
    /** Whether the session is authorized. */
    std::optional<bool> authorized = {};
    /** The token for the on-premise server; treat it as a password. */
    std::optional<std::string> token = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/** One page of sessions, from first to last. */
struct SessionPage {
    /** The sessions. */
    std::optional<std::vector<Session>> cobrowsing_sessions = {};
    /** Whether there are more. */
    std::optional<bool> has_more = {};
    /** The id of the last session: the after_id of the next page. */
    std::optional<std::string> last_id = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/** A secure watch link. Anyone who has it sees the screen: open it at once, and do not store it. */
struct WatchUrl {
    /** The link. */
    std::optional<std::string> watch_url = {};
    /** When the link expires. */
    std::optional<std::string> expiration = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/** A team of the account. */
struct Team {
    /** Id. */
    std::optional<std::string> id = {};
    /** Domain. */
    std::optional<std::string> domain = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/** A person who watches sessions. */
struct Agent {
    /** Id, such as u_1234; older servers sent a number. */
    std::optional<std::string> id = {};
    /** Name. */
    std::optional<std::string> name = {};
    /** Id in the customer's own system. */
    std::optional<std::string> agent_identifier = {};
    /** E-mail address. */
    std::optional<std::string> email = {};
    /** The last 10 sessions, in the response of a lookup. */
    std::optional<std::vector<Session>> sessions = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/** A co-browsing session. */
struct Session : JsonReader<Session> {
    Session() = default;
    /** Reads the attributes from JSON. */
    template <typename Text, typename = detail::IfText<Text>>
    explicit Session(const Text &text) : text_(std::string_view(text)) {
        detail::read_model(text_, this);
    }

    /** The JSON that this was read from; empty if there is none. */
    const std::string &text() const noexcept { return text_; }

    /** See Answer::parsed. */
    template <typename Wanted = void, typename Found = typename detail::Parsed<Wanted>::type>
    Found parsed() const {
        return detail::parse<Found>(text_);
    }

    /** Id, such as s_123; older servers sent a number. */
    std::optional<std::string> id = {};
    /** The visitor's short id. */
    std::optional<std::string> visitor_id = {};
    /** When it started. */
    std::optional<std::string> started_at = {};
    /** When it ended; absent during the session. */
    std::optional<std::string> ended_at = {};
    /** Length in seconds. */
    std::optional<std::int64_t> length_seconds = {};
    /** Length of the call in seconds. */
    std::optional<std::int64_t> call_length_seconds = {};
    /** Length as text, such as 1 minute. */
    std::optional<std::string> formatted_length = {};
    /** Length of the call as text. */
    std::optional<std::string> formatted_call_length = {};
    /** Whether the agent saw the screen. */
    std::optional<bool> went_live = {};
    /** The features that the agent used. */
    std::optional<std::vector<std::string>> features_used = {};
    /** The agents who took part. */
    std::optional<std::vector<Agent>> agents = {};
    /** The team of the account. */
    std::optional<Team> team = {};
    /** The metadata of the request that created the watch link. */
    std::optional<Object> metadata = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";

private:
    std::string text_ = {};
};

/** A person on the customer's web page. */
struct Visitor {
    /** The id in the API. */
    std::optional<std::string> short_id = {};
    /** The id set by the customer's page. */
    std::optional<std::string> unique_id = {};
    /** Four digits that the visitor can read out. A string, because it may start with 0. */
    std::optional<std::string> lookup_code = {};
    /** Names and addresses set by the customer's page. */
    std::optional<std::vector<std::string>> identities = {};
    /** Tags set by the customer's page. */
    std::optional<std::vector<std::string>> tags = {};
    /** E-mail address. */
    std::optional<std::string> email = {};
    /** Name. */
    std::optional<std::string> name = {};
    /** Name set by an agent. */
    std::optional<std::string> nickname = {};
    /** When the visitor was first seen. */
    std::optional<std::string> added_at = {};
    /** The older name of added_at. */
    std::optional<std::string> first_seen_at = {};
    /** When the visitor was last seen. */
    std::optional<std::string> last_seen_at = {};
    /** The public key of the page, not the secret key of the REST API. */
    std::optional<std::string> api_key = {};
    /** Browser. */
    std::optional<std::string> browser_name = {};
    /** Device. */
    std::optional<std::string> device_name = {};
    /** desktop, mobile, tablet or another value. */
    std::optional<std::string> device_type = {};
    /** Name for calls. */
    std::optional<std::string> call_name = {};
    /** Integration through which the visitor came. */
    std::optional<std::string> integration = {};
    /** The last page that the visitor was on. */
    std::optional<std::string> last_url = {};
    /** IP address. */
    std::optional<std::string> ip_address = {};
    /** Whether the visitor is online. */
    std::optional<bool> is_online = {};
    /** Whether the visitor is in a session. */
    std::optional<bool> is_in_session = {};
    /** Whether the visitor's browser can be watched. */
    std::optional<bool> is_supported = {};
    /** Whether the visitor is waiting for a call. */
    std::optional<bool> is_waiting_for_call = {};
    /** Whether the page configured Upscope in JavaScript. */
    std::optional<bool> js_configuration = {};
    /** City. */
    std::optional<std::string> location_city = {};
    /** Country, such as US. */
    std::optional<std::string> location_country = {};
    /** Name of the country. */
    std::optional<std::string> location_country_name = {};
    /** Watch link for agents who log in. */
    std::optional<std::string> watch_link = {};
    /** The last 50 sessions. */
    std::optional<std::vector<Session>> sessions = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/** Number of visitors. */
struct VisitorUsage {
    /** In the last 24 hours. */
    std::optional<std::int64_t> last_24_hrs = {};
    /** Online. */
    std::optional<std::int64_t> online_now = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/** Length of sessions in seconds. */
struct SessionSecondsUsage {
    /** In the last 30 days. */
    std::optional<std::int64_t> last_30_days = {};
    /** In the last 24 hours. */
    std::optional<std::int64_t> today = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/** Number of sessions. */
struct SessionCountUsage {
    /** In the last 30 days. */
    std::optional<std::int64_t> last_30_days = {};
    /** Ongoing. */
    std::optional<std::int64_t> now = {};
    /** In the last 24 hours. */
    std::optional<std::int64_t> today = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/** Number of agents who used Upscope. */
struct AgentUsage {
    /** In the last 30 days. */
    std::optional<std::int64_t> last_30_days = {};
    /** In the last 24 hours. */
    std::optional<std::int64_t> today = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/** The account's usage statistics. */
struct Usage {
    /** Number of agents who used Upscope. */
    std::optional<AgentUsage> agents = {};
    /** Number of sessions. */
    std::optional<SessionCountUsage> session_counts = {};
    /** Length of sessions in seconds. */
    std::optional<SessionSecondsUsage> session_seconds = {};
    /** Number of visitors. */
    std::optional<VisitorUsage> visitors = {};
    /** The other members as a JSON object: unknown attributes, and those of another type. */
    std::string extra = "{}";
};

/* End of the structs for responses. */

namespace detail {

/*
 * Calls to.attribute(name, pointer to member) for each attribute of a struct; and the JSON pointers at which responses
 * have a struct, or a list of them.
 */
template <typename Model>
struct Places {
    static_assert(sizeof(Model) == 0, "no operation responds with this type; pass a JSON pointer to as()");
};
template <typename Model>
struct ListPlaces {
    static_assert(sizeof(Model) == 0, "no operation responds with a list of this type; pass a JSON pointer to list()");
};

/* Their attributes: generated by `make generate`. */

template <typename To>
void attributes(To &to, const OnpremiseToken *) {
    to.attribute("authorized", &OnpremiseToken::authorized);
    to.attribute("token", &OnpremiseToken::token);
}

template <typename To>
void attributes(To &to, const SessionPage *) {
    to.attribute("cobrowsing_sessions", &SessionPage::cobrowsing_sessions);
    to.attribute("has_more", &SessionPage::has_more);
    to.attribute("last_id", &SessionPage::last_id);
}

template <typename To>
void attributes(To &to, const WatchUrl *) {
    to.attribute("watch_url", &WatchUrl::watch_url);
    to.attribute("expiration", &WatchUrl::expiration);
}

template <typename To>
void attributes(To &to, const Team *) {
    to.attribute("id", &Team::id);
    to.attribute("domain", &Team::domain);
}

template <typename To>
void attributes(To &to, const Agent *) {
    to.attribute("id", &Agent::id);
    to.attribute("name", &Agent::name);
    to.attribute("agent_identifier", &Agent::agent_identifier);
    to.attribute("email", &Agent::email);
    to.attribute("sessions", &Agent::sessions);
}

template <typename To>
void attributes(To &to, const Session *) {
    to.attribute("id", &Session::id);
    to.attribute("visitor_id", &Session::visitor_id);
    to.attribute("started_at", &Session::started_at);
    to.attribute("ended_at", &Session::ended_at);
    to.attribute("length_seconds", &Session::length_seconds);
    to.attribute("call_length_seconds", &Session::call_length_seconds);
    to.attribute("formatted_length", &Session::formatted_length);
    to.attribute("formatted_call_length", &Session::formatted_call_length);
    to.attribute("went_live", &Session::went_live);
    to.attribute("features_used", &Session::features_used);
    to.attribute("agents", &Session::agents);
    to.attribute("team", &Session::team);
    to.attribute("metadata", &Session::metadata);
}

template <typename To>
void attributes(To &to, const Visitor *) {
    to.attribute("short_id", &Visitor::short_id);
    to.attribute("unique_id", &Visitor::unique_id);
    to.attribute("lookup_code", &Visitor::lookup_code);
    to.attribute("identities", &Visitor::identities);
    to.attribute("tags", &Visitor::tags);
    to.attribute("email", &Visitor::email);
    to.attribute("name", &Visitor::name);
    to.attribute("nickname", &Visitor::nickname);
    to.attribute("added_at", &Visitor::added_at);
    to.attribute("first_seen_at", &Visitor::first_seen_at);
    to.attribute("last_seen_at", &Visitor::last_seen_at);
    to.attribute("api_key", &Visitor::api_key);
    to.attribute("browser_name", &Visitor::browser_name);
    to.attribute("device_name", &Visitor::device_name);
    to.attribute("device_type", &Visitor::device_type);
    to.attribute("call_name", &Visitor::call_name);
    to.attribute("integration", &Visitor::integration);
    to.attribute("last_url", &Visitor::last_url);
    to.attribute("ip_address", &Visitor::ip_address);
    to.attribute("is_online", &Visitor::is_online);
    to.attribute("is_in_session", &Visitor::is_in_session);
    to.attribute("is_supported", &Visitor::is_supported);
    to.attribute("is_waiting_for_call", &Visitor::is_waiting_for_call);
    to.attribute("js_configuration", &Visitor::js_configuration);
    to.attribute("location_city", &Visitor::location_city);
    to.attribute("location_country", &Visitor::location_country);
    to.attribute("location_country_name", &Visitor::location_country_name);
    to.attribute("watch_link", &Visitor::watch_link);
    to.attribute("sessions", &Visitor::sessions);
}

template <typename To>
void attributes(To &to, const VisitorUsage *) {
    to.attribute("last_24_hrs", &VisitorUsage::last_24_hrs);
    to.attribute("online_now", &VisitorUsage::online_now);
}

template <typename To>
void attributes(To &to, const SessionSecondsUsage *) {
    to.attribute("last_30_days", &SessionSecondsUsage::last_30_days);
    to.attribute("today", &SessionSecondsUsage::today);
}

template <typename To>
void attributes(To &to, const SessionCountUsage *) {
    to.attribute("last_30_days", &SessionCountUsage::last_30_days);
    to.attribute("now", &SessionCountUsage::now);
    to.attribute("today", &SessionCountUsage::today);
}

template <typename To>
void attributes(To &to, const AgentUsage *) {
    to.attribute("last_30_days", &AgentUsage::last_30_days);
    to.attribute("today", &AgentUsage::today);
}

template <typename To>
void attributes(To &to, const Usage *) {
    to.attribute("agents", &Usage::agents);
    to.attribute("session_counts", &Usage::session_counts);
    to.attribute("session_seconds", &Usage::session_seconds);
    to.attribute("visitors", &Usage::visitors);
}

template <>
struct Places<OnpremiseToken> {
    static constexpr std::string_view all[] = {""};
};

template <>
struct Places<SessionPage> {
    static constexpr std::string_view all[] = {""};
};

template <>
struct Places<WatchUrl> {
    static constexpr std::string_view all[] = {""};
};

template <>
struct Places<Agent> {
    static constexpr std::string_view all[] = {"/agent"};
};

template <>
struct ListPlaces<Session> {
    static constexpr std::string_view all[] = {"/cobrowsing_sessions"};
};

template <>
struct Places<Visitor> {
    static constexpr std::string_view all[] = {"/visitor"};
};

template <>
struct ListPlaces<Visitor> {
    static constexpr std::string_view all[] = {"/visitors"};
};

template <>
struct Places<Usage> {
    static constexpr std::string_view all[] = {"/usage"};
};

/* End of their attributes. */

/** Whether a type is one of the structs for responses. */
template <typename T, typename = void>
struct is_model : std::false_type {};
template <typename T>
struct is_model<T, std::void_t<decltype(attributes(std::declval<Scanner &>(), static_cast<const T *>(nullptr)))>>
    : std::true_type {};

/**
 * A member of an object. `whole` is the text of its key and value. The functions that use it are templates, because
 * compilers then only compile them if a program uses them.
 */
struct MemberText {
    std::string key;
    std::string_view value;
    std::string_view whole;
    bool is_read;
};

template <typename Member>
bool read_members(std::string_view raw, std::vector<Member> *to) {
    Scanner json = scanner_of(raw);
    std::string_view key, value;
    if (!json.take('{')) return false;
    if (json.take('}')) return true;
    do {
        if (!json.value(&key) || !json.take(':') || !json.value(&value)) return false;
        const char *end = value.data() + value.size();
        to->push_back({{}, value, std::string_view(key.data(), static_cast<std::size_t>(end - key.data())), false});
        scanner_of(key).string(&to->back().key);
    } while (json.take(','));
    return json.take('}');
}

template <typename T>
std::enable_if_t<std::is_same_v<T, Object>, bool> read_value(std::string_view raw, T *to) {
    std::vector<MemberText> members;
    if (!read_members(raw, &members)) return false;
    for (const MemberText &member : members) to->add(member.key, Value::raw(std::string(member.value)));
    return true;
}

inline bool read_value(std::string_view raw, std::vector<std::string> *to) {
    std::string_view element;
    std::string text;
    if (raw.empty() || raw.front() != '[') return false;
    while (next_element(&raw, to->empty(), &element)) {
        if (!read_value(element, &text)) return false;
        to->push_back(text);
    }
    return true;
}

template <typename T>
std::enable_if_t<is_model<T>::value, bool> read_value(std::string_view raw, T *to) {
    if (raw.empty() || raw.front() != '{') return false;
    if constexpr (std::is_constructible_v<T, std::string_view>) *to = T(raw);
    else read_model(raw, to);
    return true;
}

/** Leaves out what is not an object, such as a null in the list. */
template <typename T>
std::enable_if_t<is_model<T>::value, bool> read_value(std::string_view raw, std::vector<T> *to) {
    std::string_view element;
    if (raw.empty() || raw.front() != '[') return false;
    for (bool is_first = true; next_element(&raw, is_first, &element); is_first = false) {
        if (!read_value(element, &to->emplace_back())) to->pop_back();
    }
    return true;
}

/** Reads the attributes of a struct. */
template <typename Model>
class AttributeReader {
public:
    AttributeReader(std::vector<MemberText> &members, Model &model) : members_(members), model_(model) {}

    template <typename T>
    void attribute(const char *name, std::optional<T> Model::*attribute) {
        /* Of equal keys the last one counts. */
        std::string_view raw = "null";
        for (const MemberText &member : members_) {
            if (member.key == name) raw = member.value;
        }
        if (raw != "null" && !read_attribute(raw, &(model_.*attribute).emplace())) {
            (model_.*attribute).reset();
            return;
        }
        for (MemberText &member : members_) {
            if (member.key == name) member.is_read = true;
        }
    }

private:
    /** Older servers sent numbers as ids. */
    static bool read_attribute(std::string_view raw, std::string *to) {
        double number = 0;
        if (!read_value(raw, &number)) return read_value(raw, to);
        *to = raw;
        return true;
    }
    template <typename T>
    static bool read_attribute(std::string_view raw, T *to) {
        return read_value(raw, to);
    }

    std::vector<MemberText> &members_;
    Model &model_;
};

template <typename Model>
bool read_model(std::string_view raw, Model *to) {
    std::vector<MemberText> members;
    if (!read_members(raw, &members)) return false;
    AttributeReader<Model> reader(members, *to);
    attributes(reader, static_cast<const Model *>(to));
    to->extra = "{";
    for (const MemberText &member : members) {
        if (member.is_read) continue;
        if (to->extra.size() > 1) to->extra += ',';
        to->extra += member.whole;
    }
    to->extra += '}';
    return true;
}

/** Writes the attributes of a struct into a nlohmann::json. */
template <typename Json, typename Model>
class AttributeWriter {
public:
    AttributeWriter(Json &json, const Model &model) : json_(json), model_(model) {}

    template <typename T>
    void attribute(const char *name, std::optional<T> Model::*member) {
        const std::optional<T> &value = model_.*member;
        if (!value) return;
        if constexpr (std::is_same_v<T, Object>) json_[name] = Json::parse(Value(*value).text());
        else json_[name] = *value;
    }

private:
    Json &json_;
    const Model &model_;
};

} // namespace detail

template <typename Text>
template <typename Model>
std::optional<Model> JsonReader<Text>::as(std::string_view pointer) const {
    std::optional<Model> model(std::in_place);
    if (!detail::read_value(detail::find(whole(), pointer), &*model)) model.reset();
    return model;
}

template <typename Text>
template <typename Model>
std::vector<Model> JsonReader<Text>::list(std::string_view pointer) const {
    std::vector<Model> models;
    detail::read_value(detail::find(whole(), pointer), &models);
    return models;
}

/** For nlohmann::json: an object with the attributes that have a value, and the members of `extra`. */
template <typename Json, typename Model, std::enable_if_t<detail::is_model<Model>::value, int> = 0>
void to_json(Json &json, const Model &model) {
    json = Json::parse(model.extra);
    detail::AttributeWriter<Json, Model> writer(json, model);
    detail::attributes(writer, &model);
}

/** For nlohmann::json: reads a struct like an Answer. A value that is not an object is an error of nlohmann::json. */
template <typename Json, typename Model, std::enable_if_t<detail::is_model<Model>::value, int> = 0>
void from_json(const Json &json, Model &model) {
    static_cast<void>(json.template get_ref<const typename Json::object_t &>());
    model = Model();
    detail::read_value(json.dump(), &model);
}

/** A point in time, in milliseconds. It converts to std::chrono::system_clock::time_point. */
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/** Converts a time of the service: RFC 3339, with any offset and any number of decimals. */
inline std::optional<Time> parse_time(std::string_view text) {
    static constexpr std::string_view layout = "dddd-dd-ddTdd:dd:dd";
    static constexpr std::string_view offset_layout = "dd:dd";
    /* Year, month, day, hour, minute, second; then the hour and minute of the offset. */
    int numbers[8] = {};
    int *number = numbers;
    const auto read = [&](std::string_view wanted) {
        if (text.size() < wanted.size()) return false;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const bool is_digit = text[i] >= '0' && text[i] <= '9';
            if (wanted[i] == 'd' ? !is_digit : text[i] != wanted[i]) return false;
            if (wanted[i] == 'd') *number = 10 * *number + (text[i] - '0');
            else ++number;
        }
        ++number;
        text.remove_prefix(wanted.size());
        return true;
    };
    if (!read(layout)) return std::nullopt;
    int milliseconds = 0;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        std::size_t digits = 0;
        for (int unit = 100; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits, unit /= 10) {
            milliseconds += unit * (text[digits] - '0');
        }
        if (digits == 0) return std::nullopt;
        text.remove_prefix(digits);
    }
    const char sign = text.empty() ? '\0' : text.front();
    if (sign != 'Z' && sign != '+' && sign != '-') return std::nullopt;
    text.remove_prefix(1);
    if ((sign != 'Z' && !read(offset_layout)) || !text.empty()) return std::nullopt;

    const auto [year, month, day, hour, minute, second, offset_hours, offset_minutes] = numbers;
    const bool is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const int days_in_month = month == 2 ? (is_leap_year ? 29 : 28) : 30 + ((month + month / 8) % 2);
    if (month < 1 || month > 12 || day < 1 || day > days_in_month || hour > 23 || minute > 59 || second > 60 ||
        offset_hours > 23 || offset_minutes > 59) {
        return std::nullopt;
    }
    /* Days since 1970. Years start in March here, so that the leap day is the last one. */
    const int y = year + 4800 - (month < 3 ? 1 : 0), m = month < 3 ? month + 9 : month - 3;
    const int days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 2472633;
    const int offset = (sign == '-' ? -1 : 1) * (60 * offset_hours + offset_minutes);
    const std::int64_t seconds = std::int64_t{86400} * days + 3600 * hour + 60 * (minute - offset) + second;
    return Time(std::chrono::milliseconds(1000 * seconds + milliseconds));
}

/* ---- Answers ---- */

/**
 * A response: JSON text, erased when this object is destroyed. It can be moved but not copied. Strings and structs that
 * are read from it are copies, which are not erased.
 */
class Answer : public JsonReader<Answer> {
public:
    /** The JSON, NUL-terminated. Valid as long as this object. */
    std::string_view text() const noexcept { return text_ ? std::string_view(text_.get()) : std::string_view(); }
    const char *c_str() const noexcept { return text_ ? text_.get() : ""; }

    using JsonReader::as;
    using JsonReader::list;
    /**
     * The response as the struct of its operation: `client.get_visitor({"1234"}).as<Visitor>()`. std::nullopt if it is
     * not there, as in the response of another operation. The functions of Client name the struct of each operation.
     */
    template <typename Model>
    std::optional<Model> as() const {
        for (const std::string_view place : detail::Places<Model>::all) {
            if (std::optional<Model> model = as<Model>(place)) return model;
        }
        return std::nullopt;
    }
    /** The list in a response as structs: `client.list_visitors().list<Visitor>()`. */
    template <typename Model>
    std::vector<Model> list() const {
        for (const std::string_view place : detail::ListPlaces<Model>::all) {
            std::vector<Model> models = list<Model>(place);
            if (!models.empty()) return models;
        }
        return {};
    }

    /** The JSON as a nlohmann::json, or as the result of Wanted::parse(begin, end). */
    template <typename Wanted = void, typename Found = typename detail::Parsed<Wanted>::type>
    Found parsed() const {
        return detail::parse<Found>(text());
    }

    /** Takes ownership of a string of the library. For use by this header. */
    explicit Answer(detail::Text text) noexcept : text_(std::move(text)) {}

private:
    detail::Text text_;
};

namespace detail {

/** Makes a Result from the status and the text of a call. */
template <typename T>
struct ResultFrom;
template <>
struct ResultFrom<Answer> {
    static Result<Answer> of(upscope_status status, Text text) {
        if (status == UPSCOPE_OK && text != nullptr) return Answer(std::move(text));
        return read_error(status, text.get());
    }
};
template <>
struct ResultFrom<std::optional<Answer>> {
    static Result<std::optional<Answer>> of(upscope_status status, Text text) {
        if (status == UPSCOPE_DONE) return std::optional<Answer>();
        if (status == UPSCOPE_OK && text != nullptr) return std::optional<Answer>(Answer(std::move(text)));
        return read_error(status, text.get());
    }
};

} // namespace detail

/* ---- Started calls ---- */

/**
 * A function object that returns nothing, or no function. It replaces std::function, whose header takes a long time to
 * compile.
 */
template <typename... Arguments>
class Callback {
public:
    Callback(std::nullptr_t = nullptr) noexcept {}
    /** Any function object that can be called with these arguments. An empty std::function makes an empty Callback. */
    template <typename Function, std::enable_if_t<!std::is_same_v<std::decay_t<Function>, Callback> &&
                                                      std::is_invocable_v<std::decay_t<Function> &, Arguments...>,
                                                  int> = 0>
    Callback(Function &&function) {
        using Stored = std::decay_t<Function>;
        constexpr bool can_be_empty = std::is_constructible_v<Stored, std::nullptr_t>;
        if constexpr (can_be_empty && std::is_constructible_v<bool, const Stored &>) {
            if (!static_cast<bool>(function)) return;
        }
        function_ = std::make_shared<Holder<Stored>>(std::forward<Function>(function));
    }

    explicit operator bool() const noexcept { return function_ != nullptr; }
    /** Calls the function. There must be one. Copies of this object call the same function. */
    void operator()(Arguments... arguments) const { function_->call(std::forward<Arguments>(arguments)...); }

private:
    struct Base {
        Base() = default;
        Base(const Base &) = delete;
        Base &operator=(const Base &) = delete;
        virtual ~Base() = default;
        virtual void call(Arguments... arguments) = 0;
    };
    template <typename Stored>
    struct Holder final : Base {
        template <typename Function>
        explicit Holder(Function &&function) : stored(std::forward<Function>(function)) {}
        void call(Arguments... arguments) override { stored(std::forward<Arguments>(arguments)...); }
        Stored stored;
    };

    std::shared_ptr<Base> function_ = {};
};

/**
 * The callback of a started call. It runs at most once, on a thread of the library, and receives the result. It may use
 * the library and may destroy its own Pending. Exceptions that it throws are ignored.
 */
template <typename T>
using Done = Callback<Result<T>>;

/**
 * A started call. The destructor cancels the call if it is still running, and never waits for the network. If the
 * callback is running on another thread, the destructor waits for it; afterwards the callback does not run any more.
 */
template <typename T>
class [[nodiscard]] Pending {
public:
    Pending(Pending &&) noexcept = default;
    Pending &operator=(Pending &&other) noexcept {
        /* Free the call first: its callback may be running. */
        handle_ = std::move(other.handle_);
        callback_ = std::move(other.callback_);
        return *this;
    }
    ~Pending() = default;

    /** Waits at most this long. Returns whether the call has ended. Zero does not wait, for polling from a timer. */
    template <typename Rep, typename Period>
    bool wait_for(std::chrono::duration<Rep, Period> time) const noexcept {
        const double milliseconds = std::chrono::duration<double, std::milli>(time).count();
        if (!(milliseconds > 0)) return has_ended(0);
        if (milliseconds >= 4294967295.0) return has_ended(UINT32_MAX);
        const auto whole = static_cast<std::uint32_t>(milliseconds);
        return has_ended(whole < milliseconds ? whole + 1 : whole);
    }

    bool ready() const noexcept { return has_ended(0); }

    /** Cancels the call: it ends with UPSCOPE_CANCELLED, unless it has already ended. Any thread may call this. */
    void cancel() const noexcept { upscope_pending_cancel(handle_.get()); }

    /** Waits for the result. May be called several times. */
    Result<T> try_get() const {
        for (;;) {
            char *text = nullptr;
            const upscope_status status = upscope_pending_wait(handle_.get(), UINT32_MAX, &text);
            detail::Text owned(text);
            if (status != UPSCOPE_PENDING) return detail::ResultFrom<T>::of(status, std::move(owned));
        }
    }

#if UPSCOPE_HPP_THROWS
    T get() const { return try_get().value(); }
#endif

private:
    template <typename>
    friend class Calls;
    friend class Pages;

    /** The callback's user_data: an object whose address does not change. */
    struct Callback {
        Done<T> done;
    };

    Pending() = default;

    static void run_callback(void *user_data, upscope_status status, const char *text) noexcept {
#if UPSCOPE_HPP_THROWS
        try {
#endif
            /* Moved to the stack: the callback may destroy the Pending, and with it the original. */
            const Done<T> done = std::move(static_cast<Callback *>(user_data)->done);
            done(detail::ResultFrom<T>::of(status, detail::copy_of(text)));
#if UPSCOPE_HPP_THROWS
        } catch (...) {
            /* There is no caller to pass the exception to. */
        }
#endif
    }

    /** Calls start(done, user_data, &pending, &error). */
    template <typename Start>
    static Result<Pending> started(Done<T> done, Start start) {
        Pending pending;
        upscope_pending *handle = nullptr;
        char *error = nullptr;
        const bool has_callback = static_cast<bool>(done);
        if (has_callback) pending.callback_.reset(new Callback{std::move(done)});
        const upscope_status status =
            start(has_callback ? run_callback : nullptr, pending.callback_.get(), &handle, &error);
        detail::Text owned(error);
        if (status != UPSCOPE_OK) return detail::read_error(status, owned.get());
        pending.handle_.reset(handle);
        return Result<Pending>(std::move(pending));
    }

    bool has_ended(std::uint32_t milliseconds) const noexcept {
        char *text = nullptr;
        const upscope_status status = upscope_pending_wait(handle_.get(), milliseconds, &text);
        upscope_string_free(text);
        return status != UPSCOPE_PENDING;
    }

    /* Members are destroyed in reverse order: the handle first. */
    std::unique_ptr<Callback> callback_ = {};
    std::unique_ptr<upscope_pending, detail::Free> handle_ = {};
};

/* ---- Sessions ---- */

/** Whether a thread of the client fetches the next page while the program processes the current one. */
enum class Prefetch : unsigned char { off, on };

namespace detail {

/** An iterator over Pages or Sessions. It points to its container, which must not move. */
template <typename Container, typename Item>
class Iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = Item *;
    using reference = Item &;

    Iterator() = default;
    explicit Iterator(Container *container) : container_(container) { ++*this; }

    reference operator*() const { return *container_->current_; }
    pointer operator->() const { return &*container_->current_; }
    Iterator &operator++() {
        if (!container_->advance()) container_ = nullptr;
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator &left, const Iterator &right) noexcept {
        return left.container_ == right.container_;
    }
    friend bool operator!=(const Iterator &left, const Iterator &right) noexcept {
        return left.container_ != right.container_;
    }

private:
    Container *container_ = nullptr;
};

} // namespace detail

/** Loops over Pages or Sessions. An item is fetched when the loop needs it. */
template <typename Self, typename Item>
class Loop {
public:
    using iterator = detail::Iterator<Loop, Item>;

    /** Fetches the next item. */
    iterator begin() { return iterator(this); }
    iterator end() noexcept { return iterator(); }

    /** The error that ended the last loop early. */
    const std::optional<Error> &failure() const noexcept { return failure_; }

private:
    friend iterator;

    bool advance() {
        current_.reset();
        failure_.reset();
        Result<std::optional<Item>> item = static_cast<Self &>(*this).try_next();
        if (!item) {
            failure_ = item.error();
#if UPSCOPE_HPP_THROWS
            failure_->raise();
#endif
        } else if (*item) {
            current_ = std::move(*item);
        }
        return current_.has_value();
    }

    std::optional<Item> current_ = {};
    std::optional<Error> failure_ = {};
};

/**
 * The pages of sessions, from first to last: `for (Answer &page : client.session_pages())`. An error is thrown; without
 * exceptions, it ends the loop and failure() returns it. After an error, the next call fetches the same page again. The
 * client may be destroyed before this object.
 */
class Pages : public Loop<Pages, Answer> {
public:
    /** Fetches the next page. Returns std::nullopt after the last page. */
    Result<std::optional<Answer>> try_next() {
        char *text = nullptr;
        const upscope_status status = upscope_sessions_next(handle_.get(), &text);
        return detail::ResultFrom<std::optional<Answer>>::of(status, detail::Text(text));
    }

    /** Starts to fetch the next page, like Client::start. Several pages arrive in the order of their start. */
    template <typename Page = std::optional<Answer>>
    Result<Pending<Page>> try_start_next(Done<std::optional<Answer>> done = nullptr) {
        return Pending<Page>::started(
            std::move(done), [this](upscope_done_fn callback, void *data, upscope_pending **pending, char **error) {
                return upscope_sessions_start_next(handle_.get(), callback, data, pending, error);
            });
    }

#if UPSCOPE_HPP_THROWS
    std::optional<Answer> next() { return try_next().value(); }
    template <typename Page = std::optional<Answer>>
    Pending<Page> start_next(Done<std::optional<Answer>> done = nullptr) {
        return try_start_next<Page>(std::move(done)).value();
    }
#endif

private:
    template <typename>
    friend class Calls;
    friend class Sessions;

    explicit Pages(upscope_sessions *pages) : handle_(pages) {}

    std::unique_ptr<upscope_sessions, detail::Free> handle_;
};

/** All sessions, one by one: `for (const Session &session : client.sessions())`. Otherwise like Pages. */
class Sessions : public Loop<Sessions, Session> {
public:
    /**
     * Returns the next session, or std::nullopt after the last one. A template, because compilers then only compile it
     * if a program uses it.
     */
    template <typename Item = Session>
    Result<std::optional<Item>> try_next() {
        for (;;) {
            /* A page without text was moved from; array_ and rest_ point into another object's text. */
            if (page_ && !page_->text().empty()) {
                std::string_view raw;
                if (detail::next_element(&rest_, rest_.size() == array_.size(), &raw)) {
                    if (raw.front() != '{') return unreadable();
                    return std::optional<Item>(Item(raw));
                }
                page_.reset();
            }
            Result<std::optional<Answer>> next = pages_.try_next();
            if (!next) return next.error();
            if (!*next) return std::optional<Item>();
            page_ = std::move(*next);
            array_ = detail::find(page_->text(), "/cobrowsing_sessions");
            if (array_.empty() || array_.front() != '[') return unreadable();
            rest_ = array_;
        }
    }

#if UPSCOPE_HPP_THROWS
    template <typename Item = Session>
    std::optional<Item> next() {
        return try_next<Item>().value();
    }
#endif

private:
    template <typename>
    friend class Calls;

    explicit Sessions(Pages pages) : pages_(std::move(pages)) {}

    Error unreadable() {
        page_.reset();
        return detail::error_of(UPSCOPE_BAD_RESPONSE,
                                "list_sessions was answered, but the answer holds a session that is not an object.",
                                "list_sessions");
    }

    Pages pages_;
    std::optional<Answer> page_ = {};
    /* Both point into the text of the page, which does not move when this object is moved. */
    std::string_view array_ = {};
    std::string_view rest_ = {};
};

/* ---- The client ---- */

namespace detail {


#if UPSCOPE_HPP_FUTURES

/** A started call that only its future refers to. */
template <typename T>
struct FutureCall {
    std::promise<T> promise = {};
    upscope_pending *pending = nullptr;

    void settle(Result<Answer> answer) {
        if constexpr (std::is_same_v<T, Result<Answer>>) {
            promise.set_value(std::move(answer));
        } else {
#if UPSCOPE_HPP_THROWS
            try {
                promise.set_value(std::move(answer).value());
            } catch (...) {
                promise.set_exception(std::current_exception());
            }
#endif
        }
    }

    static void run_callback(void *user_data, upscope_status status, const char *text) noexcept {
        const std::unique_ptr<FutureCall> call(static_cast<FutureCall *>(user_data));
        upscope_pending_free(call->pending);
#if UPSCOPE_HPP_THROWS
        try {
            call->settle(ResultFrom<Answer>::of(status, copy_of(text)));
        } catch (...) {
            /* Out of memory: the future reports a broken promise. */
        }
#else
        call->settle(ResultFrom<Answer>::of(status, copy_of(text)));
#endif
    }
};

#endif

} // namespace detail

/** The calls of a Client. A template, because compilers then only compile what a program uses. */
template <typename Self>
class Calls {
public:
    /* The operations; upscope.h documents their responses. */

    /* Methods: generated by `make generate`. */
    /** Retrieves the account's usage statistics. The struct of the response: as<Usage>(). */
    Result<Answer> try_get_usage(const GetUsage &request = {}) const { return try_call(request); }
    /** Searches for visitors, or lists the latest ones. The structs of the response: list<Visitor>(). */
    Result<Answer> try_list_visitors(const ListVisitors &request = {}) const { return try_call(request); }
    /** Retrieves one visitor. The struct of the response: as<Visitor>(). */
    Result<Answer> try_get_visitor(const GetVisitor &request) const { return try_call(request); }
    /**
     * Creates a secure link with which an agent starts a co-browsing session; treat it as a password. Anyone who has
     * the link sees the screen: open it at once, and do not store it. The struct of the response: as<WatchUrl>().
     */
    Result<Answer> try_create_watch_url(const CreateWatchUrl &request) const { return try_call(request); }
    /** Stops the visitor's active session. */
    Result<Answer> try_stop_session(const StopSession &request) const { return try_call(request); }
    /** Deletes one visitor who is not online. The error for a visitor who is online is conflict. */
    Result<Answer> try_delete_visitor(const DeleteVisitor &request) const { return try_call(request); }
    /**
     * Deletes every visitor of the account who is not online. The service may need some minutes to finish after its
     * response.
     */
    Result<Answer> try_delete_all_visitors(const DeleteAllVisitors &request) const { return try_call(request); }
    /** Looks up an agent by e-mail address or by external id. The struct of the response: as<Agent>(). */
    Result<Answer> try_lookup_agent(const LookupAgent &request) const { return try_call(request); }
    /**
     * Lists one page of sessions, from first to last. To read all pages, use an iterator over sessions. The struct of
     * the response: as<SessionPage>().
     */
    Result<Answer> try_list_sessions(const ListSessions &request = {}) const { return try_call(request); }
    /**
     * Authorizes a session on an on-premise server. The token is for the on-premise server; treat it as a password. The
     * struct of the response: as<OnpremiseToken>().
     */
    Result<Answer> try_authorize_onpremise_session(const AuthorizeOnpremiseSession &request) const {
        return try_call(request);
    }
    /** Sends any request below the base URL, for operations that this library does not support yet. */
    Result<Answer> try_request(const Request &request) const { return try_call(request); }
    /* End of the methods. */

    /** Calls the operation that belongs to this type of request. */
    template <typename RequestType, typename = decltype(detail::operation_of(std::declval<const RequestType &>()))>
    Result<Answer> try_call(const RequestType &request) const {
        detail::Writer json;
        json.write(request);
        if (!json.problem().empty()) return invalid_request(json, detail::operation_of(request));
        return call_json(detail::operation_of(request), json.c_str());
    }

    /** Calls an operation by its name, with a JSON request. */
    Result<Answer> try_call(std::string_view operation, std::string_view request_json = "{}") const {
        const detail::StringArg name(operation), json(request_json);
        if (name.has_nul()) return detail::nul_error("The operation's name", nullptr);
        if (json.has_nul()) return detail::nul_error("The request", name.c_str());
        return call_json(name.c_str(), json.c_str());
    }

    /** Creates an iterator over the pages of sessions. This sends nothing. */
    Result<Pages> try_session_pages(const ListSessions &request = {}, Prefetch prefetch = Prefetch::off) const {
        detail::Writer json;
        json.write(request);
        if (!json.problem().empty()) return invalid_request(json, detail::operation_of(request));
        upscope_sessions *handle = nullptr;
        char *error = nullptr;
        const upscope_status status = upscope_sessions_open(client_handle(), json.c_str(), &handle, &error);
        const detail::Text owned(error);
        if (status != UPSCOPE_OK) return detail::read_error(status, owned.get());
        Pages pages(handle);
        if (prefetch == Prefetch::on) upscope_sessions_prefetch(handle, 1);
        return Result<Pages>(std::move(pages));
    }

    /** Creates an iterator over all sessions. This sends nothing. */
    Result<Sessions> try_sessions(const ListSessions &request = {}, Prefetch prefetch = Prefetch::off) const {
        Result<Pages> pages = try_session_pages(request, prefetch);
        if (!pages) return pages.error();
        return Sessions(std::move(*pages));
    }

    /**
     * Starts a call, `start(upscope::GetVisitor{"1234"})`, and returns immediately. The request is checked before this
     * function returns, and the time limit of the call starts now. `done` may run before this function returns.
     */
    template <typename RequestType, typename = decltype(detail::operation_of(std::declval<const RequestType &>()))>
    Result<Pending<Answer>> try_start(const RequestType &request, Done<Answer> done = nullptr) const {
        detail::Writer json;
        json.write(request);
        if (!json.problem().empty()) return invalid_request(json, detail::operation_of(request));
        return start_json(detail::operation_of(request), json.c_str(), std::move(done));
    }

    /** Starts an operation by its name, with a JSON request. */
    Result<Pending<Answer>> try_start(std::string_view operation, std::string_view request_json,
                                      Done<Answer> done = nullptr) const {
        const detail::StringArg name(operation), json(request_json);
        if (name.has_nul()) return detail::nul_error("The operation's name", nullptr);
        if (json.has_nul()) return detail::nul_error("The request", name.c_str());
        return start_json(name.c_str(), json.c_str(), std::move(done));
    }

#if UPSCOPE_HPP_FUTURES
    /** Starts a call that cannot be cancelled. The future receives its result. */
    template <typename RequestType, typename = decltype(detail::operation_of(std::declval<const RequestType &>()))>
    std::future<Result<Answer>> try_start_future(const RequestType &request) const {
        return future<Result<Answer>>(request);
    }
#endif

#if UPSCOPE_HPP_THROWS
    /* The same functions, which throw. */

    /* Throwing methods: generated by `make generate`. */
    Answer get_usage(const GetUsage &request = {}) const { return call(request); }
    Answer list_visitors(const ListVisitors &request = {}) const { return call(request); }
    Answer get_visitor(const GetVisitor &request) const { return call(request); }
    Answer create_watch_url(const CreateWatchUrl &request) const { return call(request); }
    Answer stop_session(const StopSession &request) const { return call(request); }
    Answer delete_visitor(const DeleteVisitor &request) const { return call(request); }
    Answer delete_all_visitors(const DeleteAllVisitors &request) const { return call(request); }
    Answer lookup_agent(const LookupAgent &request) const { return call(request); }
    Answer list_sessions(const ListSessions &request = {}) const { return call(request); }
    Answer authorize_onpremise_session(const AuthorizeOnpremiseSession &request) const { return call(request); }
    Answer request(const Request &request) const { return call(request); }
    /* End of the throwing methods. */

    template <typename RequestType, typename = decltype(detail::operation_of(std::declval<const RequestType &>()))>
    Answer call(const RequestType &request) const {
        return try_call(request).value();
    }
    Answer call(std::string_view operation, std::string_view request_json = "{}") const {
        return try_call(operation, request_json).value();
    }
    Pages session_pages(const ListSessions &request = {}, Prefetch prefetch = Prefetch::off) const {
        return try_session_pages(request, prefetch).value();
    }
    Sessions sessions(const ListSessions &request = {}, Prefetch prefetch = Prefetch::off) const {
        return try_sessions(request, prefetch).value();
    }
    template <typename RequestType, typename = decltype(detail::operation_of(std::declval<const RequestType &>()))>
    Pending<Answer> start(const RequestType &request, Done<Answer> done = nullptr) const {
        return try_start(request, std::move(done)).value();
    }
    Pending<Answer> start(std::string_view operation, std::string_view request_json,
                          Done<Answer> done = nullptr) const {
        return try_start(operation, request_json, std::move(done)).value();
    }
#if UPSCOPE_HPP_FUTURES
    /** Like try_start_future. The future throws the error, also if the call could not be started. */
    template <typename RequestType, typename = decltype(detail::operation_of(std::declval<const RequestType &>()))>
    std::future<Answer> start_future(const RequestType &request) const {
        return future<Answer>(request);
    }
#endif
#endif

private:
    upscope_client *client_handle() const noexcept { return static_cast<const Self &>(*this).handle(); }

    static Error invalid_request(const detail::Writer &json, const char *operation) {
        return detail::error_of(UPSCOPE_INVALID_ARGUMENT, json.problem(), operation);
    }

    Result<Answer> call_json(const char *operation, const char *json) const {
        char *text = nullptr;
        const upscope_status status = upscope_call(client_handle(), operation, json, &text);
        return detail::ResultFrom<Answer>::of(status, detail::Text(text));
    }

    Result<Pending<Answer>> start_json(const char *operation, const char *json, Done<Answer> done) const {
        return Pending<Answer>::started(
            std::move(done), [&](upscope_done_fn callback, void *data, upscope_pending **pending, char **error) {
                return upscope_start(client_handle(), operation, json, callback, data, pending, error);
            });
    }

#if UPSCOPE_HPP_FUTURES
    template <typename T, typename RequestType>
    std::future<T> future(const RequestType &request) const {
        auto call = std::make_unique<detail::FutureCall<T>>();
        std::future<T> result = call->promise.get_future();
        detail::Writer json;
        json.write(request);
        if (!json.problem().empty()) {
            call->settle(invalid_request(json, detail::operation_of(request)));
            return result;
        }
        char *error = nullptr;
        /* The callback owns the call from now on, and may delete it before upscope_start returns. */
        detail::FutureCall<T> *started = call.release();
        const upscope_status status =
            upscope_start(client_handle(), detail::operation_of(request), json.c_str(),
                          detail::FutureCall<T>::run_callback, started, &started->pending, &error);
        const detail::Text owned(error);
        if (status != UPSCOPE_OK) {
            call.reset(started);
            call->settle(detail::read_error(status, owned.get()));
        }
        return result;
    }
#endif
};

/* ---- Log functions ---- */

/** A log function. level: 1 error, 2 warn, 3 info, 4 debug, 5 trace. Exceptions that it throws are ignored. */
using Log = Callback<int, std::string_view>;

namespace detail {

/** Holds a log function. The spinlock is only held while a pointer is copied. */
class Logger {
public:
    Log get() {
        const Lock lock(busy_);
        return log_;
    }
    void set(Log log) {
        const Lock lock(busy_);
        std::swap(log_, log);
    }

    /** The logger of all clients. Never destroyed, because threads may log while the program ends. */
    static Logger &of_all_clients() {
        static Logger &logger = *new Logger;
        return logger;
    }

    static void write(void *logger, std::int32_t level, const char *message) noexcept {
#if UPSCOPE_HPP_THROWS
        try {
#endif
            /* Keeps the function alive, which may itself call set_logger. */
            const Log log = static_cast<Logger *>(logger)->get();
            if (log) log(static_cast<int>(level), message);
#if UPSCOPE_HPP_THROWS
        } catch (...) {
            /* A failure to log must not end the call. */
        }
#endif
    }

private:
    class Lock {
    public:
        explicit Lock(std::atomic<bool> &busy) noexcept : busy_(busy) {
            while (busy_.exchange(true, std::memory_order_acquire)) continue;
        }
        Lock(const Lock &) = delete;
        Lock &operator=(const Lock &) = delete;
        ~Lock() { busy_.store(false, std::memory_order_release); }

    private:
        std::atomic<bool> &busy_;
    };

    std::atomic<bool> busy_{false};
    Log log_ = {};
};

/** Frees a client. Its log function ends with it, although started calls may go on. */
struct FreeClient {
    void operator()(upscope_client *client) const noexcept {
        upscope_client_set_logger(client, nullptr, nullptr, 0);
        upscope_client_free(client);
    }
    std::unique_ptr<Logger> logger = {};
};

} // namespace detail

/** A client: configuration and connections. Create one and keep it; destroy it when no call is running on it. */
class Client : public Calls<Client> {
public:
    /** Creates a client. This sends nothing. Members that are not set use the environment or the default. */
    static Result<Client> create(const Config &config = {}) {
        detail::Writer json;
        json.write(config);
        if (!json.problem().empty()) {
            return detail::error_of(UPSCOPE_INVALID_ARGUMENT, "In the configuration " + json.problem(), nullptr);
        }
        upscope_client *client = nullptr;
        char *error = nullptr;
        const upscope_status status = upscope_client_new(json.c_str(), &client, &error);
        const detail::Text owned(error);
        if (status != UPSCOPE_OK) return detail::read_error(status, owned.get());
        return Client(client);
    }

    /** Creates a client with an API key and the default configuration. A null pointer is no key. */
    template <typename Key, typename = detail::IfText<Key>>
    static Result<Client> create(const Key &api_key) {
        Config config;
        bool is_null = false;
        if constexpr (std::is_pointer_v<Key>) is_null = api_key == nullptr;
        if (!is_null) config.api_key.emplace(std::string_view(api_key));
        Result<Client> client = create(config);
        if (!is_null) detail::erase(config.api_key->data(), config.api_key->size());
        return client;
    }

#if UPSCOPE_HPP_THROWS
    /** Like create, but throws the error. */
    explicit Client(const Config &config = {}) : Client(create(config).value()) {}
    /** A client with an API key and the default configuration: `upscope::Client client("key")`. */
    template <typename Key, typename = detail::IfText<Key>>
    explicit Client(const Key &api_key) : Client(create(api_key).value()) {}
    /** @cond */
    /* `Client({"key"})` is a Config with a key. Without these two, it could also be a Client to move from. */
    explicit Client(const char *const (&&api_key)[1]) : Client(create(api_key[0]).value()) {}
    explicit Client(const std::string (&&api_key)[1]) : Client(create(api_key[0]).value()) {}
    /** @endcond */
#endif

    /**
     * Ends the calls of this client, which then fail with CallCancelledError, as a program needs when it shuts down. Does
     * not wait for them. Any thread may call it. See upscope_client_close.
     */
    void close() const noexcept { upscope_client_close(handle_.get()); }

    /** How this client reaches the service, and why: base_url, proxy, proxy_reason, roots. See upscope_connection_info. */
    Result<Answer> try_connection_info() const {
        char *text = nullptr;
        const upscope_status status = upscope_connection_info(handle_.get(), &text);
        return detail::ResultFrom<Answer>::of(status, detail::Text(text));
    }
#if UPSCOPE_HPP_THROWS
    /** Like try_connection_info, but throws the error. */
    Answer connection_info() const { return try_connection_info().value(); }
#endif

    /**
     * Sets the function that receives the log lines of this client instead of the function for all clients, which nullptr
     * restores. With max_level 0, the client logs nothing. After this function returns, the client's previous log
     * function does not run any more, except if it made this call itself. Any thread may call this function.
     */
    void set_logger(Log log, int max_level = 4) {
        detail::Logger *const logger = handle_.get_deleter().logger.get();
        if (logger == nullptr) return;
        const bool has_log = static_cast<bool>(log);
        logger->set(std::move(log));
        upscope_client_set_logger(handle_.get(), has_log ? detail::Logger::write : nullptr, logger, max_level);
    }

    /** The handle for functions of upscope.h. This object still owns it. */
    upscope_client *handle() const noexcept { return handle_.get(); }

private:
    explicit Client(upscope_client *client) : handle_(client, {std::make_unique<detail::Logger>()}) {}

    std::unique_ptr<upscope_client, detail::FreeClient> handle_;
};

/* ---- Webhooks, the log of all clients, version ---- */

/** Parses the body of a webhook request: the record of an ended session. See upscope_parse_webhook_n. */
template <typename Item = Session>
Result<Item> try_parse_webhook(std::string_view body) {
    char *text = nullptr;
    const upscope_status status = upscope_parse_webhook_n(body.data(), body.size(), &text);
    const detail::Text owned(text);
    if (status != UPSCOPE_OK || owned == nullptr) return detail::read_error(status, owned.get());
    return Item(owned.get());
}

#if UPSCOPE_HPP_THROWS
template <typename Item = Session>
Item parse_webhook(std::string_view body) {
    return try_parse_webhook<Item>(body).value();
}
#endif

/**
 * Sets the function that receives the log lines of all clients; nullptr turns logging off. After this function returns,
 * the previous log function does not run any more, except if it made this call itself.
 */
inline void set_logger(Log log, int max_level = 4) {
    const bool has_log = static_cast<bool>(log);
    detail::Logger &logger = detail::Logger::of_all_clients();
    logger.set(std::move(log));
    upscope_set_logger(has_log ? detail::Logger::write : nullptr, &logger, max_level);
}

/** The version of the library, such as "0.2.0". */
inline std::string_view version() noexcept { return upscope_version(); }

/** All operations as a JSON array; see upscope_operations. */
inline std::string_view operations() noexcept { return upscope_operations(); }

#if !UPSCOPE_HPP_THROWS
} // namespace without_exceptions
#endif
} // namespace upscope

#undef UPSCOPE_HPP_THROWS
#undef UPSCOPE_HPP_PARSES
#undef UPSCOPE_HPP_FUTURES

#endif
#endif
