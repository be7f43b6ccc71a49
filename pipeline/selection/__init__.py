"""Decides which rows are to be cancelled, and says of every other row why not."""

from pipeline.selection.choosing import choose
from pipeline.selection.listed import Listed, listed, matched
from pipeline.selection.ways import Rules, decide
from pipeline.selection.where import names_in

__all__ = ["Listed", "Rules", "choose", "decide", "listed", "matched", "names_in"]
