"""`parse` and `talk`: JSON lines in, one JSON line out for each, in order; a bad line gets an error line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from actions.turn import ASKING_BACK
from bot.settings import Settings

TOP = 5


def read_lines(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Objects of a JSON-lines stream; a line that is none yields {"error": …} instead."""
    for number, raw in enumerate(stream, 1):
        if not raw.strip():
            continue
        try:
            row = json.loads(raw.decode("utf-8"))
            if not isinstance(row, dict):
                raise ValueError("not an object")
            yield row
        except UnicodeDecodeError:
            yield {"error": f"line {number}: not valid UTF-8"}
        except ValueError as exc:
            yield {"error": f"line {number}: not a JSON object ({exc})"}


def write(out: IO[str], row: dict[str, Any]) -> None:
    """One JSON line, at once."""
    out.write(json.dumps(row, ensure_ascii=False) + "\n")
    out.flush()


def understood(text: str, parsed: dict[str, Any]) -> dict[str, Any]:
    """The line `parse` writes: the final intent is never nlu_fallback, the ranking has five entries."""
    ranking = [
        {"intent": r["name"], "confidence": round(float(r["confidence"]), 4)}
        for r in parsed.get("intent_ranking") or []
        if r["name"] not in ASKING_BACK
    ][:TOP]
    language = (parsed.get("language") or {}).get("name") or "other"
    return {
        "text": text,
        "intent": ranking[0]["intent"] if ranking else "out_of_scope",
        "confidence": ranking[0]["confidence"] if ranking else 0.0,
        "ranking": ranking,
        "language": "other" if language == "und" else language,
        "entities": [
            {k: e[k] for k in ("entity", "value", "start", "end") if k in e} for e in parsed.get("entities") or []
        ],
    }


def parse_lines(settings: Settings, source: IO[bytes], out: IO[str]) -> int:
    """Understand each line of `source`; returns 0, or 1 when a line could not be read."""
    from bot.launcher import build_parser

    parser = build_parser(settings)
    from bot.channels.gate import Refused, clean_text  # imports Rasa, which is prepared now

    failed = 0
    for row in read_lines(source):
        if "error" in row and "text" not in row:
            failed = 1
            write(out, row)
            continue
        given = row.get("text")
        try:
            text = clean_text(given if isinstance(given, str) else "")
        except Refused as exc:
            write(out, understood(given if isinstance(given, str) else "", {}) | {"error": str(exc)})
            continue
        parsed = parser.parse(text, str(row.get("hint") or ""))
        write(out, understood(str(given), parsed))
    return failed


def talk_lines(settings: Settings, source: IO[bytes], out: IO[str], at: str) -> int:
    """Answer each line of `source` through the real agent; returns 0, or 1 when a line could not be read."""
    from actions.directory.hours import BERLIN
    from bot.launcher import LaunchError, build_agent

    clock = None
    if at:
        try:
            moment = datetime.fromisoformat(at)
        except ValueError as exc:
            raise LaunchError(f"--at: not a time like 2026-11-23T10:00 ({exc})") from exc
        moment = moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)

        def clock() -> datetime:
            return moment

    agent: Any = build_agent(settings, clock)
    talker = Talker(agent, settings.secret_bytes())

    async def run() -> int:
        failed = 0
        for row in read_lines(source):
            if "error" in row and "sender" not in row:
                failed = 1
                write(out, row)
                continue
            write(out, await talker.answer(row))
        return failed

    try:
        return asyncio.run(run())
    finally:
        agent.counters.close()


class Talker:
    """Holds conversations with an agent as channels do, for the command line and for tests."""

    def __init__(self, agent: Any, secret: bytes) -> None:
        self.agent = agent
        self.secret = secret
        self.intents = frozenset(agent.domain.intents)

    async def answer(self, row: dict[str, Any]) -> dict[str, Any]:
        """One line of `talk`: sender and text, payload or location in; intent, topic, place and replies out."""
        from bot.channels import gate
        from bot.channels.web.view import WebOutput

        sender = str(row.get("sender") or "cli")
        channel = str(row.get("channel") or "cli")
        output = WebOutput()
        parsed: dict[str, Any] | None = None
        text: str | None = None
        try:
            if "payload" in row:
                parsed = gate.parse_payload(row["payload"], self.intents)
            elif "location" in row:
                location = row["location"] if isinstance(row["location"], dict) else {}
                parsed = gate.parse_location(location.get("lat"), location.get("lon"))  # type: ignore[arg-type]
            else:
                text = gate.clean_text(row.get("text", ""))
        except gate.Refused as exc:
            return {"sender": sender, "error": {"code": exc.code, "message": str(exc)}, "replies": []}
        conversation = gate.conversation_id(self.secret, channel, sender)
        hint = str(row.get("hint") or "")
        # Without a channel nobody asked: it is a test of ours.
        campaign = str(row.get("campaign") or "") if row.get("channel") else "test"
        message = gate.user_message(conversation, channel, output, text, parsed, hint, campaign)
        await self.agent.handle_message(message)
        tracker = await self.agent.tracker_store.retrieve(conversation)
        latest = _final_intent(tracker.latest_message) if tracker and tracker.latest_message else "delete_my_data"
        result: dict[str, Any] = {
            "sender": sender,
            "intent": latest or (parsed or {}).get("intent", {}).get("name", ""),
            "topic": tracker.get_slot("topic") if tracker else None,
            "place": tracker.get_slot("place") if tracker else None,
            "replies": output.replies,
        }
        return {k: v for k, v in result.items() if v is not None}


def _final_intent(message: Any) -> str:
    """The intent of a stored message; the likeliest one where the dialogue asked back."""
    names = [(message.intent or {}).get("name"), *(r["name"] for r in message.parse_data.get("intent_ranking") or [])]
    return next((n for n in names if n and n not in ASKING_BACK), "out_of_scope")
