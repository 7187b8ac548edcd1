"""The encoder of names that goes with a backbone."""

from __future__ import annotations

from typing import TypeAlias

from clustertags.features.conversion import ConvertedBackbone
from clustertags.names.encoder import SentenceEncoder, sentence_encoder
from clustertags.names.image_text_encoder import ImageTextEncoder

NamesEncoder: TypeAlias = SentenceEncoder | ImageTextEncoder


def encoder_for(backbone: ConvertedBackbone) -> NamesEncoder:
    """The network's own text tower, or the packaged encoder of sentences where it has none; nothing is loaded yet."""
    return sentence_encoder() if backbone.text is None else ImageTextEncoder(backbone)
