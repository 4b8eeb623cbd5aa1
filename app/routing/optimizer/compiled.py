"""Functions that are compiled to machine code on first use, and where their code is kept.

A kernel is a function over plain arrays and numbers: no objects, no exceptions, no clock. It runs
some hundred times faster than the same lines interpreted, and lets other threads run meanwhile.

Compiling takes the better part of a minute, so machine code is kept on disk and shared by all
processes. The folder's name is drawn from the text of every kernel: a new release never runs the
old one's code. It lies beside the sources or, where those cannot be written, in the user's cache
folder, never in a folder that others may write: machine code is code. `NUMBA_CACHE_DIR` overrides.
"""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])


def _fingerprint(folder: Path) -> str:
    """Draw a name from every module that may hold kernels."""
    digest = sha256(numba.__version__.encode())
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    """Choose where machine code is kept."""
    here = Path(__file__).parent
    beside = here / "__pycache__"
    writable = os.access(beside if beside.exists() else here, os.W_OK)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return (beside if writable else home / "distributary") / f"kernels-{_fingerprint(here)}"


if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = str(_cache_folder())
# Kernels are loops over numbers with nothing to unfold: harder work of the compiler takes half as
# long again and makes no faster code.
if not os.environ.get("NUMBA_OPT"):
    numba.config.OPT = type(numba.config.OPT)(1)


def kernel(function: F) -> F:
    """Compile a function on first use and keep the machine code.

    A kernel allocates nothing, it works in the memory that it is handed: without counting of
    references arrays are bare pointers, which is less to compile and faster. Division by nought
    gives infinity, as in hardware. Other threads run meanwhile.
    """
    options: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
    return cast("F", numba.njit(**options)(function))


def written_out(function: F) -> F:
    """Write a kernel of one or two callers into them: by itself it would be compiled once more."""
    return cast("F", numba.njit(inline="always", nogil=True, error_model="numpy")(function))


def typed(value: int) -> int:
    """Type a whole number that is handed on to kernels.

    A plain literal would be compiled for each value anew.
    """
    return cast("int", np.int64(value))


# Where a count or a place begins that is handed on to kernels.
ZERO, NOWHERE = typed(0), typed(-1)
