"""Fills in cluster.conf.template: which processes are behind nginx, where it listens, where its files lie."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
# A process that answered two requests with nothing rests for five seconds; any other takes its conversations meanwhile.
SERVER = "server {} max_fails=2 fail_timeout=5s;"


def render(
    listen: str, servers: Sequence[str], actions_listen: str, action_servers: Sequence[str], folder: Path
) -> str:
    """The whole nginx.conf. Addresses are `host:port`; `folder` must exist and is for logs, pid and temporary files."""
    if not servers or not action_servers:
        raise ValueError("nginx needs at least one server of each kind")
    values = {
        "@LISTEN@": listen,
        "@ACTIONS_LISTEN@": actions_listen,
        "@SERVERS@": "\n        ".join(SERVER.format(address) for address in servers),
        "@ACTION_SERVERS@": "\n        ".join(SERVER.format(address) for address in action_servers),
        "@HERE@": str(HERE),
        "@FOLDER@": str(folder),
    }
    text = (HERE / "cluster.conf.template").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def main() -> None:
    """Print the configuration."""
    parser = argparse.ArgumentParser(description="Print an nginx.conf for several processes.")
    parser.add_argument("--listen", required=True, help="host:port people come to")
    parser.add_argument("--server", action="append", required=True, help="host:port of a `wegweiser serve`")
    parser.add_argument("--actions-listen", required=True, help="host:port of WEGWEISER_ACTIONS_URL")
    parser.add_argument("--action-server", action="append", required=True, help="host:port of a `wegweiser actions`")
    parser.add_argument("--folder", type=Path, required=True, help="existing folder for logs, pid, temporary files")
    given = parser.parse_args()
    print(render(given.listen, given.server, given.actions_listen, given.action_server, given.folder), end="")


if __name__ == "__main__":
    main()
