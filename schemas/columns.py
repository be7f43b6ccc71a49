"""Which column of an order export is what: the canonical names, how headers are compared, and the profiles of systems.

The spellings themselves are in ``profiles/*.toml``, one file a system, each header with its source in
docs/order-exports.md;
``default.toml`` holds what every profile inherits. A person's own profile is a file of the same form.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from schemas.marks import NO_WORDS, YES_WORDS
from schemas.states import Meaning, States, compile_states, glued, words_meaning

__all__ = [
    "CANONICAL", "DATE_ORDERS", "NO_WORDS", "YES_WORDS", "Meaning", "Profile", "ProfileError", "default_profile",
    "fold", "load_profile", "near", "profiles",
]  # fmt: skip

CANONICAL = (
    "awb_number",
    "order_ref",
    "order_status",
    "cancel",
    "order_date",
    "courier",
    "amount",
    "payment",
    "cod_amount",
)
"""The names that the rest of the program knows a column by; ``--column NAME=HEADER`` says one of them."""

DATE_ORDERS = ("dmy", "mdy", "ymd")

_LOOSE = re.compile(r"[\s._\-*:\u200b-\u200d\u2060\ufeff]+")
"""What people add to a header and leave out of it: blanks, line breaks, dots, underscores, hyphens, the star that means
"mandatory". Accents stay: ``Número`` is one spelling, and the alias table has it."""

_PROFILES = Path(__file__).parent / "profiles"


class ProfileError(ValueError):
    """A profile that can't be had or read; the text says what is wrong, where, and what is possible."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How one system spells its columns and states.

    ``columns``: canonical name -> headers, in order of preference; ``preferred``: those that this profile names itself,
    the others being the default's. ``cancel``, ``open``, ``too_late``: the status words in force; one that ends with
    ``*`` stands for every text that begins so. ``own_words``: the lists that this profile has itself, as written, with
    ``not_too_late``. ``signature``: the headers by which the system is told, all of them.
    """

    name: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    preferred: Mapping[str, tuple[str, ...]]
    cancel: tuple[str, ...]
    open: tuple[str, ...]
    too_late: tuple[str, ...]
    date_order: str
    signature: tuple[str, ...]
    own_words: Mapping[str, tuple[str, ...]]
    states: States = field(repr=False, compare=False)
    order_told: bool = False  # whether this very profile says the order of its dates

    def matches(self, headers: Iterable[str]) -> bool:
        """Whether a header row bears this profile's signature."""
        return bool(self.signature) and {fold(name) for name in self.signature} <= {fold(name) for name in headers}

    @property
    def words_in_force(self) -> str:
        """Which words of this profile count beside those that all know, for a note; "" where it has none."""
        said = [f"{SAID_OF[which]} {', '.join(words)}" for which, words in self.own_words.items() if words]
        known = f"{len(self.too_late)} states are too late in all (schemas/states.toml)"
        return f"the profile says: {'; '.join(said)}; {known}" if said else ""

    def meanings(self, words: Iterable[str]) -> dict[str, Meaning]:
        """What each status word means: a word spelt out wins over a prefix, a longer prefix over a shorter one."""
        return {word: self.states.meaning(word) for word in words}


SAID_OF = {"cancel": "to be cancelled, and no other:", "open": "may be cancelled:", "too_late": "too late, as well:"}
SAID_OF |= {"not_too_late": "not too late:"}
"""How a note calls the lists of a profile."""


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """A header as it is compared: ``AWBNO.``, ``Awb No`` and ``awb_no`` are all ``awbno``."""
    return _LOOSE.sub("", unicodedata.normalize("NFC", text)).casefold()


