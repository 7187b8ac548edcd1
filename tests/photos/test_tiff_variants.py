"""TIFFs of every kind: shown pixel by pixel as they were written and tifffile reads them, or refused by name."""

from __future__ import annotations

import io
import itertools
import zlib
from collections.abc import Callable

import numpy as np
import pytest
import tifffile
from PIL import Image

from clustertags.errors import UnreadablePhotoError
from clustertags.photos.decoding import quiet_decoding, thumbnail_of
from clustertags.photos.files import DecodeLimits
from tests.made.tiffs import made_tiff, packed

HEIGHT, WIDTH = 37, 53
ROUNDING = 1.01
"""Of 255: Pillow cuts 16 bits to 8 and does not round."""
WITH_ALPHA = 3.01
"""Of 255: the same with colour and alpha both cut, then multiplied or divided."""


def shares(n_samples: int) -> np.ndarray:
    """(height, width, n_samples) float64 from 0 to 1: a ramp in another direction for each, with some noise."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] / np.array([HEIGHT - 1, WIDTH - 1])[:, None, None]
    ramps = np.stack([x, y, (x + y) / 2, 1 - 0.8 * x, 0.2 + 0.6 * y][:n_samples], axis=-1)
    noisy = np.clip(ramps + np.random.default_rng(1).normal(0, 0.02, ramps.shape), 0, 1)
    noisy[0, 0], noisy[-1, -1] = 0, 1
    return noisy


def stored(values: np.ndarray, dtype: str) -> np.ndarray:
    kind = np.dtype(dtype)
    return values.astype(kind) if kind.kind == "f" else np.round(values * np.iinfo(kind).max).astype(kind)


def plain(values: np.ndarray) -> np.ndarray:
    """The plain rule: 1, or the highest integer of the type, is 255."""
    white = 1.0 if values.dtype.kind == "f" else float(np.iinfo(values.dtype).max)
    return np.clip(values.astype(np.float64) / white, 0, 1) * 255


def shown(data: bytes) -> np.ndarray:
    with quiet_decoding():
        return np.asarray(thumbnail_of(data, 10_000, DecodeLimits()), np.float64)


def assert_shown(data: bytes, expected: np.ndarray, tolerance: float = ROUNDING) -> None:
    expected = expected if expected.ndim == 3 else expected[..., None]
    pixels = shown(data)
    assert pixels.shape == (*expected.shape[:2], 3)
    assert np.abs(pixels - np.broadcast_to(expected, pixels.shape)).max() <= tolerance


def written(values: np.ndarray, apart: bool = False, **options: object) -> bytes:
    """The TIFF that tifffile writes of (height, width, n_samples), and reads as the same values."""
    file = io.BytesIO()
    source = np.ascontiguousarray(np.moveaxis(values, -1, 0)) if apart else values
    if values.shape[-1] == 1:
        source = values[..., 0]
    else:
        options["planarconfig"] = "separate" if apart else "contig"
    tifffile.imwrite(file, source, metadata=None, **options)  # type: ignore[arg-type]
    assert np.array_equal(tifffile.imread(io.BytesIO(file.getvalue())), source)
    return file.getvalue()


def turned(values: np.ndarray, photometric: str) -> np.ndarray:
    return 255 - plain(values) if photometric == "miniswhite" else plain(values)


# What Pillow can open: (photometric, samples, type, byte orders of plain TIFF, of BigTIFF)
READ = [
    ("minisblack", 1, "uint8", "<>", "<"),
    ("minisblack", 1, "uint16", "<>", "<"),
    ("minisblack", 1, "uint32", "<", "<"),
    ("minisblack", 1, "int8", "<>", "<"),
    ("minisblack", 1, "int16", "<>", "<"),
    ("minisblack", 1, "int32", "<>", "<"),
    ("minisblack", 1, "float32", "<>", "<"),
    ("miniswhite", 1, "uint8", "<>", "<"),
    ("miniswhite", 1, "uint16", "<", "<"),
    ("miniswhite", 1, "float32", "<>", "<"),
    ("rgb", 3, "uint8", "<>", "<"),
    ("rgb", 3, "uint16", "<>", "<"),
]
COMPRESSIONS = [{}, {"compression": "deflate"}, {"compression": "lzma"}, {"compression": "deflate", "predictor": 2}]
LAYOUTS = [{}, {"rowsperstrip": 5}, {"tile": (16, 32)}]


@pytest.mark.parametrize(("photometric", "n_samples", "dtype", "orders", "big_orders"), READ)
def test_integers_and_floats_in_each_layout(
    photometric: str, n_samples: int, dtype: str, orders: str, big_orders: str
) -> None:
    values = stored(shares(n_samples), dtype)
    files = [(order, False) for order in orders] + [(order, True) for order in big_orders]
    for (order, big), layout, compression in itertools.product(files, LAYOUTS, COMPRESSIONS):
        if "predictor" in compression and dtype.startswith("float"):
            continue
        for apart in {False, n_samples > 1}:
            data = written(
                values, apart, photometric=photometric, byteorder=order, bigtiff=big, **layout, **compression
            )
            assert_shown(data, turned(values, photometric))


def test_negative_numbers_are_black() -> None:
    values = np.tile(np.array([[-128], [-1], [0], [127]], np.int8), (2, 8))[..., None]
    for dtype in ("int8", "int16", "int32"):
        scaled = (values.astype(np.int64) * (2 ** (np.iinfo(dtype).bits - 8))).astype(dtype)
        assert_shown(written(scaled, photometric="minisblack"), plain(scaled), 2.01)


@pytest.mark.parametrize(
    ("photometric", "n_samples", "dtype", "order"),
    [
        *itertools.product(["rgb"], [3], ["int8", "int16", "uint32", "int32", "float16", "float32", "float64"], "<>"),
        *itertools.product(["minisblack", "miniswhite"], [1], ["float16", "float64"], "<>"),
        *itertools.product(["miniswhite"], [1], ["int8", "int16", "int32", "uint32"], "<>"),
        ("miniswhite", 1, "uint16", ">"),
        ("minisblack", 1, "uint32", ">"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(photometric: str, n_samples: int, dtype: str, order: str) -> None:
    values = stored(shares(n_samples), dtype)
    kind = {"u": "unsigned", "i": "signed", "f": "floating-point"}[values.dtype.kind]
    named = (
        rf"{'RGB' if n_samples == 3 else 'grey.*'}, {n_samples} x {8 * values.itemsize} bits {kind}, .*none \(save it"
    )
    with pytest.raises(UnreadablePhotoError, match=named):
        shown(written(values, photometric=photometric, byteorder=order))


def test_a_big_endian_bigtiff_is_refused_by_name() -> None:
    with pytest.raises(UnreadablePhotoError, match="BigTIFF in big-endian"):
        shown(written(stored(shares(1), "uint8"), photometric="minisblack", byteorder=">", bigtiff=True))


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("alpha", ["assocalpha", "unassalpha", "unspecified"])
def test_alpha_is_laid_on_white(dtype: str, apart: bool, alpha: str) -> None:
    parts = shares(4)
    if alpha == "assocalpha":
        parts[..., :3] *= parts[..., 3:]
    values = stored(parts, dtype)
    colours, opacity = plain(values)[..., :3], plain(values)[..., 3:] / 255
    expected = {
        "assocalpha": colours + 255 * (1 - opacity),
        "unassalpha": colours * opacity + 255 * (1 - opacity),
        "unspecified": colours,
    }[alpha]
    for compression in COMPRESSIONS:
        data = written(values, apart, photometric="rgb", extrasamples=[alpha], **compression)
        assert_shown(data, expected, WITH_ALPHA)


def test_grey_with_alpha() -> None:
    parts = shares(2)
    values = stored(parts, "uint8")
    opacity = plain(values)[..., 1:] / 255
    expected = plain(values)[..., :1] * opacity + 255 * (1 - opacity)
    assert_shown(written(values, photometric="minisblack", extrasamples=["unassalpha"]), expected, WITH_ALPHA)
    parts[..., 0] *= parts[..., 1]
    values = stored(parts, "uint8")
    expected = plain(values)[..., :1] + 255 - plain(values)[..., 1:]
    assert_shown(written(values, photometric="minisblack", extrasamples=["assocalpha"]), expected, WITH_ALPHA)
    with pytest.raises(UnreadablePhotoError, match="grey, 2 x 8 bits unsigned, planes apart"):
        shown(written(values, apart=True, photometric="minisblack", extrasamples=["unassalpha"]))


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("apart", [False, True])
def test_cmyk_without_a_profile(dtype: str, apart: bool) -> None:
    values = stored(shares(4), dtype)
    inks = plain(values)
    for compression in COMPRESSIONS:
        data = written(values, apart, photometric="separated", **compression)
        assert_shown(data, (255 - inks[..., :3]) * (255 - inks[..., 3:]) / 255, 2.01)


@pytest.mark.parametrize("n_values", [65536, 256])
def test_palettes_of_16_bits_and_of_8(n_values: int) -> None:
    rng = np.random.default_rng(0)
    palette = rng.integers(0, n_values, (3, 256), np.uint16)
    places = rng.integers(0, 256, (HEIGHT, WIDTH, 1), np.uint8)
    expected = np.moveaxis(palette[:, places[..., 0]], 0, -1) * (255 / (n_values - 1))
    assert_shown(written(places, photometric="palette", colormap=palette), expected)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 12, 3, 6, 10, 14, 24])
@pytest.mark.parametrize("photometric", [0, 1, 2])
def test_samples_of_so_many_bits_are_shown_or_refused_by_name(order: str, bits: int, photometric: int) -> None:
    n_samples = 3 if photometric == 2 else 1
    values = np.round(shares(n_samples) * (2**bits - 1)).astype(np.int64)
    strip = packed(values, bits)
    expected = values / (2**bits - 1) * 255
    tags = {258: [bits] * n_samples, 262: photometric, 277: n_samples}
    is_read = bits == 8 or (bits in {1, 2, 4} and n_samples == 1) or (bits, photometric, order) == (12, 1, "<")
    for fill_order in (1, 2):
        turned_bits = strip if fill_order == 1 else strip.translate(bytes(int(f"{i:08b}"[::-1], 2) for i in range(256)))
        data = made_tiff((WIDTH, HEIGHT), [turned_bits], {**tags, 266: fill_order}, order)
        if is_read and not (fill_order == 2 and bits == 12):
            assert_shown(data, 255 - expected if photometric == 0 else expected)
        else:
            with pytest.raises(UnreadablePhotoError, match=f"{n_samples} x {bits} bits"):
                shown(data)


@pytest.mark.parametrize(
    "compression", ["group3", "group4", "tiff_ccitt", "packbits", "tiff_lzw", "tiff_deflate", "zstd"]
)
@pytest.mark.parametrize("photometric", [0, 1])
def test_black_and_white_in_each_compression(compression: str, photometric: int) -> None:
    is_white = shares(1)[..., 0] > 0.5
    file = io.BytesIO()
    Image.fromarray(is_white).save(file, "TIFF", compression=compression, tiffinfo={262: photometric})
    page = tifffile.TiffFile(io.BytesIO(file.getvalue())).pages[0]
    assert page.photometric == photometric
    assert_shown(file.getvalue(), is_white * 255.0)


@pytest.mark.parametrize("mode", ["RGB", "L", "I;16", "CMYK"])
@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "zstd"])
def test_compressions_that_pillow_writes(mode: str, compression: str) -> None:
    values = stored(shares({"RGB": 3, "CMYK": 4}.get(mode, 1)).squeeze(), "uint16" if mode == "I;16" else "uint8")
    file = io.BytesIO()
    Image.frombytes(mode, (WIDTH, HEIGHT), values.tobytes()).save(file, "TIFF", compression=compression)
    expected = plain(values)
    if mode == "CMYK":
        expected = (255 - expected[..., :3]) * (255 - expected[..., 3:]) / 255
    assert_shown(file.getvalue(), expected, 2.01 if mode == "CMYK" else ROUNDING)


@pytest.mark.parametrize("mode", ["RGB", "YCbCr", "L"])
def test_jpeg_inside(mode: str) -> None:
    smooth = Image.fromarray(stored(shares(3), "uint8")).convert("L" if mode == "L" else "RGB")
    file = io.BytesIO()
    smooth.convert(mode).save(file, "TIFF", compression="jpeg", quality=98)
    difference = shown(file.getvalue()) - np.asarray(smooth.convert("RGB"), np.float64)
    assert np.abs(difference).mean() < 5, "its chroma has half the resolution"


@pytest.mark.parametrize("order", "<>")
def test_the_floating_point_predictor(order: str) -> None:
    values = shares(1)[..., 0].astype(np.float32)
    planes = values.astype(">f4").view(np.uint8).reshape(HEIGHT, WIDTH, 4).transpose(0, 2, 1).reshape(HEIGHT, -1)
    strip = zlib.compress(np.diff(planes, axis=1, prepend=np.uint8(0)).tobytes())
    tags = {258: 32, 259: 8, 262: 1, 277: 1, 317: 3, 339: 3}
    assert_shown(made_tiff((WIDTH, HEIGHT), [strip], tags, order), plain(values))


def test_a_floating_point_picture_brighter_than_1_is_scaled_by_what_holds_it() -> None:
    ramp = np.linspace(0, 1, WIDTH, dtype=np.float32)[None, :, None].repeat(8, 0)
    for white in (1.0, 255.0, 65535.0, 1e6):
        assert_shown(written(ramp * np.float32(white), photometric="minisblack"), plain(ramp))


def test_ycbcr_without_compression() -> None:
    components = stored(shares(3), "uint8")
    y, cb, cr = np.moveaxis(components.astype(np.float64), -1, 0)
    red, blue = y + 1.402 * (cr - 128), y + 1.772 * (cb - 128)
    green = (y - 0.299 * red - 0.114 * blue) / 0.587  # TIFF 6.0, section 21, of the colours before they are clipped
    expected = np.clip(np.stack([red, green, blue], -1), 0, 255)
    data = made_tiff((WIDTH, HEIGHT), [components.tobytes()], {258: [8] * 3, 262: 6, 277: 3, 530: [1, 1]})
    assert_shown(data, expected, 2.01)


def test_lab_has_the_colours_of_its_formula() -> None:
    lightness, a = np.meshgrid(np.linspace(30, 80, WIDTH), np.linspace(-20, 20, HEIGHT))
    components = np.stack([np.round(lightness * 2.55), np.round(a), np.round(-a)], -1)
    strip = components.astype(np.int16).astype(np.uint8).tobytes()
    tags = {258: [8] * 3, 262: 8, 277: 3}
    assert_shown(made_tiff((WIDTH, HEIGHT), [strip], tags), of_lab(*np.moveaxis(components, -1, 0)), 3.01)
    planes = [np.ascontiguousarray(plane).astype(np.int16).astype(np.uint8).tobytes() for plane in components.T]
    with pytest.raises(UnreadablePhotoError, match="Lab, 3 x 8 bits unsigned, planes apart"):
        shown(made_tiff((WIDTH, HEIGHT), planes, {**tags, 284: 2}))


def of_lab(lightness: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* under D50, `lightness` of 255, to sRGB by the Bradford-adapted matrix (Lindbloom)."""
    y = (lightness / 2.55 + 16) / 116
    cubes = np.stack([y + a / 500, y, y - b / 200], -1)
    xyz = np.where(cubes > 6 / 29, cubes**3, 3 * (6 / 29) ** 2 * (cubes - 4 / 29)) * [0.9642, 1, 0.8249]
    to_rgb = [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
    linear = np.clip(xyz @ np.transpose(to_rgb), 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("photometric", ["minisblack", "rgb"])
def test_orientation(orientation: int, dtype: str, photometric: str) -> None:
    upright: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1), 6: lambda a: a.swapaxes(0, 1)[:, ::-1],
        7: lambda a: a.swapaxes(0, 1)[::-1, ::-1], 8: lambda a: a.swapaxes(0, 1)[::-1],
    }  # fmt: skip
    values = stored(shares(3 if photometric == "rgb" else 1), dtype)
    data = written(values, photometric=photometric, extratags=[(274, 3, 1, orientation, True)])
    assert_shown(data, upright[orientation](plain(values)))


