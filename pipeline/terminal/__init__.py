"""The screen of the commands; the only room that knows rich."""

from pipeline.terminal.screen import Terminal

__all__ = ["Terminal"]
