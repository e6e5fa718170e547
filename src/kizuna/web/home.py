"""The data folder: database, tables, uploads and the secret key of one installation."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

DEMO_MARK = "demo.json"
"""File in the data folder of a demo, which no other installation has."""


def is_demo(folder: Path) -> bool:
    """Whether `kizuna demo` made a data folder."""
    return (folder / DEMO_MARK).is_file()


def data_folder(name: str) -> Path:
    """Make the folder where it is missing, readable by its owner alone."""
    folder = Path(name).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def secret_key(folder: Path) -> str:
    """Read the installation's secret key, made at the first start and kept from others."""
    path = folder / "secret-key"
    if not path.exists():
        _make_key(path)
    return path.read_text("ascii").strip()


def _make_key(path: Path) -> None:
    """Put a key in place whole; of two starts at once the first wins, and both read its key."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(50))
    with suppress(FileExistsError):
        path.hardlink_to(part)
    part.unlink()


def listed(text: str) -> list[str]:
    """Read a list written with commas."""
    return [part for item in text.split(",") if (part := item.strip())]
