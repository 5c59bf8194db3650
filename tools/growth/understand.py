"""What a trained model costs in a process of its own: memory once it is loaded, reading a message, and the policies."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

from tools.growth.figures import milliseconds, rss_mb

WARM_UP = 20


async def measure(agent: Any, work: Any, texts: list[str], messages: int) -> dict[str, Any]:
    """Seconds of reading each text once, and what the stages of whole messages took."""
    from bot.channels.gate import clean_text
    from bot.quality import bench_stages
    from bot.wiring import warm

    await warm(agent)
    loaded = rss_mb()
    seconds = []
    for text in texts:
        cleaned = clean_text(text)
        start = time.perf_counter()
        await agent.parse_message(cleaned)
        seconds.append(time.perf_counter() - start)
    stages = (await bench_stages.measure(agent, work, messages, WARM_UP))["stages"]
    return {
        "rss_mb": loaded,
        "parse": milliseconds(seconds[WARM_UP:]),
        "intent_median_ms": round(stages["intent"]["median_us"] / 1000, 3),
        "policies_median_ms": round(stages["policies"]["median_us"] / 1000, 3),
    }


def main() -> int:
    """Load, measure and write the figures."""
    from bot import rasa_compat
    from tools.growth.agents import loaded

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--cases", type=Path, required=True, help="JSON list of texts")
    parser.add_argument("--messages", type=int, default=120)
    parser.add_argument("--json", type=Path, required=True)
    given = parser.parse_args()
    rasa_compat.install()
    texts = json.loads(given.cases.read_text(encoding="utf-8"))
    with loaded(given.model) as (agent, work):
        figures = asyncio.run(measure(agent, work, texts, given.messages))
    given.json.write_text(json.dumps(figures) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
