/*
 * Reads single values from a JSON text, for programs that have no JSON library.
 *
 *     json_value id = json_pick(answer, "visitors.0.short_id");
 *     char text[64];
 *     if (json_text(id, text, sizeof text)) puts(text);
 *
 * A path consists of keys and array indexes, separated by dots. A key that contains a dot cannot be used. The `at` of
 * one value can be the text from which the next value is read.
 * The text must be valid JSON, like all JSON from libupscope. With other text, the result may be meaningless, but
 * nothing is read past the end. Nothing is allocated: a json_value points into the text and is valid as long as the text
 * is.
 */

#ifndef JSON_PICK_H
#define JSON_PICK_H

#include <stddef.h>
#include <string.h>

/* One value as written in the text, with quotes and brackets; `at` is NULL if there is none. */
typedef struct json_value {
    const char *at;
    size_t length;
} json_value;

static inline const char *json_skip_space(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') at++;
    return at;
}

/* Skips a string: from its opening quote to after its closing quote. */
static inline const char *json_skip_string(const char *at)
{
    for (at++; *at != '\0' && *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0') at++;
    }
    return *at == '"' ? at + 1 : at;
}

/* Counts brackets instead of recursing, so that depth uses no stack. */
static inline const char *json_skip_value(const char *at)
{
    size_t depth = 0;

    do {
        if (*at == '"') {
            at = json_skip_string(at);
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0) return at;
            depth--;
            at++;
        } else if (depth > 0 && *at != '\0') {
            at++;
        } else {
            at += strcspn(at, ",]} \t\r\n");
        }
    } while (depth > 0 && *at != '\0');
    return at;
}

static inline long json_hex4(const char *at)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    long code = 0;
    int i;

    for (i = 0; i < 4; i++) {
        const char *digit = at[i] == '\0' ? NULL : strchr(digits, at[i]);
        if (digit == NULL) return -1;
        code = code * 16 + (digit - digits) % 16;
    }
    return code;
}

