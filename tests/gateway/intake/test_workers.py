"""Do several workers refuse what they cannot share, keep their names, and keep one set of books?"""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from collectors.reading import Reading
from gateway.cli import app
from gateway.config.settings import Settings, load
from gateway.intake.sharing import CannotShareError, check_settings, shared
from gateway.intake.worker import identity
from gateway.intake.workers import books, folder, in_words, wanted
from gateway.intake.workers_metrics import CrewCollector, answering
from storage.spool import Spool
from tests.live.influx_server import free_port

CITY = """
[city]
site = "demo"
[broker]
version = "5"
[store]
kind = "influx"
"""


def settings(tmp_path: Path, text: str = CITY) -> Settings:
    path = tmp_path / "city.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_shared_filter_names_the_group() -> None:
    assert shared(("arterial/demo/#",), "arterial") == ("$share/arterial/arterial/demo/#",)


def test_influxdb_and_mqtt_5_can_be_shared(tmp_path: Path) -> None:
    check_settings(settings(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "[store]",
            '[[sources]]\nformat = "sparkplug"\nkind = "water"\n[store]',
            "sources.sparkplug: this format remembers",
        ),
        ('version = "5"', "", 'which needs MQTT 5: version = "5"'),
        ('kind = "influx"', 'kind = "duckdb"', "store duckdb: its file belongs to one process"),
        (
            '[store]\nkind = "influx"',
            '[[stores]]\nkind="influx"\n[[stores]]\nkind = "duckdb"',
            "store duckdb: ",
        ),
    ],
)
def test_what_cannot_be_shared_is_refused_in_words(tmp_path: Path, old: str, new: str, message: str) -> None:
    settings(tmp_path, CITY.replace(old, new))
    words = ["run", "--only", "ingest", "--workers", "2", "--var", str(tmp_path / "var")]
    result = CliRunner().invoke(app, [*words, "--config", str(tmp_path / "city.toml")])
    assert result.exit_code == 1
    assert message in result.output
    with pytest.raises(CannotShareError):
        check_settings(load(tmp_path / "city.toml"))


def test_workers_go_with_ingest_only() -> None:
    result = CliRunner().invoke(app, ["run", "--config", "city.toml", "--workers", "2"])
    assert result.exit_code == 2
    assert "--only" in result.output


def test_a_worker_keeps_its_name_and_no_two_have_the_same(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    name = identity(first, "arterial-demo-w1")
    assert name.startswith("arterial-demo-w1-")
    assert identity(first, "arterial-demo-w1") == name
    assert identity(second, "arterial-demo-w1") != name


def test_no_worker_that_was_there_before_is_left_out(tmp_path: Path) -> None:
    assert list(wanted(tmp_path, 2)) == [1, 2]
    folder(tmp_path, 4).mkdir()
    assert list(wanted(tmp_path, 2)) == [1, 2, 3, 4]


def test_the_books_of_all_workers_are_added_up(tmp_path: Path) -> None:
    city = settings(tmp_path)
    for number, n in ((1, 3), (2, 4)):
        spool = Spool(folder(tmp_path, number) / "spool.sqlite")
        spool.keep_for(["influx"])
        row = spool.append([Reading("water", "s", f"w-{i}", 10**18, {"volume_m3": 1.0}) for i in range(n)])
        spool.append([Reading("waste", "s", "b", 10**18, {"fill": 0.5})])
        spool.advance("influx", row, [("stored", "water", n)])
        spool.close()
    folder(tmp_path, 3).mkdir()
    found = books(city, tmp_path)
    assert (found.kinds["water"].stored, found.waiting, found.balanced) == (7, 2, True)
    assert in_words(found) == "received 9, stored 7, refused 0, duplicate 0, waiting 2: balanced"


def test_all_workers_are_scraped_at_one_address(tmp_path: Path) -> None:
    for number in (1, 2):
        spool = Spool(folder(tmp_path, number) / "spool.sqlite")
        spool.keep_for(["influx"])
        spool.append([Reading("water", "s", "w-1", 10**18 + i, {"volume_m3": 1.0}) for i in range(number)])
        spool.close()
    collector = CrewCollector(tmp_path, "influx", lambda: {"worker-1": True, "worker-2": False})
    where = f"http://127.0.0.1:{(port := free_port())}/metrics"
    with answering(collector, "127.0.0.1", port), urllib.request.urlopen(where, timeout=5) as answer:
        text = answer.read().decode()
    assert 'arterial_readings_received_total{kind="water",store="influx",worker="worker-2"} 2.0' in text
    assert 'arterial_books_balanced{worker="worker-1"} 1.0' in text
    assert 'arterial_spool_readings{worker="worker-2"} 2.0' in text
    assert 'arterial_worker_running{worker="worker-2"} 0.0' in text


def test_a_port_that_is_taken_costs_the_metrics_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with answering(CrewCollector(tmp_path, "influx", dict), "127.0.0.1", port):
            assert f"no metrics at 127.0.0.1:{port}" in caplog.text
