"""Turns the added texts into fields of a text table: quoted, one line each, and never a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.sheets.delimited.dialect import TextFormat
from pipeline.sheets.formula_guard import FORMULA

BREAKS = re.compile(r"\r\n|[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
"""Line breaks and control characters become one blank each: a row that was one line stays one line for every tool."""


@dataclass(slots=True)
class Dresser:
    """Turns texts into fields of a layout's dialect and encoding; ``escaped`` collects what the encoding can't hold."""

    layout: TextFormat
    escaped: set[str] = field(default_factory=set)

    def fields(self, texts: pa.LargeStringArray) -> pa.LargeBinaryArray:
        """The fields of many texts; only those that hold something unusual are looked at one by one."""
        odd = pc.match_substring_regex(texts, self._unusual())
        plain = texts.cast(pa.large_binary())
        if self.layout.dialect.quotes_all:
            mark = pa.scalar(self.layout.dialect.quote, pa.large_binary())
            plain = pc.binary_join_element_wise(mark, plain, mark, pa.scalar(b"", pa.large_binary()))
        if not pc.any(odd).as_py():
            return plain
        dressed = [self.dress(text) for text in texts.filter(odd).to_pylist()]
        return pc.replace_with_mask(plain, odd, pa.array(dressed, type=pa.large_binary()))

    def dress(self, text: str) -> bytes:
        """One text as a field."""
        dialect = self.layout.dialect
        delimiter, quote = dialect.delimiter.decode(), dialect.quote.decode()
        tidy = BREAKS.sub(" ", text)
        text = f"'{tidy}" if FORMULA.match(text) or FORMULA.match(tidy) else tidy
        if dialect.quotes_all or delimiter in text or quote in text or text != text.strip():
            text = quote + text.replace(quote, quote * 2) + quote
        return self._encoded(text)

    def _encoded(self, text: str) -> bytes:
        encoding = self.layout.encoding.inner
        try:
            return text.encode(encoding)
        except UnicodeEncodeError:
            self.escaped |= {letter for letter in text if letter.encode(encoding, "ignore") == b""}
            return text.encode(encoding, "backslashreplace")

    def _unusual(self) -> str:
        """Texts with anything but plain ASCII, a delimiter, a quote, a blank at an end, or a formula's beginning."""
        marks = "".join(f"\\x{byte:02x}" for byte in self.layout.dialect.delimiter + self.layout.dialect.quote)
        return rf"[^\x20-\x7e]|[{marks}]|^[ =+\-@]| $"

    def notes(self) -> tuple[str, ...]:
        """Notes for the user: which texts had to be changed to fit into the file."""
        if not self.escaped:
            return ()
        letters, encoding = sorted(self.escaped), self.layout.encoding.name
        example = letters[0].encode("ascii", "backslashreplace").decode()
        return (f"{encoding} can't hold {' '.join(letters[:5])} of the remarks: written as {example}",)
