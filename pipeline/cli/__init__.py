"""The command line; no other folder imports click."""

from pipeline.cli import commands, page
from pipeline.cli.group import main

__all__ = ["commands", "main", "page"]
