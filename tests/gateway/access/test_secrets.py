"""Does any secret ever stand where it can be read: file, log, audit trail, answer or error?"""

from __future__ import annotations

import logging
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.access import secret
from gateway.access.book import Book, BookError
from gateway.access.door import Access
from gateway.access.journal import Journal
from gateway.audit.recorder import Recorder
from gateway.audit.trail import Trail
from gateway.cli import app
from gateway.config.settings import SettingsError, load
from tests.gateway.access.attempts import PASSWORD, Board, order

CITY = Path(__file__).resolve().parents[3] / "configs" / "city.toml"


async def test_no_secret_in_file_log_trail_or_answer(
    board: Board, access: Access, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    name = board.user(factor=True)
    client = await board.login(name)
    key, typed = board.token("operator", signals=True), "my-password-in-the-name-field"
    answers = [
        await order(client, **{"x-arterial-code": board.code(name)}),
        await order(client, **{"x-arterial-code": board.codes[0]}),
        await order(board.client(authorization=f"Bearer {key}")),
        await order(board.client(authorization=f"Bearer {key}x")),
        await board.client().post("/api/access/login", json={"name": typed, "password": "wrong-secret-1"}),
        await board.client().post("/api/access/login", json={"name": name, "password": "wrong-secret-1"}),
        await board.client().post("/api/access/login", json={"name": name, "password": ["wrong-secret-1"]}),
        await board.client().post("/api/access/login", json={"name": name, "pasword": "wrong-secret-1"}),
        await client.post("/api/access/password", json={"password": PASSWORD, "new": "wrong-secret-1"}),
    ]
    trail = Recorder(Trail(tmp_path / "audit"))
    for fact in Journal(access.book).facts(1):
        trail.note(fact)
    trail.flush()
    cookie = next(iter(dict(client.cookies).values()))
    told = b"".join(file.read_bytes() for file in (tmp_path / "audit").iterdir() if file.is_file())
    assert b"wrong login" in told
    kept = b"".join(file.read_bytes() for file in access.book.path.parent.iterdir())
    seen = told.decode() + caplog.text + "".join(f"{a.text} {a.headers}" for a in answers)
    for hidden in (PASSWORD, "wrong-secret-1", key, cookie, board.codes[0], board.secrets[name], typed):
        assert hidden not in seen, hidden
        assert hidden.encode() not in kept or hidden == board.secrets[name]


def test_the_file_of_users_is_the_owners_alone(tmp_path: Path) -> None:
    book = Book(tmp_path / "access" / "access.sqlite")
    with book.change():
        files = list(book.path.parent.iterdir())
    assert files
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert stat.S_IMODE(book.path.parent.stat().st_mode) == 0o700
    book.close()
    book.path.chmod(0o644)
    with pytest.raises(BookError, match="can be read by others"), Book(book.path).change():
        pass


def test_another_thread_does_not_lose_the_locks_that_keep_other_processes_out(tmp_path: Path) -> None:
    book = Book(tmp_path / "access" / "access.sqlite")
    with book.change() as change:
        change.execute("DELETE FROM journal")
    other = threading.Thread(target=lambda: book.rows("SELECT 1"))
    other.start()
    other.join()
    program = (
        f"import sqlite3; print(sqlite3.connect({str(book.path)!r}, timeout=0)"
        ".execute('PRAGMA journal_mode=DELETE').fetchone()[0])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "locked" in done.stderr, f"another process could take the log away: {done.stdout}"


def test_changes_made_at_the_terminal_come_into_the_trail_once(tmp_path: Path) -> None:
    words = ["--var", str(tmp_path), "--password-file", "-"]
    made = CliRunner().invoke(app, ["users", "add", "anna", "--role", "operator", *words], input=PASSWORD)
    assert made.exit_code == 0, made.output
    book = Book(tmp_path / "access" / "access.sqlite")
    journal = Journal(book)
    (fact,) = journal.facts(7)
    assert (fact.at_ns, fact.what, fact.subject, fact.after) == (7, "user", "anna", "operator")
    assert fact.who.endswith("at the terminal")
    assert journal.facts(8) == []
    assert len(Journal(book).facts(8)) == 1, "not struck out yet: after a crash it is taken again"
    journal.strike()
    assert Journal(book).facts(9) == []


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('issuer = "http://login.example"', "must begin with https://"),
        ('issuer = "https://login.example"\nclient_secret = ["hidden-secret"]', "client_secret"),
        ('issuer = "https://login.example"\nclient_secret_file = "nowhere.secret"', "there is no file"),
    ],
)
def test_a_fault_in_the_settings_of_the_login_server_tells_no_secret(
    tmp_path: Path, lines: str, told: str
) -> None:
    file = tmp_path / "city.toml"
    redirect = 'client_id = "a"\nredirect_url = "https://board.example/oidc/callback"'
    file.write_text(f"{CITY.read_text()}\n[oidc]\n{redirect}\n{lines}\n")
    with pytest.raises(SettingsError) as error:
        load(file)
    assert told in str(error.value)
    assert "hidden-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("password", "told"),
    [("short", "12 to 256"), ("aaaaaaaaaaaaaa", "different"), ("anna-anna-1234", "name")],
)
def test_weak_passwords_are_refused(password: str, told: str) -> None:
    with pytest.raises(secret.WeakPassword, match=told):
        secret.password_hash(password, "Anna")


def test_a_code_counts_for_its_step_and_its_neighbours_and_only_once() -> None:
    key = secret.new_secret()
    import pyotp

    at_s = 1_790_000_010
    code = pyotp.TOTP(key).at(at_s)
    step = secret.step_of(code, key, at_s, 0)
    assert step == at_s // 30
    assert secret.step_of(code, key, at_s + 29, 0) == step
    assert secret.step_of(code, key, at_s - 30, 0) == step
    assert secret.step_of(code, key, at_s + 90, 0) is None
    assert secret.step_of(code, key, at_s, step) is None
    assert secret.step_of("12345a", key, at_s, 0) is None


def test_the_cli_tells_choices_and_never_a_traceback(tmp_path: Path) -> None:
    def arterial(*words: str, given: Any = None) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*words, "--var", str(tmp_path)], input=given)
        return done.exit_code, done.output

    assert "There are no users" in arterial("users", "list")[1]
    assert not (tmp_path / "access").exists(), "looking makes no file"
    assert arterial("users", "add", "anna", "--password-file", "-", given=PASSWORD)[0] == 0
    code, told = arterial("users", "role", "berta", "admin")
    assert (code, "no user named 'berta'; there are: anna" in told) == (1, True)
    assert "there are: viewer, operator, engineer, admin" in arterial("users", "role", "anna", "boss")[1]
    code, key = arterial("tokens", "add", "grafana", "--days", "2")
    assert key.startswith("art_")
    assert "grafana" in arterial("tokens", "list")[1]
    assert arterial("tokens", "revoke", "grafana")[0] == 0
    assert "there are: none" in arterial("tokens", "revoke", "grafana")[1]
