"""`make cluster`: the assistant as several processes on this machine, until Ctrl-C.

SIGHUP restarts the processes one after the other (`kill -HUP`), as for a new release or a new model.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.cluster.cluster import Cluster, ClusterError, running  # noqa: E402


def main() -> int:
    """Start, wait, stop; 1 when it cannot be started."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int, default=2, help="serving processes")
    parser.add_argument("--actions", type=int, default=1, help="action servers; 0: actions in the serving processes")
    parser.add_argument("--port", type=int, default=5005, help="where nginx listens")
    given = parser.parse_args()
    heard: list[int] = []
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, lambda number, _: heard.append(number))
    try:
        with running(given.serve, given.actions, given.port) as cluster:
            show(cluster)
            while not {signal.SIGINT, signal.SIGTERM} & set(heard):
                time.sleep(0.2)
                if signal.SIGHUP in heard:
                    heard.remove(signal.SIGHUP)
                    cluster.roll(print)
                    show(cluster)
    except ClusterError as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


def show(cluster: Cluster) -> None:
    """Which processes there are."""
    for member in [cluster.nginx, *cluster.serving, *cluster.acting]:
        print(f"{member.name:10} {member.address:16} pid {member.pid}")
    print(f"Wegweiser: {cluster.url}/  (Ctrl-C ends it, kill -HUP restarts one process after the other)", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
