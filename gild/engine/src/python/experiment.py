# The experiment in a real interpreter: reads a job a line, answers with an outcome a line, ends
# with its input. Never chooses what to run, never judges it. Runs on 2.7 and from 3.2 on.
import fcntl
import json
import os
import resource
import signal
import socket
import sys
import threading
import time

try:
    from _thread import get_ident
except ImportError:
    from thread import get_ident

try:
    from concurrent.futures import ThreadPoolExecutor as Pool
except ImportError:
    from Queue import Queue

    class Pool(object):
        """What 2.7 has not: starts a thread with each task until there are enough."""

        def __init__(self, workers):
            self.workers, self.threads, self.queue = workers, [], Queue()

        def __enter__(self):
            return self

        def __exit__(self, *exception):
            for thread in self.threads:
                self.queue.put(None)
            for thread in self.threads:
                thread.join()

        def submit(self, function, *arguments):
            self.queue.put((function, arguments))
            if len(self.threads) < self.workers:
                self.threads.append(start(self.serve))

        def serve(self):
            while True:
                item = self.queue.get()
                if item is None:
                    return
                function, arguments = item
                function(*arguments)

    range = xrange

# 2.7 and 3.2 have no monotonic clock; theirs is the system's time, to a quarter of a microsecond.
clock = getattr(time, "perf_counter", time.time)

num = 0
owner = None
lock = threading.Lock()
devnull = os.open(os.devnull, os.O_WRONLY)
S = [None]


def one():
    return 1


BODIES = {
    "increment": "num += 1",
    "split": "t = num; num = t + 1",
    "call": "num += one()",
    "call-first": "num = one() + num",
    "builtin": "num += abs(1)",
    "len": "num += len(S)",
    "loop": "t = num\nfor _ in (0,): pass\nnum = t + 1",
    "forward-jump": "num += (1 if i < 0 else 1)",
    "io": "t = num; os.write(devnull, b'x'); num = t + 1",
    "locked": "with lock: num += 1",
}


def compiled(name):
    lines = ["def body(n):", "    global num", "    for i in range(n):"]
    lines += ["        " + line for line in BODIES[name].split("\n")]
    exec(compile("\n".join(lines), name, "exec"), globals())
    return globals().pop("body")


# Compiled once: from 3.11 on a body is fast only after it has run.
COMPILED = dict((name, compiled(name)) for name in BODIES)

# Bodies between two looks at whether to stop.
CHUNK = 100


# The core of each thread; empty where the kernel decides.
cores = []


def pin(place):
    # 2.7 cannot, and a system may refuse: there the kernel decides.
    if cores and hasattr(os, "sched_setaffinity"):
        try:
            os.sched_setaffinity(0, [cores[place]])
        except OSError:
            pass


class Seat(object):
    """What one thread did; no other thread writes to it."""

    def __init__(self, place=None):
        if place is not None:
            pin(place)
        self.increments = self.since_pause = self.switches = 0
        self.first = self.last = None
        self.latencies = []

    def outcome(self, start):
        span = None
        if self.last is not None:
            first = nanoseconds(self.first - start)
            span = [first, max(first, nanoseconds(self.last - start))]
        return {"increments": self.increments, "span_ns": span}


def nanoseconds(seconds):
    return max(0, int(round(seconds * 1e9)))


def start(function, *arguments):
    thread = threading.Thread(target=function, args=arguments)
    # A stuck thread must not keep the interpreter.
    thread.daemon = True
    thread.start()
    return thread


def join(threads):
    for thread in threads:
        thread.join()


class Failures(list):
    """What threads died of: no other thread reports it, and it would look like lost updates."""

    def __enter__(self):
        return self

    def __exit__(self, kind, exception, trace):
        if kind is not None:
            self.append(described(kind, exception))

    def check(self):
        if self:
            raise RuntimeError("a thread died of " + self[0])


def described(kind, exception):
    return "%s: %s" % (kind.__name__, exception)


def run_tasks(body, workers, tasks, increments, io):
    seats, failures, places, seating = {}, Failures(), iter(range(workers)), threading.Lock()

    def place():
        with seating:
            return next(places)

    def task(increments):
        with failures:
            began = clock()
            seat = seats.get(get_ident())
            if seat is None:
                seat = seats[get_ident()] = Seat(place())
                seat.first = began
            if io is None:
                body(increments)
            else:
                with_pauses(body, seat, increments, io["every"], io["duration_ns"] / 1e9)
            seat.increments += increments
            seat.last = clock()

    began = clock()
    with Pool(workers) as pool:
        for _ in range(tasks):
            pool.submit(task, increments)
    ended = clock()
    failures.check()
    seated = sorted(seats.values(), key=lambda seat: seat.first)
    done = sum(seat.increments for seat in seated)
    if done != tasks * increments:
        raise RuntimeError("%d increments were done of %d" % (done, tasks * increments))
    idle = [Seat() for _ in range(workers - len(seated))]
    return outcome(began, ended, seated + idle)


def with_pauses(body, seat, increments, every, seconds):
    while increments:
        chunk = min(increments, every - seat.since_pause)
        body(chunk)
        increments -= chunk
        seat.since_pause += chunk
        if seat.since_pause == every:
            seat.since_pause = 0
            time.sleep(seconds)


