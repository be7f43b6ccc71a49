"""Counts through the rows of a worksheet part, whatever its spelling, before any row is made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pipeline.containers.safe_xml import make_parser
from pipeline.xlsx.markup.edits import MAIN_NAMESPACES


def main_name(name: str) -> str:
    """The local name of an element of the main namespace; "" for others."""
    namespace, _, local = name.rpartition(" ")
    return local if namespace in MAIN_NAMESPACES else ""


def numbers_of_rows(pieces: Iterator[bytes]) -> npt.NDArray[np.int64]:
    """The numbers of all rows of a part, ascending; a row without a number follows the one before it."""
    numbers: list[int] = []
    parser = make_parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        if main_name(name) == "row":
            numbers.append(int(attributes.get("r") or (numbers[-1] if numbers else 0) + 1))

    parser.StartElementHandler = start
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)
    return np.unique(np.array(numbers, dtype=np.int64))
