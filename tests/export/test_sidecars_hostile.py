"""Five hundred hostile, broken or huge sidecars and keyword blocks: none stops a run, none takes long or 200 MB.

Each takes less than a second of the processor in a process of its own. The limit here is for work that grows with the
square of a document's size, which takes minutes, and not for a slow machine.
"""

from __future__ import annotations

import io
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from clustertags.export.sidecar_undo import undo_sidecars
from clustertags.export.sidecars import SidecarTags, write_sidecars
from clustertags.library.catalogue import Catalogue
from clustertags.photos.keywords import read_keywords
from clustertags.photos.own_keywords import NAMESPACE, names_our_namespace, written_by_us
from tests.made.keywords import xmp
from tests.made.sidecars import PROGRAMS

pytestmark = pytest.mark.slow

MAX_SECONDS, MAX_BYTES = 20, 200 * 2**20
MEBIBYTE = 2**20
HEAD = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">'


def described(inside: str) -> bytes:
    return f'{HEAD}<rdf:Description rdf:about="">{inside}</rdf:Description></rdf:RDF>'.encode()


def huge() -> list[bytes]:
    """Documents of about a mebibyte that are well formed, or nearly, and costly to read."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    own = f'xmlns:c="{NAMESPACE}"'
    return [
        xmp("&l11;", doctype=f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'),
        xmp("&x;", doctype='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        xmp("&x;", doctype='<!DOCTYPE x [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>'),
        described("<a>" * 100_000),
        described("<a>" * 150 + "</a>" * 150),
        described("<a/>" * 200_000),
        described("<a/>" * 19_900),
        described("<rdf:li/>" * 19_900),
        described("<dc:subject/>" * 19_900),
        described("<dc:subject><rdf:Bag/></dc:subject>" * 20_000),
        described("<dc:subject><rdf:Bag>" + "<rdf:li>a</rdf:li>" * 19_900 + "</rdf:Bag></dc:subject>"),
        described("<dc:subject><rdf:Bag>" + "<rdf:li> </rdf:li>" * 19_900 + "</rdf:Bag></dc:subject>"),
        described(
            "<dc:subject><rdf:Bag>" + "".join(f"<rdf:li>{n}</rdf:li>" for n in range(1_990)) + "</rdf:Bag></dc:subject>"
        ),
        described("<dc:subject><rdf:Bag><rdf:li>" + "a|" * 400_000 + "</rdf:li></rdf:Bag></dc:subject>"),
        described("<dc:subject><rdf:Bag><rdf:li>" + "&amp;" * 200_000 + "</rdf:li></rdf:Bag></dc:subject>"),
        described("<dc:subject><rdf:Bag><rdf:li>" + "\u0345" * 400_000 + "</rdf:li></rdf:Bag></dc:subject>"),
        described("<dc:subject><rdf:Bag><rdf:li>" + "a<!-- -->" * 90_000 + "</rdf:li></rdf:Bag></dc:subject>"),
        described(" " * 1_000_000),
        described("\n" * 1_000_000),
        described("x\n" * 500_000),
        described("<?a?>" * 180_000),
        (HEAD + "<rdf:Description " + " ".join(f'a{n}="1"' for n in range(90_000)) + "/></rdf:RDF>").encode(),
        (HEAD + "<rdf:Description " + " ".join(f'a{n}="1"' for n in range(1_990)) + "/></rdf:RDF>").encode(),
        (HEAD + "<rdf:Description " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(40_000)) + "/></rdf:RDF>").encode(),
        (HEAD + '<rdf:Description a="' + "&#65;" * 180_000 + '"/></rdf:RDF>').encode(),
        (HEAD + "<rdf:Description/>" * 1_990 + "</rdf:RDF>").encode(),
        (HEAD + "<rdf:Description/>" * 19_900 + "</rdf:RDF>").encode(),
        (HEAD + f"<rdf:Description {own} c:Model='x'/>" * 14_000 + "</rdf:RDF>").encode(),
        (HEAD + f"<rdf:Description {own} c:Model='x'/>" * 1_900 + "</rdf:RDF>").encode(),
        (HEAD + f"<rdf:Description {own}>" + "<c:Model/>" * 19_900 + "</rdf:Description></rdf:RDF>").encode(),
        (
            HEAD + f"<rdf:Description {own}><c:AddedSubject><rdf:Bag>" + "<rdf:li>a</rdf:li>" * 19_900
            + "</rdf:Bag></c:AddedSubject></rdf:Description></rdf:RDF>"
        ).encode(),
        (HEAD + f"<rdf:Description {own}><c:Derived>" + "<rdf:li>a|b</rdf:li>" * 45_000).encode(),
        (HEAD + "<rdf:Description " + 'a="1" ' * 100_000 + "/></rdf:RDF>").encode(),
        b"<" * MEBIBYTE,
        b"\0" * MEBIBYTE,
        b"\xff" * MEBIBYTE,
        b"\xff\xfe" * (MEBIBYTE // 2),
        b"\xef\xbb\xbf" * 300_000,
        ("<?xml version='1.0' encoding='UTF-16'?>" + HEAD + "</rdf:RDF>").encode("utf-16-be"),
        xmp("a") + b" " * MEBIBYTE,
        random.Random(1).randbytes(1000),
        b"",
        b"<?xml",
        b"<?xml version='1.0' encoding='utf-7'?>" + described("+ADw-"),
    ]  # fmt: skip


def hostile_documents(n: int) -> list[bytes]:
    """The huge ones, then sidecars of programs that are cut, damaged or turned around."""
    chance = random.Random(7)
    found = huge()
    while len(found) < n:
        data = bytearray(chance.choice(list(PROGRAMS.values())).encode(chance.choice(["utf-8", "utf-16"])))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            kind = chance.randrange(4)
            if kind == 0:
                del data[at : at + chance.randrange(1, 200)]
            elif kind == 1:
                data[at:at] = chance.randbytes(chance.randrange(1, 9))
            elif kind == 2:
                data[at:at] = data[chance.randrange(len(data)) :][: chance.randrange(1, 400)]
            else:
                data[at] ^= 1 << chance.randrange(8)
            data = data or bytearray(b"x")
        found.append(bytes(data))
    return found


@pytest.fixture(scope="module")
def documents() -> list[bytes]:
    return hostile_documents(500)


def test_no_sidecar_stops_a_run_or_takes_long(tmp_path: Path, documents: list[bytes]) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    for number, data in enumerate(documents):
        (root / f"{number:03}.jpg").write_bytes(b"a photo")
        (root / f"{number:03}.jpg.xmp").write_bytes(data)
    photos = [
        SidecarTags(f"{number:03}.jpg", "aa", (), (("animal", "dog"),), ((("snow",), 0.5),))
        for number in range(len(documents))
    ]
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        for photo, data in zip(photos, documents, strict=True):
            began = time.process_time()
            write_sidecars(root, [photo], catalogue, model="1", dry_run=True)
            assert time.process_time() - began < MAX_SECONDS, (photo.path, data[:200])
        report = write_sidecars(root, photos, catalogue, model="1")
        assert report.count("refused") > 100
        assert report.count("changed") > 30
        for outcome, data in zip(report.outcomes, documents, strict=True):
            if outcome.action == "refused":
                assert outcome.reason
                assert (root / outcome.sidecar).read_bytes() == data
        undo_sidecars(root, catalogue)
        assert catalogue.sidecars.written(root) == {}
    for number, data in enumerate(documents):
        if not names_our_namespace(data):
            assert (root / f"{number:03}.jpg.xmp").read_bytes() == data, number
    assert len(list(root.iterdir())) == 2 * len(documents)


def test_no_keyword_block_takes_long(documents: list[bytes]) -> None:
    plain = io.BytesIO()
    Image.new("RGB", (8, 8)).save(plain, "JPEG")
    for number, data in enumerate(documents):
        began = time.process_time()
        assert isinstance(read_keywords(plain.getvalue(), data), tuple)
        assert isinstance(written_by_us(data), frozenset)
        assert time.process_time() - began < MAX_SECONDS, (number, data[:200])


def test_the_costliest_stay_below_200_mb(tmp_path: Path) -> None:
    """In a process of its own, whose largest size is known."""
    root = tmp_path / "photos"
    root.mkdir()
    for number, data in enumerate(huge()):
        (root / f"{number:03}.jpg").write_bytes(b"a photo")
        (root / f"{number:03}.jpg.xmp").write_bytes(data)
    script = f"""
import resource
from pathlib import Path
from clustertags.library.catalogue import Catalogue
from clustertags.export.sidecars import SidecarTags, write_sidecars
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
root = Path({str(root)!r})
with Catalogue(root.parent / "library.sqlite") as catalogue:
    for path in sorted(root.glob("*.jpg")):
        photo = SidecarTags(path.name, "aa", (), (("animal", "dog"),))
        write_sidecars(root, [photo], catalogue, model="1", dry_run=True)
print(1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                         cwd=Path(__file__).parents[2])  # fmt: skip
    assert int(ran.stdout) < MAX_BYTES
