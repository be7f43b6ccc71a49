"""Reads a sheet of any export: which sheet it is, where its header stands, which column is what; then its rows.

``load`` decides by the first rows; ``Table.frames`` gives the rows, in frames of bounded size; ``Table.place`` says the
way back to the sheet, once the frames were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pipeline.addresses import column_letters
from pipeline.cells.date_order import DateEvidence
from pipeline.errors import UsageError
from pipeline.load.canonical_frame import LABEL_COLUMNS, ColumnLayout
from pipeline.load.column_candidates import Sheet
from pipeline.load.column_checks import glance, own_status
from pipeline.load.column_mapping import Naming, name_columns, open_questions, resolve_extras
from pipeline.load.date_choice import DateChoice, DatesDecide, LooksAtDates, chosen_order
from pipeline.load.header_lookup import place_name
from pipeline.load.header_row import LOOKED_AT, HeaderMatch, Seeking, header_at, seeking
from pipeline.load.hidden_columns import hidden_note, hidden_questions
from pipeline.load.order_table import ORDERS, REFERENCES, Table, Wishes
from pipeline.load.own_columns import names_at, new_names, own_candidates, own_columns, updated_in_place
from pipeline.load.sheet_choice import choose_sheet, named_sheet
from pipeline.load.state_columns import places, state_columns
from pipeline.load.two_header_rows import check_one_row
from pipeline.model.sheet import Book, Visibility
from schemas.columns import CANONICAL, fold, near

__all__ = ["ORDERS", "REFERENCES", "Table", "Wishes", "load"]

RESERVED = frozenset({*CANONICAL, *(f"{name}_doubt" for name in CANONICAL), "awb_doubt", "order_date_raw"})
RESERVED |= {"hidden", "aside"}
"""Names that the frames use themselves; a column of the sheet called so gets its letter behind the name."""


def load(book: Book, wishes: Wishes) -> Table:
    """Understands a sheet.

    Args:
        book: the opened file.
        wishes: what a person said about it.
    Raises:
        FileError: nothing to read, or several sheets could be meant.
        ColumnError: a column that is needed is not there, or could be two.
        UsageError: the person named a sheet or a canonical name that there is not.
    """
    _check_names(wishes.columns)
    sheet, header, named = _headed(book, wishes)
    headers, row = header.headers, header.row.number
    candidates = own_candidates(headers)
    verdicts = glance(book, sheet, row, {start: own_status() for start in candidates})
    starts = [start for start in candidates if verdicts[start].fits]
    view = Sheet(
        headers=headers,
        profile=header.profile,
        need=wishes.need,
        named=named,
        own=own_columns(headers, starts),
        where=place_name(book, sheet, row),
    )
    naming = name_columns(view, glance(book, sheet, row, open_questions(view)))
    if wishes.header_row is None and row:
        check_one_row(view, row, book.head(sheet, row + 1), naming.columns)
    extras = resolve_extras(view, naming.columns, wishes.extra)
    states = state_columns(view, naming.columns)
    place = updated_in_place(headers, starts)
    hidden = book.hidden_columns(sheet)
    dates = _date_choice(book, sheet, view, naming.columns.get("order_date"), wishes.dates, row)
    return Table(
        book=book,
        sheet=sheet,
        header_row=row,
        headers=headers,
        profile=view.profile,
        columns=naming.columns,
        names=_names(naming, extras, headers),
        added=new_names(headers, view.own) if place is None else names_at(headers, place),
        own_column=place,
        layout=replace(
            _layout(book, view, naming, extras, row),
            states=places(states, len(headers)),
            dates=dates,
            totals=_totals(book, sheet, naming),
            own_status=place,
        ),
        decided=(
            *_chosen(book, view, sheet, row, by_hand=wishes.profile is not None),
            *naming.notes,
            *dates.notes,
            *hidden_note(view, hidden),
        ),
        asks=(*naming.asks, *dates.asks),
        by_hand="awb_number" in named,
        states=states,
        hidden=hidden_questions(view, naming.columns, hidden),
    )


def _date_choice(
    book: Book, sheet: str, view: Sheet, column: int | None, decide: DatesDecide | None, row: int
) -> DateChoice:
    """How the dates are read: as the profile says, or as the whole column shows where they decide."""
    if column is None or decide is None:
        return DateChoice(decide.order if decide and decide.order else view.profile.date_order)
    looking = LooksAtDates(DateEvidence(decide.latest, decide.before))
    glance(book, sheet, row, {column: looking})
    return chosen_order(view, column, looking.evidence, decide.order)


def _check_names(columns: Iterable[str]) -> None:
    for name in columns:
        if name not in CANONICAL:
            meant = near(name, CANONICAL, 1)
            step = f"Did you mean {meant[0]}? " if meant else ""
            raise UsageError(f"--column knows no {name!r}", f"{step}Possible: {', '.join(CANONICAL)}.")


def _headed(book: Book, wishes: Wishes) -> tuple[str, HeaderMatch, Mapping[str, str]]:
    """The sheet, its header row, and the columns that the person named, or that a bare list makes clear."""
    named = {name: header for name, header in wishes.columns.items() if header.strip()}
    wanted = seeking(wishes.profile, wishes.need, named)
    bare = _bare_list(book, wishes, wanted) if wishes.need == REFERENCES else None
    if bare is None:
        return *choose_sheet(book, wanted, wishes.sheet, wishes.header_row), wishes.columns
    sheet, column = bare
    return sheet, header_at(book, sheet, 0, wanted), {"order_ref": column_letters(column)}


def _bare_list(book: Book, wishes: Wishes, wanted: Seeking) -> tuple[str, int] | None:
    """A list of references without a header: one column, and nothing in it that is a known name of a column."""
    visible = [info.name for info in book.sheets if info.visibility is Visibility.VISIBLE]
    if wishes.columns or wishes.header_row is not None or (wishes.sheet is None and len(visible) != 1):
        return None
    sheet = visible[0] if wishes.sheet is None else named_sheet(book, wishes.sheet)
    cells = [(column, cell) for row in book.head(sheet, LOOKED_AT) for column, cell in enumerate(row.cells)]
    filled = [(column, cell) for column, cell in cells if cell.strip()]
    columns = {column for column, _ in filled}
    known = frozenset().union(*wanted.profile.spellings.values())
    if len(columns) != 1 or any(fold(cell) in known for _, cell in filled):
        return None
    return sheet, columns.pop()


def _chosen(book: Book, view: Sheet, sheet: str, row: int, *, by_hand: bool) -> tuple[str, ...]:
    """What was decided, as notes: the sheet where there are several, the header row below the first, the profile."""
    notes = [f"sheet {sheet}, of {len(book.sheets)}"] if len(book.sheets) > 1 else []
    notes += [f"header row: {row}" if row else "columns go by their letters"] if row != 1 else []
    if view.profile.name != "default":
        notes.append(f"profile {view.profile.name}: {view.profile.title}{'' if by_hand else ', told by its columns'}")
    if view.profile.words_in_force:
        notes.append(view.profile.words_in_force)
    return tuple(notes)


def _totals(book: Book, sheet: str, naming: Naming) -> frozenset[int]:
    """The rows that the file calls the totals of the table in which the AWBs (or the references) stand."""
    keys = (naming.columns[name] for name in ("awb_number", "order_ref") if name in naming.columns)
    column = next(keys, None)
    return frozenset() if column is None else book.total_rows(sheet, column)


def _names(naming: Naming, extras: Mapping[str, int], headers: tuple[str, ...]) -> dict[str, str]:
    """What ``--where`` may call a column -> the column of the frames."""
    canonical = {column: name for name, column in naming.columns.items()}
    return {name: name for name in naming.columns} | {
        typed: canonical.get(column) or _extra_name(column, headers) for typed, column in extras.items()
    }


def _extra_name(column: int, headers: tuple[str, ...]) -> str:
    name = headers[column]
    alone = headers.count(name) == 1 and name not in RESERVED and not name.startswith("state:")
    return name if alone else f"{name} ({column_letters(column)})"


def _layout(book: Book, view: Sheet, naming: Naming, extras: Mapping[str, int], row: int) -> ColumnLayout:
    columns = naming.columns
    first = [column for column, header in enumerate(view.headers) if header.strip()][:LABEL_COLUMNS]
    return ColumnLayout(
        columns=columns,
        extras={
            column: _extra_name(column, view.headers) for column in extras.values() if column not in columns.values()
        },
        labels=tuple(column for column in first if column not in columns.values() and column not in view.own),
        profile=view.profile,
        header_row=row,
        formats_known=book.formats_known,
    )
