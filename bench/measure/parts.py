"""Goals h and i: one letter, and one rendering."""

import json
import pathlib
import subprocess

from . import letter, place
from .goal import Table, at_least, at_most
from .process import median, rounds, run
from .senders import peers


def inside(options, rounds_inside, *more):
    """Medians within our process; see bench/inside/main.rs."""
    issue = pathlib.Path(options.folder) / "bench.md"
    issue.write_text(letter.issue())
    repository = place.HERE.parent
    command = ["cargo", "bench", "--quiet", "--locked", "--bench", "inside", "--manifest-path", repository / "Cargo.toml"]
    command += ["--", issue, repository / "templates" / "letter.mjml", rounds_inside, *more]
    return json.loads(run(command, env={"CARGO_TARGET_DIR": str(place.BUILD / "target")}).output.splitlines()[-1])


def goal_h(options):
    """one letter: values filled in, encoded, with its headers; in the process, one core"""
    makers = peers(letter.for_peers(pathlib.Path(options.folder) / "peers", options.peers_only))
    letters = {"listmonk's layer": 4000, "nodemailer": 1000, "lettre pool": 4000}
    cases = {name: lambda name=name: makers[name].encode(letters[name]) for name in makers}
    times = {name: median(values) for name, values in rounds(cases, options.runs).items()}
    table = Table("maker", "µs/letter")
    for name, time in times.items():
        table.add(name, time)
    ours = None if options.peers_only else inside(options, 50)
    if ours:
        table.add("courant", ours["press_us"])
        table.add(f"copying {ours['bytes']:,} bytes", ours["copy_us"])
    table.show()
    if not ours:
        return
    at_most("µs per letter", ours["press_us"], 4)
    for name, bound in (("listmonk's layer", 50), ("lettre pool", 60), ("nodemailer", 300)):
        at_least(f"{name} over courant", times[name] / ours["press_us"], bound)
    at_most("courant over copying", ours["press_us"] / ours["copy_us"], 5)


def goal_i(options):
    """rendering: in the process over markdown-it and mjml, and the cold command over the mjml command"""
    folder = pathlib.Path(options.folder)
    issue, mjml = folder / "bench.md", folder / "bench.mjml"
    issue.write_text(letter.issue())
    render = [place.COURANT, "render", issue, "--format"]
    mjml.write_text(STAND_IN if options.peers_only else run([*render, "mjml"]).output)
    node, peer = place.program("node"), place.built(place.BUILD / "node" / "render.mjs")
    theirs = json.loads(run([node, peer, issue, mjml, 30]).output)
    command = [node, place.built(place.BUILD / "node" / "node_modules" / "mjml" / "bin" / "mjml"), mjml]
    cases = {"mjml": lambda: run(command)}
    if not options.peers_only:
        cases["courant"] = lambda: run([*render, "html"])
    cold = {name: median([cost.wall for cost in costs]) for name, costs in rounds(cases, 4 * options.runs).items()}
    table = Table("renderer", "Markdown to HTML, ms", "of it MJML to HTML, ms", "whole command, ms")
    both = theirs["markdown_us"] + theirs["mjml_us"]
    table.add("markdown-it and mjml", both / 1000, theirs["mjml_us"] / 1000, cold["mjml"] * 1000)
    if options.peers_only:
        return table.show()
    ours = inside(options, 200)
    table.add("courant", ours["render_us"] / 1000, ours["mjml_us"] / 1000, cold["courant"] * 1000)
    table.show()
    at_least("mjml over courant, the same MJML to HTML in the process", theirs["mjml_us"] / ours["mjml_us"], 25)
    at_least("markdown-it and mjml over courant, which makes both parts and reports", both / ours["render_us"], 25)
    at_most("the whole command, in ms", cold["courant"] * 1000, 10)
    at_least("the mjml command over courant's", cold["mjml"] / cold["courant"], 70)


STAND_IN = "<mjml><mj-body><mj-section><mj-column>" + "<mj-text>text</mj-text>" * 60 + "</mj-column></mj-section></mj-body></mjml>"
