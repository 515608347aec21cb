# How every program begins that gild gives an interpreter: a line that says who runs it. Never
# imports from the working directory, and keeps to words that the oldest Python understands, so that
# one that is too old can say so.
import sys

sys.path[:] = [place for place in sys.path if place]

import platform

sys.stdout.write(" ".join([
    getattr(platform, "python_implementation", lambda: "CPython")(),
    ".".join([str(part) for part in sys.version_info[:3]]),
    getattr(sys, "_is_gil_enabled", lambda: True)() and "held" or "absent",
]) + "\n")
sys.stdout.flush()
