"""Segment's client for Node, from npm, with nothing but its host changed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from event_server import SERVER_KEY, event_server, make_keys
from kizuna.web.capture.inbox import inbox_at
from project import ROOT

CLIENT = "@segment/analytics-node@3.1.0"
FOLDER = ROOT / ".tools" / "segment"
SEND = """
const { Analytics } = require('@segment/analytics-node')
const [writeKey, host] = process.argv.slice(2)
const client = new Analytics({ writeKey, host, flushAt: 3 })
client.on('error', (error) => { console.error(error); process.exit(3) })
client.identify({ userId: 'u1', traits: { name: '絆 花子' } })
client.track({ userId: 'u1', event: 'Order Completed', properties: { total: 12 } })
client.page({ anonymousId: 'a1', name: 'Home' })
client.screen({ userId: 'u1', name: 'Start' })
client.group({ userId: 'u1', groupId: 'acme' })
client.alias({ userId: 'u1', previousId: 'a1' })
client.closeAndFlush().then(() => process.exit(0))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("npm"), reason="no npm: as root: apt-get install -y npm"),
]


@pytest.fixture(scope="module")
def installed() -> Path:
    """The client, fetched once."""
    if not (FOLDER / "node_modules").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", CLIENT]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"npm could not fetch {CLIENT}: {done.stderr[-300:]}")
    return FOLDER


def test_the_client_of_segment_for_node_works_unchanged(installed: Path, tmp_path: Path) -> None:
    [key] = make_keys(tmp_path, SERVER_KEY)
    with event_server(tmp_path) as server:
        script = tmp_path / "send.cjs"
        script.write_text(SEND)
        command = ["node", str(script), key, server.url]
        env = {"NODE_PATH": str(installed / "node_modules"), "PATH": "/usr/bin:/usr/local/bin"}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    inbox = inbox_at(tmp_path / "inbox.sqlite3")
    messages = [m for e in inbox.claim(1, 100) for m in json.loads(e.body)["batch"]]
    inbox.close()
    assert [m["type"] for m in messages] == [
        "identify", "track", "page", "screen", "group", "alias",
    ]  # fmt: skip
    assert messages[0]["traits"]["name"] == "絆 花子"
