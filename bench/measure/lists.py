"""Goal k: reading a list."""

import pathlib
import random
import sqlite3
import sys

from . import letter, place
from .goal import Table, at_least, at_most
from .process import median, rounds, run


def goal_k(options):
    """reading 1,000,000 rows in random order, checked and without duplicates: over sqlite3 .import and Python"""
    folder = pathlib.Path(options.folder)
    number = 50_000 if options.quick else 1_000_000
    space = letter.workspace(folder / "courant", 0)
    path = space / "subscribers" / "everybody.csv"
    write_rows(path, number)
    cases = {
        "sqlite3 .import": lambda: run_fresh(folder, ["sqlite3"], number, shell_script(path)),
        "Python": lambda: run_fresh(folder, [sys.executable, place.HERE / "peers" / "import.py", path], number),
    }
    if not options.peers_only:
        cases["courant"] = lambda: sync(space)
    results = rounds(cases, options.runs)
    table = Table("reader", "seconds", "rows/s", "peak MB")
    seconds = {name: median([cost.wall for cost in costs]) for name, costs in results.items()}
    for name, costs in results.items():
        table.add(name, seconds[name], number / seconds[name], median([cost.peak_mb for cost in costs]))
    print(f"  {number:,} rows, {path.stat().st_size / 1e6:.1f} MB")
    table.show()
    if options.peers_only:
        return
    at_least("sqlite3 .import over courant", seconds["sqlite3 .import"] / seconds["courant"], 1.1)
    at_least("Python over courant", seconds["Python"] / seconds["courant"], 2.7)
    at_most("peak memory in MB", median([cost.peak_mb for cost in results["courant"]]), 100)


def write_rows(path, number):
    chance = random.Random(5)
    with open(path, "w", encoding="utf-8") as file:
        file.write("email,name,city,plan,lang\n")
        for i, email in letter.addresses(number, shuffled=True):
            name = f'"Example {i}, Zoë"' if i % 50 == 0 else f"Zoë Example {i}"
            plan, lang = ("free", "plus", "team")[i % 3], ("en", "de", "fr", "pt")[i % 4]
            file.write(f"{email},{name},{chance.choice(letter.WORDS)},{plan},{lang}\n")


def shell_script(path):
    """The index is made first: that is what an import which drops duplicates needs."""
    return [
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
        "CREATE TABLE subscriber (email TEXT, name TEXT, city TEXT, plan TEXT, lang TEXT);",
        "CREATE UNIQUE INDEX by_email ON subscriber (email);",
        ".mode csv",
        f".import --skip 1 {path} subscriber",
    ]


def run_fresh(folder, command, number, script=()):
    """Into a database of its own, which must hold every row afterwards."""
    database = folder / "peer.db"
    for file in folder.glob("peer.db*"):
        file.unlink()
    cost = run([*command, database, *script])
    held = sqlite3.connect(database).execute("SELECT count(*) FROM subscriber").fetchone()[0]
    if held != number:
        raise SystemExit(f"{command[0]} read {held} of {number} rows")
    return cost


def sync(space):
    """Into a new ledger."""
    for file in (space / ".courant").glob("ledger.db*"):
        file.unlink()
    return run([place.built(place.COURANT), "-C", space, "subscribers", "sync", "--yes"])