def test_of_several_pages_the_first_is_seen() -> None:
    first = stored(shares(3), "uint8")
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(first, photometric="rgb")
        writer.write(255 - first, photometric="rgb")
    assert_shown(file.getvalue(), plain(first))


@pytest.mark.parametrize(
    ("tags", "named"),
    [
        ({258: [5, 6, 5], 262: 2, 277: 3}, r"RGB, 3 x 5 \+ 6 bits"),
        ({258: [8] * 4, 262: 5, 277: 4, 332: 2}, "inks other than CMYK, 4 x 8 bits"),
        ({258: 8, 262: 1, 277: 1, 339: 4}, "grey, 1 x 8 bits undefined"),
        ({258: [8] * 3, 262: 2, 277: 3, 339: [1, 1, 2]}, "RGB, 3 x 8 bits unsigned and signed"),
        ({258: [8] * 5, 262: 1, 277: 5, 338: [0] * 4}, "grey, 5 x 8 bits"),
        ({258: [8] * 3, 262: 9, 277: 3}, "ICC Lab"),
        ({258: 16, 262: 32844, 277: 1, 259: 34676}, "LogL, .*compression 34676"),
        ({258: 8, 262: 4, 277: 1}, "mask"),
        *(({258: [8] * 3, 262: 2, 277: 3, 259: code}, f"RGB, .*compression {name}") for code, name in
          [(34712, "JPEG 2000"), (34661, "JBIG"), (34887, "LERC"), (50001, "WebP"), (50002, "JPEG XL")]),
    ],
)  # fmt: skip
def test_rare_kinds_are_refused_by_name(tags: dict[int, int | list[int]], named: str) -> None:
    with pytest.raises(UnreadablePhotoError, match=f"a TIFF of a kind that cannot be read: {named}"):
        shown(made_tiff((WIDTH, HEIGHT), [bytes(HEIGHT * WIDTH * 5)], tags))


def test_a_tiff_without_a_directory_is_damaged() -> None:
    with pytest.raises(UnreadablePhotoError, match="damaged TIFF"):
        shown(b"II*\0\x08\0\0\0" + bytes(2))
    with pytest.raises(UnreadablePhotoError, match="damaged TIFF"):
        shown(b"II*\0\xff\xff\0\0" + bytes(20))
