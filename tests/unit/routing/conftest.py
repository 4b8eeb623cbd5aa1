"""Tests of the optimizer begin with its machine code: one process compiles, the others wait."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def machine_code_first(machine_code: None) -> None:
    pass
