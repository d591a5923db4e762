"""Mail servers that say which letters they have taken."""

import os
import re
import shutil
import subprocess
import time

from . import place
from .process import Server, free_port, listening

MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)


def as_nobody():
    # smtp-sink refuses to stay root.
    return ["-u", "nobody"] if os.geteuid() == 0 else []


class OurSink:
    """The sink of bench/tools, which writes the id of every letter into a file."""

    def __init__(self, folder):
        self.file, self.port = folder.with_suffix(".ids"), free_port()

    def __enter__(self):
        self.server = Server([place.built(place.RELEASE / "sink"), self.port, self.file], self.port)
        return self

    def __exit__(self, *_):
        self.server.end()

    def forget(self):
        self.file.write_text("")

    def taken(self, _):
        return self.file.read_text().split()


class SmtpSink:
    """Postfix's smtp-sink, which keeps every letter as a file."""

    def __init__(self, folder, *flags):
        self.folder, self.port, self.flags = folder, free_port(), flags

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o777)
        command = [place.program("smtp-sink"), "-4", "-m", "512", *as_nobody(), *self.flags, "-d", self.folder / "%M.",
                   f"127.0.0.1:{self.port}", "512"]
        self.server = Server(command, self.port, ours=False)
        return self

    def __exit__(self, *_):
        self.server.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def forget(self):
        for file in self.folder.iterdir():
            file.unlink()

    def taken(self, _):
        # It removes the file of a letter whose connection was cut; one may go while we look.
        time.sleep(0.05)
        found = []
        for file in self.folder.iterdir():
            try:
                found += [id.decode() for id in MESSAGE_ID.findall(file.read_bytes())[:1]]
            except FileNotFoundError:
                continue
        return found


class Postfix:
    """A Postfix of its own that throws away what it took; its log says what that was."""

    MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
disable_dns_lookups = yes
virtual_mailbox_domains = static:all
virtual_transport = discard:
"""

    MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

    NAMED = re.compile(r"cleanup\[\d+\]: (\w+): message-id=<([^>]+)>")
    QUEUED = re.compile(r"qmgr\[\d+\]: (\w+): from=.*\(queue active\)")

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()

    def __enter__(self):
        if os.geteuid() != 0:
            raise SystemExit("a Postfix of its own needs root: run bench/crash as root, or with --into smtp-sink")
        for name, owner in (("queue", "root"), ("data", "postfix")):
            (self.folder / name).mkdir(parents=True)
            shutil.chown(self.folder / name, owner)
        self.folder.chmod(0o755)
        (self.folder / "main.cf").write_text(self.MAIN.format(folder=self.folder))
        (self.folder / "master.cf").write_text(self.MASTER.format(port=self.port))
        self.control("start", check=True)
        self.process = subprocess.Popen(["sleep", "infinity"])
        listening(self.port, self.process)
        self.log, self.begin = self.folder / "log", 0
        return self

    def control(self, word, check=False):
        subprocess.run([place.program("postfix"), "-c", str(self.folder), word], check=check, capture_output=True)

    def __exit__(self, *_):
        self.control("abort")
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def forget(self):
        self.begin = self.log.stat().st_size

    def taken(self, at_least):
        """Waits until the queue manager has seen as many as were accepted, and no more come."""
        deadline, before = time.monotonic() + 30, -1
        while time.monotonic() < deadline:
            found = self.read()
            if len(found) >= at_least and len(found) == before:
                return found
            before = len(found)
            time.sleep(0.1)
        return self.read()

    def read(self):
        with open(self.log, errors="replace") as log:
            log.seek(self.begin)
            text = log.read()
        ids = dict(self.NAMED.findall(text))
        return [ids[queue_id] for queue_id in self.QUEUED.findall(text) if queue_id in ids]
