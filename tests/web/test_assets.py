"""Static files that are made at the first start."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kizuna.web import whole_files
from kizuna.web.assets import plotly_script


def test_starts_at_once_all_find_the_whole_script(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starts:
        names = set(starts.map(lambda _: plotly_script(tmp_path), range(8)))
    (name,) = names
    script = (tmp_path / name).read_bytes()
    assert gzip.decompress((tmp_path / f"{name}.gz").read_bytes()) == script
    assert sorted(file.suffix for file in (tmp_path / "ui").iterdir()) == [".gz", ".js"]


def test_a_file_is_seen_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    contents = [bytes([n]) * 100_000 for n in range(8)]
    with ThreadPoolExecutor(8) as writers:
        for future in [writers.submit(whole_files.put, path, c) for c in contents * 20]:
            future.result()
            assert path.read_bytes() in contents
