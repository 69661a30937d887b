/* Includes the header in a second file of a program, to check that nothing is defined twice. This file uses exceptions,
 * even if the other one is built without them. */

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
