"""Catalogues of messages: one .po file an app in the repository, compiled at start."""

from __future__ import annotations

import tempfile
from hashlib import sha256
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kizuna.web import whole_files


def compile_catalogues(source: Path, target: Path) -> Path:
    """Merge `source/<language>/*.po` into `target/<language>/LC_MESSAGES/django.mo`; give `target`.

    Compiled again only when the text of a .po file is another than at the last time.
    """
    folders = (f for f in source.iterdir() if f.is_dir()) if source.is_dir() else ()
    for folder in folders:
        files = sorted(folder.glob("*.po"))
        compiled = target / folder.name / "LC_MESSAGES" / "django.mo"
        stamp, digest = compiled.with_suffix(".sources"), _digest(files)
        if not compiled.exists() or not stamp.exists() or stamp.read_text() != digest:
            _compile(folder.name, files, compiled)
            whole_files.put(stamp, digest.encode())
    return target


def _digest(files: list[Path]) -> str:
    """Tell one text of the catalogues from another; moments of files lie after an installation."""
    parts = (sha256(file.read_bytes()).hexdigest() + file.name for file in files)
    return sha256("\n".join(parts).encode()).hexdigest()


def _compile(language: str, files: list[Path], compiled: Path) -> None:
    merged = Catalog(locale=language)
    for file in files:
        with file.open("rb") as stream:
            for message in read_po(stream, locale=language):
                if message.id and message.string and not message.fuzzy:
                    merged.add(message.id, message.string, context=message.context)
    with tempfile.TemporaryFile() as stream:
        write_mo(stream, merged)
        stream.seek(0)
        whole_files.put(compiled, stream.read())
