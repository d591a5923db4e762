"""Goal g: what a DKIM signature costs."""

import pathlib
import re

from . import letter, place
from .goal import Table, at_least, at_most
from .parts import inside
from .process import median, rounds, run
from .senders import peers


def goal_g(options):
    """signing a letter with RSA-2048: over openssl's bare signature, and over nodemailer and lettre; two cores over one"""
    folder = pathlib.Path(options.folder)
    key = folder / "key.pem"
    run([place.program("openssl"), "genrsa", "-traditional", "-out", key, "2048"])
    makers = peers(letter.for_peers(folder / "peers", options.peers_only))
    cases = {name: lambda name=name: makers[name].sign(1000, key) for name in ("nodemailer", "lettre pool")}
    cases["openssl speed, sign alone"] = openssl
    if not options.peers_only:
        cases["courant"] = lambda: inside(options, 10 if options.quick else 40, "signing")
    measured = rounds(cases, options.runs)
    ours = measured.pop("courant", None)
    times = {name: median(values) for name, values in measured.items()}
    table = Table("signer", "µs a signature")
    for name, time in times.items():
        table.add(name, time)
    added = {kind: median([run[f"{kind}_us"] - run["plain_us"] for run in ours]) for kind in KINDS} if ours else {}
    for kind, words in KINDS.items():
        if ours:
            table.add(f"courant, {words}", added[kind])
    table.show()
    if not ours:
        return
    ratios = [(run["rsa_us"] - run["plain_us"]) / bare for run, bare in zip(ours, measured["openssl speed, sign alone"])]
    at_most("everything that RSA adds to a letter over openssl's bare signature", median(ratios), 1.25)
    for name in ("nodemailer", "lettre pool"):
        at_least(f"{name} over courant", times[name] / added["rsa"], 5)
    at_least("two cores over one, RSA", median([run["letters_per_s_2"] / run["letters_per_s_1"] for run in ours]), 1.7)


KINDS = {"rsa": "RSA-2048", "ed25519": "Ed25519", "both": "both"}


def openssl():
    """Microseconds of one RSA-2048 signature."""
    lines = run([place.program("openssl"), "speed", "-seconds", "3", "rsa2048"]).output
    return 1e6 / float(re.search(r"rsa 2048 bits +\S+s +\S+s +([\d.]+)", lines).group(1))
