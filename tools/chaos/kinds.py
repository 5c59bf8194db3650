"""The kinds of faults: what each is called, where it is possible, how long it lasts, what people may notice of it."""

from __future__ import annotations

from dataclasses import dataclass, field

# What people may notice: an answer of Telegram twice; a conversation that begins anew; an update that has to be sent
# again, because the file it waited in is gone.
REPEAT, FORGETS, LOSES = "repeat", "forgets", "loses"
SINGLE, CLUSTER = "single", "cluster"
BOTH = frozenset({SINGLE, CLUSTER})


@dataclass(frozen=True)
class Kind:
    """`resource`: faults of one resource come one after the other; `besides` is another one that is used as well.

    `needs` is "root" or a program.
    """

    name: str
    resource: str
    seconds: tuple[float, float]
    about: str
    layouts: frozenset[str] = BOTH
    effects: frozenset[str] = field(default_factory=frozenset)
    needs: str = ""
    besides: str = ""


def _kind(
    name: str,
    resource: str,
    seconds: tuple[float, float],
    about: str,
    only: str = "",
    effects: tuple[str, ...] = (),
    needs: str = "",
    besides: str = "",
) -> Kind:
    return Kind(name, resource, seconds, about, frozenset({only}) if only else BOTH, frozenset(effects), needs, besides)


# A process that stood still cannot know whether Telegram has its answer: better twice than never. Processes that end are
# counted as they do (ledger.py).
KINDS = (
    _kind("kill", "process", (1, 2), "kill -9 of a serving process"),
    _kind("kill-twice", "process", (1, 4), "kill -9, and again while it starts"),
    _kind("freeze", "process", (2, 8), "SIGSTOP of a serving process, then SIGCONT", effects=(REPEAT,)),
    _kind("restart", "process", (1, 2), "SIGTERM and start, one process after the other", effects=(REPEAT,)),
    _kind("clock", "process", (4, 10), "restarted with a clock that is days off", effects=(REPEAT, FORGETS), needs="faketime"),
    _kind("few-files", "process", (3, 8), "hardly any file may be opened", effects=(REPEAT, FORGETS, LOSES)),
    _kind("kill-actions", "actions", (1, 2), "kill -9 of the action server", CLUSTER),
    _kind("freeze-actions", "actions", (2, 8), "SIGSTOP of the action server, then SIGCONT", CLUSTER),
    _kind("kill-nginx", "nginx", (1, 2), "kill -9 of a worker of nginx", CLUSTER),
    _kind("freeze-nginx", "nginx", (1, 5), "SIGSTOP of a worker of nginx, then SIGCONT", CLUSTER),
    _kind("redis-killed", "redis", (2, 10), "Redis killed, back empty", CLUSTER, (REPEAT, FORGETS)),
    _kind("redis-frozen", "redis", (2, 8), "Redis stands still", CLUSTER, (REPEAT, FORGETS)),
    _kind("redis-emptied", "redis", (1, 2), "Redis loses all it holds", CLUSTER, (REPEAT, FORGETS, LOSES)),
    _kind("postgres-stopped", "postgres", (3, 12), "PostgreSQL stopped at once, started again", CLUSTER),
    _kind("postgres-frozen", "postgres", (2, 8), "PostgreSQL stands still", CLUSTER),
    _kind("disk-full", "disk", (4, 12), "no room in the data folder", SINGLE, (REPEAT, FORGETS, LOSES), "root"),
    _kind("disk-read-only", "process", (4, 10), "restarted on a data folder that cannot be written", SINGLE, (REPEAT, FORGETS, LOSES), "root", "disk"),
    _kind("garbage-stopped", "process", (1, 2), "an SQLite file overwritten between kill -9 and start", SINGLE,
          (REPEAT, FORGETS, LOSES), besides="disk"),
    _kind("garbage-running", "disk", (1, 2), "an SQLite file overwritten while it is used", SINGLE, (REPEAT, FORGETS, LOSES)),
    _kind("model-new", "model", (8, 14), "another model put in place"),
    _kind("model-broken", "model", (4, 12), "a file that is no model put in its place, then the model again"),
    _kind("wire-lose", "wire", (3, 8), "requests that do not arrive"),
    _kind("wire-cut", "wire", (3, 8), "answers cut in their middle"),
    _kind("wire-early", "wire", (3, 8), "answers that end early"),
    _kind("wire-delay", "wire", (3, 8), "seconds between sending and arriving"),
    _kind("wire-silent", "wire", (2, 6), "nothing passes"),
    _kind("upstream-slow", "upstream", (5, 12), "directories that do not answer"),
    _kind("upstream-errors", "upstream", (5, 12), "directories that answer with errors"),
    _kind("upstream-garbage", "upstream", (5, 12), "directories that send what is no JSON, or half of it"),
    _kind("upstream-endless", "upstream", (5, 12), "directories that send gigabytes"),
    _kind("upstream-lies", "upstream", (5, 12), "directories whose fields have wrong types"),
    _kind("upstream-away", "upstream", (5, 12), "directories that cannot be reached"),
    _kind("telegram-429", "telegram", (4, 10), "Telegram asks to wait"),
    _kind("telegram-5xx", "telegram", (4, 10), "Telegram fails"),
    _kind("telegram-slow", "telegram", (4, 8), "Telegram does not answer in time"),
    _kind("telegram-lost", "telegram", (4, 8), "Telegram takes a message, and its answer is lost"),
    _kind("telegram-twice", "updates", (5, 12), "updates come two or three times"),
    _kind("telegram-disorder", "updates", (5, 12), "updates come in another order", CLUSTER),
    _kind("busy-cpu", "machine", (4, 10), "a process that takes one core"),
    _kind("little-memory", "machine", (4, 10), "a process that takes a quarter of the free memory, 512 MB at most"),
    _kind("slow-loris", "unwelcome", (5, 12), "requests that arrive one byte a second"),
    _kind("connections", "unwelcome", (3, 8), "hundreds of connections that say nothing"),
    _kind("messages", "unwelcome", (3, 8), "conversations that send far more than they may"),
    _kind("bodies", "unwelcome", (2, 5), "bodies of megabytes"),
)  # fmt: skip


def possible(
    layout: str, programs: frozenset[str], only: frozenset[str] = frozenset()
) -> tuple[list[Kind], list[Kind]]:
    """The kinds of a layout that can be done here, and those that cannot; `programs` is what is here of `needs`.

    ValueError for a name in `only` that is none.
    """
    unknown = only - {kind.name for kind in KINDS}
    if unknown:
        raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
    wanted = [kind for kind in KINDS if layout in kind.layouts and (not only or kind.name in only)]
    here = [kind for kind in wanted if not kind.needs or kind.needs in programs]
    return here, [kind for kind in wanted if kind not in here]
