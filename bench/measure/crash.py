"""Killed at any moment and run again: who has a letter, who has it twice, and whose is in doubt."""

import json
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from . import place
from .mailservers import OurSink, Postfix, SmtpSink

SUBSCRIBERS = 1000
CONNECTIONS = 8
SERVERS = {"courant's sink": OurSink, "smtp-sink": SmtpSink, "Postfix": Postfix}

SETTINGS = """\
id = "w-00000000000000cc"
name = "The Crash"
from = "The Crash <crash@example.org>"
postal_address = "The Crash, 1 Example Street, Exampleton"
base_url = "https://crash.example"
transport = "server"

[transports.server]
url = "smtp://127.0.0.1:{port}"
connections = {connections}
pipelining = {pipelining}
"""

ISSUE = """\
---
title: Crash
preheader: A letter that is interrupted, and arrives all the same
---

# Crash

Dear {{ name | default("reader") }}, this is the letter.
"""


@dataclass
class Row:
    """What all kills into one server came to."""

    server: str
    pipelining: bool
    kills: int = 0
    #: Kills that left a letter in doubt.
    hits: int = 0
    lost: int = 0
    twice: int = 0
    uncertain: int = 0
    #: Kills after which something else was wrong, with what.
    odd: list = field(default_factory=list)

    def is_wrong(self):
        return bool(self.lost or self.twice or self.odd or self.uncertain > CONNECTIONS)


def all_of(servers, kills, seed, folder):
    return [
        of(name, pipelining, kills, random.Random(f"{seed} {name} {pipelining}"), folder)
        for name in servers
        for pipelining in (True, False)
    ]


def of(name, pipelining, kills, chance, folder):
    """So many kills of runs into one server, at moments spread over the life of a whole run."""
    row = Row(name, pipelining)
    with SERVERS[name](folder / "server") as server:
        life = lifetime(server, pipelining, folder / "workspace")
        while row.kills < kills:
            workspace(folder / "workspace", server.port, pipelining)
            server.forget()
            if killed(folder / "workspace", chance.uniform(0, life)):
                judge(row, folder / "workspace", server)
                progress(row, kills)
    return row


def progress(row, kills):
    if not sys.stderr.isatty() and row.kills < kills:
        return
    how = "with" if row.pipelining else "without"
    print(f"\r{row.server}, {how} pipelining: {row.kills} of {kills} kills, {row.hits} hit a letter, "
          f"{row.lost} lost, {row.twice} twice", end="", file=sys.stderr, flush=True)
    if row.kills == kills:
        print(file=sys.stderr)


def workspace(folder, port, pipelining, subscribers=SUBSCRIBERS):
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "issues").mkdir(parents=True)
    (folder / "subscribers").mkdir()
    settings = SETTINGS.format(port=port, connections=CONNECTIONS, pipelining=str(pipelining).lower())
    (folder / "courant.toml").write_text(settings)
    (folder / "issues" / "001-crash.md").write_text(ISSUE)
    rows = [f"user{n}@example{n % 17}.org,User {n}" for n in range(1, subscribers + 1)]
    (folder / "subscribers" / "weekly.csv").write_text("\n".join(["email,name", *rows, ""]))


def courant(folder, *words):
    return [str(place.built(place.COURANT)), "-C", str(folder), *words]


def send(folder):
    return courant(folder, "send", "1", "--yes", "--offline")


def lifetime(server, pipelining, folder):
    """How long a run takes that nobody kills."""
    workspace(folder, server.port, pipelining)
    began = time.monotonic()
    subprocess.run(send(folder), check=True, capture_output=True)
    return time.monotonic() - began


def killed(folder, after):
    """Whether the run still lived when it was to die."""
    process = subprocess.Popen(send(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.kill()
    return process.wait() < 0


def judge(row, folder, server):
    """Runs the same command again, and compares what the ledger says with what the server has."""
    resumed = subprocess.run(send(folder), capture_output=True, text=True)
    counts = answer(courant(folder, "status", "1", "--json"))["counts"]
    doubts = answer(courant(folder, "reconcile", "1", "--dry-run", "--json"))["letters"]
    in_doubt = {letter["message_id"] for letter in doubts}
    taken = Counter(server.taken(counts["accepted"]))
    certain = len(set(taken) - in_doubt)
    row.kills += 1
    row.hits += counts["uncertain"] > 0
    row.lost += max(0, SUBSCRIBERS - counts["uncertain"] - certain)
    row.twice += sum(times - 1 for times in taken.values())
    row.uncertain = max(row.uncertain, counts["uncertain"])
    if certain != counts["accepted"]:
        row.odd.append(f"the ledger says that {counts['accepted']} are accepted, and the server has {certain} of them")
    if resumed.returncode not in (0, 4):
        row.odd.append(f"the second run ended with {resumed.returncode}: {resumed.stderr[-300:]}")


def answer(command):
    return json.loads(subprocess.run(command, capture_output=True, text=True).stdout)


def table(rows):
    """For the README."""
    lines = [
        f"| Server | Pipelining | Kills | In the middle of a letter | Lost | Twice | Uncertain at most (of {CONNECTIONS} couriers) |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        how = "yes" if row.pipelining else "no"
        lines.append(f"| {row.server} | {how} | {row.kills} | {row.hits} | {row.lost} | {row.twice} | {row.uncertain} |")
        lines += [f"\n{row.server}: {odd}" for odd in row.odd]
    return "\n".join(lines)
