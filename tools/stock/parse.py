"""Parse JSON lines {"text"} with a stock Rasa model; writes {"ranking": [{"intent", "confidence"}], "ms"} a line."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# One core, as our own engine is measured.
os.environ.setdefault("TF_INTRA_OP_PARALLELISM_THREADS", "1")
os.environ.setdefault("TF_INTER_OP_PARALLELISM_THREADS", "1")


def main() -> None:
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog
    from rasa.utils.tensorflow.environment import setup_tf_environment

    configure_structlog(40)
    setup_tf_environment()
    agent = Agent.load(model_path=sys.argv[1])
    loop = asyncio.new_event_loop()
    for line in sys.stdin:
        start = time.perf_counter()
        parsed = loop.run_until_complete(agent.parse_message(json.loads(line)["text"]))
        elapsed = (time.perf_counter() - start) * 1000
        ranking = [r for r in parsed.get("intent_ranking") or [] if r["name"] != "nlu_fallback"]
        out = [{"intent": r["name"], "confidence": round(float(r["confidence"]), 4)} for r in ranking[:5]]
        print(json.dumps({"ranking": out, "ms": elapsed}), flush=True)


if __name__ == "__main__":
    main()
