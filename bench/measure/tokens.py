"""The tokens of the letters of a workspace, made by its secret as src/token.rs makes them."""

import base64
import hashlib
import hmac
import sqlite3


def secret(space):
    text = (space / ".courant" / "secret").read_text().split()[-1]
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))


def letters(space):
    """The number of each delivery, and the address that it is for."""
    return ledger(space).execute("SELECT d.id, l.key FROM delivery d JOIN letter l ON l.id = d.letter").fetchall()


def ledger(space):
    return sqlite3.connect(space / ".courant" / "ledger.db")


def of_delivery(key, delivery):
    return token(key, b"delivery", delivery.to_bytes(8, "big") + b"\0\0")


def of_bounce(key, delivery, address):
    return token(key, b"bounce", delivery.to_bytes(6, "big") + person(key, address)[:4])


def of_tracking(key, address):
    return token(key, b"tracking", person(key, address))


def person(key, address):
    return signed(key, b"person", address.encode())[:10]


def token(key, purpose, about):
    whole = signed(key, b"key")[:2] + about + signed(key, b"token", purpose, about)[:16]
    return base64.b32encode(whole).decode().rstrip("=").lower()


def signed(key, *facts):
    return hmac.digest(key, b"".join(len(fact).to_bytes(8, "big") + fact for fact in facts), hashlib.sha256)
