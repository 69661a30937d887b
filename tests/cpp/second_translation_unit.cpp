/* Includes the header a second time in a program: nothing of it is defined twice. Throws, also where the other file is
 * built without exceptions. */

#include "second_translation_unit.h"

#include "upscope.hpp"

int status_of_caught_error(void) {
    try {
        upscope::Client client({"key", "ftp://nowhere.example"});
        return 0;
    } catch (const upscope::InvalidArgumentError &error) {
        return error.status();
    }
}
