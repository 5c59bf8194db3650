"""Messages that mean alike, across languages, and what they most likely mean: for the reviewer's table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.memory.review_store import Waiting

# Cosine distance of embeddings up to which groups are joined on average: of 197 messages of tools/review_trial.py it makes
# 105 groups, and 193 messages mean what most of their group mean.
NEAR = 0.50
# What a pressed button counts beside the probabilities of the ranking.
PRESSED = 1.0


@dataclass(frozen=True)
class Proposal:
    """A message with the number of its cluster, the cluster's size, and likely intents, the likeliest first."""

    cluster: int
    size: int
    message: Waiting
    intents: tuple[str, ...]


def proposals(messages: Sequence[Waiting], groups: Sequence[int]) -> list[Proposal]:
    """The messages cluster by cluster, the largest first; `groups` gives the cluster of each message.

    What was pressed goes before what the cluster means, and that before the message's own ranking.
    """
    members: dict[int, list[Waiting]] = {}
    for message, group in zip(messages, groups, strict=True):
        members.setdefault(group, []).append(message)
    ordered = sorted(members.values(), key=lambda rows: (-len(rows), min(row.id for row in rows)))
    found = []
    for number, rows in enumerate(ordered, 1):
        shared = _sum(_votes(row) for row in rows)
        for row in sorted(rows, key=lambda row: (row.language, row.id)):
            mean = {name: value / len(rows) for name, value in shared.items()}
            votes = _sum([mean, _votes(row), {row.chosen: PRESSED} if row.chosen else {}])
            likely = tuple(sorted(votes, key=lambda name: -votes[name])[:3])
            found.append(Proposal(number, len(rows), row, likely))
    return found


def _votes(row: Waiting) -> dict[str, float]:
    """What a message says itself; who called an answer bad did not mean what it was about."""
    ranking = row.ranking[1:] if row.kind == "rated_bad" else row.ranking
    return _sum([dict(ranking), {row.chosen: PRESSED} if row.chosen else {}])


def _sum(votes: Iterable[dict[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for one in votes:
        for name, value in one.items():
            total[name] = total.get(name, 0.0) + value
    return total


def groups_of(messages: Sequence[Waiting], near: float = NEAR) -> list[int]:
    """The cluster of each message by the assistant's own encoder; every message its own when there is none."""
    vectors = _embed(messages)
    if vectors is None or len(messages) < 2:
        return list(range(len(messages)))
    from sklearn.cluster import AgglomerativeClustering

    clustering = AgglomerativeClustering(
        n_clusters=None, affinity="cosine", linkage="average", distance_threshold=near, compute_full_tree=True
    )
    return [int(label) for label in clustering.fit_predict(vectors)]


def _embed(messages: Sequence[Waiting]):  # type: ignore[no-untyped-def]
    """One row a message, read as the classifier reads it."""
    from rasa.shared.nlu.training_data.message import Message

    from bot.nlu.embedding import embedder
    from bot.nlu.reading import reading_of

    model = embedder()
    if model is None or not messages:
        return None
    texts = []
    for row in messages:
        message = Message({"text": row.text})
        message.set("language", {"name": row.language, "confidence": 1.0})
        texts.append(reading_of(message))
    return model.embed(texts)
