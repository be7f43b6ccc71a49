"""Damages valid files of every format at random: what transfer, other programs and ill will make of an export."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from random import Random

Change = Callable[[Random, bytes], bytes]

NUMBERS = (
    "-1", "0", "1", "2", "999", "16384", "1048576", "1048577", "2147483647", "2147483648", "4294967296",
    "99999999999999999999", "1e308", "1e309", "-1e309", "NaN", "0x10", "1.5", "", " ", "٣", "1_0",
)  # fmt: skip
"""What stands in the place of a number."""

WORDS = (
    *NUMBERS, "A1", "A0", "XFD1048576", "XFE1", "ZZZZZZ9", "A1:XFD1048576", "B2:A1", "#REF!", "s", "b", "e", "d", "str",
    "inlineStr", "true", "hidden", "veryHidden", "../../x.xml", "/xl/workbook.xml", "rId1", "rId99", "&#x1F600;",
    "&amp;", "&#13;", "\ufeff", "\u202e", "percentage", "date", "float", "boolean", "PT99999999H", "9999-99-99",
    "-0001-01-01", "0000-00-00", "2026-01-31T25:61:61", "_x0000_", "=1+1", "[h]:mm", "[$-F800]", "x" * 40_000,
)  # fmt: skip
"""What stands in the place of an attribute or a text."""

BREAKING = ("&#0;", "&#xD800;", "&x;", "<", "]]>", "\x00", "\x0b", '"', "\ud800")
"""The same where it is to be no XML any more."""

BYTES = (b"\0", b"\xff", b"\x80", b"\r", b"\n", b'"', b"'", b",", b";", b"\t", b"<", b">", b"&", b"\x1a", b"PK\x03\x04")

ATTRIBUTE = re.compile(rb"\s(?!xmlns|version|encoding|standalone)[\w:.-]+=\"([^\"<>]*)\"")
TEXT = re.compile(rb">([^<>]*[^<>\s][^<>]*)<")
TAG = re.compile(rb"<(/?)([A-Za-z][\w:.-]*)[^<>]*>")
FIELD = re.compile(rb"[^,;\t|\r\n]+")
LINE = re.compile(rb"[^\r\n]+[\r\n]*")

DEEP = 5_000
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError, RuntimeError)
"""What Python's own reader says of a package that is damaged already."""

LARGEST_TEXT = 2_000_000
"""Bytes up to which a part is changed as markup or text; the patterns take their time."""

CHANGES = (1, 1, 1, 2, 4)
"""How many a file suffers."""


def _place(random: Random, data: bytes) -> tuple[int, int]:
    """A stretch of the bytes, mostly a short one."""
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + int(2 ** random.uniform(0, 12)))


# --- any bytes --------------------------------------------------------------------------------------------------------


def flipped(random: Random, data: bytes) -> bytes:
    """Some bytes become others."""
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8, 64)) if data else 0):
        out[random.randrange(len(out))] = random.choice((random.randrange(256), 0, 0x7F, 0x80, 0xFF))
    return bytes(out)


def truncated(random: Random, data: bytes) -> bytes:
    """The end is missing."""
    return data[: random.randrange(len(data) + 1)]


def cut_out(random: Random, data: bytes) -> bytes:
    """A stretch is missing."""
    start, end = _place(random, data)
    return data[:start] + data[end:]


def doubled(random: Random, data: bytes) -> bytes:
    """A stretch stands again, here or elsewhere, once or often."""
    start, end = _place(random, data)
    to = random.choice((end, random.randrange(len(data) + 1)))
    return data[:to] + data[start:end] * random.choice((1, 1, 2, 50)) + data[to:]


def stuffed(random: Random, data: bytes) -> bytes:
    """Some bytes too many."""
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(BYTES) * random.choice((1, 1, 2, 3, 1000, 100_000)) + data[at:]


def enlarged(random: Random, data: bytes) -> bytes:
    """A length or an offset, wherever it stands, is another."""
    width = random.choice((2, 4, 8))
    if len(data) < width:
        return data
    at = random.randrange(len(data) - width + 1)
    number = random.choice((0, 1, 2**15 - 1, 2**16 - 1, 2**31 - 1, 2**32 - 1, 2**63 - 1, random.randrange(2**16)))
    return data[:at] + (number % 2 ** (8 * width)).to_bytes(width, "little") + data[at + width :]


ANY: tuple[Change, ...] = (flipped, truncated, cut_out, doubled, stuffed, enlarged)


# --- markup and text --------------------------------------------------------------------------------------------------


def _replaced(random: Random, data: bytes, pattern: re.Pattern[bytes], words: tuple[str, ...]) -> bytes:
    """What the pattern's group holds, at one to three places, is one of the words."""
    for _ in range(random.choice((1, 1, 3))):
        found = list(pattern.finditer(data))
        if not found:
            break
        start, end = random.choice(found).span(pattern.groups)
        data = data[:start] + random.choice(words).encode("utf-8", "surrogatepass") + data[end:]
    return data


def other_attribute(random: Random, data: bytes) -> bytes:
    """An attribute says something else."""
    return _replaced(random, data, ATTRIBUTE, BREAKING if random.random() < 0.05 else WORDS)


def other_text(random: Random, data: bytes) -> bytes:
    """A text says something else."""
    return _replaced(random, data, TEXT, BREAKING if random.random() < 0.05 else WORDS)


