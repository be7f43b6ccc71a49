"""Says what a job says in the words of the page: choices instead of options, the file's own name instead of ours."""

from __future__ import annotations

import re

STORED = re.compile(r"\bsheet(?:\.[a-z.]+)*\.(?:xlsx|xlsm|xls|xlsb|ods|csv|tsv|txt|html|htm|xml|bin)\b")
"""How a kept sheet is called in its folder."""

WORDS = (
    (r"\(--include-hidden takes such rows\)", "(“Hidden rows too” takes them)"),
    (r"\(--allow-late (?:takes it all the same|sends it)\)", "(choose “may go” for it)"),
    (r"\(--status picks it\)", "(tick it to pick it)"),
    (r"[Ss]ay --include-hidden", "tick “Hidden rows too”"),
    (r"[Ss]ay --date-order (\w+) or --date-order (\w+) or --date-order (\w+)", r"choose \1, \2 or \3 under “Dates”"),
    (r"[Ss]ay --date-order (\w+) or --date-order (\w+)", r"choose \1 or \2 under “Dates”"),
    (r"[Ss]ay --date-order (\w+)", r"choose \1 under “Dates”"),
    (r"or say --column cancel= if that column is none", "or choose “no such column” for Yes/no below"),
    (
        r"Say --too-late (.+?) for each that must stay, --allow-late .+? for each that may be cancelled all the same, "
        r"or list them in a profile",
        "Choose for each whether it stays or may go",
    ),
    (r"[Ss]ay --column (\w+)=HEADER", r"choose the column of \1 below"),
    (r"--column (\w+)=HEADER", r"the choice of \1 below"),
    (r"--column (\w+)=", r"the choice of \1 below: "),
    (r"Say --pick-from FILE \(.*?\), --all \(every row with an AWB\), or which column tells: ",
     "Choose “every row with an AWB”, or which column tells: "),
    (r"[Ss]ay --header-row 0", "choose “no row of names”"),
    (r"--header-row", "the row of names"),
    (r"[Ss]ay --sheet \S+", "choose the sheet below"),
    (r"--sheet", "the sheet below"),
    (r"--profile", "a profile"),
    (r"--pick-from", "the list"),
    (r"--older-than", "“Only orders at least so many days old”"),
    (r"--where", "the conditions"),
    (r"--status", "the status words"),
    (r"--awb", "the pasted AWBs"),
    (r"--all\b", "“every row with an AWB”"),
    (r"--allow-late", "“may go”"),
    (r"--too-late", "“stays”"),
    (r"--retry-failed", "“Ask again for refused ones”"),
    (r"--resend-unknown", "“Send those in doubt again”"),
    (r"`bulk-cancel inspect` shows", "this screen shows"),
    (r"`cancel` would stop here and send nothing", "Settle this first"),
    (r"run the same command again to go on", "go on with the plan"),
    (r"[Rr]un the same command again", "go on with the plan"),
    (r"`bulk-cancel annotate \S+(?: --env \w+)?`", "“Write the sheet again”"),
    (r"[Rr]un verify|run `?bulk-cancel verify[^`.]*`?", "press “Look it up now”"),
)  # fmt: skip
"""What a job says for the terminal, and what the page says instead; what is not here stays as it is."""

_PATTERNS = tuple((re.compile(pattern), words) for pattern, words in WORDS)
NAMES = {
    "awb_number": "AWB", "order_ref": "order number", "order_status": "status", "cancel": "yes/no",
    "order_date": "order date",
}  # fmt: skip
_NAME = re.compile(r"\b(?:" + "|".join(name for name in NAMES if "_" in name) + r")\b")


def in_page_words(text: str, file: str) -> str:
    """A job's sentence for the page; ``file``: what its owner calls the sheet."""
    for pattern, words in _PATTERNS:
        text = pattern.sub(words, text)
    text = _NAME.sub(lambda found: NAMES[found[0]], text)
    return STORED.sub(lambda _: file, text)
