"""Do the commands that need a simulated street hand everything on to the simulators?"""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from gateway.cli import app


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        (("evaluate", "--help"), "usage: arterial evaluate"),
        (("intersection", "import", "--help"), "usage: arterial intersection import"),
    ],
)
def test_help_is_that_of_the_simulators(
    words: tuple[str, ...], usage: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert CliRunner().invoke(app, list(words)).exit_code == 0
    assert usage in capfd.readouterr().out


def test_what_went_wrong_there_is_the_exit_code_here(capfd: pytest.CaptureFixture[str]) -> None:
    assert CliRunner().invoke(app, ["intersection", "import", "nowhere.net.xml"]).exit_code == 1
    assert "nowhere.net.xml" in capfd.readouterr().err
