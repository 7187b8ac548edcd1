"""GMMN: generated features match the moments of the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from clustertags.benchmark.method_building_blocks.feature_generation import Examples, Generate, GenerativeZeroShot
from clustertags.benchmark.method_building_blocks.generator_networks import (
    adam,
    descend,
    from_noise,
    two_layers,
    with_noise,
)
from clustertags.benchmark.method_interface import Family, Need
from clustertags.benchmark.method_registry import register

if TYPE_CHECKING:
    from torch import Tensor

WIDTHS = (2, 5, 10, 20, 40, 80)


@register
class GMMN(GenerativeZeroShot):
    """Generative moment matching: the root of the summed squared mean discrepancies of one class a batch."""

    name: ClassVar[str] = "gmmn"
    title: ClassVar[str] = "GMMN"
    family: ClassVar[Family] = Family.GENERATOR
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.WORD_VECTORS)
    paper: ClassVar[str] = "Bucher et al. 2017, Generating visual representations for zero-shot classification"

    def _rounds(self, examples: Examples) -> Iterator[Generate]:
        import torch  # noqa: PLC0415

        n_in = with_noise(examples.vectors[:1]).shape[1]
        network = two_layers(n_in, self.n_hidden, examples.features.shape[1])
        optimiser = adam(network)
        present = torch.unique(examples.classes)
        while True:
            for _ in range(self.steps_a_round):
                drawn_class = present[torch.randint(len(present), (1,))]
                real = examples.features[examples.classes == drawn_class][: self.batch_size]
                made = network(with_noise(examples.vectors[drawn_class].repeat(self.batch_size, 1)))
                descend(optimiser, discrepancy(real, made).clamp(min=1e-12).sqrt())
            yield from_noise(network)


def discrepancy(real: Tensor, made: Tensor) -> Tensor:
    """Sum over the widths of MMD^2 with the kernel exp(-|u - v|^2 / 2 width): 0 for equal samples."""
    import torch  # noqa: PLC0415

    def kernel(left: Tensor, right: Tensor) -> Tensor:
        lengths = (left**2).sum(dim=1)[:, None] + (right**2).sum(dim=1)
        squared = (lengths - 2 * left @ right.T).clamp(min=0)
        return torch.stack([torch.exp(-squared / (2 * width)) for width in WIDTHS]).sum(dim=0).mean()

    return kernel(real, real) + kernel(made, made) - 2 * kernel(real, made)
