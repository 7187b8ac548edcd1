"""Response models of the suggestions which photos to label next."""

from __future__ import annotations

from pydantic import Field

from clustertags.web.schemas.base import Count, ResponseModel


class TagChoice(ResponseModel):
    """A tag offered for a photo."""

    tag: str = Field(description="the tag")
    score: str = Field(description="its predicted score as text, such as `83%`; empty for a tag that is not predicted")


class SuggestedPhoto(ResponseModel):
    """A photo worth labelling."""

    hash: str = Field(description="SHA-256 of the photo's bytes, in hexadecimal")
    name: str = Field(description="path of the photo, relative to the photo folder")
    picture: str = Field(description="URL path of the photo at up to 1600 pixels")
    thumbnail: str = Field(description="URL path of the thumbnail")
    reason: str = Field(description="why labelling it helps")
    choices: list[TagChoice] = Field(description="the predicted tags, then the user's most frequent ones; at most 9")


class SuggestedPhotos(ResponseModel):
    """Response of `GET /api/suggestions`."""

    photos: list[SuggestedPhoto] = Field(description="photos to label, most informative first")
    n_untagged: Count = Field(description="photos of the library that the user has not tagged")
