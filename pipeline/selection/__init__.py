"""Decides which rows are to be cancelled, and says of every other row why not."""

from pipeline.selection.continued import continued
from pipeline.selection.filter import names_in
from pipeline.selection.pick import choose
from pipeline.selection.questions import Questions
from pipeline.selection.reference_list import Listed, listed, matched
from pipeline.selection.rules import Rules, decide

__all__ = ["Listed", "Questions", "Rules", "choose", "continued", "decide", "listed", "matched", "names_in"]
