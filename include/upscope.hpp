/*
 * libupscope for C++17 and later: header-only, over upscope.h.
 *
 *     upscope::Client client({"secret"});
 *     try {
 *         upscope::Answer found = client.list_visitors({"0042", 1});
 *         std::cout << found.text() << '\n';
 *     } catch (const upscope::NotFoundError &) {
 *     } catch (const upscope::Error &error) {
 *         std::cerr << error.code() << ": " << error.message() << '\n';
 *     }
 *
 * Requests are plain structs whose members are the keys of upscope.h; what is not set is not sent. In C++20:
 *
 *     client.create_watch_url({.visitor_id = "1234", .agent = {.id = "7", .name = "Joe"},
 *                              .metadata = upscope::Object{{"ticket", "T-1"}}});
 *
 * Answers are JSON text, as the service sent it. Where <nlohmann/json.hpp> is found, `answer.parsed()` gives a
 * nlohmann::json; `answer.parsed<Type>()` calls Type::parse(begin, end) with or without it.
 *
 * Errors: each function that can fail comes twice. `get_visitor` throws an upscope::Error of the class that fits;
 * `try_get_visitor` gives a Result. With -fno-exceptions there are only the latter, and RTTI is not needed in either
 * case. Besides, memory can run out as usual: std::bad_alloc. Text with a NUL character in it is refused as
 * invalid_argument, and never cut there.
 *
 * Threads: as in upscope.h. A Client may be used by any number of threads at once; other objects by one at a time,
 * but for Pending::cancel. What was moved from may be destroyed or assigned to; calls on it give invalid_argument.
 *
 * Secrets: requests are wiped as soon as they were handed over, and answers when they are freed. Copies that the
 * program makes, a Config, the request structs and a Session are its own, and not wiped. An Answer cannot be copied or
 * printed by accident.
 *
 * Macros, to be set before this is included, alike in all files of a program:
 *   UPSCOPE_NO_EXCEPTIONS  leaves out what throws, also where exceptions are on
 *   UPSCOPE_NO_NLOHMANN    does not look for <nlohmann/json.hpp>
 */

#ifndef UPSCOPE_HPP
#define UPSCOPE_HPP

#include "upscope.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#if !defined(UPSCOPE_NO_EXCEPTIONS) && (defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND))
#define UPSCOPE_HPP_THROWS 1
#else
#define UPSCOPE_HPP_THROWS 0
#endif

#if !defined(UPSCOPE_NO_NLOHMANN) && __has_include(<nlohmann/json.hpp>)
#include <nlohmann/json.hpp>
#define UPSCOPE_HPP_PARSES 1
#else
#define UPSCOPE_HPP_PARSES 0
#endif

/* mingw with Windows' own threads has no std::future before gcc 13. */
#if !defined(__GLIBCXX__) || defined(_GLIBCXX_HAS_GTHREADS)
#include <future>
#define UPSCOPE_HPP_FUTURES 1
#else
#define UPSCOPE_HPP_FUTURES 0
#endif