def other_tag(random: Random, data: bytes) -> bytes:
    """A tag is gone, doubled, swapped with another, closed at once, or in no namespace."""
    found = list(TAG.finditer(data))
    if len(found) < 2:
        return data
    one, two = sorted(random.sample(found, 2), key=lambda tag: tag.start())
    first, second = one.group(), two.group()
    between, after = data[one.end() : two.start()], data[two.end() :]
    made = random.choice(
        (
            between + second,
            first + first + between + second,
            second + between + first,
            first + second,
            first.replace(b">", b"/>") + between + second,
            first.replace(one[2], b"z:" + one[2]) + between + second,
            b"<!--" + first + b"-->" + between + second,
        )
    )
    return data[: one.start()] + made + after


def nested(random: Random, data: bytes) -> bytes:
    """An element within itself, very deep, closed or not."""
    found = [tag for tag in TAG.finditer(data) if not tag[1] and not tag.group().endswith(b"/>")]
    if not found:
        return data
    tag, depth = random.choice(found), random.choice((3, 300, DEEP))
    closing = b"</" + tag[2] + b">"
    inner = tag.group() * depth + closing * random.choice((depth, depth, 0))
    return data[: tag.end()] + inner + data[tag.end() :]


def typed(random: Random, data: bytes) -> bytes:
    """A document type with entities, or another encoding than there is."""
    head = random.choice(
        (
            b'<!DOCTYPE x [<!ENTITY x "' + b"x" * 1000 + b'"><!ENTITY y "&x;&x;&x;&x;">]>',
            b'<!DOCTYPE x SYSTEM "file:///etc/hostname">',
            b'<?xml version="1.0" encoding="utf-16"?>',
            b'<?xml version="1.0" encoding="no-such"?>',
            b'<?xml version="1.1"?>',
            b"\xef\xbb\xbf",
        )
    )
    return head + re.sub(rb"^\s*<\?xml[^>]*>", b"", data)


def recoded(random: Random, data: bytes) -> bytes:
    """The same text in another encoding, or in one that it only claims."""
    text = data.decode("latin-1")
    return random.choice((b"", b"\xff\xfe", b"\xef\xbb\xbf")) + text.encode(
        random.choice(("utf-16-le", "utf-16-be", "utf-16", "utf-8", "utf-32"))
    )


def other_field(random: Random, data: bytes) -> bytes:
    """A field says something else."""
    return _replaced(random, data, FIELD, (*WORDS, '"', '""', '"x', 'x"y', '"a\nb"', "sep=;", '="1"', "1E5", ",,,,,"))


def other_lines(random: Random, data: bytes) -> bytes:
    """Lines in another order, doubled, or ended otherwise."""
    lines = LINE.findall(data)
    if not lines:
        return data
    match random.randrange(4):
        case 0:
            random.shuffle(lines)
        case 1:
            lines.insert(random.randrange(len(lines)), random.choice(lines) * random.choice((1, 3000)))
        case 2:
            lines = [line.rstrip(b"\r\n") + random.choice((b"\r", b"\n", b"\r\n", b"\n\r", b"")) for line in lines]
        case _:
            at = random.randrange(len(lines))
            lines[at] = lines[at].rstrip(b"\r\n") + random.choice((b",", b";", b"\t")) * 20_000 + b"\n"
    return b"".join(lines)


MARKUP: tuple[Change, ...] = (*[other_attribute] * 20, *[other_text] * 10, *[other_tag] * 3, nested, typed, *ANY)
LINES: tuple[Change, ...] = (*[other_field] * 4, other_lines, other_lines, recoded, *ANY)


# --- packages ---------------------------------------------------------------------------------------------------------


def repacked(random: Random, data: bytes) -> bytes:
    """A workbook with a part changed, swapped, gone or renamed, packed again with right checksums."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except BROKEN:
        return random.choice(ANY)(random, data)
    for _ in range(random.choice((1, 1, 2, 3)) if parts else 0):
        _change_part(random, parts)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", random.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as archive:
        for name, content in dict(parts).items():
            archive.writestr(name, content)
    return packed.getvalue()


def _change_part(random: Random, parts: list[tuple[str, bytes]]) -> None:
    if not parts:
        return
    at = random.choice(range(len(parts)))
    if random.random() < 0.6:  # the sheets, the texts and the styles are what is read most
        at = random.choice(
            [n for n, (name, _) in enumerate(parts) if re.search("sheet|trings|tyles|content", name)] or [at]
        )
    name, content = parts[at]
    match random.randrange(20):
        case 0:
            del parts[at]
        case 1:
            other = random.randrange(len(parts))
            parts[at], parts[other] = (name, parts[other][1]), (parts[other][0], content)
        case 2:
            parts[at] = (random.choice((name.upper(), "/" + name, name.replace("/", "\\"), "x/" + name)), content)
        case 3:
            parts[at] = (name, b"")
        case _:
            changes = MARKUP if content.lstrip()[:1] == b"<" and len(content) < LARGEST_TEXT else ANY
            parts[at] = (name, random.choice(changes)(random, content))


def mutated(random: Random, data: bytes) -> bytes:
    """A file with one to four changes of the kinds that fit it."""
    for _ in range(random.choice(CHANGES)):
        if data.startswith(b"PK") and random.random() < 0.95:
            data = repacked(random, data)
        elif data.startswith((b"PK", b"\xd0\xcf")) or len(data) > LARGEST_TEXT:
            data = random.choice(ANY)(random, data)
        else:
            data = random.choice(MARKUP if data.lstrip()[:1] == b"<" else LINES)(random, data)
    return data
