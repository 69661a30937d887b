/* Makes the calls that tests/conformance.rs asks for. An input line is "operation TAB configuration TAB request", an output
 * line "status TAB text". */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

#include "call_checks.h"

static void die(const char *why)
{
    fprintf(stderr, "conformance_executor: %s\n", why);
    exit(2);
}

/* A line of any length, without its end; NULL at the end of the input. */
static char *read_line(void)
{
    size_t length = 0, room = 4096;
    char *line = malloc(room);
    int c;
    if (line == NULL)
        die("out of memory");
    while ((c = getchar()) != EOF && c != '\n') {
        if (length + 1 == room) {
            room *= 2;
            line = realloc(line, room);
            if (line == NULL)
                die("out of memory");
        }
        line[length++] = (char)c;
    }
    if (c == EOF && length == 0) {
        free(line);
        return NULL;
    }
    line[length] = '\0';
    return line;
}

/* Ends the text at its next tab and returns what follows. */
static char *split_at_tab(char *text)
{
    char *tab = strchr(text, '\t');
    if (tab == NULL)
        die("a line must have three parts");
    *tab = '\0';
    return tab + 1;
}

static void print_escaped(const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        switch (*text) {
        case '\\': fputs("\\\\", stdout); break;
        case '\n': fputs("\\n", stdout); break;
        case '\r': fputs("\\r", stdout); break;
        case '\t': fputs("\\t", stdout); break;
        default: putchar(*text);
        }
    }
}

/* Prints all pages as an array, or the error that ended the iteration. */
static void list_pages(const upscope_client *client, const char *request)
{
    upscope_sessions *pages;
    char *text;
    char *array = calloc(1, 2);
    upscope_status status = upscope_sessions_open(client, request, &pages, &text);
    if (array == NULL)
        die("out of memory");
    while (status == UPSCOPE_OK && (status = upscope_sessions_next(pages, &text)) == UPSCOPE_OK) {
        size_t length = strlen(array);
        array = realloc(array, length + strlen(text) + 3);
        if (array == NULL)
            die("out of memory");
        array[length] = length == 0 ? '[' : ',';
        strcpy(array + length + 1, text);
        upscope_string_free(text);
    }
    printf("%d\t", (int)status);
    if (status == UPSCOPE_DONE) {
        if (text != NULL)
            die("UPSCOPE_DONE with a text");
        print_escaped(array);
        putchar(']');
    } else {
        print_escaped(text);
        upscope_string_free(text);
    }
    free(array);
    upscope_sessions_free(pages);
}

static void call(const upscope_client *client, const char *operation, const char *request)
{
    typed_function function = function_of(operation);
    upscope_status status;
    char *text;

    if (function == NULL)
        die("unknown operation");
    status = function(client, request, &text);
    printf("%d\t", (int)status);
    print_escaped(text);
    upscope_string_free(text);
}

int main(void)
{
    char *operation;
#ifdef _WIN32
    /* Text mode would translate line endings. */
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    while ((operation = read_line()) != NULL) {
        char *config = split_at_tab(operation);
        char *request = split_at_tab(config);
        char *text;
        if (strcmp(operation, "@parse_webhook") == 0) {
            printf("%d\t", (int)upscope_parse_webhook(request, &text));
            print_escaped(text);
            upscope_string_free(text);
        } else {
            upscope_client *client;
            if (upscope_client_new(config, &client, &text) != UPSCOPE_OK) {
                fprintf(stderr, "%s\n", text);
                die("no client");
            }
            if (strcmp(operation, "@pages") == 0)
                list_pages(client, request);
            else
                call(client, operation, request);
            upscope_client_free(client);
        }
        putchar('\n');
        fflush(stdout);
        free(operation);
    }
    return 0;
}
