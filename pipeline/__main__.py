"""``python -m pipeline`` is the same as ``bulk-cancel``."""

from pipeline.cli import main

main(prog_name="bulk-cancel")
