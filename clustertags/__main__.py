"""`python -m clustertags`."""

from clustertags.cli.main import main

main()
