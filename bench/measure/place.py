"""Where things are, and the machine they are measured on."""

import os
import pathlib
import platform
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("COURANT_BENCH_BUILD", HERE / ".build"))
RELEASE = BUILD / "target" / "release"
COURANT = pathlib.Path(os.environ.get("COURANT_BENCH_BINARY", RELEASE / "courant"))


def built(path):
    if not path.exists():
        raise SystemExit(f"{path} is missing: run bench/setup")
    return path


def program(name):
    """A program of the machine, also where /usr/sbin is not in the PATH."""
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not found:
        raise SystemExit(f"{name} is missing: run tests/setup")
    return found


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "absent"


def conditions():
    """What a reader needs to know to judge the figures."""
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
    memory = next(int(l.split()[1]) for l in open("/proc/meminfo") if l.startswith("MemTotal")) / 2**20
    return (
        f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"load {os.getloadavg()[0]:.1f} at the start\n"
        f"{first_line(str(COURANT), '--version')} · {first_line('rustc', '--version')} · "
        f"{first_line('go', 'version')} · node {first_line('node', '--version')}"
    )
