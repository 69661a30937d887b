/*
 * Keeps the processor that it runs on from sleeping, until its standard input ends. To be run with the priority of an
 * idle processor: whoever has work goes first.
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
