#!/usr/bin/env bash
# Guess:     a tool that slows a program down and interleaves its threads keeps an unlocked
#            `n = n + 1` at least as lossy as it is natively.
# Behaviour: under Valgrind nothing is lost: one thread runs at a time, and it hands over only
#            between basic blocks, after 100,000 of them. Load, add and store are one block. A call
#            between load and store makes two blocks of them and opens the window; what is then
#            lost are whole turns of the other thread (in a loop of three blocks 33,333 updates at
#            a time), not single updates. --fair-sched=yes changes nothing.
# Version:   valgrind 3.19.0 (Debian 12), tool none; any C compiler.
# Source:    Valgrind 3.19 manual, section "Support for Threads" (execution is serialised);
#            coregrind/m_scheduler/scheduler.c, SCHEDULING_QUANTUM (100,000 basic blocks).
# Date:      2026-11-28
. "$(dirname "$0")/lib.sh"

need cc
deb_unpack 'valgrind=1:3.19.0-*'

cat >"$work/counter.c" <<'C'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static volatile long n;
static long updates;
static pthread_barrier_t start;

static __attribute__((noinline)) long one(void) {
    __asm__ volatile("");
    return 1;
}

static void *count(void *unused) {
    (void)unused;
    pthread_barrier_wait(&start);
    for (long i = 0; i < updates; i++) {
#ifdef CALL
        long loaded = n;
        n = loaded + one();
        one(); /* an odd number of blocks: the turns end in each place of the loop */
#else
        n = n + 1;
#endif
    }
    return NULL;
}

/* prints the lost updates of two threads, one line a run */
int main(int argc, char **argv) {
    updates = argc > 1 ? atol(argv[1]) : 0;
    for (int run = 0; run < 10; run++) {
        pthread_t threads[2];
        n = 0;
        pthread_barrier_init(&start, NULL, 2);
        for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, count, NULL);
        for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
        printf("%ld\n", 2 * updates - n);
    }
    return 0;
}
C
{ cc -O1 -pthread "$work/counter.c" -o "$work/plain" &&
    cc -O1 -pthread -DCALL "$work/counter.c" -o "$work/call"; } ||
    not_installable "cc cannot build a C program with threads"

export VALGRIND_LIB="$work/root/usr/libexec/valgrind"
none() { "$work/root/usr/bin/valgrind.bin" -q --tool=none "$@"; }
some() { awk '{ lost += $1 } END { print (lost > 0 ? "some" : "0") }'; }
none --version
updates=30000000 # long enough that the threads overlap natively on a busy machine too
observed "lost natively" "some" "$("$work/plain" $updates | some)"
observed "lost under valgrind" "0" "$(none "$work/plain" $updates | some)"
observed "lost under valgrind, fair" "0" "$(none --fair-sched=yes "$work/plain" $updates | some)"
updates=3000000
none "$work/call" $updates >"$work/lost"
observed "lost under valgrind with a call inside" "some" "$(some <"$work/lost")"
observed "lost updates are whole turns of 33,333" "yes" "$(awk '
    { turns = $1 / (100000 / 3); off = turns - int(turns + 0.5); if (off < 0) off = -off }
    off * 100000 / 3 > 100 { partial = 1 }
    END { print (partial ? "no" : "yes") }' "$work/lost")"
echo "lost in 10 runs of 2 x $updates: $(xargs <"$work/lost")"
verdict
