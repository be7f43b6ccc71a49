"""Collects the rows of a sheet that a list or ``--awb`` names, so that the list's owner learns of each what became."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from pipeline.model.asked import AskedFor, AskedGroup
from pipeline.selection.objections import TOO_LATE
from pipeline.selection.pick import NO_AWB
from pipeline.selection.reference_list import NOT_FOUND, Listed, named_by_each

LATE = TOO_LATE.partition("{")[0]
"""How the reason of a row begins whose state is too late for cancelling."""


@dataclass(slots=True)
class NamedRows:
    """Takes the frames of a sheet one after the other; nothing is kept of rows that are not named."""

    listed: Listed
    _parts: list[pd.DataFrame] = field(default_factory=list)

    def add(self, frame: pd.DataFrame, choice: pd.DataFrame) -> None:
        """Takes a canonical frame, and what ``choose`` said of it."""
        rows = frame[frame["aside"] == ""]
        for keys in named_by_each(self.listed, rows):
            said = choice.loc[keys.index]
            self._parts.append(
                pd.DataFrame(
                    {
                        "key": keys,
                        "awb": rows.loc[keys.index, "awb_number"],
                        "group": _groups(said),
                        "reason": said["reason"],
                    }
                )
            )

    def asked_for(self) -> AskedFor:
        """All that was named; what stands in no row of the sheet is there with the row number 0."""
        seen = {str(key) for part in self._parts for key in part["key"]}
        keys = [key for key in self.listed.refs if key not in seen]
        said = {"key": keys, "awb": "", "group": str(AskedGroup.NOT_FOUND), "reason": NOT_FOUND}
        lacking = pd.DataFrame(said, index=pd.Index([0] * len(keys), dtype="int64"), dtype="str")
        named = pd.concat([*self._parts, lacking]).rename_axis("row").astype("str")
        return AskedFor(self.listed.refs, named, len(self.listed.doubtful))


def _groups(said: pd.DataFrame) -> pd.Series[str]:
    """Why rows stay, in groups; "" for those that are picked: what becomes of them is known later."""
    reason = said["reason"]
    groups = pd.Series(str(AskedGroup.TO_CHECK), index=said.index, dtype="str")
    groups = groups.mask(reason.str.startswith(LATE), str(AskedGroup.TOO_LATE))
    groups = groups.mask(reason == NO_AWB, str(AskedGroup.NO_AWB))
    groups = groups.mask(said["named"] == "", str(AskedGroup.LEFT_OUT))
    return groups.mask(said["picked"], "")
