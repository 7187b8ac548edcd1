"""The program's version, as its package's metadata says."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("clustertags")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+unknown"
