"""Response models of tag prediction for an uploaded photo."""

from __future__ import annotations

from pydantic import Field

from clustertags.web.schemas.base import Count, ResponseModel, Share


class ScoreComponent(ResponseModel):
    """How much one component of the tag model contributed to a tag's score."""

    part: str = Field(description="component: `cluster`, `head`, `neighbours`, `graph` or `name`")
    share: Share = Field(description="its share of the score, in 0..1")
    detail: str = Field(description="the evidence, such as the tagged photos nearby; empty where there is none to name")


class PredictedTag(ResponseModel):
    """A tag with its calibrated score. Optional keys are omitted where they do not apply."""

    tag: str = Field(description="the tag as the user spelled it")
    score: Share = Field(description="estimated probability that the tag is right")
    demoted: str = Field(default="", description="why the tag is demoted, as the picture does not tell; else omitted")
    by_name: bool = Field(
        default=False, description="whether the score comes from the tag's name alone, without a labelled photo"
    )
    parts: list[ScoreComponent] = Field(
        default=[], description="contributions to the score, largest first; only with `explain=true`"
    )


class PredictedCluster(ResponseModel):
    """The cluster that the photo belongs to."""

    id: Count = Field(description="number of the cluster, 0 for the largest")
    name: str = Field(description="name of the cluster")
    score: Share = Field(description="share of the neighbours' vote that the cluster got")


class TagPrediction(ResponseModel):
    """The tags of one photo: the object that `clustertags tag --format jsonl` prints."""

    path: str = Field(description="file name of the upload, control characters escaped")
    tags: list[PredictedTag] = Field(description="predicted tags, best first")
    cluster: PredictedCluster | None = Field(description="its cluster; null where it resembles none")
    abstained: bool = Field(
        description="whether the photo gets no tags because none is certain enough or there is nothing to see"
    )
    reason: str = Field(description="why it gets no tags; empty where it has some")
    withheld: list[PredictedTag] = Field(
        default=[], description="the best tags below the threshold; only with `explain=true`"
    )


class ClusterPicture(ResponseModel):
    """A photo of a cluster."""

    thumbnail: str = Field(description="URL path of the thumbnail")
    name: str = Field(description="path of the photo, relative to the photo folder")


class NearestCluster(ResponseModel):
    """The cluster of the nearest photos, as it is after all edits."""

    name: str = Field(description="name of the cluster")
    href: str = Field(description="URL path of the cluster's page")
    n_photos: Count = Field(description="photos in the cluster")
    score: str = Field(description="share of the neighbours' vote as text, such as `93%`")
    pictures: list[ClusterPicture] = Field(description="some of its photos, the most central first")


class SimilarPhoto(ResponseModel):
    """A photo of the library that resembles the upload."""

    href: str = Field(description="URL path of the photo's page")
    thumbnail: str = Field(description="URL path of the thumbnail")
    name: str = Field(description="path of the photo, relative to the photo folder")
    tags: list[str] = Field(description="tags that the user gave it")
    likeness: float = Field(description="cosine similarity to the upload, in -1..1")


class TriedPhoto(ResponseModel):
    """Response of `POST /api/look`: the prediction, and photos of the library that support it."""

    answer: TagPrediction = Field(description="the prediction, with its explanation")
    hash: str = Field(description="SHA-256 of the uploaded bytes, in hexadecimal")
    photo: str | None = Field(description="URL path of its page; null where it is not in the library")
    own_tags: list[str] = Field(description="tags that the user gave this photo in the library")
    rejected: list[str] = Field(description="tags that the user rejected for this photo")
    cluster: NearestCluster | None = Field(description="its cluster; null where it resembles none")
    labelled: list[SimilarPhoto] = Field(description="the nearest photos that the user tagged, nearest first")
    alike: list[SimilarPhoto] = Field(description="the most similar photos, most similar first")
