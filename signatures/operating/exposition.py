"""Writes metrics in the text format of Prometheus, version 0.0.4."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
Number = int | float


@dataclass(frozen=True)
class Sample:
    """A number with its labels.

    :param suffix: what follows the name of the metric, for the parts of a histogram
    """

    number: Number
    labels: Mapping[str, str]
    suffix: str = ""


@dataclass(frozen=True)
class Metric:
    """All numbers of one name.

    :param meaning: a sentence for whoever reads the metrics, in one line
    """

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    meaning: str
    samples: Sequence[Sample]


def gauge(name: str, meaning: str, number: Number) -> Metric:
    """Return a metric of one number that may fall."""
    return Metric(name, "gauge", meaning, [Sample(number, {})])


def gauges(name: str, meaning: str, label: str, numbers: Mapping[str, Number]) -> Metric:
    """Return a metric of several numbers that may fall, by one label."""
    return Metric(name, "gauge", meaning, [Sample(number, {label: key}) for key, number in numbers.items()])


def counters(name: str, meaning: str, label: str, numbers: Mapping[str, Number]) -> Metric:
    """Return a metric of several numbers that only grow, until the server starts anew."""
    return Metric(name, "counter", meaning, [Sample(number, {label: key}) for key, number in numbers.items()])


def histogram(name: str, meaning: str, bounds: Sequence[float], amounts: Sequence[int], total: float) -> Metric:
    """Return a histogram.

    :param amounts: for each bound how many lay up to it, and how many there were at all
    :param total: the sum of all values
    """
    samples = [
        Sample(amount, {"le": _written(bound)}, "_bucket")
        for bound, amount in zip([*bounds, math.inf], amounts, strict=True)
    ]
    return Metric(name, "histogram", meaning, [*samples, Sample(total, {}, "_sum"), Sample(amounts[-1], {}, "_count")])


def exposition(metrics: Iterable[Metric]) -> str:
    """Return the text; a metric without numbers is left out."""
    lines = []
    for metric in metrics:
        if metric.samples:
            lines += [f"# HELP {metric.name} {metric.meaning}", f"# TYPE {metric.name} {metric.kind}"]
            lines += [
                f"{metric.name}{one.suffix}{_braced(one.labels)} {_written(one.number)}" for one in metric.samples
            ]
    return "\n".join(lines) + "\n"


def _braced(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{value.translate(ESCAPES)}"' for name, value in labels.items()) + "}"


def _written(number: Number) -> str:
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    return repr(number)
