# How every program begins that gild gives an interpreter: a line that says who runs it. Never
# imports from the working directory, and keeps to words that the oldest Python understands, so that
# one that is too old can say so.
import sys

sys.path[:] = [place for place in sys.path if place]


def identity():
    own = getattr(sys, "implementation", None)
    name = getattr(own, "name", "cpython")
    if name != "cpython":
        return [name, own.version]
    import platform

    # The 2.7 of others has no sys.implementation.
    name = getattr(platform, "python_implementation", lambda: "CPython")()
    return [name, getattr(sys, "pypy_version_info", sys.version_info)]


def lock():
    has_lock = getattr(sys, "_is_gil_enabled", None)
    if has_lock is None:
        return "held"
    if not has_lock():
        return "absent"
    try:
        import sysconfig

        is_free_threaded = sysconfig.get_config_var("Py_GIL_DISABLED")
    except ImportError:
        # Some come without the notes of their build.
        is_free_threaded = "t" in sys.abiflags
    return is_free_threaded and "enabled" or "held"


name, version = identity()
sys.stdout.write(" ".join([name, ".".join([str(part) for part in version[:3]]), lock()]) + "\n")
sys.stdout.flush()
