"""The installed command: starts, says its version, holds back threads that only spin."""

from __future__ import annotations

import os
import subprocess
import sys

from kizuna import __version__


def python(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    quiet = {k: v for k, v in os.environ.items() if not k.endswith(("NUM_THREADS", "WAIT_POLICY"))}
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        env=quiet | environment,
        check=True,
    )


def test_the_command_says_its_version():
    assert python("-m", "kizuna", "version").stdout == f"kizuna {__version__}\n"


PROBE = (
    "import sys, os; sys.argv = ['kizuna', 'version']\n"
    "from kizuna.__main__ import main\n"
    "assert 'numpy' not in sys.modules\n"
    "try: main()\n"
    "except SystemExit: pass\n"
    "print(os.environ['OPENBLAS_NUM_THREADS'])"
)


def test_threads_are_held_back_before_numpy_is_imported():
    assert python("-c", PROBE).stdout.splitlines()[-1] == "1"


def test_a_number_of_threads_that_was_set_is_kept():
    assert python("-c", PROBE, OPENBLAS_NUM_THREADS="3").stdout.splitlines()[-1] == "3"
