"""The screen of the commands; no other folder imports rich."""

from pipeline.terminal.screen import Terminal
from pipeline.terminal.tables import MOST_RUNS

__all__ = ["MOST_RUNS", "Terminal"]
