#!/usr/bin/env bash
# Guess:     `np.add.at(a, places, 1)` on an array that threads share loses updates wherever
#            `a += 1` on an array of that size does: both are ufuncs, and NumPy lets go of the GIL in
#            the loop of a ufunc.
# Behaviour: `a += 1` loses nothing up to 500 elements and loses updates from 501 on. `np.add.at`
#            on int64 with 1, or on float64 with 1.0, loses nothing with 10,000 places: its fast loop
#            keeps the GIL. On float64 with 1 (an int, so that it casts) it takes another loop, lets
#            go of the GIL and loses updates. A shared histogram is exact or not by the type of what
#            is added, and a test on a small array proves nothing about a large one.
# Version:   numpy 2.3.5 (PyPI), CPython 3.11 or later with its GIL.
# Source:    NumPy, numpy/_core/src/umath/ufunc_object.c: trivial_at_loop, which has no
#            NPY_BEGIN_THREADS, and ufunc_at__slow_iter, which has; ndarraytypes.h,
#            NPY_BEGIN_THREADS_THRESHOLDED (more than 500).
# Date:      2026-11-29
. "$(dirname "$0")/lib.sh"

need python3
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) or not getattr(sys, "_is_gil_enabled", lambda: True)())' ||
    not_installable "a python3 from 3.11 on, with its GIL"
pip_install venv numpy==2.3.5

cat >"$work/counters.py" <<'P'
import sys
import threading

import numpy


def lost(shared, calls, add, updates):
    """Updates of the first element that two threads have lost."""
    threads = [threading.Thread(target=lambda: [add(shared) for _ in range(calls)]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 2 * calls * updates - int(shared.min())


def in_place(size):
    def add(shared):
        shared += 1

    return lost(numpy.zeros(size, dtype=numpy.int64), 200_000, add, 1)


PLACES = numpy.zeros(10_000, dtype=numpy.intp)


def at(kind, one):
    return lost(numpy.zeros(1, dtype=kind), 300, lambda shared: numpy.add.at(shared, PLACES, one), 10_000)


attempt = {
    "in place, 500": lambda: in_place(500),
    "in place, 501": lambda: in_place(501),
    "at, int64, 1": lambda: at(numpy.int64, 1),
    "at, float64, 1.0": lambda: at(numpy.float64, 1.0),
    "at, float64, 1": lambda: at(numpy.float64, 1),
}[sys.argv[1]]
# A busy machine may run one thread after the other.
print("some" if any(attempt() for _ in range(20)) else "0")
P
run() { "$work/venv/bin/python" "$work/counters.py" "$1"; }
observed "lost by a += 1, 500 elements" "0" "$(run "in place, 500")"
observed "lost by a += 1, 501 elements" "some" "$(run "in place, 501")"
observed "lost by add.at, int64 and 1" "0" "$(run "at, int64, 1")"
observed "lost by add.at, float64 and 1.0" "0" "$(run "at, float64, 1.0")"
observed "lost by add.at, float64 and 1" "some" "$(run "at, float64, 1")"
verdict
