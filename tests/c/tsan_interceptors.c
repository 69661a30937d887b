/* Functions that Rust's compiler expects from ThreadSanitizer and that gcc's runtime lacks under these names, because it
 * intercepts memcpy and the others. Weak, for runtimes that have them. Compile with -fno-builtin, so that the calls remain. */

#include <string.h>

void *__tsan_memcpy(void *to, const void *from, size_t bytes);
void *__tsan_memmove(void *to, const void *from, size_t bytes);
void *__tsan_memset(void *to, int byte, size_t bytes);

__attribute__((weak)) void *__tsan_memcpy(void *to, const void *from, size_t bytes)
{
    return memcpy(to, from, bytes);
}

__attribute__((weak)) void *__tsan_memmove(void *to, const void *from, size_t bytes)
{
    return memmove(to, from, bytes);
}

__attribute__((weak)) void *__tsan_memset(void *to, int byte, size_t bytes)
{
    return memset(to, byte, bytes);
}