def run_requests(body, cpu, io, requests, call):
    calls = [CALLS[call["kind"]](**call.get("value", {})) for _ in range(io)]
    computing, asking = [Seat() for _ in range(cpu)], [Seat() for _ in range(io)]
    finished, failures = [], Failures()

    def compute(place, seat, gate):
        with failures:
            pin(place)
            seat.first = clock()
            try:
                body(CHUNK)
            finally:
                gate.release()
            seat.increments += CHUNK
            while len(finished) < io:
                body(CHUNK)
                seat.increments += CHUNK
            seat.last = clock()

    def ask(place, seat, call):
        with failures:
            try:
                pin(cpu + place)
                seat.first = clock()
                for _ in range(requests):
                    began = clock()
                    call()
                    seat.latencies.append(clock() - began)
                seat.last = clock()
            finally:
                finished.append(seat)

    gates = [threading.Lock() for _ in range(cpu)]
    for gate in gates:
        gate.acquire()
    began = clock()
    threads = [start(compute, at, seat, gate) for at, (seat, gate) in enumerate(zip(computing, gates))]
    # No request is made before every other thread computes.
    for gate in gates:
        gate.acquire()
    threads += [start(ask, at, seat, made.call) for at, (seat, made) in enumerate(zip(asking, calls))]
    join(threads)
    ended = clock()
    for made in calls:
        made.close()
    failures.check()
    return outcome(began, ended, computing + asking)


class Sleep(object):
    """A call that lasts a given time."""

    def __init__(self, ns):
        seconds = ns / 1e9
        self.call = lambda: time.sleep(seconds)

    def close(self):
        pass


class Write(object):
    """Two calls that never block: a byte into a pipe and out again."""

    def __init__(self):
        self.reader, self.writer = os.pipe()

    def call(self):
        os.write(self.writer, b"x")
        os.read(self.reader, 1)

    def close(self):
        os.close(self.writer)
        os.close(self.reader)


class Echo(object):
    """A byte to another process and back; forked before any thread is started."""

    def __init__(self):
        self.near, far = socket.socketpair()
        self.process = os.fork()
        if self.process == 0:
            serve_echo(far.fileno())
        far.close()

    def call(self):
        self.near.send(b"x")
        self.near.recv(1)

    def close(self):
        self.near.close()
        os.waitpid(self.process, 0)


def serve_echo(far):
    try:
        # Any other open end would keep a reader from seeing the end of it.
        os.dup2(far, 0)
        os.closerange(1, far + 1)
        while True:
            byte = os.read(0, 1)
            if not byte:
                break
            os.write(0, byte)
    finally:
        os._exit(0)


CALLS = {"sleep": Sleep, "echo": Echo, "write": Write}


def run_switches(body, threads, duration_ns):
    seats, failures = [Seat() for _ in range(threads)], Failures()
    arrived, begun = [], []

    def spin(place, seat):
        global owner
        with failures:
            pin(place)
            arrived.append(seat)
            while len(arrived) < threads:
                pass
            begun.append(clock())
            switches, end = 0, begun[0] + duration_ns / 1e9
            seat.first = clock()
            while clock() < end:
                for _ in range(CHUNK):
                    if owner is not seat:
                        owner = seat
                        switches += 1
            seat.switches, seat.last = switches, clock()

    join([start(spin, at, seat) for at, seat in enumerate(seats)])
    failures.check()
    result = outcome(begun[0], max(seat.last for seat in seats), seats)
    # The first of all had no predecessor.
    result["switches"] = max(0, sum(seat.switches for seat in seats) - 1)
    return result


def outcome(start, end, seats):
    return {
        "total": num,
        "duration_ns": max(1, nanoseconds(end - start)),
        "workers": [seat.outcome(start) for seat in seats],
        "switches": None,
        "latencies_ns": [nanoseconds(wait) for seat in seats for wait in seat.latencies],
    }


def run_alone(body, increments):
    # No other thread, and none started: the process's time on a processor is this thread's.
    seat, began = Seat(), clock()
    body(increments)
    seat.increments, seat.first, seat.last = increments, began, clock()
    return outcome(began, seat.last, [seat])


WORK = {"alone": run_alone, "tasks": run_tasks, "requests": run_requests, "switches": run_switches}

if sys.version_info[0] == 2:
    OWN, hand_over_by = sys.getcheckinterval(), sys.setcheckinterval
else:
    OWN, hand_over_by = sys.getswitchinterval(), sys.setswitchinterval


def run(job):
    global num, owner, cores
    num, owner, cores = 0, None, job["cores"]
    rule, work = job["rule"], job["work"]
    hand_over_by({
        "interval": lambda: rule["value"]["picoseconds"] / 1e12,
        "ticks": lambda: rule["value"],
        "own": lambda: OWN,
    }[rule["kind"]]())
    before = resource.getrusage(resource.RUSAGE_SELF)
    result = WORK[work["kind"]](COMPILED[job["body"]], **work["value"])
    after = resource.getrusage(resource.RUSAGE_SELF)
    result["cpu_ns"] = [nanoseconds(after[field] - before[field]) for field in (0, 1)]
    result["context_switches"] = [after[field] - before[field] for field in (14, 15)]
    return result


def with_parent(busy):
    # While it is busy nothing goes out, so a signal about the output says that gild is gone; by default
    # it ends this process. One about the input may be late: the kernel sends it after it has woken the
    # reader, which may be here by then. Of the output gild has read all before it asks again.
    flags = fcntl.fcntl(1, fcntl.F_GETFL)
    fcntl.fcntl(1, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(1, fcntl.F_SETFL, flags | fcntl.FASYNC if busy else flags & ~fcntl.FASYNC)


def answer(line):
    job = json.loads(line)
    # Should gild die without a word, the kernel ends this process, whichever thread has the lock.
    signal.alarm(job["alarm_s"])
    try:
        with_parent(True)
        result = {"outcome": run(job)}
        with_parent(False)
        signal.alarm(0)
    except Exception:
        result = {"error": described(*sys.exc_info()[:2])}
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


while True:
    line = sys.stdin.readline()
    if not line:
        break
    answer(line)
