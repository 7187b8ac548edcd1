"""Results that papers report on their own data; never ranked with those measured here."""

from __future__ import annotations

from dataclasses import dataclass

HEADING = "Published, other data"


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """`figures`: by metric, in 0..1."""

    title: str
    data: str
    figures: tuple[tuple[str, float], ...]
    source: str


_HARRISON = "HARRISON: 52,383 training and 5,000 test photos of Instagram"
_PARK = "Park, Li and Kim 2016"


def _park(title: str, precision: float, recall: float, accuracy: float, source: str = _PARK) -> PublishedResult:
    return PublishedResult(title, _HARRISON, (("P@1", precision), ("R@5", recall), ("A@5", accuracy)), source)


PUBLISHED_RESULTS = (
    _park("VGG-Object", 0.2830, 0.2083, 0.5070),
    _park("VGG-Scene", 0.2534, 0.1866, 0.4630),
    _park("VGG-Object + Scene", 0.3016, 0.2138, 0.5252),
    _park("The five most frequent tags", 0.113, 0.084, 0.284, "on one random split of the lists"),
    PublishedResult(
        "ResNet-18, fine-tuned from ImageNet (dropout 0.7, 13 epochs)",
        "photos of the comparison paper, which are not available",
        (("training accuracy", 0.81), ("validation accuracy", 0.77)),
        "the comparison paper",
    ),
)
