"""Small networks of the generators. Imports torch lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustertags.benchmark.method_building_blocks.feature_generation import N_NOISE, Examples, Generate

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

SLOPE = 0.2
RATE = 1e-3


def two_layers(n_in: int, n_hidden: int, n_out: int) -> nn.Sequential:
    """One hidden layer with leaky rectifiers, as in the paper."""
    from torch import nn  # noqa: PLC0415

    return nn.Sequential(nn.Linear(n_in, n_hidden), nn.LeakyReLU(SLOPE), nn.Linear(n_hidden, n_out))


def with_noise(vectors: Tensor) -> Tensor:
    """The vectors concatenated with noise of N(0, I_15)."""
    import torch  # noqa: PLC0415

    return torch.cat([vectors, torch.randn(len(vectors), N_NOISE)], dim=1)


def from_noise(network: nn.Module) -> Generate:
    """The generator that applies the network to a name's vector with noise."""

    def generate(vectors: Tensor) -> Tensor:
        made: Tensor = network(with_noise(vectors))
        return made

    return generate


def draw(examples: Examples, n: int) -> tuple[Tensor, Tensor]:
    """Features and classes of `n` rows drawn with replacement, all classes equally likely."""
    import torch  # noqa: PLC0415

    counts = torch.bincount(examples.classes, minlength=examples.n_classes).clamp(min=1)
    chances = 1.0 / counts[examples.classes].double()
    rows = torch.multinomial(chances, n, replacement=True)
    return examples.features[rows], examples.classes[rows]


def adam(*networks: nn.Module) -> torch.optim.Adam:
    """An optimiser of the networks' weights."""
    import torch  # noqa: PLC0415

    return torch.optim.Adam([weight for network in networks for weight in network.parameters()], lr=RATE)


def descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    """One optimisation step."""
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
