"""An engine, and a folder to write order files into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kizuna.pipeline.engine import Engine
from order_files import Read, Result, read_paths


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(threads=2) as opened:
        yield opened


@pytest.fixture
def read(tmp_path: Path, engine: Engine) -> Read:
    """Write files (name → text or bytes) and read them as orders."""

    def read(files: dict[str, str | bytes] | str, **options: Any) -> Result:
        files = {"orders.csv": files} if isinstance(files, str) else files
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / name).write_bytes(data)
        return read_paths(engine, [tmp_path / name for name in files], **options)

    return read
