/* Prints the time and memory that a program with one call needs. */

#include "sandbox.h"

#include <windows.h>
#include <psapi.h>

static unsigned long long hundred_nanoseconds(FILETIME time)
{
    return ((unsigned long long)time.dwHighDateTime << 32) | time.dwLowDateTime;
}

static unsigned long kilobytes(void)
{
    PROCESS_MEMORY_COUNTERS memory;

    memset(&memory, 0, sizeof memory);
    CHECK(GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory), "no figures");
    return (unsigned long)(memory.PeakWorkingSetSize / 1024);
}

int main(int argc, char **argv)
{
    FILETIME began, ended, kernel, user, now;
    unsigned long before = kilobytes();
    unsigned long long at_main, at_response;
    upscope_client *client;

    (void)argc;
    CHECK(GetProcessTimes(GetCurrentProcess(), &began, &ended, &kernel, &user), "no times");
    GetSystemTimeAsFileTime(&now);
    at_main = (hundred_nanoseconds(now) - hundred_nanoseconds(began)) / 10;
    client = sandbox_client("sandbox-key", "");
    upscope_string_free(call_ok(client, "get_usage", NULL));
    GetSystemTimeAsFileTime(&now);
    at_response = (hundred_nanoseconds(now) - hundred_nanoseconds(began)) / 10;
    printf("    footprint: main after %lu ms, response after %lu ms; working set %lu KB, of which %lu KB before the call\n",
           (unsigned long)(at_main / 1000), (unsigned long)(at_response / 1000), kilobytes(), before);
    upscope_client_free(client);
    return checks_end(argv[0], 5);
}
