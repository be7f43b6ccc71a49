"""Reads what the style sheets of a web page say of a cell: whether it shows, is struck out, and its number format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
SELECTOR = re.compile(r"(?P<tag>[a-z][a-z0-9]*|\*)?(?:\.(?P<class>[\w-]+))?", re.IGNORECASE)
DECLARATION = re.compile(r"""([\w-]+)\s*:\s*((?:"[^"]*"|'[^']*'|[^;"'])*)""")
ESCAPED = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})[ ]?|(.))", re.DOTALL)
NO_SIZE = re.compile(r"0+(?:\.0+)?(?:px|pt|em|rem|%)?")

NAMED_FORMATS = {"general": "", "fixed": "0.00", "percent": "0.00%", "scientific": "0.00E+00", "standard": "#,##0.00"}
"""Formats that Excel writes by name into a page ("Short Date" and its like need no number here)."""

MOST_RULES = 20_000


class Css(NamedTuple):
    """What is said of an element; ``code``: its number format in Excel's language, "" for none."""

    unseen: bool = False
    struck: bool = False
    code: str = ""


PLAIN = Css()


class StyleSheets:
    """The rules of a page's own style sheets: those for a tag, a class, or a tag with a class."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], Css] = {}
        self._known: dict[tuple[str, str, str], Css] = {}

    def add(self, text: str) -> None:
        """Takes a style sheet in."""
        self._known.clear()
        for selectors, body in RULE.findall(COMMENT.sub("", text)):
            css = declared(body)
            for selector in selectors.split(",") if css != PLAIN else ():
                found = SELECTOR.fullmatch(selector.strip())
                if found and (found["tag"] or found["class"]) and len(self._rules) < MOST_RULES:
                    key = ((found["tag"] or "").lower(), found["class"] or "")
                    self._rules[key] = _together(self._rules.get(key, PLAIN), css)

    def of(self, tag: str, attributes: Mapping[str, str]) -> Css:
        """What the style sheets and the element itself say of it."""
        classes, style = attributes.get("class", ""), attributes.get("style", "")
        if not self._rules and not style:
            return PLAIN
        key = (tag, classes, style)
        found = self._known.get(key)
        if found is None:
            found = PLAIN
            for rule in self._applying(tag, classes):
                found = _together(found, rule)
            found = self._known[key] = _together(found, declared(style))
        return found

    def _applying(self, tag: str, classes: str) -> Iterator[Css]:
        for name in ("", *classes.split()):
            for of in ("*", "", tag):
                if (rule := self._rules.get((of, name))) is not None:
                    yield rule


def _together(first: Css, later: Css) -> Css:
    return Css(first.unseen or later.unseen, first.struck or later.struck, later.code or first.code)


def declared(body: str) -> Css:
    """What declarations say (``display:none; mso-number-format:"\\@"``)."""
    unseen = struck = False
    code = ""
    for name, value in DECLARATION.findall(body):
        bare = value.strip().lower()
        match name.lower():
            case "display":
                unseen |= bare.startswith("none")
            case "visibility":
                unseen |= bare.startswith(("hidden", "collapse"))
            case "font-size":
                unseen |= NO_SIZE.fullmatch(bare) is not None
            case "text-decoration" | "text-decoration-line":
                struck |= "line-through" in bare
            case "mso-number-format":
                code = _number_format(value.strip())
    return Css(unseen, struck, code)


def _number_format(value: str) -> str:
    """The format that Excel wrote as CSS: escapes, and quotation marks around it."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    code = ESCAPED.sub(lambda found: _letter(int(found[1], 16)) if found[1] else found[2], value)
    return NAMED_FORMATS.get(code.lower(), code)


def _letter(number: int) -> str:
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
