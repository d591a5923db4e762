"""Goal n: the report of a big issue."""

import pathlib
import random
import sqlite3

from . import letter, place
from .goal import Table, at_most
from .process import median, rounds, run

BEGAN = 1_764_000_000_000
BIG = ["gmail.com"] * 40 + ["yahoo.com"] * 10 + ["outlook.com"] * 8 + ["hotmail.com"] * 7 + ["icloud.com"] * 5 + ["web.de"] * 9
COLUMNS = {"delivery": "state", "letter": "key", "attempt": "outcome", "membership": "key"}


def goal_n(options):
    """`report` of an issue with 1,000,000 letters: over scans of the tables that it reads by sqlite3, and its memory"""
    folder = pathlib.Path(options.folder)
    number = 20_000 if options.quick else 1_000_000
    space = letter.workspace(folder / "courant", 3)
    run([place.built(place.COURANT), "-C", space, "subscribers", "sync", "--yes"])
    database = space / ".courant" / "ledger.db"
    fill(database, number)
    cases = {f"sqlite3, {table}": scan(database, table, column) for table, column in COLUMNS.items()}
    if not options.peers_only:
        for form in ("text", "html", "json"):
            cases[f"courant, {form}"] = report(space, form)
    results = rounds(cases, options.runs)
    table = Table("reader", "seconds", "CPU s", "peak MB")
    costs = {name: [median([getattr(cost, what) for cost in costs]) for what in ("wall", "cpu", "peak_mb")] for name, costs in results.items()}
    for name, (wall, cpu, peak) in costs.items():
        table.add(name, wall, cpu, peak)
    print(f"  {number:,} letters, {database.stat().st_size / 1e6:.0f} MB")
    table.show()
    if options.peers_only:
        return
    scans = sum(cpu for name, (_, cpu, _) in costs.items() if name.startswith("sqlite3"))
    at_most("processor time over one scan of each table", costs["courant, text"][1] / scans, 25)
    at_most("peak memory in MB", max(peak for name, (_, _, peak) in costs.items() if name.startswith("courant")), 40)


def scan(database, table, column):
    return lambda: run(["sqlite3", database, f"SELECT sum(length({column})) FROM {table} NOT INDEXED"])


def report(space, form):
    return lambda: run([place.built(place.COURANT), "-C", space, "report", "001-big", "--format", form, "-q"])


def fill(path, number):
    """Writes what a send would have written, in the same order: letters by key, deliveries and attempts as they left."""
    chance = random.Random(3)
    ledger = sqlite3.connect(path)
    ledger.execute("PRAGMA synchronous = OFF")
    (the_list,) = ledger.execute("SELECT id FROM list").fetchone()
    (name,) = ledger.execute("SELECT list FROM list").fetchone()
    ledger.execute(
        "INSERT INTO edition VALUES (1, '001-big', 'live', 'relay', 'i', 't', 'a', 's', 'c', 'b', 'Big', ?, '{}', ?)",
        (f'["{name}"]', BEGAN),
    )
    keys = sorted(f"reader{i}@{domain(chance)}" for i in range(number))
    ledger.executemany(
        "INSERT INTO membership (list, key, fields, joined_at) VALUES (?, ?, '{\"city\":\"Minsk\"}', ?)",
        ((the_list, key, BEGAN - chance.randrange(700) * 86_400_000) for key in keys),
    )
    merged = '{"name":"Ada Example","city":"Minsk","plan":"free","lang":"en"}'
    ledger.executemany(
        "INSERT INTO letter VALUES (?, 1, ?, 0, NULL, ?, ?, ?)",
        ((i, key, the_list, merged, BEGAN) for i, key in enumerate(keys, 1)),
    )
    order = list(range(1, number + 1))
    chance.shuffle(order)
    attempts = []
    ledger.executemany(
        "INSERT INTO delivery VALUES (?, 1, ?, ?, ?, NULL, ?, ?, ?, 'relay', NULL)",
        (delivery(chance, place_of, which, attempts) for place_of, which in enumerate(order, 1)),
    )
    ledger.executemany("INSERT INTO attempt VALUES (?, ?, 'relay', ?, ?, ?, ?, ?, ?, ?, '')", attempts)
    ledger.commit()
    ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.close()


def domain(chance):
    return chance.choice(BIG) if chance.random() < 0.8 else f"d{int(chance.expovariate(1 / 20_000))}.example"


def delivery(chance, row, which, attempts):
    """95 of 100 at once, 3 at the second attempt, the rest refused."""
    begun, luck = BEGAN + row // 4, chance.random()
    answered = begun + chance.randrange(20, 400)
    taken, put_off = ("accepted", "answer", 250, "2.0.0", "2.0.0 ok"), ("deferred", "recipient", 450, "4.2.0", "4.2.0 greylisted")
    refused = ("refused", "recipient", 550, "5.1.1", f"5.1.1 <reader{which}@example.org>: no such user")
    if luck < 0.95:
        attempts.append((row, 1, begun, answered, *taken))
        return row, which, "accepted", 1, begun, begun, begun
    if luck < 0.98:
        attempts.append((row, 1, begun, answered, *put_off))
        attempts.append((row, 2, begun + 900_000, answered + 900_000, *taken))
        return row, which, "accepted", 2, begun, begun, begun + 900_000
    attempts.append((row, 1, begun, answered, *refused))
    return row, which, "refused", 1, begun, begun, begun