def near(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """The names that somebody who typed ``name`` may have meant, the nearest first; compared folded."""
    by_fold = {fold(known): known for known in names}
    found = difflib.get_close_matches(fold(name), list(by_fold), n=count, cutoff=0.65)
    return [by_fold[folded] for folded in found]


def profiles() -> tuple[Profile, ...]:
    """The built-in profiles, ``default`` first, the others by name."""
    names = sorted(path.stem for path in _PROFILES.glob("*.toml") if path.stem != "default")
    return tuple(_built_in(name) for name in ("default", *names))


def default_profile() -> Profile:
    """The profile for an export of no system that is known."""
    return _built_in("default")


def load_profile(name_or_path: str) -> Profile:
    """A profile by its name (``shiprocket``), or from a person's own TOML file.

    Raises:
        ProfileError: there is none of that name (the near ones are named), or the file is not a profile.
    """
    path = Path(name_or_path)
    if path.suffix.lower() == ".toml" or len(path.parts) > 1:
        return _read(path)
    name = name_or_path.strip().lower().replace("-", "_").replace(" ", "_")
    names = [profile.name for profile in profiles()]
    if name in names:
        return _built_in(name)
    meant = near(name, names)
    hint = f"Did you mean {' or '.join(meant)}?" if meant else "A file of your own is named with its .toml."
    raise ProfileError(f"There is no profile {name_or_path!r}. {hint} The built-in ones: {', '.join(names)}.")


@cache
def _built_in(name: str) -> Profile:
    return _read(_PROFILES / f"{name}.toml", inherits=name != "default")


def _read(path: Path, *, inherits: bool = True) -> Profile:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ProfileError(f"There is no profile file {path}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"The profile {path} can't be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"The profile {path} is not valid TOML: {error}.") from error
    base = _built_in("default") if inherits else _nothing_said()
    try:
        return _profile(path.stem, written, base)
    except ProfileError as error:
        raise ProfileError(f"The profile {path.name}: {error}") from error


def _nothing_said() -> Profile:
    """What the default profile builds on: no columns, and the words of the vocabulary."""
    words = {meaning: words_meaning(meaning) for meaning in Meaning if meaning}
    states = compile_states({}, words)
    lists = (words[Meaning.CANCEL], words[Meaning.OPEN], words[Meaning.TOO_LATE])
    return Profile("", "", {}, {}, *lists, "dmy", (), {}, states)


NOT_TOO_LATE = "not_too_late"
"""The list of a profile that takes words away from ``too_late``, which it can only add to."""

_KEYS = ("title", "date_order", "signature", "columns", "status")


def _profile(name: str, written: Mapping[str, Any], base: Profile) -> Profile:
    _known(written, _KEYS, "key")
    said = _table(written, "columns")
    _known(said, CANONICAL, "canonical column, in [columns]")
    own = {column: _texts(said, column, "columns.") for column in said}
    status = _table(written, "status")
    _known(status, [*(str(word) for word in Meaning if word), NOT_TOO_LATE], "list, in [status]")
    own_words = {word: _states(status, word) for word in status}
    in_force = _in_force(own_words, base)
    return Profile(
        name=name,
        title=_text(written, "title", name),
        columns={column: _merged(own, base, column) for column in CANONICAL},
        preferred={column: headers for column, headers in own.items() if headers and base.name},
        cancel=in_force[Meaning.CANCEL],
        open=in_force[Meaning.OPEN],
        too_late=in_force[Meaning.TOO_LATE],
        date_order=_one_of(_text(written, "date_order", base.date_order), "date_order", DATE_ORDERS),
        signature=_texts(written, "signature", "") if "signature" in written else (),
        own_words=own_words,
        states=compile_states(_spelt_out(own_words), in_force),
        order_told="date_order" in written and bool(base.name),
    )


def _in_force(own: Mapping[str, tuple[str, ...]], base: Profile) -> dict[Meaning, tuple[str, ...]]:
    """A profile's own list of words to cancel replaces the default's: it picks. Its other lists add to them: they keep,
    or say that a word is known. Only ``not_too_late`` takes one away."""
    taken = own.get(NOT_TOO_LATE, ())
    moved = {glued(word) for entries in own.values() for word in entries}
    cancel = own.get(Meaning.CANCEL, tuple(word for word in base.cancel if glued(word) not in moved))
    late = tuple(word for word in base.too_late if not any(_covers(entry, word) for entry in taken))
    for entry in taken:
        if not any(_covers(entry, word) for word in base.too_late):
            meant = near(entry, base.too_late, 1)
            hint = f" Did you mean {meant[0]}?" if meant else ""
            raise ProfileError(f"status.{NOT_TOO_LATE} takes away {entry!r}, and that is no too late word.{hint}")
    return {
        Meaning.CANCEL: cancel,
        Meaning.OPEN: (*own.get(Meaning.OPEN, ()), *taken, *base.open),
        Meaning.TOO_LATE: (*own.get(Meaning.TOO_LATE, ()), *late),
    }


def _covers(entry: str, word: str) -> bool:
    """Whether an entry means a word: itself, or with ``*`` at its end every word that begins so."""
    return glued(word).startswith(glued(entry)) if entry.endswith("*") else glued(word) == glued(entry)


def _spelt_out(own: Mapping[str, tuple[str, ...]]) -> dict[Meaning, tuple[str, ...]]:
    lists = {meaning: own.get(meaning, ()) for meaning in Meaning if meaning}
    lists[Meaning.OPEN] += own.get(NOT_TOO_LATE, ())
    return lists


def _merged(own: Mapping[str, tuple[str, ...]], base: Profile, column: str) -> tuple[str, ...]:
    """A profile's own headers first; an empty list says that the system has no such column."""
    if column in own and not own[column]:
        return ()
    own_ones = own.get(column, ())
    taken = {fold(header) for header in own_ones}
    return (*own_ones, *(header for header in base.columns.get(column, ()) if fold(header) not in taken))


def _known(table: Mapping[str, Any], names: Iterable[str], what: str) -> None:
    names = tuple(names)
    for key in table:
        if key not in names:
            meant = near(key, names, 1)
            hint = f"Did you mean {meant[0]}?" if meant else f"Possible: {', '.join(names)}."
            raise ProfileError(f"{key!r} is no {what}. {hint}")


def _table(written: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = written.get(key, {})
    if not isinstance(value, dict):
        raise ProfileError(f"{key} must be a table, written [{key}].")
    return value


def _text(written: Mapping[str, Any], key: str, otherwise: str) -> str:
    value = written.get(key, otherwise)
    if not isinstance(value, str):
        raise ProfileError(f'{key} must be a text, like {key} = "{otherwise}".')
    return value


def _texts(written: Mapping[str, Any], key: str, table: str) -> tuple[str, ...]:
    value = written[key]
    if not isinstance(value, list) or not all(isinstance(entry, str) and fold(entry) for entry in value):
        raise ProfileError(f'{table}{key} must be a list of texts, like {key} = ["AWB No", "Waybill"].')
    return tuple(value)


def _states(status: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of states: each has a letter or a digit, or it would be compared as nothing, and fit every blank cell."""
    words = _texts(status, key, "status.")
    for word in words:
        if not glued(word):
            raise ProfileError(f"status.{key} names {word!r}, which has no letter and no digit.")
    return words


def _one_of(value: str, key: str, values: tuple[str, ...]) -> str:
    if value not in values:
        raise ProfileError(f"{key} must be one of {', '.join(values)}, not {value!r}.")
    return value
