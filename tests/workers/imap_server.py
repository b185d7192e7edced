"""A real Dovecot on a free port of this machine, with mailboxes that any name and the password `geheim` open."""

from __future__ import annotations

import os
import pwd
import select
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from weerklank.correspondence.inbound.settings import MailboxSettings, Security

PASSWORD = "geheim"
CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_max_userip_connections = 50
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


@dataclass
class ImapServer:
    """Where it listens."""

    port: int

    def settings(self, user: str = "klachten", **more: str) -> MailboxSettings:
        """How the platform reads this server's mailbox."""
        given = {"password": PASSWORD, "address": "klachten@organisatie.example"} | more
        return MailboxSettings("127.0.0.1", self.port, Security.PLAIN, user, **given)

    @contextmanager
    def client(self, user: str = "klachten") -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.port, ssl=False) as client:
            client.login(user, PASSWORD)
            yield client

    def put(self, *mails: bytes, user: str = "klachten") -> None:
        """Mail arrives."""
        with self.client(user) as client:
            for mail in mails:
                client.append("INBOX", mail)

    def holds(self, folder: str, user: str = "klachten") -> int:
        with self.client(user) as client:
            if not client.folder_exists(folder):
                return 0
            client.select_folder(folder)
            return len(client.search("ALL"))


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """Starts it, also as root: mail is then read as another user, since Dovecot reads none as root."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert program, "these tests need dovecot-imapd (see .ci/packages)"
    who = pwd.getpwuid(os.getuid() or pwd.getpwnam("nobody").pw_uid)
    with tempfile.TemporaryDirectory(prefix="imap-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        (folder / "mail").mkdir()
        for path in (folder, folder / "mail"):
            os.chown(path, who.pw_uid, who.pw_gid)
        group = subprocess.run(["id", "-gn", who.pw_name], capture_output=True, text=True, check=True).stdout.strip()
        text = CONFIGURATION.format(
            folder=folder, user=who.pw_name, group=group, uid=who.pw_uid, gid=who.pw_gid, port=port, password=PASSWORD
        )
        (folder / "dovecot.conf").write_text(text)
        process = subprocess.Popen([program, "-F", "-c", str(folder / "dovecot.conf")], stderr=subprocess.PIPE)
        try:
            wait_until_open(port, process)
            yield ImapServer(port)
        finally:
            process.terminate()
            process.communicate()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        assert process.poll() is None, (process.communicate()[1] or b"").decode()
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        select.select([], [], [], 0.02)
    raise AssertionError("dovecot did not start")
