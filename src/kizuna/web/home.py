"""The data folder: database, tables, uploads and the secret key of one installation."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def data_folder(name: str) -> Path:
    """Make the folder where it is missing, readable by its owner alone."""
    folder = Path(name).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def secret_key(folder: Path) -> str:
    """Read the installation's secret key, made at the first start and kept from others."""
    path = folder / "secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key := secrets.token_urlsafe(50))
    return key
