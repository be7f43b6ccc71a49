"""The command line; the only room that knows click."""

from pipeline.cli import commands
from pipeline.cli.group import main

__all__ = ["commands", "main"]
