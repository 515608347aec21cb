#!/usr/bin/env bash
# Guess:     AArch64's load-exclusive and store-exclusive pair is free of ABA also under QEMU: if
#            another thread stored to the word in between, the store-exclusive fails, even if that
#            thread put the old value back.
# Behaviour: QEMU's user mode emulates the pair by a compare-and-swap against the value that was
#            loaded. A store of another value makes the store-exclusive fail (100 of 100), two
#            stores that put the old value back do not (0 of 100 fail). A lock-free structure that
#            relies on the pair against ABA passes its tests or breaks depending on the emulator.
# Version:   qemu-user-static 7.2 (Debian 12), compiler ziglang 0.13.0 (PyPI).
# Source:    QEMU 7.2, target/arm/translate-a64.c, gen_store_exclusive. Its log names the limit:
#            "emulating LL/SC with cmpxchg is not correct, since it can suffer from the ABA problem"
#            ("target-arm: emulate LL/SC using cmpxchg helpers"). Arm Architecture Reference Manual,
#            section on exclusive monitors: a store to the marked address by another observer
#            clears the monitor.
# Date:      2026-11-28
. "$(dirname "$0")/lib.sh"

[ "$(uname -m)" = x86_64 ] || not_installable "the observation needs an x86-64 host"
deb_unpack 'qemu-user-static=1:7.2+dfsg-*'
pip_install venv ziglang==0.13.0

cat >"$work/aba.c" <<'C'
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t word;
static uint32_t turn; /* 0: before the pair, 1: between its halves, 2: the stores are done */
static int stores;

static void *other_thread(void *unused) {
    (void)unused;
    while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) != 1) {
    }
    for (int i = 0; i < stores; i++) /* 1 -> 2, and with a second store back to 1 */
        __atomic_store_n(&word, i == 0 ? 2 : 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&turn, 2, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(int argc, char **argv) {
    int failed = 0;
    stores = argc > 1 ? atoi(argv[1]) : 0;
    for (int run = 0; run < 100; run++) {
        pthread_t thread;
        uint64_t loaded;
        uint32_t status, seen;
        word = 1;
        turn = 0;
        pthread_create(&thread, NULL, other_thread, NULL);
        __asm__ volatile("ldaxr %0, [%3]\n"
                         "stlr %w4, [%5]\n"
                         "1: ldar %w2, [%5]\n"
                         "cmp %w2, #2\n"
                         "b.ne 1b\n"
                         "stlxr %w1, %6, [%3]\n"
                         : "=&r"(loaded), "=&r"(status), "=&r"(seen)
                         : "r"(&word), "r"(1), "r"(&turn), "r"((uint64_t)9)
                         : "memory", "cc");
        failed += status != 0;
        pthread_join(thread, NULL);
    }
    printf("%d of 100\n", failed);
    return 0;
}
C
export ZIG_GLOBAL_CACHE_DIR="$work/zig" ZIG_LOCAL_CACHE_DIR="$work/zig"
"$work/venv/bin/python" -m ziglang cc -target aarch64-linux-musl -O1 -static \
    "$work/aba.c" -o "$work/aba" 2>"$work/zig.log" ||
    { cat "$work/zig.log" >&2; not_installable "zig cc for AArch64"; }

qemu="$work/root/usr/bin/qemu-aarch64-static"
"$qemu" --version | head -1
observed "store-exclusive failed, no store in between" "0 of 100" "$("$qemu" "$work/aba" 0)"
observed "store-exclusive failed, 1 -> 2 in between" "100 of 100" "$("$qemu" "$work/aba" 1)"
observed "store-exclusive failed, 1 -> 2 -> 1 in between" "0 of 100" "$("$qemu" "$work/aba" 2)"
verdict
