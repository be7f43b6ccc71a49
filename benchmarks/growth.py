"""Draws how time and memory grow with the rows, ours and the rival's, into docs/img/growth.png."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.measuring import ROOT, Taken

PICTURE = ROOT / "docs" / "img" / "growth.png"
Runs = Mapping[str, Mapping[int, Taken]]


def measure(sizes: list[int], kinds: Mapping[str, tuple[Callable[[int], Taken], Callable[[int], Taken]]]) -> Runs:
    """One run of each size: ``kinds`` has ours and the rival's for each format."""
    found: dict[str, dict[int, Taken]] = {}
    for kind, (ours, rival) in kinds.items():
        found[f"bulk-cancel, {kind}"] = {size: ours(size) for size in sizes}
        found[f"rival, {kind}"] = {size: rival(size) for size in sizes}
    return found


def draw(runs: Runs, target: Path = PICTURE) -> None:
    """Two plots side by side, both axes logarithmic."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (time, memory) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for name, points in runs.items():
        look = {"marker": "o", "linestyle": "--" if name.startswith("rival") else "-"}
        time.plot(list(points), [taken.seconds for taken in points.values()], label=name, **look)
        memory.plot(list(points), [taken.peak for taken in points.values()], label=name, **look)
    for axes, label in ((time, "seconds, whole job"), (memory, "peak memory, MB")):
        axes.set(xscale="log", yscale="log", xlabel="rows, one in ten cancelled", ylabel=label)
        axes.grid(visible=True, alpha=0.3)
    time.legend()
    figure.savefig(target, dpi=110)
