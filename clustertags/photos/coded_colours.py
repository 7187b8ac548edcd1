"""Colours that a file states by numbers and not by a profile: PNG's `cICP`, `gAMA` and `cHRM`, and HEIF's `nclx`.

They become an ICC profile of a matrix and curves, so that they go the way of every profile.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeGuard

import numpy as np

from clustertags.types import Float64

Chromaticities: TypeAlias = tuple[float, ...]
"""x and y of white, red, green and blue, as in `cHRM`."""

CICP = "cicp"
"""Where in `Image.info` the numbers of a PNG's `cICP` are kept."""

_D65 = (0.3127, 0.3290)
_SRGB: Chromaticities = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
# ITU-T H.273, table 2.
_PRIMARIES: dict[int, Chromaticities] = {
    1: _SRGB,
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
_SRGB_GAMMA, _GAMMA_TOLERANCE = 1 / 2.2, 0.05  # as libpng has it: within it a gamma stands for sRGB's own curve
_GAMMAS = (0.1, 10.0)
_CURVE_POINTS = 4096
_REFERENCE_WHITE = 203.0  # cd/m2, ITU-R BT.2408: what diffuse white is in HDR, and white here; brighter is clipped
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])


def _srgb(x: Float64) -> Float64:
    """IEC 61966-2-1."""
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def _pq(x: Float64) -> Float64:
    """SMPTE ST 2084, relative to the reference white."""
    root = x ** (1 / 78.84375)
    share = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return share ** (1 / 0.1593017578125) * (10_000 / _REFERENCE_WHITE)


def _hlg(x: Float64) -> Float64:
    """ITU-R BT.2100, the light of the scene, relative to that of the reference white, which has 75 % of the signal."""

    def light(signal: Float64) -> Float64:
        return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12)

    return light(x) / light(np.array(0.75))


def _power(exponent: float) -> Callable[[Float64], Float64]:
    return lambda x: x**exponent


# ITU-T H.273, table 3. BT.709 and its like are shown as sRGB is, as viewers do.
_TRANSFERS: dict[int, Callable[[Float64], Float64]] = {
    **dict.fromkeys((1, 6, 13, 14, 15), _srgb),
    4: _power(2.2),
    5: _power(2.8),
    8: _power(1.0),
    16: _pq,
    18: _hlg,
}


def stated_profile(info: Mapping[Any, Any], *, grey: bool) -> bytes | None:
    """The ICC profile in a picture's `Image.info`, or one of the numbers there; None for nothing, or numbers of sRGB.

    `cICP` counts more than a profile, a profile more than `sRGB`, that more than `gAMA` and `cHRM` (PNG, third edition,
    section 4.3).
    """
    if _is_known(codes := info.get(CICP)):
        return _profile_of_codes(codes, grey)
    if profile := info.get("icc_profile"):
        return profile if isinstance(profile, bytes) else None
    if _is_known(codes := _nclx_codes(info.get("nclx_profile"))):
        return _profile_of_codes(codes, grey)
    gamma, chromaticities = info.get("gamma"), info.get("chromaticity")
    if "srgb" in info or (gamma is None and chromaticities is None):
        return None
    return _profile(chromaticities or _SRGB, _curve_of(gamma), grey)


def _is_known(codes: tuple[int, int] | None) -> TypeGuard[tuple[int, int]]:
    return codes is not None and codes[0] in _PRIMARIES and codes[1] in _TRANSFERS


def _profile_of_codes(codes: tuple[int, int], grey: bool) -> bytes | None:
    primaries, curve = _PRIMARIES[codes[0]], _TRANSFERS[codes[1]]
    return None if primaries is _SRGB and curve is _srgb else _profile(primaries, codes[1], grey)


def _nclx_codes(nclx: Any) -> tuple[int, int] | None:
    if not isinstance(nclx, Mapping):
        return None
    return int(nclx.get("color_primaries", 2)), int(nclx.get("transfer_characteristics", 2))


def _curve_of(gamma: float | None) -> float | int:
    """A gamma as the exponent of its curve, or the code of sRGB's where it stands for that."""
    if not gamma or not _GAMMAS[0] <= gamma <= _GAMMAS[1] or abs(gamma / _SRGB_GAMMA - 1) <= _GAMMA_TOLERANCE:
        return 13
    return 1 / gamma


@functools.lru_cache(maxsize=64)
def _profile(chromaticities: Chromaticities, curve: float, grey: bool) -> bytes | None:
    function = _TRANSFERS[curve] if isinstance(curve, int) else _power(curve)
    values = np.clip(function(np.linspace(0, 1, _CURVE_POINTS)), 0, 1)
    tone = b"curv" + bytes(4) + struct.pack(">I", _CURVE_POINTS) + np.round(values * 65535).astype(">u2").tobytes()
    if grey:
        return _icc({b"kTRC": tone}, b"GRAY")
    matrix = _to_xyz(chromaticities)
    if matrix is None:
        return None
    tags = {f"{letter}XYZ".encode(): _xyz(matrix[:, at]) for at, letter in enumerate("rgb")}
    return _icc(tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), tone), b"RGB ")


def _to_xyz(chromaticities: Chromaticities) -> Float64 | None:
    """The matrix from linear RGB to XYZ under D50, (3, 3) float64; None for primaries that span no colours."""
    x, y = np.array(chromaticities[::2]), np.array(chromaticities[1::2])
    if np.any(y <= 0):
        return None
    xyz = np.stack([x / y, np.ones(4), (1 - x - y) / y])
    white, primaries = xyz[:, 0], xyz[:, 1:]
    try:
        matrix = primaries * np.linalg.solve(primaries, white)
    except np.linalg.LinAlgError:
        return None
    adapted = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white)) @ _BRADFORD
    result: Float64 = adapted @ matrix
    return result if np.all(np.abs(result) < 10) else None


def _xyz(values: Float64) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * float(value)) for value in values))


def _icc(tags: Mapping[bytes, bytes], space: bytes) -> bytes:
    """ICC.1:2001-04, section 6: header, table of tags, tags."""
    all_tags = {b"wtpt": _xyz(_D50), **tags}
    start, table, content = 132 + 12 * len(all_tags), struct.pack(">I", len(all_tags)), b""
    for key, value in all_tags.items():
        table += key + struct.pack(">II", start + len(content), len(value))
        content += value + bytes(-len(value) % 4)
    head = bytes(4) + struct.pack(">I", 0x02400000) + b"mntr" + space + b"XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += struct.pack(">3i", *(round(65536 * float(value)) for value in _D50)) + bytes(48)
    return struct.pack(">I", start + len(content)) + head + table + content
