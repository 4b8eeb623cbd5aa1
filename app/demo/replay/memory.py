"""How much memory a process has taken at most."""

import resource
import sys

_BYTES_PER_KIB = 1024


def peak_kib() -> int:
    """The most memory that this process ever held at once (its resident set)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // _BYTES_PER_KIB if sys.platform == "darwin" else peak
