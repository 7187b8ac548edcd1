"""AC-GAN: a generator against a critic that predicts real or generated, and the class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from clustertags.benchmark.method_building_blocks.feature_generation import Examples, Generate, GenerativeZeroShot
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
class ACGAN(GenerativeZeroShot):
    """Binary cross-entropy of real and generated, and cross-entropy of the class on both (Odena et al. 2017)."""

    name: ClassVar[str] = "ac-gan"
    title: ClassVar[str] = "AC-GAN"
    family: ClassVar[Family] = Family.GENERATOR
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.WORD_VECTORS)
    paper: ClassVar[str] = "Bucher et al. 2017, Generating visual representations for zero-shot classification"

    def _rounds(self, examples: Examples) -> Iterator[Generate]:
        import torch  # noqa: PLC0415
        from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy  # noqa: PLC0415

        n_in, n_out = with_noise(examples.vectors[:1]).shape[1], examples.features.shape[1]
        generator = two_layers(n_in, self.n_hidden, n_out)
        critic = two_layers(n_out, self.n_hidden, 1 + examples.n_classes)
        generator_optimiser, critic_optimiser = adam(generator), adam(critic)
        ones, zeros = torch.ones(self.batch_size), torch.zeros(self.batch_size)
        while True:
            for _ in range(self.steps_a_round):
                real, classes = draw(examples, self.batch_size)
                made = generator(with_noise(examples.vectors[classes]))
                on_real, on_made = critic(real), critic(made.detach())
                real_loss = binary_cross_entropy_with_logits(on_real[:, 0], ones)
                real_loss = real_loss + binary_cross_entropy_with_logits(on_made[:, 0], zeros)
                class_loss = cross_entropy(on_real[:, 1:], classes) + cross_entropy(on_made[:, 1:], classes)
                descend(critic_optimiser, real_loss + class_loss)
                on_made = critic(made)
                adversarial_loss = binary_cross_entropy_with_logits(on_made[:, 0], ones)
                descend(generator_optimiser, adversarial_loss + cross_entropy(on_made[:, 1:], classes))
            yield from_noise(generator)
