"""Reads the file behind ``--pick-from``: a list with or without a header, of order references or of AWBs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from pipeline.addresses import column_letters
from pipeline.errors import ColumnError, FileError, PipelineError
from pipeline.load import ORDERS, REFERENCES, Table, Wishes, load
from pipeline.model.asked import ListLines
from pipeline.model.options import SelectionOptions
from pipeline.model.sheet import Book, Place, Visibility
from pipeline.selection import Listed, ListReading, ListRules, Named, matches, state_reader
from pipeline.sheets import open_book
from schemas.columns import fold

MOST_COLUMNS = 30
"""Columns of a list without a header in which references or AWBs are looked for."""

LOOKED_AT = 50
"""Rows of a list by which it is told whether it has a header."""


@dataclass(frozen=True, slots=True)
class PickList:
    """What a list names, matched with the sheet; ``question``: what must be settled before anything is sent, or "".

    ``book``, ``place`` and ``lines``: the list itself, to be given back; None where it was typed (``--awb``).
    """

    listed: Listed
    question: str = ""
    book: Book | None = None
    place: Place | None = None
    lines: ListLines = field(default_factory=ListLines)


def read_pick_list(options: SelectionOptions, orders: Table) -> PickList:
    """Reads the list and looks for what it names in the sheet.

    Args:
        options: ``pick_from`` is ``FILE`` or ``FILE:HEADER``.
        orders: the sheet.
    Raises:
        PipelineError: the list can't be read, or which of its columns is meant can't be told.
    """
    source, header = path_and_header(options.pick_from or "")
    book = open_book(source)
    try:
        if header:
            named = load(book, Wishes(need=REFERENCES, columns={"order_ref": header}))
            return _matched(_read(named, options, _kind_of(named, header)), orders)
        return _matched(_read(*_known(book, options, orders)), orders)
    except (ColumnError, FileError) as trouble:
        found = None if header else _without_header(book, options, orders)
        if found is None:
            raise trouble from trouble.__cause__
        return found


def path_and_header(typed: str) -> tuple[Path, str]:
    """``FILE:HEADER`` as the file and the header, "" where there is none; a file of that whole name goes before."""
    path, colon, header = typed.rpartition(":")
    if Path(typed).exists() or not colon or not Path(path).exists():
        return Path(typed), ""
    return Path(path), header.strip()


def _kind_of(table: Table, header: str) -> Named:
    """What a column that a person named holds: what its header says, or else either."""
    folded = fold(header)
    for name, kind in (("order_ref", Named.REFERENCES), ("awb_number", Named.AWBS)):
        if folded in map(fold, table.profile.columns[name]):
            return kind if kind is Named.REFERENCES else Named.EITHER
    return Named.EITHER


def _known(book: Book, options: SelectionOptions, orders: Table) -> tuple[Table, SelectionOptions, Named]:
    """A list whose header names a known column: of references, or else of AWBs; the other way round where the sheet
    has no references to compare with."""
    by_reference = Wishes(need=REFERENCES, columns=_by_hand(options))
    ways = [
        (Wishes(need=REFERENCES), Named.REFERENCES),
        (by_reference, Named.REFERENCES),
        (Wishes(need=ORDERS), Named.AWBS),
    ]
    first: PipelineError | None = None
    for wishes, kind in ways if "order_ref" in orders.columns else reversed(ways):
        try:
            table = load(book, wishes)
        except (ColumnError, FileError) as trouble:
            first = first or trouble
            continue
        return table, options, Named.EITHER if table.header_row == 0 else kind
    raise first or ColumnError("The list can't be read")


def _by_hand(options: SelectionOptions) -> dict[str, str]:
    named = (text.partition("=") for text in options.columns)
    return {name.strip(): header for name, _, header in named if name.strip() == "order_ref"}


def _read(table: Table, options: SelectionOptions, kind: Named) -> tuple[ListReading, Table]:
    rules = ListRules(
        kind=kind,
        states=state_reader(options, table),
        marks="cancel" in table.columns,
        include_hidden=options.include_hidden,
        pasted=table.header_row == 0,
    )
    reading = ListReading(rules)
    for frame in table.frames():
        reading.add(frame)
    if table.hidden_unknown and not options.include_hidden:
        reading.unclear = (
            f"hidden rows can't be told in a .{table.book.format} file: save it as .xlsx, or say --include-hidden"
        )
    reading.unclear = _about_hidden(table, kind) or reading.unclear
    return reading, table


def _about_hidden(table: Table, kind: Named) -> str:
    """What to ask where nobody sees the column that names the orders, or the one that says yes or no; "" for none."""
    names = {Named.REFERENCES: ("order_ref",), Named.AWBS: ("awb_number",)}.get(kind, ("order_ref", "awb_number"))
    for name in (*names, "cancel"):
        if name in table.hidden:
            header = table.headers[table.columns[name]].strip()
            said = f", or say --pick-from '{table.book.path.name}:{header}'" if name != "cancel" and header else ""
            return f"the column '{header}' decides, and it is hidden in the sheet: show it{said}"
    return ""


def _matched(read: tuple[ListReading, Table], orders: Table) -> PickList:
    reading, table = read
    question = table.questions or reading.question()
    found = matches([reading.listed()], orders.frames())[0].listed
    asks = f"In {table.book.path.name}, {question[:1].lower()}{question[1:]}" if question else ""
    return PickList(found, asks, table.book, table.place(), reading.lines())


# --- lists without a header -------------------------------------------------------------------------------------------


def _without_header(book: Book, options: SelectionOptions, orders: Table) -> PickList | None:
    """A list of several columns without names: the column whose cells stand in the sheet. None: there is none.

    Raises:
        ColumnError: several columns do, and mean different rows.
    """
    visible = [info.name for info in book.sheets if info.visibility is Visibility.VISIBLE]
    if len(visible) != 1:
        return None
    read = list(_columns(book, visible[0], options))
    if _lines(book, visible[0]) == 1 and read:  # one pasted line: all of its cells are the list
        together = replace(read[0].listed, refs={key: text for one in read for key, text in one.listed.refs.items()})
        keys = pd.concat([one.lines.keys for one in read])
        found = matches([together], orders.frames())
        lines = replace(read[0].lines, keys=keys)
        return PickList(found[0].listed, "", book, read[0].place, lines) if found[0].awbs else None
    found = matches([one.listed for one in read], orders.frames())
    fitting = [(one, match) for one, match in zip(read, found, strict=True) if match.awbs]
    if not fitting:
        return None
    if len({match.awbs for _, match in fitting}) > 1:
        raise _several(book, [one.column for one, _ in fitting])
    one, match = fitting[0]
    return PickList(match.listed, "", book, one.place, one.lines)


@dataclass(frozen=True, slots=True)
class _ListColumn:
    """One column of a list without a header, read as the list."""

    column: int
    listed: Listed
    lines: ListLines
    place: Place


def _columns(book: Book, sheet: str, options: SelectionOptions) -> Iterator[_ListColumn]:
    width = max((len(row.cells) for row in book.head(sheet, LOOKED_AT)), default=0)
    for column in range(min(width, MOST_COLUMNS)):
        wishes = Wishes(sheet=sheet, header_row=0, need=REFERENCES, columns={"order_ref": column_letters(column)})
        reading, table = _read(load(book, wishes), options, Named.EITHER)
        yield _ListColumn(column, reading.listed(), reading.lines(), table.place())


def _lines(book: Book, sheet: str) -> int:
    return sum(any(cell.strip() for cell in row.cells) for row in book.head(sheet, LOOKED_AT))


def _several(book: Book, columns: list[int]) -> ColumnError:
    letters = " and ".join(column_letters(column) for column in columns)
    return ColumnError(
        f"The list has no column names, and columns {letters} both stand in the sheet, in different rows",
        f"Leave one of them, or give it a header: --pick-from {book.path.name}:HEADER.",
        where=book.path.name,
    )
