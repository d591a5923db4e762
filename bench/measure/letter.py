"""The issue that is sent, lists of any length, and the same letter for the peers."""

import pathlib
import random
import re

from . import place
from .process import Server, free_port, run

WORDS = (
    "harbour lantern window orchard ledger paper morning river garden bridge quiet market season thread corner "
    "kitchen station record summer branch weather village table engine coffee travel simple careful steady useful "
    "recent honest plain gentle common early carries keeps finds shows holds turns writes reads opens gives the the "
    "the a of to in and with for from café naïve Zürich “quoted” — it’s"
).split()

SETTINGS = """\
id = "w-00000000000000be"
name = "The Bench"
from = "The Bench <bench@example.org>"
postal_address = "The Bench, 1 Example Street, Exampleton"
base_url = "https://bench.example"

[links]
skip = ["https://example.org"]

[send]
delay = "0 s"
"""

# A subscriber whose values can be found again in a finished letter.
MARK_NAME, MARK_EMAIL = "Zeta Placeholder", "placeholder@mark.example"


def sentence(chance):
    words = [chance.choice(WORDS) for _ in range(chance.randint(7, 22))]
    if chance.random() < 0.12:
        words[0] = f"**{words[0]}**"
    if chance.random() < 0.10:
        words[-1] = f"[{words[-1]}](https://example.org/p/{chance.randrange(9999)})"
    text = " ".join(words)
    return text[0].upper() + text[1:] + "."


def paragraph(chance):
    return " ".join(sentence(chance) for _ in range(chance.randint(3, 6)))


def issue(sections=16):
    """An issue of about ten kilobytes of Markdown: prose, lists, quotes, a table, four holes."""
    chance = random.Random(7)
    lines = ["---", "title: An issue for the bench", "---", "", 'Hello {{ name | default("reader") }},', ""]
    for number in range(1, sections + 1):
        lines += [f"## {number}. {chance.choice(WORDS).title()}", "", paragraph(chance), ""]
        if number % 2 == 0:
            lines += [f"- {sentence(chance)}" for _ in range(4)] + [""]
        if number % 3 == 0:
            lines += [f"> {sentence(chance)}", ""]
        if number % 5 == 0:
            lines += ["| item | count |", "|---|--:|"]
            lines += [f"| {chance.choice(WORDS)} | {chance.randrange(999)} |" for _ in range(5)] + [""]
    lines += ['Yours, {{ name | default("reader") }}, and written to {{ email }}.', ""]
    return "\n".join(lines)


def addresses(number, shuffled=False):
    order = list(range(number))
    if shuffled:
        random.Random(3).shuffle(order)
    return ((i, f"user{i}@example{i % 997}.org") for i in order)


def write_list(path, number):
    with open(path, "w", encoding="utf-8") as file:
        file.write("email,name\n")
        for i, email in addresses(number):
            file.write(f"{email},Zoë Example {i}\n")


def workspace(folder, subscribers):
    """A workspace with the issue `bench` and one list; its folder."""
    folder = pathlib.Path(folder)
    for name in ("issues", "subscribers"):
        (folder / name).mkdir(parents=True)
    (folder / "courant.toml").write_text(SETTINGS)
    (folder / "issues" / "bench.md").write_text(issue())
    write_list(folder / "subscribers" / "everybody.csv", subscribers)
    return folder


def sent(folder, subscribers, settings):
    """A workspace with these settings, too, whose issue went to so many subscribers."""
    space, port = workspace(folder, subscribers), free_port()
    with (space / "courant.toml").open("a") as file:
        file.write(f"\n{settings}\n")
    with Server([place.built(place.RELEASE / "sink"), port], port):
        relay = f"smtp://127.0.0.1:{port}?connections=32"
        run([place.built(place.COURANT), "-C", space, "send", "bench", "--yes", "--offline", "--transport", relay])
    return space


def for_peers(folder, peers_only=False):
    """The same letter for the peers: our own rendering for a marked subscriber, its values made into holes."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    html, text = stand_in() if peers_only else our_rendering(folder / "marked")
    (folder / "letter.html").write_text(html)
    (folder / "letter.txt").write_text(text)
    return folder


def our_rendering(folder):
    space = workspace(folder, 1)
    (space / "subscribers" / "everybody.csv").write_text(f"email,name\n{MARK_EMAIL},{MARK_NAME}\n")
    parts = []
    for part in ("html", "text"):
        command = [place.built(place.COURANT), "-C", space, "render", "bench", "--format", part, "--as", MARK_EMAIL]
        parts.append(with_holes(run(command).output))
    return parts


def with_holes(part):
    """The token of an unsubscribe link is the only long word of base32."""
    part = part.replace(MARK_NAME, "{{name}}").replace(MARK_EMAIL, "{{email}}")
    part = part.replace(MARK_EMAIL.replace("@", "%40"), "{{email}}")
    return re.sub(r"\b[a-z2-7]{40,}\b", "{{token}}", part)


def stand_in():
    """Where Courant is left out: parts of the same sizes."""
    plain = issue(40).replace('{{ name | default("reader") }}', "{{name}}").replace("{{ email }}", "{{email}}")
    body = "\n".join(f'<p style="margin:0 0 16px;font-size:17px">{line}</p>' for line in plain.splitlines() if line)
    last = '<a href="https://bench.example/u/{{token}}">Unsubscribe</a>'
    return f"<!doctype html><html><body>{body[:36_500]}</p>{last}</body></html>", plain[:4_200]
