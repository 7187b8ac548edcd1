"""Adversarial autoencoder: a critic makes the codes match the noise distribution."""

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


@register
class AdversarialAutoencoder(GenerativeZeroShot):
    """|x - D(s, E(x))|^2, and a critic that separates E(x) from N(0, I_15) (Makhzani et al. 2015).

    The critic gets s with the code, so that the codes of each class match the noise, not only their mixture.
    """

    name: ClassVar[str] = "adversarial-autoencoder"
    title: ClassVar[str] = "Adversarial autoencoder"
    family: ClassVar[Family] = Family.GENERATOR
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.WORD_VECTORS)
    paper: ClassVar[str] = "Bucher et al. 2017, Generating visual representations for zero-shot classification"

    def _rounds(self, examples: Examples) -> Iterator[Generate]:
        import torch  # noqa: PLC0415
        from torch.nn.functional import binary_cross_entropy_with_logits  # noqa: PLC0415

        n_in, n_out = with_noise(examples.vectors[:1]).shape[1], examples.features.shape[1]
        encoder = two_layers(n_out, self.n_hidden, N_NOISE)
        decoder = two_layers(n_in, self.n_hidden, n_out)
        critic = two_layers(n_in, self.n_hidden, 1)
        autoencoder_optimiser, critic_optimiser = adam(encoder, decoder), adam(critic)
        ones, zeros = torch.ones(self.batch_size), torch.zeros(self.batch_size)

        while True:
            for _ in range(self.steps_a_round):
                real, classes = draw(examples, self.batch_size)
                codes = encoder(real)
                names = examples.vectors[classes]
                on_noise = critic(with_noise(names))[:, 0]
                on_codes = critic(torch.cat([names, codes.detach()], dim=1))[:, 0]
                critic_loss = binary_cross_entropy_with_logits(on_noise, ones)
                descend(critic_optimiser, critic_loss + binary_cross_entropy_with_logits(on_codes, zeros))
                rebuilt = decoder(torch.cat([names, codes], dim=1))
                on_codes = critic(torch.cat([names, codes], dim=1))[:, 0]
                adversarial_loss = binary_cross_entropy_with_logits(on_codes, ones)
                descend(autoencoder_optimiser, ((real - rebuilt) ** 2).mean() + adversarial_loss)
            yield from_noise(decoder)
