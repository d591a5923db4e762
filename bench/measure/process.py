"""Processes and what they cost."""

import os
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass


@dataclass
class Cost:
    """What one run of a command took: seconds of the clock and of all processors, and its peak memory."""

    wall: float
    cpu: float
    peak_mb: float
    output: str
    code: int


def run(command, env=None, ok=(0,), folder=None, timeout=3600):
    """Runs a command to its end. Its output is kept in a file, so that no pipe slows it down."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command],
            env={**os.environ, **(env or {})},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        watch = Watch(process, began + timeout)
        # One child alone is waited for, so that what others use is not counted.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        peak_mb = watch.end()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    if process.returncode not in ok:
        words = " ".join(str(word) for word in command)
        raise SystemExit(f"{words}\nended with {process.returncode}\n{texts[0][-2000:]}{texts[1][-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak_mb, texts[0], process.returncode)


class Watch(threading.Thread):
    """Looks at the peak memory of a process now and then, since what the kernel says at its end counts the memory
    of whoever started it, too. Kills it when it takes too long."""

    def __init__(self, process, deadline):
        super().__init__(daemon=True)
        self.process, self.deadline, self.over, self.peak_kb = process, deadline, threading.Event(), 0
        self.start()

    def run(self):
        while not self.over.wait(0.02):
            self.look()
            if time.perf_counter() > self.deadline:
                self.process.kill()

    def look(self):
        try:
            lines = open(f"/proc/{self.process.pid}/status").read().splitlines()
        except OSError:
            return
        peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
        self.peak_kb = max([self.peak_kb, *peaks])

    def end(self):
        self.over.set()
        self.join()
        return self.peak_kb / 1024


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listening(port, process):
    """Waits until somebody listens on the port."""
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.01)
    raise SystemExit(f"{process.args[0]} does not listen on port {port}")


class Server:
    """A program that listens on a port until it is ended: one of ours by the end of its input, others by a
    signal."""

    def __init__(self, command, port, ours=True):
        self.port, self.ours = port, ours
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        listening(port, self.process)

    def end(self):
        """Ends it; what it printed."""
        if not self.ours:
            self.process.terminate()
        return self.process.communicate(timeout=30)[0].decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()


def median(values):
    return statistics.median(values)


def rounds(cases, number):
    """Runs all cases one after the other, so often, so that a slow minute of the machine hits all of them;
    the results by case."""
    results = {name: [] for name in cases}
    for _ in range(number):
        for name, case in cases.items():
            results[name].append(case())
    return results
