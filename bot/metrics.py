"""Figures for the operator: counts of rows by state in Prometheus' format, never anything about people."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

Figures = Callable[[], Mapping[str, int]]


class _House:
    """Reads the figures at each scrape."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """One gauge for each family of figures; `cases_open` is the family `cases` with the label `open`."""
        families: dict[str, GaugeMetricFamily] = {}
        for name, value in self._figures().items():
            family, _, kind = name.partition("_")
            if family not in families:
                families[family] = GaugeMetricFamily(f"hamroh_{family}", f"Rows of {family} by kind.", labels=["kind"])
            families[family].add_metric([kind], value)
        yield from families.values()


def page(figures: Figures) -> bytes:
    """The page that is scraped."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_House(figures))
    return generate_latest(registry)
