"""The entry point: the application with its commands, and errors printed on one line."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated

import typer

from clustertags.cli import clusters, console
from clustertags.cli.add import add
from clustertags.cli.benchmark import benchmark
from clustertags.cli.empty_paths import refuse_empty_paths
from clustertags.cli.evaluate import evaluate
from clustertags.cli.export import export
from clustertags.cli.failures import describe
from clustertags.cli.fit import fit
from clustertags.cli.gallery import gallery
from clustertags.cli.info import info
from clustertags.cli.interrupts import EXIT_INTERRUPTED, Interrupts
from clustertags.cli.relocate import relocate
from clustertags.cli.search import search
from clustertags.cli.serve import serve
from clustertags.cli.suggest import suggest
from clustertags.cli.tag import tag
from clustertags.cli.verify import verify
from clustertags.cli.versions import restore, versions
from clustertags.cli.vocabulary import vocabulary
from clustertags.cli.watch import watch
from clustertags.errors import ClusterTagsError
from clustertags.support.version import __version__

EXIT_FAILED = 1
_INTERRUPTED = "interrupted; what was done is kept, and the same command resumes there"
_GLOBAL_OPTIONS = frozenset({"-q", "--quiet", "-v", "--verbose"})

app = typer.Typer(
    name="clustertags",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_COMMANDS = (
    *(fit, add, watch, tag, search, gallery, serve, suggest, evaluate, export, benchmark, vocabulary, relocate),
    *(versions, restore, info, verify),
)
for command in _COMMANDS:
    app.command()(command)
app.add_typer(clusters.app, name="clusters")


def _print_version(wanted: bool) -> None:
    if wanted:
        console.result(f"clustertags {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print details on standard error.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only results and errors.")] = False,
) -> None:
    """Tag a folder of photos from a few that you tagged: nothing leaves this machine, no photo is changed.

    \b
    clustertags fit ./photos --tags seeds.csv    group the photos, learn from the tags
    clustertags add ./photos                     new photos join it, without a new fit
    clustertags watch ./photos                   the same as they arrive
    clustertags tag new.jpg                      the tags of a new photo
    clustertags search "a dog on a beach"        the photos that match words best
    clustertags gallery                          look at the clusters in a browser
    clustertags serve                            the same as an app: try photos, correct clusters, label
    clustertags clusters rename 3 "Beach"        correct clusters: rename, merge, split, move, hide, undo
    clustertags suggest                          which photos to tag next
    clustertags evaluate --tags truth.csv        how accurate the tags are
    clustertags export --format csv              the tags for other programs
    clustertags benchmark PHOTOS --tags FILE     the methods of the field next to this one
    clustertags vocabulary                       the tags: use of each, possible synonyms
    clustertags relocate NEW                     the folder of photos has moved
    clustertags versions, clustertags restore 3  earlier versions of the library, and back to one
    clustertags info                             the fitted library
    clustertags verify                           is the library whole? --repair rebuilds what is not

    \b
    Exit status: 0 done, 1 failed, 2 wrong use, 3 done but some photos could not be read.
    """
    console.set_level(verbose=verbose, quiet=quiet)


def _global_options_first(arguments: list[str]) -> list[str]:
    """Accept global options after the command: `clustertags fit PHOTOS --quiet`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    moved = [argument for argument in arguments[:end] if argument in _GLOBAL_OPTIONS]
    return moved + [argument for argument in arguments[:end] if argument not in _GLOBAL_OPTIONS] + arguments[end:]


def main() -> None:
    """Run the command line and exit with its status."""
    console.prepare_streams()
    # Without /dev/shm joblib warns, with the path of its source; nothing here depends on its processes.
    warnings.filterwarnings("ignore", message=".*joblib will operate in serial mode", category=UserWarning)
    interrupts = Interrupts()
    interrupts.heed()
    try:
        refuse_empty_paths(app, sys.argv[1:])
        app(args=_global_options_first(sys.argv[1:]))
    except SystemExit as stop:
        if stop.code == EXIT_INTERRUPTED:  # typer's status of an interrupt
            console.error(_INTERRUPTED)
        raise
    except BaseException as error:  # panics of libraries in Rust are no Exception
        sys.exit(_report(error, interrupted=interrupts.seen))


def _report(error: BaseException, *, interrupted: bool) -> int:
    """Print what ended the command; its exit status. Raises an `error` that nobody foresaw."""
    match error:
        case _ if interrupted or isinstance(error, KeyboardInterrupt):
            console.error(_INTERRUPTED)
            return EXIT_INTERRUPTED
        case ClusterTagsError():
            console.error(str(error))
            return error.exit_status
        case BrokenPipeError():  # the reader of the pipe has closed it
            console.discard_results()
            return EXIT_FAILED
    sentence = describe(error)
    if sentence is None:
        raise error
    console.discard_unwritable()
    console.error(sentence)
    return EXIT_FAILED


if __name__ == "__main__":
    main()
