"""The screen of the commands; no other folder imports rich."""

from pipeline.terminal.screen import Terminal

__all__ = ["Terminal"]
