"""Plotly's script, taken from the installed package: never copied into the repository."""

from __future__ import annotations

import gzip
import re
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from kizuna.web import whole_files

# on loading, Plotly writes a style for maps, which we do not draw and our policy refuses
STYLE_OF_MAPS = re.compile(rb'if\(!document\.getElementById\("[0-9a-f]{64}"\)\)')


def plotly_script(folder: Path) -> str:
    """Put plotly.min.js and its compressed twin into `folder`; give its name among static files.

    The name carries a hash of the content, so that a browser may keep it for ever.
    """
    installed = files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    content = STYLE_OF_MAPS.sub(b"if(false)", installed)
    name = f"ui/plotly-{sha256(content).hexdigest()[:12]}.min.js"
    script = folder / name
    if not script.exists():
        whole_files.put(script.with_name(f"{script.name}.gz"), gzip.compress(content, 6, mtime=0))
        whole_files.put(script, content)
    return name
