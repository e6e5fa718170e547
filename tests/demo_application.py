"""The demo in a process of its own, with the links that it prints."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from made_once import in_this_run, own_folder
from web_installations import environment, free_port

PATIENCE = 120.0
CUSTOMERS = 500


def demo_left(lang: str) -> Path:
    """Give a demo that was made, ended, and left; made once a run, this copy for one test."""

    def make(out: Path) -> None:
        assert Demo(out, "--lang", lang).stop() == 0

    return Path(shutil.copytree(in_this_run(f"demo-{lang}", make), own_folder("demo") / "out"))


class Demo:
    """A running demo of a few customers."""

    def __init__(self, out: Path, *options: str, customers: int = CUSTOMERS) -> None:
        command = [sys.executable, "-m", "kizuna", "demo", "--no-open", "--out", str(out)]
        # what another installation is told must not reach the demo
        told = environment(out / "elsewhere", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
        self.process = subprocess.Popen(
            [*command, "--customers", str(customers), "--port", str(free_port()), *options],
            env=told,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.said = self._read_until("What the application says")
        self.owner, self.viewer = re.findall(r"http://\S+/demo/\S+", self.said)
        self.root = self.owner.partition("/demo/")[0]
        self._wait()

    def stop(self) -> int:
        """Press Ctrl+C; give the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def _read_until(self, words: str) -> str:
        said = ""
        for line in self.process.stdout or []:
            said += line
            if words in line:
                return said
        pytest.fail(said)

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                return urlopen(f"{self.root}/health/live", timeout=5).close()
            except OSError:
                time.sleep(0.1)
        pytest.fail("the demo never answered")
