"""The tokenizer of an image-text network as JSON of the `tokenizers` package, read without torch and open_clip."""

from __future__ import annotations

from typing import Any

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

from clustertags.errors import WeightsError
from clustertags.features.text_cleaning import CLEANINGS
from clustertags.support.printable import printable

_PROBES = ("a dog on a beach", "It's  NEW-York_2, 2024: caf\u00e9 &amp; sun!", "", "dog " * 300)
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
"""OpenAI's pattern of words, `open_clip.tokenizer.SimpleTokenizer`."""


def portable_tokenizer(name: str, tokenizer: Any) -> tuple[str, str]:
    """The JSON, and the cleaning before it, a key of `CLEANINGS`.

    Both are compared with the given tokenizer on a few texts. Raises `WeightsError` where they differ: texts would be
    misread.
    """
    try:
        found = _byte_pairs(tokenizer) if hasattr(tokenizer, "bpe_ranks") else _of_transformers(tokenizer)
        wanted = [tokenizer([text])[0].tolist() for text in _PROBES]
    except Exception as error:  # tokenizers of other packages lack attributes and raise their own errors
        raise _unreadable(name) from error
    for cleaning, clean in CLEANINGS.items():
        if [found.encode(clean(text)).ids for text in _PROBES] == wanted:
            return found.to_str(), cleaning
    raise _unreadable(name)


def _unreadable(name: str) -> WeightsError:
    return WeightsError(
        f"the tokenizer of {printable(name)} is of a kind that cannot be stored: choose another network"
    )


def _byte_pairs(tokenizer: Any) -> Tokenizer:
    merges = [pair for pair, _ in sorted(tokenizer.bpe_ranks.items(), key=lambda item: item[1]) if len(pair) == 2]
    found = Tokenizer(models.BPE(vocab=dict(tokenizer.encoder), merges=merges, end_of_word_suffix="</w>"))
    found.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    first, last = ((tokenizer.decoder[at], at) for at in (tokenizer.sot_token_id, tokenizer.eot_token_id))
    found.post_processor = processors.BertProcessing(last, first)
    return _cut_and_padded(found, tokenizer.context_length, 0)


def _of_transformers(tokenizer: Any) -> Tokenizer:
    fast = tokenizer.tokenizer
    found = Tokenizer.from_str(fast.backend_tokenizer.to_str())
    return _cut_and_padded(found, tokenizer.context_length, int(fast.pad_token_id))


def _cut_and_padded(tokenizer: Tokenizer, n_tokens: int, pad: int) -> Tokenizer:
    tokenizer.enable_truncation(n_tokens)
    tokenizer.enable_padding(length=n_tokens, pad_id=pad, pad_token=tokenizer.id_to_token(pad) or "")
    return tokenizer
