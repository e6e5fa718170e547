"""Catalogues of messages: one .po file an app in the repository, compiled at start."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(source: Path, target: Path) -> Path:
    """Merge `source/<language>/*.po` into `target/<language>/LC_MESSAGES/django.mo`; give `target`.

    Compiled again only when a .po file is newer.
    """
    for folder in (f for f in source.glob("*") if f.is_dir()):
        compiled = target / folder.name / "LC_MESSAGES" / "django.mo"
        files = sorted(folder.glob("*.po"))
        newest = max((file.stat().st_mtime for file in files), default=0.0)
        if not compiled.exists() or compiled.stat().st_mtime < newest:
            _compile(folder.name, files, compiled)
    return target


def _compile(language: str, files: list[Path], compiled: Path) -> None:
    merged = Catalog(locale=language)
    for file in files:
        with file.open("rb") as stream:
            for message in read_po(stream, locale=language):
                if message.id and message.string:
                    merged.add(message.id, message.string, context=message.context)
    compiled.parent.mkdir(parents=True, exist_ok=True)
    part = compiled.with_suffix(".part")
    with part.open("wb") as stream:
        write_mo(stream, merged)
    part.replace(compiled)
