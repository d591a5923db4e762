"""Everybody who can send: Courant, and the peers. Each sends to a port and says what it took."""

import json
import os
import pathlib
import shutil

from . import letter, place
from .process import Server, free_port, run


class Result:
    """One run: letters a second as the sink saw them, and processor time for each letter."""

    def __init__(self, letters, cost, counts):
        self.letters, self.cost, self.counts = letters, cost, counts
        # The sink knows when the first letter ended and when the last; smtp-sink keeps no time.
        span = counts.get("span_s") if counts else None
        self.rate = (letters - 1) / span if span else letters / cost.wall
        self.cpu_us = cost.cpu / letters * 1e6
        self.missing = letters - counts["unique"] if counts else 0
        self.twice = counts["messages"] - counts["unique"] if counts else 0


class Peer:
    """A sender that is told an address, a number and how many connections to use."""

    def __init__(self, name, command, folder):
        self.name, self.command, self.folder = name, command, folder

    def prepare(self, letters, connections, port):
        return letters

    def send(self, letters, connections, port):
        command = [*self.command, f"127.0.0.1:{port}", letters, connections, "send"]
        return run(command, env={"LETTER": str(self.folder)})

    def encode(self, letters):
        """Microseconds to make one letter."""
        return self.timed("encode", letters)

    def sign(self, letters, key):
        """Microseconds that a signature with the key of this file adds to a letter."""
        return self.timed("sign", letters, KEY=str(key))

    def timed(self, mode, letters, **environment):
        command = [*self.command, "127.0.0.1:1", letters, 1, mode]
        return json.loads(run(command, env={"LETTER": str(self.folder), **environment}).output)["us_per_letter"]


def peers(folder):
    """The peers, by the names the goals use."""
    commands = {
        "listmonk's layer": [place.built(place.BUILD / "listmonk-layer")],
        "nodemailer": [place.program("node"), place.built(place.BUILD / "node" / "send.js")],
        "lettre pool": [place.built(place.RELEASE / "courant-bench-lettre")],
    }
    return {name: Peer(name, command, folder) for name, command in commands.items()}


class SmtpSource:
    """Postfix's generator: one constant body, which costs it nothing to make."""

    def __init__(self, size, sessions):
        self.name, self.size, self.sessions = "smtp-source", size, sessions

    def prepare(self, letters, connections, port):
        return letters

    def send(self, letters, connections, port):
        return run([
            place.program("smtp-source"), "-4", "-d", "-N", "-s", self.sessions, "-m", letters, "-l", self.size,
            "-f", "bench@example.org", "-t", "user@example.org", f"127.0.0.1:{port}",
        ])


class Courant:
    """The real binary. Rendering, checks and the freeze are done before: what is measured is the sending, with
    the ledger on, of an edition that is frozen and of which one letter is sent."""

    def __init__(self, folder):
        self.name, self.folder, self.freeze_s = "courant", pathlib.Path(folder), []

    def prepare(self, letters, connections, port):
        shutil.rmtree(self.folder, ignore_errors=True)
        letter.workspace(self.folder, letters + 1)
        self.freeze_s.append(self.courant(connections, port, "--limit", "1", ok=(0, 75)).wall)
        return letters

    def send(self, letters, connections, port):
        return self.courant(connections, port)

    def courant(self, connections, port, *more, ok=(0,)):
        url = f"smtp://127.0.0.1:{port}?connections={connections}"
        binary = place.built(place.COURANT)
        return run([binary, "-C", self.folder, "send", "bench", "--yes", "--transport", url, *more], ok=ok)


# One port for all, since a delivery belongs to the transport that began it.
PORT, BEHIND = free_port(), free_port()


def measure(sender, letters, connections, smtp_sink=False, one_way_ms=0):
    """One run against a fresh sink."""
    with sink(PORT, smtp_sink):
        sender.prepare(letters, connections, PORT)
    with sink(BEHIND if one_way_ms else PORT, smtp_sink) as server:
        relay = delay(one_way_ms) if one_way_ms else None
        cost = sender.send(letters, connections, PORT)
        if relay:
            relay.end()
        counts = None if smtp_sink else json.loads(server.end())
    return Result(letters, cost, counts)


def sink(port, smtp_sink=False):
    if not smtp_sink:
        return Server([place.built(place.RELEASE / "sink"), port], port)
    # smtp-sink refuses to stay root.
    as_whom = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [place.program("smtp-sink"), "-4", "-m", "512", *as_whom, f"127.0.0.1:{port}", "512"]
    return Server(command, port, ours=False)


def delay(milliseconds):
    return Server([place.built(place.RELEASE / "delay"), PORT, BEHIND, milliseconds], PORT)
