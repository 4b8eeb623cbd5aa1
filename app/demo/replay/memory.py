"""How much memory a process holds (its resident set): at first, at last, and at most."""

import os
import resource
import sys
from dataclasses import dataclass, field
from pathlib import Path

_BYTES_PER_KIB = 1024
_PAGES = Path("/proc/self/statm")


def held_kib() -> int:
    """What this process holds now; where the system does not tell, the most it ever held."""
    if not _PAGES.exists():
        return peak_kib()
    pages = int(_PAGES.read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // _BYTES_PER_KIB


def peak_kib() -> int:
    """The most that this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // _BYTES_PER_KIB if sys.platform == "darwin" else peak


@dataclass
class Memory:
    """What the process that makes it held then, and when it was last looked at."""

    began_kib: int = field(default_factory=held_kib)
    ended_kib: int = field(default_factory=held_kib)
    peak_kib: int = field(default_factory=peak_kib)

    def look(self) -> None:
        """Look at what the process holds now."""
        self.ended_kib, self.peak_kib = held_kib(), peak_kib()
