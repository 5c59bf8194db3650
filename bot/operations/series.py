"""Metrics whose label values come from closed lists, and counters that tell in steps and late.

Everybody can send the assistant a message, and whoever reads a scrape reads it every few seconds. So no label value
comes from outside, and what a message was about is not told at the moment it was asked.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector, CollectorRegistry

OTHER = "other"
# A number under five is a secret in the monthly report, too (bot/staff/report/suppression.py).
STEP = 5
PERIOD_SECONDS = 3600.0
_VALUE = re.compile(r"[a-z0-9_]{1,40}")


class Choice:
    """The values a label may have; any other value is "other"."""

    def __init__(self, *values: str) -> None:
        self.values: list[str] = []
        self.allow(values)

    def allow(self, values: Iterable[str]) -> None:
        """Add values that are known at the start, such as the codes of our languages; ValueError for free text."""
        for value in values:
            if not _VALUE.fullmatch(value):
                raise ValueError("the value of a label is small letters, digits and underscores, up to 40")
            if value not in self.values:
                self.values.append(value)

    def of(self, value: object) -> str:
        """The value itself when it is in the list, else "other"."""
        return value if isinstance(value, str) and value in self.values else OTHER


class Labelled:
    """A metric of prometheus_client with a closed list for each of its labels.

    All combinations of the lists are there from the first scrape on, at 0: the first event of a kind is then an
    increase that rules see, and the appearance of a series tells nobody when it happened.
    """

    def __init__(self, metric: MetricWrapperBase, *choices: Choice, shown: bool = True) -> None:
        self._metric, self._choices, self._shown = metric, choices, shown

    def labels(self, *values: object) -> Any:
        """The series of these values, in the order of the labels; unknown values count as "other"."""
        if len(values) != len(self._choices):
            raise ValueError(f"{len(self._choices)} label values are needed")
        return self._metric.labels(*(choice.of(value) for choice, value in zip(self._choices, values, strict=True)))

    def show(self) -> None:
        """Let every series begin at 0; gauges that say "not known" by their absence are left alone."""
        if not self._shown:
            return
        combinations: list[tuple[str, ...]] = [()]
        for choice in self._choices:
            combinations = [(*begun, value) for begun in combinations for value in (*choice.values, OTHER)]
        for values in combinations:
            self._metric.labels(*values)


class SlowCounter(Collector):
    """A counter that shows, until the next hour ends, what it was at the end of the last one, in whole steps of five.

    Hours are those of the process, not of the clock on the wall, which can be set. What was not shown yet when the
    process ends is lost, fewer than five a series and the last hour.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        label: str = "",
        choice: Choice | None = None,
        registry: CollectorRegistry | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self._documentation = name, documentation
        self._label, self._choice, self._clock = label, choice, clock
        self._counted: dict[str, int] = {}
        self._published: dict[str, int] = {}
        self._began = clock()
        self._periods = 0
        self._lock = threading.Lock()
        if registry is not None:
            registry.register(self)

    def inc(self, value: object = "") -> None:
        """Count one, for the value of the label when there is one; unknown values count as "other"."""
        key = self._choice.of(value) if self._choice is not None else ""
        with self._lock:
            self._publish()
            self._counted[key] = self._counted.get(key, 0) + 1

    def collect(self) -> Iterable[CounterMetricFamily]:
        """What is told now."""
        with self._lock:
            self._publish()
            shown = dict(self._published)
        family = CounterMetricFamily(self.name, self._documentation, labels=[self._label] if self._label else [])
        keys = [*self._choice.values, OTHER] if self._choice is not None else [""]
        for key in dict.fromkeys(keys):
            family.add_metric([key] if self._label else [], shown.get(key, 0))
        return [family]

    def describe(self) -> Iterable[CounterMetricFamily]:
        """The name alone, for the registry's check that none is there twice."""
        return [CounterMetricFamily(self.name, self._documentation)]

    def _publish(self) -> None:
        periods = int((self._clock() - self._began) // PERIOD_SECONDS)
        if periods != self._periods:
            self._periods = periods
            self._published = {key: number - number % STEP for key, number in self._counted.items()}
