"""Decides which rows are to be cancelled, and says of every other row why not."""

from pipeline.selection.continued import continued, outlined
from pipeline.selection.emptiness import Emptiness
from pipeline.selection.filter import names_in
from pipeline.selection.list_rows import ListReading, ListRules
from pipeline.selection.named_rows import NamedRows
from pipeline.selection.not_done import AskedNotDone
from pipeline.selection.objections import Reader
from pipeline.selection.pick import choose
from pipeline.selection.questions import Questions
from pipeline.selection.reference_list import Listed, Named, matched, matches, typed
from pipeline.selection.rules import Rules, decide, state_reader

__all__ = [
    "AskedNotDone",
    "Emptiness",
    "ListReading",
    "ListRules",
    "Listed",
    "Named",
    "NamedRows",
    "Questions",
    "Reader",
    "Rules",
    "choose",
    "continued",
    "decide",
    "matched",
    "matches",
    "names_in",
    "outlined",
    "state_reader",
    "typed",
]  # fmt: skip
