"""`clustertags fit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from clustertags.cli import console
from clustertags.cli.ask_for_separator import ask_for_separator
from clustertags.cli.fit_summary import print_summary
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, JobsOption, SeedOption
from clustertags.clustering.settings import DEFAULT_LAYOUT, LayoutName


# Longer than 60 lines: it is the list of the command's options.
def fit(
    photos: Annotated[Path, typer.Argument(help="The folder of photos; nothing is written into it.")],
    tags: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="CSV (image,tags with | between tags) or JSON lines of the photos that you tagged, exiftool's CSV, or "
            "`folders`: folder names are the tags. Without it: tags.csv in PHOTOS, else keywords in the photos.",
        ),
    ] = None,
    tag_separator: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What stands between two tags of FILE, beside |.", show_default="|"),
    ] = None,
    ignore_keywords: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Keywords that are no tags, such as 'People|*'; may be repeated. Those of programs never are.",
        ),
    ] = None,
    artifacts: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the fitted library is kept.", show_default="./artifacts"),
    ] = None,
    all_known: Annotated[
        bool, typer.Option("--all-known", help="Every photo shows one of the tags: scores are given that.")
    ] = False,
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
        typer.Option(metavar="PATTERN", help="Skip files below PHOTOS: a path or a pattern; may be repeated."),
    ] = None,
    include_hidden: Annotated[
        bool, typer.Option("--include-hidden", help="Also hidden folders, rubbish of other systems, and galleries.")
    ] = False,
    backbone: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="efficientnet-lite0, -lite1, -lite2, a classifier of torchvision or timm, or clip:NAME/TAG.",
        ),
    ] = "efficientnet-lite0",
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The backbone's parameters, instead of its published ones.")
    ] = None,
    augment: Annotated[
        int,
        typer.Option(
            "--augment",
            "--views",
            min=1,
            max=5,
            help="Average a photo's features over so many augmentations: more accurate tags, as many times the work.",
        ),
    ] = 1,
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="What the network runs on.")] = "auto",
    jobs: JobsOption = None,
    seed: SeedOption = 0,
    n_pca: Annotated[int, typer.Option(help="Components of the PCA.", rich_help_panel="Clusters")] = 64,
    n_neighbors: Annotated[int | None, typer.Option(help="UMAP's neighbourhood, in photos.")] = None,
    n_components: Annotated[int, typer.Option(help="Dimensions of the space that is clustered.")] = 10,
    min_cluster_size: Annotated[int | None, typer.Option(help="The fewest photos of a cluster.")] = None,
    min_samples: Annotated[
        int | None, typer.Option(help="HDBSCAN's smoothing; larger values leave more photos unclustered.")
    ] = None,
    selection: Annotated[
        Literal["auto", "eom", "leaf"], typer.Option(help="How clusters are cut from HDBSCAN's tree.")
    ] = "auto",
    layout: Annotated[
        LayoutName,
        typer.Option(help="What lays the photos out: a loop of our own, or umap-learn, slower and on one core."),
    ] = DEFAULT_LAYOUT,
    allow_missing: Annotated[
        bool,
        typer.Option("--allow-missing", help="Fit though most photos of the library are gone; else this stops it."),
    ] = False,
    keep_versions: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Keep so many versions of a fit, and so many others.",
            show_default="as before, or 3",
        ),
    ] = None,
    max_file_size: Annotated[int, typer.Option(metavar="MIB", min=1, help="Skip larger files.")] = 512,
    max_megapixels: Annotated[int, typer.Option(metavar="MP", min=1, help="Skip larger pictures.")] = 180,
) -> None:
    """Cluster the photos of a folder by content, and learn tags from the few that are labelled.

    Photos are only read. The fitted library is written to the artifacts folder. Run it again after adding photos or
    labels: only new photos are read. An interrupted fit resumes where it stopped.

    \b
    clustertags fit ./photos
    clustertags fit ./photos --tags seeds.csv --artifacts ./my-library
    clustertags fit ./photos --tags folders
    clustertags fit ./photos --layout umap-learn
    """
    from clustertags.library.artifacts import Artifacts  # noqa: PLC0415

    with Artifacts(artifacts or DEFAULT_ARTIFACTS).writing_if_there():  # before imports that take a while
        from clustertags.clustering.settings import ClusteringSettings  # noqa: PLC0415
        from clustertags.photos.files import MEBIBYTE, DecodeLimits  # noqa: PLC0415
        from clustertags.workflows import fit as fit_workflow  # noqa: PLC0415

        settings = fit_workflow.FitSettings(
            photos=photos,
            tags=tags,
            all_known=all_known,
            artifacts=artifacts,
            vocabulary=vocabulary,
            exclude=tuple(exclude or ()),
            include_hidden=include_hidden,
            ignore_keywords=tuple(ignore_keywords or ()),
            tag_separator=ask_for_separator(tags) if tag_separator is None else tag_separator,
            backbone=backbone,
            weights=weights,
            augment=augment,
            device=device,
            jobs=jobs,
            allow_missing=allow_missing,
            keep_versions=keep_versions,
            seed=seed,
            clustering=ClusteringSettings(
                n_pca=n_pca,
                n_neighbors=n_neighbors,
                n_components=n_components,
                min_cluster_size=min_cluster_size,
                min_samples=min_samples,
                selection=selection,
                layout=layout,
            ),
            limits=DecodeLimits(max_file_size * MEBIBYTE, max_megapixels * 1_000_000),
        )
        with console.progress() as progress:
            summary = fit_workflow.fit(settings, progress)
    print_summary(summary, photos, artifacts or DEFAULT_ARTIFACTS)
    if summary.library.unreadable:
        raise typer.Exit(console.EXIT_SOME_UNREADABLE)
