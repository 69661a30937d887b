/* Panics can be caught in a library that is packaged like libupscope. */

#include <stdint.h>

int32_t upscope_other_catches_a_panic(void);

int main(void)
{
    return upscope_other_catches_a_panic() == 1 ? 0 : 1;
}
