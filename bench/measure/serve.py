"""A server that is asked over and over: how many answers a second, how late, and at what cost."""

import json
import subprocess
import tempfile

from . import place
from .goal import Table
from .process import free_port, listening, median, run

AT_ONCE = (1, 8, 64)
COSTS = ("rate", "p50_ms", "p99_ms", "cpu_us", "peak_mb")


def courant(space, requests, lanes):
    """What `serve` of a workspace costs, asked over so many connections at once."""
    port = free_port()
    return asked([place.COURANT, "-C", space, "serve", "--listen", f"127.0.0.1:{port}"], port, requests, lanes)


def node(script, word, requests, lanes):
    """The same for a script of node that takes its port and a word."""
    port = free_port()
    return asked([place.program("node"), place.built(place.BUILD / "node" / script), port, word], port, requests, lanes)


def asked(command, port, requests, lanes):
    """Each request goes out whole, behind its length."""
    with tempfile.NamedTemporaryFile() as file:
        for request in requests:
            file.write(len(request).to_bytes(4, "big") + request)
        file.flush()
        words = [str(word) for word in command]
        server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            listening(port, server)
            before = usage(server)
            said = json.loads(run([place.built(place.RELEASE / "posts"), port, file.name, lanes]).output)
            after = usage(server)
        finally:
            server.terminate()
            server.wait(60)
    cpu = (after["cpu"] - before["cpu"]) / said["requests"] * 1e6
    return {**said, "rate": said["requests"] / said["seconds"], "cpu_us": cpu, "peak_mb": after["peak_mb"]}


def usage(process):
    """Processor seconds so far, and the peak of memory."""
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    lines = open(f"/proc/{process.pid}/status").read().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return {"cpu": (int(fields[11]) + int(fields[12])) / 100, "peak_mb": peak / 1024}


def shown(results, what):
    """A table of servers, and the median of each cost by server and connections."""
    table = Table("server", "at once", f"{what}/s", "p50 ms", "p99 ms", "CPU µs", "peak MB")
    middle = {case: {cost: median([run[cost] for run in runs]) for cost in COSTS} for case, runs in results.items()}
    for (name, lanes), costs in middle.items():
        table.add(name, lanes, *costs.values())
    table.show()
    return middle
