/* A panic is caught in a library that was packaged as libupscope is. */

#include <stdint.h>

int32_t upscope_other_catches_a_panic(void);

int main(void)
{
    return upscope_other_catches_a_panic() == 1 ? 0 : 1;
}