namespace upscope {
#if !UPSCOPE_HPP_THROWS
/* Other types: files with and without exceptions can be linked into one program. */
inline namespace without_exceptions {
#endif

/* ---- Errors ---- */

/** The keys of the error object, as upscope.h explains them. */
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

/** What went wrong. The base of all that this header throws; copies are cheap and do not throw. */
class Error : public std::exception {
public:
    explicit Error(ErrorObject object) : object_(std::make_shared<const ErrorObject>(std::move(object))) {}
    Error(const Error &) noexcept = default;
    Error &operator=(const Error &) noexcept = default;

    /** Such as "not_found". */
    const std::string &code() const noexcept { return object_->code; }
    /** Such as UPSCOPE_NOT_FOUND. */
    upscope_status status() const noexcept { return object_->status; }
    /** A sentence for a person or a log. */
    const std::string &message() const noexcept { return object_->message; }
    /** The operation that failed, such as "get_visitor". */
    const std::optional<std::string> &operation() const noexcept { return object_->operation; }
    std::optional<int> http_status() const noexcept { return object_->http_status; }
    /** The service's own text, such as "invalid_api_key". */
    const std::optional<std::string> &api_error() const noexcept { return object_->api_error; }
    /** The service's own sentence, if it sent one. */
    const std::optional<std::string> &api_message() const noexcept { return object_->api_message; }
    /** The X-Request-Id of the answer, or its Request-Id: what to give the service's support. */
    const std::optional<std::string> &request_id() const noexcept { return object_->request_id; }
    /** How many requests were attempted. */
    int attempts() const noexcept { return object_->attempts; }
    /** The same call may succeed later, and repeating it does no harm. */
    bool retryable() const noexcept { return object_->retryable; }
    /** How long the service asked to wait. */
    std::optional<std::int64_t> retry_after_ms() const noexcept { return object_->retry_after_ms; }
    /** Something may have been changed although the call failed. */
    bool may_have_applied() const noexcept { return object_->may_have_applied; }

    /** The message. */
    const char *what() const noexcept override { return object_->message.c_str(); }

#if UPSCOPE_HPP_THROWS
    /** Throws this error as the class that belongs to its status. */
    [[noreturn]] void raise() const;
#endif

private:
    std::shared_ptr<const ErrorObject> object_;
};

#if UPSCOPE_HPP_THROWS

/** Nothing was sent: the request or the configuration is wrong. */
class InvalidArgumentError : public Error {
public:
    explicit InvalidArgumentError(const Error &error) : Error(error) {}
};

/** The service answered with an error. */
class ApiError : public Error {
public:
    explicit ApiError(const Error &error) : Error(error) {}
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

/** HTTP 409: the present state forbids the call, such as deleting a visitor who is online. */
class ConflictError : public ApiError {
public:
    explicit ConflictError(const Error &error) : ApiError(error) {}
};

/** HTTP 429, with the retries used up. */
class RateLimitedError : public ApiError {
public:
    explicit RateLimitedError(const Error &error) : ApiError(error) {}
};

/** HTTP 5xx, with the retries used up. */
class ServerError : public ApiError {
public:
    explicit ServerError(const Error &error) : ApiError(error) {}
};

/** Any other HTTP status but 2xx. */
class HttpError : public ApiError {
public:
    explicit HttpError(const Error &error) : ApiError(error) {}
};

/** The call's deadline passed. */
class CallTimeoutError : public Error {
public:
    explicit CallTimeoutError(const Error &error) : Error(error) {}
};

/** No connection, or a broken one: DNS, refused, TLS, proxy, reset, closed. */
class TransportError : public Error {
public:
    explicit TransportError(const Error &error) : Error(error) {}
};

/** A 2xx answer that cannot be read, or lacks what the operation promises. */
class BadResponseError : public Error {
public:
    explicit BadResponseError(const Error &error) : Error(error) {}
};

/** The program ended the call. */
class CallCancelledError : public Error {
public:
    explicit CallCancelledError(const Error &error) : Error(error) {}
};

/** A fault of the library. */
class InternalError : public Error {
public:
    explicit InternalError(const Error &error) : Error(error) {}
};

inline void Error::raise() const {
    switch (status()) {
    case UPSCOPE_INVALID_ARGUMENT: throw InvalidArgumentError(*this);
    case UPSCOPE_UNAUTHORIZED: throw UnauthorizedError(*this);
    case UPSCOPE_PAYMENT_REQUIRED: throw PaymentRequiredError(*this);
    case UPSCOPE_NOT_FOUND: throw NotFoundError(*this);
    case UPSCOPE_CONFLICT: throw ConflictError(*this);
    case UPSCOPE_RATE_LIMITED: throw RateLimitedError(*this);
    case UPSCOPE_SERVER_ERROR: throw ServerError(*this);
    case UPSCOPE_HTTP_ERROR: throw HttpError(*this);
    case UPSCOPE_TIMEOUT: throw CallTimeoutError(*this);
    case UPSCOPE_CONNECTION: throw TransportError(*this);
    case UPSCOPE_BAD_RESPONSE: throw BadResponseError(*this);
    case UPSCOPE_CANCELLED: throw CallCancelledError(*this);
    case UPSCOPE_INTERNAL: throw InternalError(*this);
    default: throw Error(*this);
    }
}

#endif

/**
 * A value, or the error that came instead. value(), * and -> without a value throw that error; without exceptions they
 * end the program, and so does error() of a value.
 */
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : outcome_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : outcome_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const noexcept { return outcome_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    T &value() & { return *checked(std::get_if<0>(&outcome_)); }
    const T &value() const & { return *checked(std::get_if<0>(&outcome_)); }
    T &&value() && { return std::move(*checked(std::get_if<0>(&outcome_))); }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

    const Error &error() const {
        const Error *error = std::get_if<1>(&outcome_);
        if (error == nullptr) std::abort();
        return *error;
    }

private:
    template <typename Place>
    Place *checked(Place *place) const {
        if (place != nullptr) return place;
#if UPSCOPE_HPP_THROWS
        error().raise();
#else
        std::abort();
#endif
    }

    std::variant<T, Error> outcome_;
};

/* ---- JSON, as far as it is needed here ---- */

namespace detail {

/** Overwrites text that is no longer needed; through volatile, that the compiler leaves it in. */
inline void wipe(char *at, std::size_t size) noexcept {
    volatile char *byte = at;
    for (; size > 0; --size, ++byte) *byte = '\0';
}

/** Appends, and leaves no copy behind where the text has to move. */
inline void append(std::string &text, std::string_view more) {
    if (text.capacity() - text.size() < more.size()) {
        std::string larger;
        larger.reserve(2 * text.capacity() + more.size());
        larger.append(text);
        wipe(text.data(), text.size());
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
enum class Fault : unsigned char { none, nul, not_finite, not_json };

inline Fault append_string(std::string &to, std::string_view text) {
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
        if (byte == 0) return Fault::nul;
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
    return Fault::none;
}

/** The shortest of 15, 16 or 17 digits that reads back as the same number. */
inline std::string written(double number) {
    char text[40];
    for (int digits = 15; digits <= 17; ++digits) {
        std::snprintf(text, sizeof text, "%.*g", digits, number);
        if (std::strtod(text, nullptr) == number) break;
    }
    /* The program's locale may have its own decimal point, of more than one byte. */
    std::string clean;
    for (const char *at = text; *at != '\0'; ++at) {
        const bool usual = (*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == 'e';
        if (usual) clean += *at;
        else if (clean.empty() || clean.back() != '.') clean += '.';
    }
    return clean;
}

/** Reads JSON from front to back, strictly; it knows neither UTF-8 nor keys that come twice. */
class Scanner {
public:
    explicit Scanner(std::string_view text) noexcept : at_(text.data()), end_(text.data() + text.size()) {}

    /** Moves behind this character, if it comes next but for space. */
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

    /** Moves behind a string, and decodes it if somebody wants it. */
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

    /** Moves behind a value, and tells how it is written. */
    bool value(std::string_view *raw) {
        space();
        const char *begin = at_;
        if (!value_within(0)) return false;
        if (raw != nullptr) *raw = std::string_view(begin, static_cast<std::size_t>(at_ - begin));
        return true;
    }

private:
    /** As deep as upscope.h lets an answer be. */
    static constexpr int most_levels = 128;

    void space() noexcept {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
    }

    bool value_within(int level) {
        space();
        if (at_ == end_ || level > most_levels) return false;
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
        static constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
        ++at_;
        if (at_ == end_) return false;
        const char letter = *at_++;
        if (letter == 'u') return character(decoded);
        const std::size_t place = plain.find(letter);
        if (place == std::string_view::npos) return false;
        if (decoded != nullptr) decoded->push_back(meant[place]);
        return true;
    }

    bool character(std::string *decoded) {
        std::uint32_t code = 0;
        if (!hex4(&code) || (code >= 0xDC00 && code <= 0xDFFF)) return false;
        if (code >= 0xD800 && code <= 0xDBFF) {
            std::uint32_t low = 0;
            if (!one_of("\\") || !one_of("u") || !hex4(&low) || low < 0xDC00 || low > 0xDFFF) return false;
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
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
        /* What does not fit, such as an absurd wait, is the largest number. */
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
    return true; /* A later library may say more. */
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

/** The error of a call that ended with this status and text. */
inline Error read_error(upscope_status status, const char *text) {
    ErrorObject object;
    if (text != nullptr && read_object(text, &object)) return Error(std::move(object));
    return error_of(status, "The call failed, and the library's error object cannot be read; use the upscope.hpp that "
                            "came with the library.", nullptr);
}

/** Finds the array of sessions in a page. Of members that come twice the last one counts, as for most readers. */
inline bool find_sessions(std::string_view page, std::string_view *array) {
    Scanner json(page);
    std::string key;
    bool found = false;
    if (!json.take('{') || json.take('}')) return false;
    do {
        std::string_view raw;
        if (!json.string(&key) || !json.take(':') || !json.value(&raw)) return false;
        if (key != "cobrowsing_sessions") continue;
        *array = raw;
        found = true;
    } while (json.take(','));
    return json.take('}') && found && array->front() == '[';
}

/** What `parsed()` gives unless it is told otherwise. */
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

/** Text of the library, or a copy of it. */
struct FreeText {
    void (*free)(char *) = upscope_string_free;
    void operator()(char *text) const noexcept { free(text); }
};
using Text = std::unique_ptr<char, FreeText>;

inline void free_copy(char *text) {
    wipe(text, std::strlen(text));
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

/* ---- Values in requests ---- */

class Object;

/** Any JSON value: upscope::Value(5), "text", true, nullptr, an Object, or JSON that was written elsewhere. */
class Value {
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
            fault_ = std::isfinite(number) ? detail::Fault::none : detail::Fault::not_finite;
            text_ = detail::written(number);
        }
    }
    Value(std::string_view text) : fault_(detail::append_string(text_, text)) {}
    Value(const std::string &text) : Value(std::string_view(text)) {}
    Value(const char *text) : Value(std::string_view(text)) {}
    Value(const Object &object);

    /** JSON as it is written, such as `json.dump()`; one value, checked before it is used. */
    static Value raw(std::string json) {
        detail::Scanner scanner(json);
        Value value(nullptr);
        value.fault_ = json.find('\0') != std::string::npos    ? detail::Fault::nul
                       : scanner.value(nullptr) && scanner.at_end() ? detail::Fault::none
                                                                    : detail::Fault::not_json;
        value.text_ = std::move(json);
        return value;
    }

    const std::string &text() const noexcept { return text_; }
    /** Why it cannot be sent; a call with it is refused. */
    detail::Fault fault() const noexcept { return fault_; }

private:
    /* In this order: the text is there before the fault is found. */
    std::string text_ = {};
    detail::Fault fault_ = detail::Fault::none;
};

/** A JSON object: upscope::Object{{"ticket", "T-1"}, {"vip", true}}. Its keys are sent in their order. */
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

private:
    std::vector<Member> members_ = {};
};

inline Value::Value(const Object &object) : text_("{") {
    for (const Object::Member &member : object.members()) {
        if (text_.size() > 1) text_ += ',';
        const detail::Fault fault = detail::append_string(text_, member.key);
        if (fault != detail::Fault::none) fault_ = fault;
        if (member.value.fault() != detail::Fault::none) fault_ = member.value.fault();
        text_ += ':';
        text_ += member.value.text();
    }
    text_ += '}';
}

/* ---- Configuration and requests: the keys are those of upscope.h, and explained there ---- */

/* Requests: generated by `make generate`. */

/** For upscope_client_new. */
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
    /** Settings for this call only. */
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
    /** Settings for this call only. */
    std::optional<CallOptions> options = {};
};

/** Retrieves one visitor. Required: visitor_id. */
struct GetVisitor {
    /** The visitor's short id. */
    std::string visitor_id = {};
    /** Settings for this call only. */
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
 * Whether to hide the Upscope logo; page_only hides the agent's controls as well. The service's default is false. Of
 * text no boolean is made.
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
    /** Settings for this call only. */
    std::optional<CallOptions> options = {};
};

/** Stops the visitor's active session. Required: visitor_id. */
struct StopSession {
    /** The visitor's short id. */
    std::string visitor_id = {};
    /** Settings for this call only. */
    std::optional<CallOptions> options = {};
};

/** Deletes one visitor who is not online. Required: visitor_id. */
struct DeleteVisitor {
    /** The visitor's short id. */
    std::string visitor_id = {};
    /** Settings for this call only. */
    std::optional<CallOptions> options = {};
};

/** Deletes every visitor of the account who is not online. Required: all. */
struct DeleteAllVisitors {
    /** true, to confirm that all visitors are meant. */
    bool all = false;
    /** Settings for this call only. */
    std::optional<CallOptions> options = {};
};

/** Looks up an agent by e-mail address or by external id. Needs exactly one of email and external_id. */
struct LookupAgent {
    /** The e-mail address of a user of the account. */
    std::optional<std::string> email = {};
    /** The agent's id in your own system, as used when a watch link was created. */
    std::optional<std::string> external_id = {};
    /** Settings for this call only. */
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
    /** Settings for this call only. */
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
    /** Settings for this call only. */
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
    /** Settings for this call only. */
    std::optional<CallOptions> options = {};
};

/* End of the requests. */

namespace detail {

/** Whether a type is a choice among a boolean and words, such as Naked. */
template <typename T, typename = void>
struct is_choice : std::false_type {};
template <typename T>
struct is_choice<T, std::void_t<decltype(std::declval<const T &>().json())>> : std::true_type {};

/** Writes a request as JSON, and wipes it in the end. */
class Writer {
public:
    Writer() = default;
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;
    ~Writer() { wipe(text_.data(), text_.size()); }

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
        check(value.fault());
        append(text_, value.text());
    }
    void write(const Object &object) {
        append(text_, "{");
        for (const Object::Member &each : object.members()) member(each.key, each.value);
        append(text_, "}");
    }
    /** A struct of this header, whose members `members` names, or a choice, which is written already. */
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
    /** What is wrong with it; empty when nothing is. */
    const std::string &problem() const noexcept { return problem_; }

private:
    void check(Fault fault) {
        if (fault == Fault::none || !problem_.empty()) return;
        /* A key with a NUL in it is no text for a message. */
        problem_ = path_.find('\0') == std::string::npos ? "\"" + path_ + "\"" : "A key";
        switch (fault) {
        case Fault::nul: problem_ += " holds a NUL character; give its text without."; break;
        case Fault::not_finite: problem_ += " is a number that JSON does not know, infinite or none at all."; break;
        default: problem_ += " is not one JSON value; give one, such as `json.dump()` gives."; break;
        }
    }

    std::string text_ = {};
    std::string path_ = {};
    std::string problem_ = {};
};

/* The keys of each struct, in the order of upscope.h: to.member(key, member) for each of them. */

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

/** The operation a request is for; other types are no requests. */
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

/** All of them. */
template <typename...>
struct List {};
using Requests = List<GetUsage, ListVisitors, GetVisitor, CreateWatchUrl, StopSession, DeleteVisitor, DeleteAllVisitors,
                      LookupAgent, ListSessions, AuthorizeOnpremiseSession, Request>;

/* End of their keys. */

/** Text for the library, with a NUL behind it, wiped in the end. */
class Given {
public:
    explicit Given(std::string_view text) { append(text_, text); }
    Given(const Given &) = delete;
    Given &operator=(const Given &) = delete;
    ~Given() { wipe(text_.data(), text_.size()); }

    bool has_nul() const noexcept { return text_.find('\0') != std::string::npos; }
    const char *c_str() const noexcept { return text_.c_str(); }

private:
    std::string text_ = {};
};

inline Error with_nul(const char *what, const char *operation) {
    return error_of(UPSCOPE_INVALID_ARGUMENT, std::string(what) + " holds a NUL character; give its text without.",
                    operation);
}

} // namespace detail

/* ---- Answers ---- */

/** An answer: JSON text that the library owns, wiped when this is destroyed. It can be moved, and not be copied. */
class Answer {
public:
    /** The JSON, as long as this lives; a NUL follows it. */
    std::string_view text() const noexcept { return text_ ? std::string_view(text_.get()) : std::string_view(); }
    const char *c_str() const noexcept { return text_ ? text_.get() : ""; }

    /** The JSON as a nlohmann::json, or as Wanted::parse(begin, end) reads it. */
    template <typename Wanted = void, typename Found = typename detail::Parsed<Wanted>::type>
    Found parsed() const {
        return detail::parse<Found>(text());
    }

    /** Takes text over; for this header. */
    explicit Answer(detail::Text text) noexcept : text_(std::move(text)) {}

private:
    detail::Text text_;
};

/** The JSON of one session: a part of a page, or what a webhook was told. */
class Session {
public:
    explicit Session(std::string_view text) : text_(text) {}

    const std::string &text() const noexcept { return text_; }

    /** As Answer::parsed. */
    template <typename Wanted = void, typename Found = typename detail::Parsed<Wanted>::type>
    Found parsed() const {
        return detail::parse<Found>(text_);
    }

private:
    std::string text_;
};

namespace detail {

/** What a call gave that ended with this status and text. */
template <typename T>
struct Outcome;
template <>
struct Outcome<Answer> {
    static Result<Answer> of(upscope_status status, Text text) {
        if (status == UPSCOPE_OK && text != nullptr) return Answer(std::move(text));
        return read_error(status, text.get());
    }
};
template <>
struct Outcome<std::optional<Answer>> {
    static Result<std::optional<Answer>> of(upscope_status status, Text text) {
        if (status == UPSCOPE_DONE) return std::optional<Answer>();
        if (status == UPSCOPE_OK && text != nullptr) return std::optional<Answer>(Answer(std::move(text)));
        return read_error(status, text.get());
    }
};

} // namespace detail

/* ---- Started calls ---- */

/**
 * Told how a started call ended; on a thread of the library, at most once. It may use the library, and destroy the
 * Pending it belongs to. An exception that leaves it is dropped.
 */
template <typename T>
using Done = std::function<void(Result<T>)>;

/**
 * A call that was started. Destroying it cancels what still runs and never waits for the network; after that Done will
 * not be called, and when it runs just now on another thread, it is waited for.
 */
template <typename T>
class [[nodiscard]] Pending {
public:
    Pending(Pending &&) noexcept = default;
    Pending &operator=(Pending &&other) noexcept {
        /* The call first: its callback may be running. */
        handle_ = std::move(other.handle_);
        told_ = std::move(other.told_);
        return *this;
    }
    ~Pending() = default;

    /** Waits at most this long; tells whether the call has ended. Zero asks without waiting, for a timer. */
    template <typename Rep, typename Period>
    bool wait_for(std::chrono::duration<Rep, Period> time) const noexcept {
        const double milliseconds = std::chrono::duration<double, std::milli>(time).count();
        return ended(milliseconds >= 4294967295.0 ? UINT32_MAX
                     : milliseconds > 0           ? static_cast<std::uint32_t>(std::ceil(milliseconds))
                                                  : 0);
    }

    bool ready() const noexcept { return ended(0); }

    /** Ends the call with UPSCOPE_CANCELLED, unless it has ended already. Any thread may call this. */
    void cancel() const noexcept { upscope_pending_cancel(handle_.get()); }

    /** Waits for the end. It can be asked for again. */
    Result<T> try_get() const {
        for (;;) {
            char *text = nullptr;
            const upscope_status status = upscope_pending_wait(handle_.get(), UINT32_MAX, &text);
            detail::Text owned(text);
            if (status != UPSCOPE_PENDING) return detail::Outcome<T>::of(status, std::move(owned));
        }
    }

#if UPSCOPE_HPP_THROWS
    T get() const { return try_get().value(); }
#endif

private:
    friend class Client;
    friend class Pages;

    /** What the callback is handed: a place that does not move. */
    struct Told {
        Done<T> done;
    };

    Pending() = default;

    static void tell(void *user_data, upscope_status status, const char *text) noexcept {
#if UPSCOPE_HPP_THROWS
        try {
#endif
            /* Off that place: the callback may destroy the Pending, and the place with it. */
            const Done<T> done = std::move(static_cast<Told *>(user_data)->done);
            done(detail::Outcome<T>::of(status, detail::copy_of(text)));
#if UPSCOPE_HPP_THROWS
        } catch (...) {
            /* Nobody above can be told. */
        }
#endif
    }

    /** start(done, user_data, &pending, &error) starts it. */
    template <typename Start>
    static Result<Pending> started(Done<T> done, Start start) {
        Pending pending;
        upscope_pending *handle = nullptr;
        char *error = nullptr;
        const bool wanted = static_cast<bool>(done);
        if (wanted) pending.told_.reset(new Told{std::move(done)});
        const upscope_status status = start(wanted ? tell : nullptr, pending.told_.get(), &handle, &error);
        detail::Text owned(error);
        if (status != UPSCOPE_OK) return detail::read_error(status, owned.get());
        pending.handle_.reset(handle);
        return Result<Pending>(std::move(pending));
    }

    bool ended(std::uint32_t milliseconds) const noexcept {
        char *text = nullptr;
        const upscope_status status = upscope_pending_wait(handle_.get(), milliseconds, &text);
        upscope_string_free(text);
        return status != UPSCOPE_PENDING;
    }

    /* The handle is freed first. */
    std::unique_ptr<Told> told_ = {};
    std::unique_ptr<upscope_pending, detail::Free> handle_ = {};
};

/* ---- Sessions ---- */

/** Whether the next page is fetched ahead, on a thread of the client, while the program works on this one. */
enum class Prefetch : unsigned char { off, on };

namespace detail {

/** Steps through Pages or Sessions. It points to them: they must stay where they are. */
template <typename Walk, typename Item>
class Step {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = Item *;
    using reference = Item &;

    Step() = default;
    explicit Step(Walk *walk) : walk_(walk) { ++*this; }

    reference operator*() const { return *walk_->current_; }
    pointer operator->() const { return &*walk_->current_; }
    Step &operator++() {
        if (!walk_->advance()) walk_ = nullptr;
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Step &left, const Step &right) noexcept { return left.walk_ == right.walk_; }
    friend bool operator!=(const Step &left, const Step &right) noexcept { return left.walk_ != right.walk_; }

private:
    Walk *walk_ = nullptr;
};

} // namespace detail

/**
 * A walk through the pages of sessions, from first to last: `for (Answer &page : client.session_pages())`. An error is
 * thrown; without exceptions it ends the loop, and failure() has it. After an error the same page can be asked for
 * again. Its client may be gone.
 */
class Pages {
public:
    using iterator = detail::Step<Pages, Answer>;

    /** The next page; nothing after the last one. */
    Result<std::optional<Answer>> try_next() {
        char *text = nullptr;
        const upscope_status status = upscope_sessions_next(handle_.get(), &text);
        return detail::Outcome<std::optional<Answer>>::of(status, detail::Text(text));
    }

    /** Fetches the next page without waiting for it; as Client::start. Several follow in the order of their start. */
    Result<Pending<std::optional<Answer>>> try_start_next(Done<std::optional<Answer>> done = nullptr) {
        return Pending<std::optional<Answer>>::started(
            std::move(done), [this](upscope_done_fn tell, void *data, upscope_pending **pending, char **error) {
                return upscope_sessions_start_next(handle_.get(), tell, data, pending, error);
            });
    }

#if UPSCOPE_HPP_THROWS
    std::optional<Answer> next() { return try_next().value(); }
    Pending<std::optional<Answer>> start_next(Done<std::optional<Answer>> done = nullptr) {
        return try_start_next(std::move(done)).value();
    }
#endif

    /** Fetches the first page not yet seen. */
    iterator begin() { return iterator(this); }
    iterator end() noexcept { return iterator(); }

    /** What ended the last loop before the last page. */
    const std::optional<Error> &failure() const noexcept { return failure_; }

private:
    friend class Client;
    friend class Sessions;
    friend iterator;

    explicit Pages(upscope_sessions *pages) : handle_(pages) {}

    bool advance() {
        current_.reset();
        failure_.reset();
        Result<std::optional<Answer>> page = try_next();
        if (!page) {
            failure_ = page.error();
#if UPSCOPE_HPP_THROWS
            failure_->raise();
#endif
        } else if (*page) {
            current_ = std::move(*page);
        }
        return current_.has_value();
    }

    std::unique_ptr<upscope_sessions, detail::Free> handle_;
    std::optional<Answer> current_ = {};
    std::optional<Error> failure_ = {};
};

/** A walk through all sessions, one by one: `for (const Session &session : client.sessions())`. Else as Pages. */
class Sessions {
public:
    using iterator = detail::Step<Sessions, Session>;

    /** The next session; nothing after the last one. */
    Result<std::optional<Session>> try_next() {
        for (;;) {
            /* A page without text was moved away, and what points into it is another's. */
            if (page_ && !page_->text().empty()) {
                std::string_view raw;
                const bool first = rest_.size() == array_.size();
                detail::Scanner json(rest_);
                if (!json.take(first ? '[' : ',')) {
                    page_.reset();
                    continue;
                }
                if (first && json.take(']')) {
                    page_.reset();
                    continue;
                }
                if (!json.value(&raw) || raw.front() != '{') return unreadable();
                rest_ = rest_.substr(static_cast<std::size_t>(raw.data() + raw.size() - rest_.data()));
                return std::optional<Session>(Session(raw));
            }
            Result<std::optional<Answer>> next = pages_.try_next();
            if (!next) return next.error();
            if (!*next) return std::optional<Session>();
            page_ = std::move(*next);
            if (!detail::find_sessions(page_->text(), &array_)) return unreadable();
            rest_ = array_;
        }
    }

#if UPSCOPE_HPP_THROWS
    std::optional<Session> next() { return try_next().value(); }
#endif

    /** The first session not yet seen. */
    iterator begin() { return iterator(this); }
    iterator end() noexcept { return iterator(); }

    /** What ended the last loop before the last session. */
    const std::optional<Error> &failure() const noexcept { return failure_; }

private:
    friend class Client;
    friend iterator;

    explicit Sessions(Pages pages) : pages_(std::move(pages)) {}

    Error unreadable() {
        page_.reset();
        return detail::error_of(UPSCOPE_BAD_RESPONSE,
                                "list_sessions was answered, but the answer holds a session that is not an object.",
                                "list_sessions");
    }

    bool advance() {
        current_.reset();
        failure_.reset();
        Result<std::optional<Session>> session = try_next();
        if (!session) {
            failure_ = session.error();
#if UPSCOPE_HPP_THROWS
            failure_->raise();
#endif
        } else if (*session) {
            current_ = std::move(*session);
        }
        return current_.has_value();
    }

    Pages pages_;
    std::optional<Answer> page_ = {};
    /* Both point into the page, whose text stays where it is when this is moved. */
    std::string_view array_ = {};
    std::string_view rest_ = {};
    std::optional<Session> current_ = {};
    std::optional<Error> failure_ = {};
};

/* ---- The client ---- */

namespace detail {

#if UPSCOPE_HPP_FUTURES

/** A started call that belongs to nobody but its future. */
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

    static void tell(void *user_data, upscope_status status, const char *text) noexcept {
        const std::unique_ptr<FutureCall> call(static_cast<FutureCall *>(user_data));
        upscope_pending_free(call->pending);
#if UPSCOPE_HPP_THROWS
        try {
            call->settle(Outcome<Answer>::of(status, copy_of(text)));
        } catch (...) {
            /* No memory: the future finds a broken promise. */
        }
#else
        call->settle(Outcome<Answer>::of(status, copy_of(text)));
#endif
    }
};

#endif

} // namespace detail

/** A client: its settings and its connections. Make one and keep it; destroy it when no call of it runs. */
class Client {
public:
    /** Makes a client. Nothing is sent. What is not set comes from the environment, or is the default. */
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

#if UPSCOPE_HPP_THROWS
    explicit Client(const Config &config = {}) : Client(create(config).value()) {}
#endif

    /* The operations. What they answer is said in upscope.h. */

    /* Methods: generated by `make generate`. */
    /** Retrieves the account's usage statistics. */
    Result<Answer> try_get_usage(const GetUsage &given = {}) const { return try_call(given); }
    /** Searches for visitors, or lists the latest ones. */
    Result<Answer> try_list_visitors(const ListVisitors &given = {}) const { return try_call(given); }
    /** Retrieves one visitor. */
    Result<Answer> try_get_visitor(const GetVisitor &given) const { return try_call(given); }
    /**
     * Creates a secure link with which an agent starts a co-browsing session; treat it as a password. Anyone who has
     * the link sees the screen: open it at once, and do not store it.
     */
    Result<Answer> try_create_watch_url(const CreateWatchUrl &given) const { return try_call(given); }
    /** Stops the visitor's active session. */
    Result<Answer> try_stop_session(const StopSession &given) const { return try_call(given); }
    /** Deletes one visitor who is not online. The error for a visitor who is online is conflict. */
    Result<Answer> try_delete_visitor(const DeleteVisitor &given) const { return try_call(given); }
    /**
     * Deletes every visitor of the account who is not online. The service may need some minutes to finish after its
     * response.
     */
    Result<Answer> try_delete_all_visitors(const DeleteAllVisitors &given) const { return try_call(given); }
    /** Looks up an agent by e-mail address or by external id. */
    Result<Answer> try_lookup_agent(const LookupAgent &given) const { return try_call(given); }
    /** Lists one page of sessions, from first to last. To read all pages, use an iterator over sessions. */
    Result<Answer> try_list_sessions(const ListSessions &given = {}) const { return try_call(given); }
    /** Authorizes a session on an on-premise server. The token is for the on-premise server; treat it as a password. */
    Result<Answer> try_authorize_onpremise_session(const AuthorizeOnpremiseSession &given) const {
        return try_call(given);
    }
    /** Sends any request below the base URL, for operations that this library does not support yet. */
    Result<Answer> try_request(const Request &given) const { return try_call(given); }
    /* End of the methods. */

    /** Calls the operation that this request is for. */
    template <typename Given, typename = decltype(detail::operation_of(std::declval<const Given &>()))>
    Result<Answer> try_call(const Given &given) const {
        detail::Writer json;
        json.write(given);
        if (!json.problem().empty()) return refused(json, detail::operation_of(given));
        return called(detail::operation_of(given), json.c_str());
    }

    /** Calls the operation of this name with a request in JSON. */
    Result<Answer> try_call(std::string_view operation, std::string_view request_json = "{}") const {
        const detail::Given name(operation), json(request_json);
        if (name.has_nul()) return detail::with_nul("The operation's name", nullptr);
        if (json.has_nul()) return detail::with_nul("The request", name.c_str());
        return called(name.c_str(), json.c_str());
    }

    /** Begins a walk through the pages of sessions. Nothing is sent yet. */
    Result<Pages> try_session_pages(const ListSessions &given = {}, Prefetch prefetch = Prefetch::off) const {
        detail::Writer json;
        json.write(given);
        if (!json.problem().empty()) return refused(json, detail::operation_of(given));
        upscope_sessions *handle = nullptr;
        char *error = nullptr;
        const upscope_status status = upscope_sessions_open(handle_.get(), json.c_str(), &handle, &error);
        const detail::Text owned(error);
        if (status != UPSCOPE_OK) return detail::read_error(status, owned.get());
        Pages pages(handle);
        if (prefetch == Prefetch::on) upscope_sessions_prefetch(handle, 1);
        return Result<Pages>(std::move(pages));
    }

    /** Begins a walk through all sessions, one by one. Nothing is sent yet. */
    Result<Sessions> try_sessions(const ListSessions &given = {}, Prefetch prefetch = Prefetch::off) const {
        Result<Pages> pages = try_session_pages(given, prefetch);
        if (!pages) return pages.error();
        return Sessions(std::move(*pages));
    }

    /**
     * Starts a call, `start(upscope::GetVisitor{"1234"})`, and returns at once; its time begins now. A bad request is
     * refused here. `done` may run before this returns.
     */
    template <typename Given, typename = decltype(detail::operation_of(std::declval<const Given &>()))>
    Result<Pending<Answer>> try_start(const Given &given, Done<Answer> done = nullptr) const {
        detail::Writer json;
        json.write(given);
        if (!json.problem().empty()) return refused(json, detail::operation_of(given));
        return begun(detail::operation_of(given), json.c_str(), std::move(done));
    }

    /** Starts the operation of this name with a request in JSON. */
    Result<Pending<Answer>> try_start(std::string_view operation, std::string_view request_json,
                                      Done<Answer> done = nullptr) const {
        const detail::Given name(operation), json(request_json);
        if (name.has_nul()) return detail::with_nul("The operation's name", nullptr);
        if (json.has_nul()) return detail::with_nul("The request", name.c_str());
        return begun(name.c_str(), json.c_str(), std::move(done));
    }

#if UPSCOPE_HPP_FUTURES
    /** Starts a call that nothing but its deadline ends; the future has its outcome. */
    template <typename Given, typename = decltype(detail::operation_of(std::declval<const Given &>()))>
    std::future<Result<Answer>> try_start_future(const Given &given) const {
        return future<Result<Answer>>(given);
    }
#endif

#if UPSCOPE_HPP_THROWS
    /* The same, throwing. */

    /* Throwing methods: generated by `make generate`. */
    Answer get_usage(const GetUsage &given = {}) const { return call(given); }
    Answer list_visitors(const ListVisitors &given = {}) const { return call(given); }
    Answer get_visitor(const GetVisitor &given) const { return call(given); }
    Answer create_watch_url(const CreateWatchUrl &given) const { return call(given); }
    Answer stop_session(const StopSession &given) const { return call(given); }
    Answer delete_visitor(const DeleteVisitor &given) const { return call(given); }
    Answer delete_all_visitors(const DeleteAllVisitors &given) const { return call(given); }
    Answer lookup_agent(const LookupAgent &given) const { return call(given); }
    Answer list_sessions(const ListSessions &given = {}) const { return call(given); }
    Answer authorize_onpremise_session(const AuthorizeOnpremiseSession &given) const { return call(given); }
    Answer request(const Request &given) const { return call(given); }
    /* End of the throwing methods. */

    template <typename Given, typename = decltype(detail::operation_of(std::declval<const Given &>()))>
    Answer call(const Given &given) const {
        return try_call(given).value();
    }
    Answer call(std::string_view operation, std::string_view request_json = "{}") const {
        return try_call(operation, request_json).value();
    }
    Pages session_pages(const ListSessions &given = {}, Prefetch prefetch = Prefetch::off) const {
        return try_session_pages(given, prefetch).value();
    }
    Sessions sessions(const ListSessions &given = {}, Prefetch prefetch = Prefetch::off) const {
        return try_sessions(given, prefetch).value();
    }
    template <typename Given, typename = decltype(detail::operation_of(std::declval<const Given &>()))>
    Pending<Answer> start(const Given &given, Done<Answer> done = nullptr) const {
        return try_start(given, std::move(done)).value();
    }
    Pending<Answer> start(std::string_view operation, std::string_view request_json,
                          Done<Answer> done = nullptr) const {
        return try_start(operation, request_json, std::move(done)).value();
    }
#if UPSCOPE_HPP_FUTURES
    /** As try_start_future; the future throws what went wrong, also when the call could not be started. */
    template <typename Given, typename = decltype(detail::operation_of(std::declval<const Given &>()))>
    std::future<Answer> start_future(const Given &given) const {
        return future<Answer>(given);
    }
#endif
#endif

    /** For the functions of upscope.h; it stays this object's. */
    upscope_client *handle() const noexcept { return handle_.get(); }

private:
    explicit Client(upscope_client *client) : handle_(client) {}

    static Error refused(const detail::Writer &json, const char *operation) {
        return detail::error_of(UPSCOPE_INVALID_ARGUMENT, json.problem(), operation);
    }

    Result<Answer> called(const char *operation, const char *json) const {
        char *text = nullptr;
        const upscope_status status = upscope_call(handle_.get(), operation, json, &text);
        return detail::Outcome<Answer>::of(status, detail::Text(text));
    }

    Result<Pending<Answer>> begun(const char *operation, const char *json, Done<Answer> done) const {
        return Pending<Answer>::started(
            std::move(done), [&](upscope_done_fn tell, void *data, upscope_pending **pending, char **error) {
                return upscope_start(handle_.get(), operation, json, tell, data, pending, error);
            });
    }

#if UPSCOPE_HPP_FUTURES
    template <typename T, typename Given>
    std::future<T> future(const Given &given) const {
        auto call = std::make_unique<detail::FutureCall<T>>();
        std::future<T> outcome = call->promise.get_future();
        detail::Writer json;
        json.write(given);
        if (!json.problem().empty()) {
            call->settle(refused(json, detail::operation_of(given)));
            return outcome;
        }
        char *error = nullptr;
        /* Once it is started the call is its own: it may have ended, and be gone, before this line is through. */
        detail::FutureCall<T> *started = call.release();
        const upscope_status status = upscope_start(handle_.get(), detail::operation_of(given), json.c_str(),
                                                    detail::FutureCall<T>::tell, started, &started->pending, &error);
        const detail::Text owned(error);
        if (status != UPSCOPE_OK) {
            call.reset(started);
            call->settle(detail::read_error(status, owned.get()));
        }
        return outcome;
    }
#endif

    std::unique_ptr<upscope_client, detail::Free> handle_;
};

/* ---- Besides ---- */

/** Reads the body of the service's POST to a "webhook_url": the session that has ended. */
inline Result<Session> try_parse_webhook(std::string_view body) {
    const detail::Given given(body);
    if (given.has_nul()) return detail::with_nul("The webhook's body", nullptr);
    char *text = nullptr;
    const upscope_status status = upscope_parse_webhook(given.c_str(), &text);
    const detail::Text owned(text);
    if (status != UPSCOPE_OK || owned == nullptr) return detail::read_error(status, owned.get());
    return Session(owned.get());
}

#if UPSCOPE_HPP_THROWS
inline Session parse_webhook(std::string_view body) { return try_parse_webhook(body).value(); }
#endif

/** Takes a log line: 1 error, 2 warn, 3 info, 4 debug, 5 trace. What it throws is dropped. */
using Log = std::function<void(int level, std::string_view message)>;

namespace detail {

/** The program's log function. Of a lock nobody holds for longer than it takes to copy a pointer. */
class LogPlace {
public:
    std::shared_ptr<const Log> get() {
        const Hold hold(busy_);
        return log_;
    }
    void set(std::shared_ptr<const Log> log) {
        const Hold hold(busy_);
        log_.swap(log);
    }

    /** Never destroyed: lines may come while the program ends. */
    static LogPlace &only() {
        static LogPlace &place = *new LogPlace;
        return place;
    }

    static void write(void *, std::int32_t level, const char *message) noexcept {
#if UPSCOPE_HPP_THROWS
        try {
#endif
            /* The line keeps its function: it may itself set another one. */
            const std::shared_ptr<const Log> log = only().get();
            if (log != nullptr) (*log)(static_cast<int>(level), message);
#if UPSCOPE_HPP_THROWS
        } catch (...) {
            /* A line that cannot be written must not end a call. */
        }
#endif
    }

private:
    class Hold {
    public:
        explicit Hold(std::atomic<bool> &busy) noexcept : busy_(busy) {
            while (busy_.exchange(true, std::memory_order_acquire)) continue;
        }
        Hold(const Hold &) = delete;
        Hold &operator=(const Hold &) = delete;
        ~Hold() { busy_.store(false, std::memory_order_release); }

    private:
        std::atomic<bool> &busy_;
    };

    std::atomic<bool> busy_{false};
    std::shared_ptr<const Log> log_ = {};
};

} // namespace detail

/**
 * Sends the library's log lines, of all clients, to `log`; nullptr turns them off. As upscope_set_logger: when this
 * returns, the former function runs no more, unless it made this call itself.
 */
inline void set_logger(Log log, int max_level = 4) {
    const bool wanted = static_cast<bool>(log);
    detail::LogPlace::only().set(wanted ? std::make_shared<const Log>(std::move(log)) : nullptr);
    upscope_set_logger(wanted ? detail::LogPlace::write : nullptr, nullptr, max_level);
}

/** The library's version, such as "0.1.0". */
inline std::string_view version() noexcept { return upscope_version(); }

/** All operations as a JSON array, with the schema of their requests. */
inline std::string_view operations() noexcept { return upscope_operations(); }

#if !UPSCOPE_HPP_THROWS
} // namespace without_exceptions
#endif
} // namespace upscope

#undef UPSCOPE_HPP_THROWS
#undef UPSCOPE_HPP_PARSES
#undef UPSCOPE_HPP_FUTURES

#endif
