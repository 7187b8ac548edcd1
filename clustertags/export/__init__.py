"""Tags for other programs: tables, files of labelling tools, folders, XMP sidecars and their undo."""
