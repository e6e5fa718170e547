"""Files that are put in place whole, so that no reader ever meets a half."""

from __future__ import annotations

import tempfile
from pathlib import Path


def put(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there: of two writers at once the later wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(content)
    Path(part.name).replace(path)
