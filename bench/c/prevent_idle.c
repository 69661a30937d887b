/*
 * Keeps its core out of idle states until standard input is closed. Run it with the scheduling policy SCHED_IDLE, so
 * that every other program runs first.
 */

#include <pthread.h>
#include <stdio.h>

static void *spin(void *unused)
{
    volatile unsigned long turns = 0;

    (void)unused;
    for (;;) turns++;
    return NULL;
}

int main(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, spin, NULL) != 0) return 1;
    while (getchar() != EOF) continue;
    return 0;
}
