/* UPSCOPE_CHECK_VERSION with libraries of other versions. argv[1]: whether the library that is loaded is not older. */

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "upscope.h"

#if UPSCOPE_VERSION_NUMBER < 0x000200
#error "the number is not one for the preprocessor"
#endif

static const char *other_version;

/* The result of the macro if the library has this version. */
static int accepts(const char *version)
{
    other_version = version;
#define upscope_version() other_version
    return UPSCOPE_CHECK_VERSION();
#undef upscope_version
}

int main(int argc, char **argv)
{
    char text[100];

    CHECK(argc == 2, "%d", argc);
    CHECK(UPSCOPE_CHECK_VERSION() == atoi(argv[1]), "library %s, header %s", upscope_version(), UPSCOPE_VERSION);
    sprintf(text, "%d.%d.%d", UPSCOPE_VERSION_MAJOR, UPSCOPE_VERSION_MINOR, UPSCOPE_VERSION_PATCH);
    CHECK(strncmp(UPSCOPE_VERSION, text, strlen(text)) == 0, "%s", text);
    CHECK(accepts(text), "%s", text);
    CHECK(UPSCOPE_VERSION_NUMBER ==
              UPSCOPE_VERSION_MAJOR * 65536 + UPSCOPE_VERSION_MINOR * 256 + UPSCOPE_VERSION_PATCH,
          "%#x", UPSCOPE_VERSION_NUMBER);

    sprintf(text, "%d.%d.%d", UPSCOPE_VERSION_MAJOR, UPSCOPE_VERSION_MINOR, UPSCOPE_VERSION_PATCH + 1);
    CHECK(accepts(text), "%s", text);
    sprintf(text, "%d.%d.0", UPSCOPE_VERSION_MAJOR, UPSCOPE_VERSION_MINOR + 1);
    CHECK(accepts(text), "%s", text);
    sprintf(text, "%d.100.200-rc.1", UPSCOPE_VERSION_MAJOR);
    CHECK(accepts(text), "%s", text);
    sprintf(text, "%d.0.0", UPSCOPE_VERSION_MAJOR + 1);
    CHECK(accepts(text), "%s", text);
    CHECK(!accepts("0.1.0"), "0.1.0");
    CHECK(!accepts("0.1.255"), "0.1.255");
    CHECK(!accepts("0.0.9-rc.900"), "0.0.9-rc.900");
    return checks_end(argv[0], 12);
}
