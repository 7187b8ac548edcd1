"""Colour profiles made for tests, byte by byte after ICC.1:2010 and ICC.1:2001-04, and what they mean in float64."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Array = np.ndarray

SRGB_D50 = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
ADOBE_D50 = np.array(
    [[0.6097559, 0.2052401, 0.1492240], [0.3111242, 0.6256560, 0.0632197], [0.0194811, 0.0608902, 0.7448387]]
)
P3_D50 = np.array(
    [[0.5151186, 0.2919778, 0.1571035], [0.2411892, 0.6922441, 0.0665668], [-0.0010505, 0.0418791, 0.7840713]]
)
PROPHOTO_D50 = np.array([[0.7976749, 0.1351917, 0.0313534], [0.2880402, 0.7118741, 0.0000857], [0, 0, 0.8252100]])
"""Linear RGB to XYZ under D50, by Bradford (Lindbloom; P3 by the same method from its primaries)."""

_PARAMETERS = (1, 3, 4, 5, 7)


@dataclass(frozen=True)
class Curve:
    """A tone curve: its tag, and the same as a function from 0..1 to 0..1."""

    tag: bytes
    linear: Callable[[Array], Array]


def gamma(exponent: float) -> Curve:
    return Curve(b"curv" + bytes(4) + struct.pack(">IH", 1, round(exponent * 256)), lambda x: x**exponent)


def identity() -> Curve:
    return Curve(b"curv" + bytes(8), lambda x: x)


def table(function: Callable[[Array], Array], n: int) -> Curve:
    places = np.linspace(0, 1, n)
    values = np.round(function(places) * 65535).astype(int)
    tag = b"curv" + bytes(4) + struct.pack(f">I{n}H", n, *values)
    return Curve(tag, lambda x: np.interp(x, places, values / 65535))


def parametric(kind: int, *parameters: float) -> Curve:
    assert len(parameters) == _PARAMETERS[kind]
    numbers = struct.pack(f">{len(parameters)}i", *(round(65536 * value) for value in parameters))
    tag = b"para" + bytes(4) + struct.pack(">HH", kind, 0) + numbers
    g, a, b, c, d, e, f = (*parameters, *[0.0] * (7 - len(parameters)))

    def linear(x: Array) -> Array:
        def power(y: Array) -> Array:
            return np.maximum(y, 0) ** g

        match kind:
            case 0:
                return power(x)
            case 1:
                return np.where(x >= -b / a, power(a * x + b), 0)
            case 2:
                return np.where(x >= -b / a, power(a * x + b) + c, c)
            case 3:
                return np.where(x >= d, power(a * x + b), c * x)
            case _:
                return np.where(x >= d, power(a * x + b) + e, c * x + f)

    return Curve(tag, linear)


def srgb_curve() -> Curve:
    return parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def srgb_encoded(linear: Array) -> Array:
    """IEC 61966-2-1: linear light to 0..255."""
    clipped = np.clip(linear, 0, 1)
    return 255 * np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)


def srgb_decoded(values: Array) -> Array:
    shares = values / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def of_matrix(values: Array, to_xyz: Array, curves: Sequence[Curve]) -> Array:
    """The sRGB colours, 0 to 255, of (..., 3) colours, 0 to 255, under a profile of a matrix and curves."""
    linear = np.stack([curve.linear(values[..., i] / 255) for i, curve in enumerate(curves)], -1)
    return srgb_encoded(linear @ to_xyz.T @ np.linalg.inv(SRGB_D50).T)


def matrix_profile(to_xyz: Array, curves: Sequence[Curve], name: str = "sRGB IEC61966-2.1", version: int = 4) -> bytes:
    tags = {f"{letter}XYZ".encode(): _xyz(*to_xyz[:, i]) for i, letter in enumerate("rgb")}
    tags |= {f"{letter}TRC".encode(): curve.tag for letter, curve in zip("rgb", curves, strict=True)}
    return _profile(tags, b"RGB ", b"XYZ ", name, version)


def grey_profile(curve: Curve, name: str = "sRGB", version: int = 4) -> bytes:
    return _profile({b"kTRC": curve.tag}, b"GRAY", b"XYZ ", name, version)


def grid_profile(space: bytes, n_inks: int, n_steps: int, shown: Callable[[Array], Array]) -> bytes:
    """A profile by a table (`mft2`) to Lab.

    `shown`: from (n, n_inks) colours, 0 to 1, to the sRGB colours, 0 to 255, that they are.
    """
    places = np.stack(np.meshgrid(*[np.linspace(0, 1, n_steps)] * n_inks, indexing="ij"), -1).reshape(-1, n_inks)
    lab = _lab(srgb_decoded(shown(places)) @ SRGB_D50.T)
    encoded = np.round(np.stack([lab[:, 0] * 652.8, (lab[:, 1] + 128) * 256, (lab[:, 2] + 128) * 256], -1))
    unit = struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    head = b"mft2" + bytes(4) + struct.pack(">BBBB", n_inks, 3, n_steps, 0) + unit + struct.pack(">HH", 2, 2)
    ends = struct.pack(">HH", 0, 65535)
    grid = np.clip(encoded, 0, 65535).astype(">u2").tobytes()
    return _profile({b"A2B0": head + ends * n_inks + grid + ends * 3}, space, b"Lab ", "made", 2)


def _lab(xyz: Array) -> Array:
    shares = xyz / [0.9642, 1, 0.8249]
    roots = np.where(shares > (6 / 29) ** 3, np.cbrt(shares), shares / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = roots[..., 0], roots[..., 1], roots[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * value) for value in values))


def _profile(tags: Mapping[bytes, bytes], space: bytes, connection: bytes, name: str, version: int) -> bytes:
    if version == 2:
        text = name.encode() + b"\0"
        description = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    else:
        text = name.encode("utf-16-be")
        description = b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(text), 28) + text
    all_tags = {b"desc": description, b"wtpt": _xyz(0.9642, 1, 0.8249), **tags}
    start, table, content = 132 + 12 * len(all_tags), struct.pack(">I", len(all_tags)), b""
    for key, value in all_tags.items():
        table += key + struct.pack(">II", start + len(content), len(value))
        content += value + bytes(-len(value) % 4)
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    head = bytes(4) + struct.pack(">I", version << 24) + kind + space + connection + bytes(12) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 63190, 65536, 54061) + bytes(48)
    return struct.pack(">I", start + len(content)) + head + table + content
