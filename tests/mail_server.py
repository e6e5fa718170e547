"""A mail server of the tests' own: Dovecot with one account, on a free port of this machine."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from web_installations import free_port

PATHS = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
USER, PASSWORD = "support", 'pass word "quoted" 鍵'
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class MailServer:
    """A server that runs; mails are put into its folders as files, as a delivery does."""

    def __init__(self, folder: Path, port: int, tls_port: int) -> None:
        self.folder, self.port, self.tls_port = folder, port, tls_port
        self.count = 0

    def deliver(self, content: bytes, folder: str = "") -> None:
        """Put a mail there."""
        self.count += 1
        place = self.folder / "mail" / (f".{folder}" if folder else "")
        for name in ("cur", "new", "tmp"):
            (place / name).mkdir(parents=True, exist_ok=True)
        path = place / "new" / f"{time.time_ns()}.M{self.count}.tests"
        path.write_bytes(content)
        if os.geteuid() == 0:
            for each in (place, *place.rglob("*")):
                shutil.chown(each, "nobody")

    def flags(self) -> list[str]:
        """Give the flags of each mail: none where nobody has touched it."""
        return [
            p.name.partition(":2,")[2] for p in sorted((self.folder / "mail").rglob("*.tests*"))
        ]

    def number_anew(self) -> None:
        """Forget the numbers of mails, as after a server was moved."""
        for path in (self.folder / "mail").glob("dovecot*"):
            path.unlink()


@contextmanager
def mail_server(folder: Path, certificate: Path | None = None) -> Iterator[MailServer]:
    """Run a server until it is no longer needed."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:{PATHS}")
    if program is None:
        pytest.skip("no Dovecot; as root: apt-get install -y dovecot-imapd")
    port, tls_port = free_port(), free_port()
    _configure(folder, port, tls_port, certificate)
    log = (folder / "said").open("wb")
    with subprocess.Popen(
        [program, "-F", "-c", str(folder / "dovecot.conf")], stdout=log, stderr=log
    ) as process:
        try:
            _wait(folder, port)
            yield MailServer(folder, port, tls_port)
        finally:
            process.terminate()
            process.wait(10)
            log.close()


def _configure(folder: Path, port: int, tls_port: int, certificate: Path | None) -> None:
    for name in ("mail", "home", "run", "state"):
        (folder / name).mkdir(parents=True)
    is_root, me = os.geteuid() == 0, getpass.getuser()
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    files = f"ssl_cert = <{certificate}\nssl_key = <{certificate}" if certificate else ""
    text = CONFIGURATION.format(
        folder=folder,
        port=port,
        tls_port=tls_port,
        ssl="yes" if certificate else "no",
        certificate=files,
        internal="dovecot" if is_root else me,
        internal_group="dovecot" if is_root else os.getgid(),
        login="dovenull" if is_root else me,
        uid="nobody" if is_root else os.geteuid(),
        gid="nogroup" if is_root else os.getgid(),
    )
    (folder / "dovecot.conf").write_text(text)
    if is_root:
        for path in (folder / "mail", folder / "home"):
            shutil.chown(path, "nobody")
        for path in (folder, *folder.parents):
            if path.stat().st_uid == 0 and path != Path("/"):
                path.chmod(path.stat().st_mode | 0o011)


def _wait(folder: Path, port: int) -> None:
    import socket

    for _try in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as line:
                if line.recv(20):
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail((folder / "said").read_text() + (folder / "log").read_text())
