"""What holds for every document and every set of tags."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from hypothesis import given, settings
from hypothesis import strategies as st

from clustertags.export.xmp_keywords import WRITTEN, key_of, own_path
from clustertags.export.xmp_packet import Additions, merged
from clustertags.export.xmp_source import NotEditableError
from clustertags.export.xmp_undo import without
from clustertags.labels.normalisation import normalise_tag
from tests.made.sidecars import LISTS, all_else, lists

NAMES = st.text("ab|/ &<>é'\"#Ω\u00df\t", min_size=1, max_size=6)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(tuple)
ADDITIONS = st.builds(
    Additions,
    embedded=st.lists(NAMES, max_size=3).map(tuple),
    mine=st.lists(PATHS, max_size=3).map(tuple),
    predicted=st.lists(st.tuples(PATHS, st.floats(0, 1)), max_size=3).map(tuple),
    model=st.just("0001"),
)
KEYWORDS = st.lists(st.text("abcd |/&<é", min_size=1, max_size=5).filter(str.strip), max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """XMP in one or several descriptions, with lists in either container, and with things that are not ours."""
    newline = draw(st.sampled_from(["", "\n ", "\r\n\t"]))
    parts = []
    for name in LISTS:
        for keywords in draw(st.lists(KEYWORDS, max_size=1)):
            container = draw(st.sampled_from(["Bag", "Seq"]))
            items = "".join(f"{newline}<rdf:li>{escape(keyword)}</rdf:li>" for keyword in keywords)
            parts.append(f"{newline}<{name}>{newline}<rdf:{container}>{items}{newline}</rdf:{container}></{name}>")
    value = draw(st.text("a<>&'\"", max_size=4))
    parts.append(f"<o:p o:q={quoteattr(value)}>x<o:r/></o:p><!-- > -->")
    parts = draw(st.permutations(parts))
    at = draw(st.integers(0, len(parts)))
    names = (
        'xmlns:o="urn:o" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/" '
        'xmlns:digiKam="http://www.digikam.org/ns/1.0/"'
    )
    described = "".join(
        f'{newline}<rdf:Description rdf:about="" o:a="1 > 2" {names}>{"".join(some)}{newline}</rdf:Description>'
        for some in (parts[:at], parts[at:])
    )
    text = f'<x:x xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{described}'
    return f"{text}{newline}</rdf:RDF></x:x>".encode(draw(st.sampled_from(["utf-8", "utf-16"])))


def read(data: bytes) -> dict[str, list[str]]:
    return {name: [text.strip() for text in texts] for name, texts in lists(data).items()}


@settings(max_examples=300, deadline=None)
@given(documents(), ADDITIONS)
def test_merging_keeps_all_other_content_and_undoing_it_is_the_identity(data: bytes, additions: Additions) -> None:
    after = merged(data, additions, "t").data
    assert all_else(after) == all_else(data)
    for name, before in read(data).items():
        assert read(after)[name][: len(before)] == before
    assert merged(after, additions, "later").data == after
    assert without(after) == data


@settings(max_examples=200, deadline=None)
@given(documents(), ADDITIONS, ADDITIONS)
def test_several_writes_are_undone_at_once(data: bytes, first: Additions, second: Additions) -> None:
    once = merged(data, first, "t").data
    twice = merged(once, second, "u").data
    assert without(twice) == data


@settings(max_examples=200, deadline=None)
@given(documents(), ADDITIONS)
def test_each_list_holds_every_tag_and_none_twice(data: bytes, additions: Additions) -> None:
    after = read(merged(data, additions, "t").data)
    for name, keyword_list in WRITTEN.items():
        paths = [keyword_list.path(text) for text in after[name]]
        words = {word for path in paths for word in key_of(path)}
        for path in filter(None, map(own_path, (*additions.mine, *(tag for tag, _ in additions.predicted)))):
            assert words.issuperset(key_of(path))
            assert name == "dc:subject" or len(path) == 1 or key_of(path) in map(key_of, paths)
        new = [key_of(path) for path in paths[len(read(data)[name]) :]]
        assert all(new), "no empty ones"
        assert len(set(new)) == len(new)
        assert not set(new) & {key_of(keyword_list.path(text)) for text in read(data)[name]}


@given(st.lists(PATHS, min_size=1, max_size=5))
def test_hierarchies_round_trip(paths: list[tuple[str, ...]]) -> None:
    wanted = {key_of(path) for path in map(own_path, paths) if path}
    after = merged(None, Additions(mine=tuple(paths)), "t").data
    for name in ("lr:hierarchicalSubject", "digiKam:TagsList"):
        found = {key_of(WRITTEN[name].path(text)) for text in read(after)[name]}
        single = {key for key in wanted if len(key) == 1 and key not in found}
        assert found <= wanted
        assert wanted - single == found
        assert all(any(key[0] in other for other in found) for key in single), "part of a longer one"
    assert {normalise_tag(word) or word for word in read(after)["dc:subject"]} == {
        word for key in wanted for word in key
    }


@settings(max_examples=500, deadline=None)
@given(documents(), st.integers(0, 2000), st.binary(max_size=6), ADDITIONS)
def test_damaged_documents_are_refused_or_stay_whole(data: bytes, at: int, noise: bytes, additions: Additions) -> None:
    damaged = data[: at % len(data)] + noise + data[at % len(data) + len(noise) :]
    try:
        after = merged(damaged, additions, "t").data
    except NotEditableError:
        return
    assert read(after).keys() == LISTS.keys()
    without(after)
