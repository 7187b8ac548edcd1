"""What every room uses: printable text, text files, digests, templates, the version."""
