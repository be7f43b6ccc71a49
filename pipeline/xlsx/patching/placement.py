"""Decides in which columns the new cells stand: right behind the last column, or where they stood before."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.addresses import Area, column_letters
from pipeline.limits import MOST_COLUMNS
from pipeline.xlsx.errors import CannotPatchError
from pipeline.xlsx.patching.tables import unique_names
from pipeline.xlsx.tables import TablePart
from pipeline.xlsx.values import NewColumns


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the columns go.

    ``first``: the first of our columns, from 0; ``names``: their headers, one column each.
    ``fresh``: how many of them, counted from the right, are new; the others are there already and written in place.
    ``widened``: the tables that the new columns join.
    """

    first: int
    names: tuple[str, ...]
    fresh: int
    widened: tuple[TablePart, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def last(self) -> int:
        """The last of our columns."""
        return self.first + len(self.names) - 1

    @property
    def fresh_first(self) -> int:
        """The first new column; one past the last when none is new."""
        return self.first + len(self.names) - self.fresh

    @property
    def fresh_names(self) -> tuple[str, ...]:
        """The headers of the new columns."""
        return self.names[len(self.names) - self.fresh :]

    @property
    def in_place(self) -> bool:
        """Whether an earlier run's columns are written again."""
        return self.fresh < len(self.names)


def land(new: NewColumns, tables: tuple[TablePart, ...], last_row: int, beyond: int = 0) -> Landing:
    """Where the columns go.

    Args:
        new: the columns to add.
        tables: the tables of the sheet.
        last_row: the last row that the sheet has or that gets a mark.
        beyond: the first column that merged cells leave free, when they were found to be in the way.
    Raises:
        CannotPatchError: the sheet has no columns left.
    """
    rows = Area(max(new.header_row, 1), 0, max(last_row, 1), 0)
    if new.own is None:
        return _behind(new, tables, rows, beyond)
    return _in_place(new, tables, rows, beyond, new.own)


def _behind(new: NewColumns, tables: tuple[TablePart, ...], rows: Area, beyond: int) -> Landing:
    count = len(new.names)
    natural = new.reach.last_column + 1
    first = max(natural, beyond)
    notes = [_moved(first, "merged cells reach over the columns before it")] if first > natural else []
    while True:
        block = Area(rows.top, first, rows.bottom, first + count - 1)
        if block.right >= MOST_COLUMNS:
            raise CannotPatchError(
                f"The sheet {new.sheet} has no room for {count} more columns: a sheet ends at column XFD",
            )
        inside = [table for table in tables if table.area.overlaps(block)]
        stuck = [table for table in _adjoining(tables, block) if not _joins(table, new)]
        if inside:
            first = max(table.area.right for table in inside) + 1
            notes = [_moved(first, f"the table {inside[0].name} reaches over the columns before it")]
        elif stuck:
            first += 1
            notes = [_apart(first, stuck[0])]
        else:
            joined = tuple(_adjoining(tables, block))
            return _landing(new, tables, first, joined, notes)


def _landing(
    new: NewColumns, tables: tuple[TablePart, ...], first: int, joined: tuple[TablePart, ...], notes: list[str]
) -> Landing:
    taken = [name for table in joined for name in table.columns]
    names = unique_names(new.names, taken)
    if names != new.names:
        notes = [
            *notes,
            f"The new columns are called {', '.join(names)}, since the table has some of the names already.",
        ]
    return Landing(
        first=first,
        names=names,
        fresh=len(names),
        widened=joined,
        notes=(*notes, *_left_behind(new, tables, first, joined)),
    )


def _in_place(new: NewColumns, tables: tuple[TablePart, ...], rows: Area, beyond: int, own: int) -> Landing:
    """The columns of an earlier run; a ``verified`` that it lacked goes right behind them, if nothing stands there."""
    there = [new.headers[own + i] if own + i < len(new.headers) else "" for i in range(len(new.names))]
    known = max(new.own_count, next((i for i, name in enumerate(new.names) if there[i] != name), len(new.names)))
    landing = Landing(own, new.names[:known], 0)
    missing = new.names[known:]
    if not missing:
        return landing
    behind = own + known
    block = Area(rows.top, behind, rows.bottom, behind + len(missing) - 1)
    in_use = behind <= new.reach.last_column or any(table.area.overlaps(block) for table in tables)
    if in_use or beyond > behind or block.right >= MOST_COLUMNS:
        note = (
            f"The column {', '.join(missing)} could not be added: column {column_letters(behind)}, "
            f"beside {new.names[known - 1]}, is in use. Move what stands there and run the command again."
        )
        return Landing(own, new.names[:known], 0, notes=(note,))
    joined = tuple(table for table in _adjoining(tables, block) if _joins(table, new))
    names = unique_names(missing, [name for table in joined for name in table.columns])
    return Landing(own, (*new.names[:known], *names), len(names), joined)


def _adjoining(tables: tuple[TablePart, ...], block: Area) -> list[TablePart]:
    """Tables whose last column is the one before the block."""
    edge = Area(block.top, block.left - 1, block.bottom, block.left - 1)
    return [table for table in tables if table.area.right == edge.right and table.area.overlaps(edge)]


def _joins(table: TablePart, new: NewColumns) -> bool:
    """Whether a table can take our columns: its header row is the sheet's, and nothing outside dictates its columns."""
    return not table.bound and table.header_rows == 1 and table.area.top == new.header_row


def _left_behind(
    new: NewColumns, tables: tuple[TablePart, ...], first: int, joined: tuple[TablePart, ...]
) -> list[str]:
    return [
        f"The table {table.name} ends before the new columns: sort the whole sheet, not the table alone."
        for table in tables
        if table.area.top == new.header_row
        and table.area.left <= new.key <= table.area.right < first
        and table not in joined
        and not table.bound
    ]


def widened_filter(area: Area, new: NewColumns, landing: Landing) -> Area | None:
    """The area of the sheet's filter with the new columns in it; None when it ends before or is another table's."""
    if not landing.fresh or area.top != new.header_row:
        return None
    reaches = area.left <= new.reach.last_column <= area.right < landing.last
    return area.to_column(landing.last) if reaches else None


def _moved(first: int, why: str) -> str:
    return f"The new columns begin in column {column_letters(first)}: {why}."


def _apart(first: int, table: TablePart) -> str:
    why = f"its columns come from {table.bound}" if table.bound else "its header is not the row of column names"
    return (
        f"The new columns begin in column {column_letters(first)}, one column away from the table {table.name}, "
        f"which can't be widened ({why}): sorting that table does not move them."
    )
