"""import.py CSV DATABASE: a list read the way one would write it in an afternoon: csv, a regular expression for
addresses, a JSON object for the other columns, sqlite3, one transaction, duplicates dropped by a unique index."""

import csv
import json
import re
import sqlite3
import sys

ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\U0010ffff-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")


def subscribers(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        names = next(rows)[2:]
        for email, name, *rest in rows:
            local, _, domain = email.strip().rpartition("@")
            address = f"{local}@{domain.lower()}"
            if ADDRESS.fullmatch(address):
                yield address, name, json.dumps(dict(zip(names, rest)), ensure_ascii=False)


database = sqlite3.connect(sys.argv[2], isolation_level=None)
database.executescript(
    """
    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE subscriber (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, fields TEXT NOT NULL);
    CREATE UNIQUE INDEX by_email ON subscriber (email);
    BEGIN;
    """
)
insert = "INSERT INTO subscriber (email, name, fields) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
database.executemany(insert, subscribers(sys.argv[1]))
database.execute("COMMIT")
print(database.execute("SELECT count(*) FROM subscriber").fetchone()[0])
