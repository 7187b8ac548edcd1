"""Denoising autoencoder: features are reconstructed from their name and a code of a corrupted copy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from clustertags.benchmark.method_building_blocks.feature_generation import (
    N_NOISE,
    Examples,
    Generate,
    GenerativeZeroShot,
)
from clustertags.benchmark.method_building_blocks.generator_networks import (
    adam,
    descend,
    draw,
    from_noise,
    two_layers,
    with_noise,
)
from clustertags.benchmark.method_interface import Family, Need
from clustertags.benchmark.method_registry import register

DROPPED = 0.3
CODE_KEPT = 0.3
"""Share of a corrupted code's variance from the code; the rest is noise."""


@register
class DenoisingAutoencoder(GenerativeZeroShot):
    """|x - D(s, E(corrupted x))|^2; to generate, the code is noise of N(0, I_15).

    Codes are normalised to unit deviation and corrupted too, or the decoder would not need s.
    """

    name: ClassVar[str] = "denoising-autoencoder"
    title: ClassVar[str] = "Denoising autoencoder"
    family: ClassVar[Family] = Family.GENERATOR
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.WORD_VECTORS)
    paper: ClassVar[str] = "Bucher et al. 2017, Generating visual representations for zero-shot classification"

    def _rounds(self, examples: Examples) -> Iterator[Generate]:
        import torch  # noqa: PLC0415
        from torch import nn  # noqa: PLC0415

        n_in, n_out = with_noise(examples.vectors[:1]).shape[1], examples.features.shape[1]
        corrupt = nn.Dropout(DROPPED)
        # Without the affine part the normalised code has the mean and deviation that the noise will have.
        encoder = nn.Sequential(two_layers(n_out, self.n_hidden, N_NOISE), nn.BatchNorm1d(N_NOISE, affine=False))
        decoder = two_layers(n_in, self.n_hidden, n_out)
        optimiser = adam(encoder, decoder)

        while True:
            for _ in range(self.steps_a_round):
                real, classes = draw(examples, self.batch_size)
                noise = torch.randn(self.batch_size, N_NOISE)
                codes = CODE_KEPT**0.5 * encoder(corrupt(real)) + (1 - CODE_KEPT) ** 0.5 * noise
                rebuilt = decoder(torch.cat([examples.vectors[classes], codes], dim=1))
                descend(optimiser, ((real - rebuilt) ** 2).mean())
            yield from_noise(decoder)