static inline size_t json_utf8(long code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | (code >> 12));
        out[1] = (char)(0x80 | ((code >> 6) & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (code >> 18));
    out[1] = (char)(0x80 | ((code >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((code >> 6) & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* Decodes the character at *at and advances. Returns its length in bytes; 0 for a NUL, an unpaired surrogate or invalid
   JSON. */
static inline size_t json_next_character(const char **at, char out[4])
{
    static const char plain[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    const char *escape;
    long code, low;

    if (**at != '\\') {
        out[0] = *(*at)++;
        return 1;
    }
    if ((*at)[1] == 'u') {
        code = json_hex4(*at + 2);
        if (code <= 0) return 0;
        *at += 6;
        if (code >= 0xDC00 && code <= 0xDFFF) return 0;
        if (code >= 0xD800 && code <= 0xDBFF) {
            low = (*at)[0] == '\\' && (*at)[1] == 'u' ? json_hex4(*at + 2) : -1;
            if (low < 0xDC00 || low > 0xDFFF) return 0;
            *at += 6;
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        return json_utf8(code, out);
    }
    escape = (*at)[1] == '\0' ? NULL : strchr(plain, (*at)[1]);
    if (escape == NULL) return 0;
    out[0] = meant[escape - plain];
    *at += 2;
    return 1;
}

/* Whether the string at the opening quote `at` equals the `length` bytes at `key`. */
static inline int json_string_is(const char *at, const char *key, size_t length)
{
    char bytes[4];

    for (at++; *at != '"' && *at != '\0';) {
        size_t count = json_next_character(&at, bytes);
        if (count == 0 || count > length || memcmp(bytes, key, count) != 0) return 0;
        key += count;
        length -= count;
    }
    return length == 0;
}

/* The value of `part` (a key or an index) in the object or array at `at`; NULL if there is none. */
static inline const char *json_step(const char *at, const char *part, size_t length)
{
    char close = *at == '{' ? '}' : ']';
    size_t position = 0, wanted = 0, i;

    if (*at != '{' && *at != '[') return NULL;
    if (*at == '[') {
        if (length == 0 || length > 9) return NULL;
        for (i = 0; i < length; i++) {
            if (part[i] < '0' || part[i] > '9') return NULL;
            wanted = wanted * 10 + (size_t)(part[i] - '0');
        }
    }
    for (at = json_skip_space(at + 1); *at != close && *at != '\0'; position++) {
        int found = position == wanted;
        if (close == '}') {
            if (*at != '"') return NULL;
            found = json_string_is(at, part, length);
            at = json_skip_space(json_skip_string(at));
            if (*at != ':') return NULL;
            at = json_skip_space(at + 1);
        }
        if (found) return at;
        at = json_skip_space(json_skip_value(at));
        if (*at != ',') return NULL;
        at = json_skip_space(at + 1);
    }
    return NULL;
}

/* The value at `path`; the whole text if `path` is "". */
static inline json_value json_pick(const char *json, const char *path)
{
    json_value value = {NULL, 0};
    const char *at = json == NULL ? NULL : json_skip_space(json);

    while (at != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        at = json_step(at, path, length);
        path += length;
        if (*path == '.') path++;
    }
    if (at != NULL && *at != '\0') {
        value.at = at;
        value.length = (size_t)(json_skip_value(at) - at);
    }
    return value;
}

/* Whether a value is written exactly like this: json_is(value, "true"). */
static inline int json_is(json_value value, const char *written)
{
    return value.at != NULL && value.length == strlen(written) && memcmp(value.at, written, value.length) == 0;
}

/* Decodes a string into `out`, NUL-terminated. Returns 0, and "", if it is not a string or does not fit. */
static inline int json_text(json_value value, char *out, size_t size)
{
    const char *at = value.at;
    size_t used = 0;

    if (size == 0) return 0;
    out[0] = '\0';
    if (at == NULL || *at != '"') return 0;
    for (at++; *at != '"' && *at != '\0';) {
        char bytes[4];
        size_t count = json_next_character(&at, bytes);
        if (count == 0 || used + count >= size) {
            out[0] = '\0';
            return 0;
        }
        memcpy(out + used, bytes, count);
        used += count;
    }
    out[used] = '\0';
    return 1;
}

/* An integer of at most 9 digits; `otherwise` for anything else. */
static inline long json_integer(json_value value, long otherwise)
{
    long number = 0;
    size_t i = value.at != NULL && *value.at == '-' ? 1 : 0;
    long sign = i == 1 ? -1 : 1;

    if (value.at == NULL || value.length == i || value.length > i + 9) return otherwise;
    for (; i < value.length; i++) {
        if (value.at[i] < '0' || value.at[i] > '9') return otherwise;
        number = number * 10 + (value.at[i] - '0');
    }
    return sign * number;
}

/* The number of elements of an array; 0 for anything else. */
static inline size_t json_count(json_value value)
{
    const char *at;
    size_t count = 0;

    if (value.at == NULL || *value.at != '[') return 0;
    for (at = json_skip_space(value.at + 1); *at != ']' && *at != '\0';) {
        count++;
        at = json_skip_space(json_skip_value(at));
        if (*at != ',') break;
        at = json_skip_space(at + 1);
    }
    return count;
}

/* Writes `text` (UTF-8) as a JSON string with quotes. Returns 0 if it does not fit. */
static inline int json_quote(const char *text, char *out, size_t size)
{
    static const char hex[] = "0123456789abcdef";
    size_t used = 0;

    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        /* Room for the longest escape, both quotes and the NUL. */
        if (used + 9 > size) return 0;
        if (used == 0) out[used++] = '"';
        if (byte < 0x20) {
            memcpy(out + used, "\\u00", 4);
            out[used + 4] = hex[byte >> 4];
            out[used + 5] = hex[byte & 15];
            used += 6;
        } else {
            if (byte == '"' || byte == '\\') out[used++] = '\\';
            out[used++] = (char)byte;
        }
    }
    if (used == 0) {
        if (size < 3) return 0;
        out[used++] = '"';
    }
    out[used++] = '"';
    out[used] = '\0';
    return 1;
}

#endif
