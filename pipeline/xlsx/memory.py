"""Lets the system's allocator keep the memory of arrays that are made and dropped a thousand times."""

from __future__ import annotations

import numpy as np

LARGEST_KEPT = 8 << 20
"""Bytes: what is made of a megabyte of a worksheet is smaller, and all of it together is not twice as much."""


def keep_memory() -> None:
    """Frees one large block, which is all that it takes.

    glibc hands a freed array's pages back to the system and takes them anew, emptied page by page, for the next one;
    from the largest block that was ever freed it learns how much to keep (mallopt(3), M_MMAP_THRESHOLD). That is half
    the time of scanning a sheet. The block is never touched, so it takes no memory; other allocators don't mind it.
    """
    np.empty(LARGEST_KEPT, np.uint8)
