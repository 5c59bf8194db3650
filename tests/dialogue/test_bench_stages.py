"""The cost of each stage: every stage of a real agent is seen, and nothing is left of the stopwatch afterwards."""

from __future__ import annotations

from bot.quality.bench_messages import BUTTON, FOLLOW_UP, TOPIC, Workload
from bot.quality.bench_stages import COMPONENTS, STAGES, measure

WORK = Workload(
    questions=(("en", "german_course", "Where can I learn German?"), ("en", "doctor", "Where do I find a doctor?")),
    follow_ups=(("en", "ask_cost", "What does it cost?"), ("en", "ask_documents", "Which documents do I need?")),
    topics=("german_course", "doctor"),
    places=(("leipzig", "Leipzig"), ("dresden", "Dresden"), ("chemnitz", "Chemnitz")),
)


def test_every_stage_is_measured_and_the_agent_is_as_before(talk) -> None:
    agent = talk.talker.agent
    nodes = agent.processor.graph_runner._instantiated_nodes.values()
    before = [node._fn for node in nodes]
    figures = talk.loop.run_until_complete(measure(agent, WORK, messages=6, warm_up=6))
    assert set(figures["stages"]) == set(STAGES)
    assert figures["messages"] == 6
    assert {kind: row["messages"] for kind, row in figures["kinds"].items()} == {TOPIC: 2, FOLLOW_UP: 2, BUTTON: 2}
    stages = figures["stages"]
    # buttons are not read
    assert all(stages[stage]["messages"] == 4 for stage in COMPONENTS.values())
    assert stages["directory"]["median_us"] <= stages["action"]["p95_us"]
    assert all(0 <= row["median_us"] <= row["p95_us"] <= stages["total"]["p95_us"] for row in stages.values())
    assert [node._fn for node in nodes] == before
    for owner, name in ((agent.processor, "parse_message"), (agent.conversations, "save"), (agent.nlg, "generate")):
        assert name not in vars(owner)
