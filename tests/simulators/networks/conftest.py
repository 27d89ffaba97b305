"""The crossing of the tests, read."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.networks.netfile import NetFile, read_netfile


@pytest.fixture(scope="session")
def net(crossing: Path) -> NetFile:
    """The crossing's network, read."""
    return read_netfile(crossing / "x.net.xml")
