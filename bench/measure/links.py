"""Goal l: visiting links."""

import math
import pathlib
import shutil

from . import letter, place
from .goal import Table, at_least, at_most
from .process import Server, free_port, median, rounds, run

LINKS, LATE_MS, AT_A_TIME = 500, 50, 64

SETTINGS = f"""\
id = "w-00000000000000be"
from = "The Bench <bench@example.org>"
postal_address = "The Bench, 1 Example Street, Exampleton"

[check]
spamassassin = "off"

[links]
allow_private = true
"""


def goal_l(options):
    """checking 500 links that answer after 50 ms: over the floor, and over lychee where it is installed"""
    folder, port = pathlib.Path(options.folder), free_port()
    floor = math.ceil(LINKS / AT_A_TIME) * LATE_MS / 1000
    with Server([place.built(place.RELEASE / "pages"), port, LATE_MS], port):
        cases = {}
        for hosts in (1, 250):
            issue = write_issue(folder / f"{hosts}-hosts", port, hosts)
            cases |= checkers(issue, hosts, options)
        results = rounds(cases, options.runs)
    table = Table("checker", "seconds", "peak MB")
    table.add(f"floor: {AT_A_TIME} at a time", floor, "")
    seconds = {name: median([cost.wall for cost in costs]) for name, costs in results.items()}
    for name, costs in results.items():
        table.add(name, seconds[name], median([cost.peak_mb for cost in costs]))
    table.show()
    if not options.peers_only:
        judge(seconds, floor, results)


def write_issue(folder, port, hosts):
    """All of 127.0.0.0/8 is this machine, so that many hosts need no names."""
    (folder / "issues").mkdir(parents=True)
    (folder / "subscribers").mkdir()
    letter.write_list(folder / "subscribers" / "everybody.csv", 1)
    equal = f"concurrency = {AT_A_TIME}\nper_host = {AT_A_TIME}\n"
    (folder / "courant.toml").write_text(SETTINGS)
    (folder / "equal.toml").write_text(SETTINGS + equal)
    url = lambda i: f"http://127.0.0.{1 + i % hosts}:{port}/{'gone' if i % 100 == 7 else 'page'}/{i}"
    links = [f"Link {i}: [page {i}]({url(i)}).\n" for i in range(LINKS)]
    path = folder / "issues" / "links.md"
    path.write_text("---\ntitle: Links\n---\n\n" + "\n".join(links))
    return path


def checkers(issue, hosts, options):
    """Each at equal limits and with its defaults. Dead links are there to be found: that is not a failure."""
    where = "one host" if hosts == 1 else f"{hosts} hosts"
    folder, cases = issue.parent.parent, {}
    if not options.peers_only:
        ours = [place.built(place.COURANT), "-C", folder, "check", "links"]
        cases[f"courant, {where}, equal limits"] = lambda: fresh(folder, [*ours, "--config", folder / "equal.toml"])
        cases[f"courant, {where}, defaults"] = lambda: fresh(folder, ours)
    if lychee := shutil.which("lychee"):
        theirs = [lychee, "--no-progress", "--max-retries", "0", issue]
        equal = ["--max-concurrency", AT_A_TIME, "--host-concurrency", AT_A_TIME, "--host-request-interval", "0ms"]
        cases[f"lychee, {where}, equal limits"] = lambda: run([*theirs, *equal], ok=(0, 2))
        cases[f"lychee, {where}, defaults"] = lambda: run(theirs, ok=(0, 2))
    elif hosts == 1:
        print("  lychee is not installed: `cargo install lychee --locked` adds it to the comparison")
    return cases


def fresh(folder, command):
    """Without what an earlier run remembers of these links."""
    shutil.rmtree(folder / ".courant", ignore_errors=True)
    return run(command, ok=(0, 2))


def judge(seconds, floor, results):
    for where in ("one host", "250 hosts"):
        ours = seconds[f"courant, {where}, equal limits"]
        at_most(f"courant over the floor, {where}", ours / floor, 1.15)
        if theirs := seconds.get(f"lychee, {where}, equal limits"):
            at_most(f"courant over lychee, {where}, equal limits", ours / theirs, 1.05)
    if theirs := seconds.get("lychee, one host, defaults"):
        at_least("lychee over courant, one host, defaults", theirs / seconds["courant, one host, defaults"], 10)
    peak = max(cost.peak_mb for name, costs in results.items() if name.startswith("courant") for cost in costs)
    at_most("peak memory in MB", peak, 20)
