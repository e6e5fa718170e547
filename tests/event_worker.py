"""Takes events in as `kizuna ingest` does, on an installation that is up to date, with a fault."""

from __future__ import annotations

import argparse
import asyncio
import os
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "kizuna.web.settings"

from kizuna.web.loading import load

load()

from kizuna.web.capture.ingest import committer, server  # noqa: E402  -- Django comes first


def answer_before_the_commit() -> None:
    """Say "kept" to what only waits to be kept."""
    keep = committer.Committer.keep

    def early(self: committer.Committer, arrival: Any) -> asyncio.Future[None]:
        keep(self, arrival).add_done_callback(lambda told: told.exception())
        told = asyncio.get_running_loop().create_future()
        told.set_result(None)
        return told

    committer.Committer.keep = early  # type: ignore[method-assign]


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--port", type=int)
    asked.add_argument("--fault", default="none")
    given = asked.parse_args()
    if given.fault == "early":
        answer_before_the_commit()
    server.run("127.0.0.1", given.port)
