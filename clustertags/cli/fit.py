"""`clustertags fit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from clustertags.cli import console
from clustertags.cli.console import plural
from clustertags.cli.parameters import ArtifactsOption, SeedOption
from clustertags.printable import printable

if TYPE_CHECKING:
    from clustertags.pipeline import FitSummary

EXIT_SOME_UNREADABLE = 3
_REASONS_SHOWN = 5


def fit(
    photos: Annotated[Path, typer.Argument(help="The folder of photos; nothing is written into it.")],
    tags: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="CSV (image,tags with | between tags) or JSON lines of the photos that you tagged, or the word "
            "`folders`: folder names are the tags. Without it: tags.csv in PHOTOS, else keywords in the photos.",
        ),
    ] = None,
    artifacts: ArtifactsOption = Path("artifacts"),
    vocabulary: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Rules for tags: aliases, parents, a block list. Without it: vocabulary.txt in DIR, which "
            "`clustertags vocabulary --write` makes.",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Leave out files below PHOTOS: a path or a pattern; may be repeated."),
    ] = None,
    backbone: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="efficientnet-lite0, -lite1, -lite2, or a classifier of torchvision or timm."
        ),
    ] = "efficientnet-lite0",
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The backbone's parameters, instead of its published ones.")
    ] = None,
    engine: Annotated[Literal["local"], typer.Option(help="Where the extraction runs.")] = "local",
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="What the network runs on.")] = "auto",
    seed: SeedOption = 0,
    n_pca: Annotated[int, typer.Option(help="Numbers a photo that PCA keeps.", rich_help_panel="Clusters")] = 64,
    n_neighbors: Annotated[int | None, typer.Option(help="UMAP's neighbourhood, in photos.")] = None,
    n_components: Annotated[int, typer.Option(help="Dimensions of the space that is clustered.")] = 10,
    min_cluster_size: Annotated[int | None, typer.Option(help="The fewest photos that make a cluster.")] = None,
    min_samples: Annotated[int | None, typer.Option(help="HDBSCAN's smoothing; more leaves more unclustered.")] = None,
    selection: Annotated[
        Literal["auto", "eom", "leaf"], typer.Option(help="How clusters are cut from HDBSCAN's tree.")
    ] = "auto",
    max_file_size: Annotated[int, typer.Option(metavar="MIB", min=1, help="Skip larger files.")] = 512,
    max_megapixels: Annotated[int, typer.Option(metavar="MP", min=1, help="Skip larger pictures.")] = 180,
) -> None:
    """Group the photos of a folder by what they show, and learn tags from the few that are tagged.

    Photos are only read. What is learnt goes to the artifacts folder; run it again after adding photos or tags, and
    only what is new is read. Interrupted, it goes on where it stopped.

    \b
    clustertags fit ./photos
    clustertags fit ./photos --tags seeds.csv --artifacts ./my-library
    clustertags fit ./photos --tags folders
    """
    from clustertags import pipeline  # noqa: PLC0415
    from clustertags.clustering.settings import ClusteringSettings  # noqa: PLC0415
    from clustertags.photos.files import MEBIBYTE, DecodeLimits  # noqa: PLC0415

    settings = pipeline.FitSettings(
        photos=photos,
        tags=tags,
        artifacts=artifacts,
        vocabulary=vocabulary,
        exclude=tuple(exclude or ()),
        backbone=backbone,
        weights=weights,
        device=device,
        seed=seed,
        clustering=ClusteringSettings(
            n_pca=n_pca,
            n_neighbors=n_neighbors,
            n_components=n_components,
            min_cluster_size=min_cluster_size,
            min_samples=min_samples,
            selection=selection,
        ),
        limits=DecodeLimits(max_file_size * MEBIBYTE, max_megapixels * 1_000_000),
    )
    with console.progress() as progress:
        summary = pipeline.fit(settings, progress)
    _print_summary(summary, artifacts)
    if summary.n_unreadable:
        raise typer.Exit(EXIT_SOME_UNREADABLE)


def _print_summary(summary: FitSummary, artifacts: Path) -> None:
    photos, clusters, seeds = summary.photos, summary.clusters, summary.seeds
    n_photos = len(photos.photos)
    n_used = photos.n_files - len(photos.skipped)
    same = f" ({plural(n_used - n_photos, 'file')} with the same content as another)" if n_used > n_photos else ""
    console.result(
        f"{plural(photos.n_files, 'file')}: {plural(n_used, 'photo')} used{same}, {len(photos.skipped):,} skipped; "
        f"{plural(summary.n_decoded, 'photo')} decoded"
    )
    share = clusters.n_unclustered / n_photos
    console.result(
        f"{plural(clusters.n_clusters, 'cluster')}, {clusters.n_unclustered:,} photos unclustered ({share:.0%})"
    )
    if summary.cluster_names:
        shown = ", ".join(printable(name, 40) for name in summary.cluster_names[:8])
        more = len(summary.cluster_names) - 8
        console.result(f"largest: {shown}" + (f" and {more:,} more" if more > 0 else ""))
    if seeds.n_labelled:
        console.result(
            f"{plural(len(seeds.vocabulary), 'tag')} learnt from {plural(seeds.n_labelled, 'labelled photo')}"
        )
    else:
        console.result("no tags given: clusters are named by what they show; tag a few photos and fit again")
    for text in seeds.notices:
        console.notice(f"note: {text}")
    _print_skipped(summary)
    total = sum(summary.seconds.values())
    parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in summary.seconds.items() if seconds >= 0.05)
    console.result(f"model {summary.version} in {printable(artifacts)}, {total:.1f} s")
    console.detail(f"seconds: {parts}")
    console.notice(f"next: clustertags gallery --artifacts {printable(artifacts)}")


def _print_skipped(summary: FitSummary) -> None:
    unreadable = [file for file in summary.photos.skipped if file.is_photo]
    if not unreadable:
        return
    console.notice(f"{plural(len(unreadable), 'photo')} could not be read:")
    for file in unreadable[:_REASONS_SHOWN]:
        console.notice(f"  {printable(file.path, 100)}: {printable(file.reason)}")
    if len(unreadable) > _REASONS_SHOWN:
        console.notice("  ... the rest is listed by `clustertags info --skipped` and in the gallery")
