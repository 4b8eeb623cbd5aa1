"""The optimizer's machine code: made once on a machine, by one process, whoever asks first.

Web and worker processes ask when they start, so that no order waits. ``python -m
app.routing.compiling`` asks and needs no settings and no server: it is for whoever prepares a
machine or an image, and the demo runs it while its servers start.

Laws: processes never compile at the same time, those that come later wait and load; a process that
is killed while it compiles holds up nobody, and what it finished is kept.
"""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from app.infra.embedded.locks import exclusively
from app.routing.optimizer import warm

_LONGEST_S = 1_800.0
_NICENESS = 5


@dataclass(frozen=True, slots=True)
class Ready:
    """Where the machine code lies, whether it was there, and how long it took to have it loaded."""

    folder: Path
    was_there: bool
    took_s: float


def ready() -> Ready:
    """Have all machine code in this process: loaded, or compiled when no process has yet."""
    started = time.perf_counter()
    was_there = is_compiled()
    with exclusively(folder() / "compiling.lock", timeout_s=_LONGEST_S):
        warm.warm()
    return Ready(folder(), was_there, time.perf_counter() - started)


def is_compiled() -> bool:
    """Tell whether the disk holds machine code of these sources."""
    names = (kernel.py_func for kernel in warm.ENTRANCES)
    return all(
        any(folder().glob(f"{name.__module__.rpartition('.')[2]}.{name.__qualname__}-*.nbi"))
        for name in names
    )


def folder() -> Path:
    """Where machine code lies."""
    return Path(str(warm.ENTRANCES[0].stats.cache_path))


def main() -> None:
    """Compile, giving way to whatever else the machine does, and say how long it took."""
    os.nice(_NICENESS)
    made = ready()
    how = "was compiled already" if made.was_there else f"is compiled ({made.took_s:.0f} s)"
    sys.stdout.write(f"The optimizer {how}; its machine code lies in {made.folder}\n")


if __name__ == "__main__":
    main()
