"""Response models of single photos and of searches."""

from __future__ import annotations

from pydantic import Field

from clustertags.web.schemas.base import Count, ResponseModel, Share


class ScoredTag(ResponseModel):
    """A predicted tag of a photo in the library."""

    tag: str = Field(description="the tag")
    score: Share = Field(description="estimated probability that the tag is right")
    suggested: bool = Field(description="whether it is a suggestion, which the photo does not have: a score below 0.5")


class ClusterOfPhoto(ResponseModel):
    """The cluster that a photo belongs to."""

    key: str = Field(description="identifier of the cluster, kept over edits")
    name: str = Field(description="name of the cluster")


class PhotoDetails(ResponseModel):
    """Response of `GET /api/photos/{content_hash}`."""

    hash: str = Field(description="SHA-256 of the photo's bytes, in hexadecimal")
    paths: list[str] = Field(description="all files with these bytes, relative to the photo folder")
    thumbnail: str = Field(description="URL path of the thumbnail")
    own_tags: list[str] = Field(description="tags that the user gave it")
    tags: list[ScoredTag] = Field(description="predicted tags and suggestions, best first")
    rejected: list[str] = Field(description="tags that the user rejected for it")
    complete: bool = Field(description="whether the user said all of its tags, or that it shows none of them")
    none: bool = Field(description="whether the user said that it shows none of the tags")
    cluster: ClusterOfPhoto | None = Field(description="its cluster; null where it is unclustered or hidden")
    hidden: bool = Field(description="whether the user hid it")
    added: bool = Field(description="whether it joined the library after the fit")


class FoundPhoto(ResponseModel):
    """One search result."""

    photo: str = Field(description="SHA-256 of the photo's bytes, in hexadecimal")
    path: str = Field(description="path of the photo, relative to the photo folder")
    score: Share = Field(
        description="score of the tag, match with the words, or cosine similarity to the photo; 1 in a search by name"
    )
    added: bool = Field(description="whether it joined the library after the fit")


class SearchResults(ResponseModel):
    """Response of `GET /api/search`: one page of the results."""

    photos: list[FoundPhoto] = Field(description="the photos found, best first; in a search by name, by path")
    total: Count = Field(description="number of results on all pages")
    next_offset: int | None = Field(description="`offset` of the next page; null on the last one")
    basis: str = Field("", description="what a search by words rests on; empty for the others")


class DuplicateGroups(ResponseModel):
    """Response of `GET /api/duplicates`: one page of the groups."""

    groups: list[list[str]] = Field(
        description="content hashes of each group, sharpest photo first where sharpness has been measured"
    )
    total: Count = Field(description="number of groups on all pages")
