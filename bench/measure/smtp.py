"""Goals a to f and m: sending over SMTP."""

import pathlib
import shutil

from . import letter, place
from .goal import at_least, at_most, sent
from .process import median, rounds, run
from .senders import PORT, Courant, SmtpSource, measure, peers, sink

CANDIDATE = "courant"


class Sitting:
    """One sitting: the senders, with the same letter, and the numbers of letters that give a run of seconds."""

    def __init__(self, options):
        self.options = options
        self.scale = 0.05 if options.quick else 1
        folder = pathlib.Path(options.folder)
        self.senders = peers(letter.for_peers(folder / "peers", options.peers_only))
        if not options.peers_only:
            self.senders[CANDIDATE] = Courant(folder / "courant")

    def run(self, cases, connections, **how):
        """Interleaved runs; `cases` gives the number of letters by sender."""
        case = lambda name, letters: lambda: measure(self.senders[name], self.letters(letters), connections, **how)
        todo = {name: case(name, letters) for name, letters in cases.items() if name in self.senders}
        results = rounds(todo, self.options.runs)
        self.show_freeze()
        return sent(results)

    def letters(self, number):
        return max(10, int(number * self.scale))

    def show_freeze(self):
        candidate = self.senders.get(CANDIDATE)
        if candidate and candidate.freeze_s:
            print(f"  reading the list, rendering, checking and freezing before: {median(candidate.freeze_s):.2f} s")
            candidate.freeze_s.clear()

    def add_smtp_source(self, sessions):
        """With a body as large as our letters are on the wire."""
        self.senders["smtp-source"] = SmtpSource(self.size(), sessions)

    def size(self):
        if self.options.peers_only:
            return 46800
        marked = pathlib.Path(self.options.folder) / "peers" / "marked"
        command = [place.COURANT, "-C", marked, "render", "bench", "--format", "eml", "--as", letter.MARK_EMAIL]
        return len(run(command).output.encode())


def compare(medians, name, rate=None, cpu=None):
    """Our rate over theirs, our processor time over theirs, each with its bound."""
    if CANDIDATE not in medians or name not in medians:
        return
    ours, theirs = medians[CANDIDATE], medians[name]
    if rate:
        at_least(f"letters/s over {name}", ours[0] / theirs[0], rate)
    if cpu:
        at_most(f"CPU over {name}", ours[1] / theirs[1], cpu)


def goal_a(options):
    """send with the ledger on, 8 connections, our sink: over listmonk's layer, nodemailer and lettre's pool"""
    cases = {CANDIDATE: 30000, "listmonk's layer": 6000, "nodemailer": 2000, "lettre pool": 600}
    medians = Sitting(options).run(cases, 8)
    compare(medians, "listmonk's layer", rate=6, cpu=1 / 6)
    compare(medians, "nodemailer", rate=20)
    compare(medians, "lettre pool", rate=60)


def goal_b(options):
    """send, 32 connections, our sink: over smtp-source -d -s 8 with as many bytes"""
    sitting = Sitting(options)
    sitting.add_smtp_source(sessions=8)
    medians = sitting.run({CANDIDATE: 30000, "smtp-source": 30000}, 32)
    compare(medians, "smtp-source", rate=0.85, cpu=1.6)


def goal_c(options):
    """send, 32 connections, against smtp-sink, which is the limit: over smtp-source; rates by the whole process"""
    sitting = Sitting(options)
    sitting.add_smtp_source(sessions=32)
    medians = sitting.run({CANDIDATE: 15000, "smtp-source": 15000}, 32, smtp_sink=True)
    compare(medians, "smtp-source", rate=0.9, cpu=2)


def goal_d(options):
    """send, one connection, 20 ms round trip: over nodemailer, listmonk's layer and lettre's pool"""
    cases = {CANDIDATE: 400, "listmonk's layer": 80, "nodemailer": 200, "lettre pool": 60}
    medians = Sitting(options).run(cases, 1, one_way_ms=10)
    compare(medians, "nodemailer", rate=1.9)
    compare(medians, "listmonk's layer", rate=4)
    compare(medians, "lettre pool", rate=4)
    if CANDIDATE in medians:
        trip = round_trip_s()
        print(f"  a round trip through the relay takes {trip * 1000:.1f} ms")
        at_least("letters per round trip", medians[CANDIDATE][0] * trip, 0.93)


def round_trip_s():
    """The time of one NOOP and its reply through the relay: what is left of it is the timers of the machine."""
    import smtplib
    import time

    from .senders import BEHIND, delay

    with sink(BEHIND), delay(10), smtplib.SMTP("127.0.0.1", PORT) as client:
        client.ehlo("bench.example.org")
        times = []
        for _ in range(50):
            began = time.perf_counter()
            client.noop()
            times.append(time.perf_counter() - began)
    return median(times)


def goal_e(options):
    """send, 32 connections, 20 ms round trip: over nodemailer and listmonk's layer"""
    cases = {CANDIDATE: 12000, "listmonk's layer": 2500, "nodemailer": 3000}
    medians = Sitting(options).run(cases, 32, one_way_ms=10)
    compare(medians, "nodemailer", rate=2.3)
    compare(medians, "listmonk's layer", rate=4.5)


def goal_f(options):
    """the price of a durable ledger: send on the disk over send on a RAM disk, where a sync costs nothing"""
    if options.peers_only:
        return
    ram = pathlib.Path("/dev/shm") / pathlib.Path(options.folder).name
    sitting = Sitting(options)
    sitting.senders["on a RAM disk"] = Courant(ram)
    for connections, bound in ((8, 30), (32, 10)):
        medians = sitting.run({CANDIDATE: 30000, "on a RAM disk": 30000}, connections)
        lost = (1 - medians[CANDIDATE][0] / medians["on a RAM disk"][0]) * 100
        at_most(f"letters/s lost to the disk at {connections} connections, in %", lost, bound)
    shutil.rmtree(ram, ignore_errors=True)


def goal_m(options):
    """peak memory of send at 1,000,000 subscribers: reading, checking, freezing and sending, 32 connections"""
    if options.peers_only:
        return
    subscribers = 50_000 if options.quick else 1_000_000
    space = letter.workspace(pathlib.Path(options.folder) / "courant", subscribers)
    url = f"smtp://127.0.0.1:{PORT}?connections=32"
    with sink(PORT):
        cost = run([place.built(place.COURANT), "-C", space, "send", "bench", "--yes", "--transport", url])
    print(f"  {subscribers:,} subscribers in {cost.wall:.0f} s, {cost.cpu:.0f} s of CPU")
    at_most("peak memory in MB", cost.peak_mb, 40)
