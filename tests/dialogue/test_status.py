"""The residence status is asked for where it changes the answer, never twice, and only for this conversation."""

from __future__ import annotations

from typing import Any


def payloads(result: dict[str, Any]) -> list[str]:
    return [choice["payload"] for reply in result["replies"] for choice in reply.get("choices", [])]


def text(result: dict[str, Any]) -> str:
    return "\n".join(reply["text"] for reply in result["replies"])


def test_the_status_narrows_the_answer(talk: Any) -> None:
    first = talk.send("status", text="Ich suche einen Deutschkurs in Leipzig")
    offered = [p for p in payloads(first) if '"status"' in p]
    assert len(offered) >= 2 and any("unsaid" in p for p in offered)
    assert "Erstorientierungskurs" in text(first) and "Recht auf einen Integrationskurs" in text(first)
    chosen = talk.send("status", payload='/inform{"status":"asylum_seeker"}')
    assert "Erstorientierungskurs" in text(chosen) and "Recht auf einen Integrationskurs" not in text(chosen)
    assert not any('"status"' in p for p in payloads(chosen))


def test_who_would_rather_not_say_is_told_everything_and_not_asked_again(talk: Any) -> None:
    talk.send("unsaid", text="Ich suche einen Deutschkurs in Leipzig")
    result = talk.send("unsaid", payload='/inform{"status":"unsaid"}')
    assert "Erstorientierungskurs" in text(result) and "Recht auf einen Integrationskurs" in text(result)
    assert not any('"status"' in p for p in payloads(result))
    again = talk.send("unsaid", payload="/german_course")
    assert not any('"status"' in p for p in payloads(again))


def test_where_the_status_changes_nothing_it_is_not_asked(talk: Any) -> None:
    assert not any('"status"' in p for p in payloads(talk.send("same", text="Wo gibt es Möbel in Leipzig?")))


def test_one_question_at_a_time(talk: Any) -> None:
    result = talk.send("place-first", text="Ich suche einen Deutschkurs")
    assert any('"place"' in p for p in payloads(result)) and not any('"status"' in p for p in payloads(result))


def test_starting_over_forgets_it(talk: Any) -> None:
    talk.send("over", payload='/inform{"status":"tolerated"}')
    talk.send("over", payload="/start_over")
    result = talk.send("over", text="Ich suche einen Deutschkurs in Leipzig")
    assert any('"status"' in p for p in payloads(result))


def test_what_was_sure_for_a_year_only_says_so_in_the_next(talk: Any, moment: dict[str, Any]) -> None:
    question = "Wie viel Kindergeld gibt es in Leipzig?"
    assert "nur sicher bis" not in text(talk.send("year", text=question))
    before, moment["now"] = moment["now"], moment["now"].replace(year=2027)
    try:
        assert "nur sicher bis 31. Dezember 2026" in text(talk.send("next-year", text=question))
    finally:
        moment["now"] = before
