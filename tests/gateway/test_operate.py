"""Do modes, orders and the ladder decide who runs an intersection, and is every change told?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from collectors.reading import Reading
from gateway.access.door import open_here
from gateway.access.guard import install
from gateway.cli import app
from gateway.config.settings import load
from gateway.operate.operation import Operation
from gateway.operate.route import Wish, add_operate
from gateway.signals import Signals, Tick
from signal_control.estimates import Estimates
from signal_control.operation.modes import Order, Period

DEMO = load(Path(__file__).resolve().parents[2] / "configs" / "demo.toml")
X = DEMO.intersections[0]
SECOND = 1_000_000_000
MONDAY = 1_790_553_600 * SECOND  # 2026-09-28 00:00 UTC
SETS = ("yellows", "red_clears", "walks", "ped_clears", "veh_calls", "ped_calls")


class Street:
    """One intersection whose cabinet shows a stage and has seen a minute of it."""

    def __init__(self, **operation: Any) -> None:
        self.signals = Signals("demo", [X], "fixed_time", operation=Operation([X], **operation))
        self.shown = X.stages()[0]

    def tick(self, at_ns: int) -> Tick:
        fields = {"mode": "remote", "greens": sum(1 << (n - 1) for n in self.shown), "plan": 1, "command": ""}
        fields |= dict.fromkeys(SETS, 0)
        for tie, phase in enumerate(self.shown):
            event = Reading("hires", "demo", X.id, at_ns - 40 * SECOND, {"code": 1, "param": phase}, tie=tie)
            self.signals.observe(event)
        self.signals.observe(Reading("signal", "demo", X.id, at_ns, fields))
        return self.signals.tick(at_ns)


def test_adaptive_is_sent() -> None:
    tick = Street().tick(MONDAY)
    assert tick.decisions[0].mode == "adaptive"
    assert len(tick.commands) == 1


@pytest.mark.parametrize("mode", ["shadow", "advisory"])
def test_what_is_only_watched_is_decided_and_explained_but_never_sent(mode: str) -> None:
    street = Street(base={X.id: mode})
    for s in range(30):
        tick = street.tick(MONDAY + s * SECOND)
        assert tick.commands == ()
    (decision,) = tick.decisions
    assert (decision.mode, decision.command) == (mode, None)
    assert decision.proposal is not None
    assert decision.inputs
    (reading,) = [r for r in street.tick(MONDAY + 60 * SECOND).readings if r.kind == "decision"]
    assert reading.fields["mode"] == mode
    assert reading.fields["serve"]


def test_off_decides_nothing() -> None:
    tick = Street(base={X.id: "off"}).tick(MONDAY)
    assert (tick.decisions[0].mode, tick.decisions[0].proposal, tick.commands) == ("off", None, ())


def test_the_schedule_counts_in_the_citys_own_time() -> None:
    from zoneinfo import ZoneInfo

    night = Period(mode="off", begin="00:00", end="06:00")
    utc, paris = Street(schedule=[night]), Street(schedule=[night], zone=ZoneInfo("Europe/Paris"))
    assert utc.tick(MONDAY + 5 * 3600 * SECOND).decisions[0].mode == "off"
    assert paris.tick(MONDAY + 5 * 3600 * SECOND).decisions[0].mode == "adaptive"


def test_a_release_ends_by_itself_and_both_changes_are_told() -> None:
    street = Street()
    street.tick(MONDAY)
    street.signals.operation.order(X.id, Order("release", "anna", MONDAY + 10 * SECOND))
    assert street.tick(MONDAY + SECOND).decisions[0].mode == "released"
    assert street.tick(MONDAY + 10 * SECOND).decisions[0].mode == "adaptive"
    changes = [(c.who, c.before, c.after) for c in street.signals.operation.changes()]
    assert changes == [("anna", "adaptive", "released"), ("arterial", "released", "adaptive")]
    assert street.signals.operation.changes() == ()


def test_who_ends_an_order_early_is_told() -> None:
    street = Street()
    street.tick(MONDAY)
    street.signals.operation.order(X.id, Order("release", "anna", MONDAY + 100 * SECOND))
    street.tick(MONDAY + SECOND)
    street.signals.operation.order(X.id, Order("mode", "berta", MONDAY + 2 * SECOND))
    street.tick(MONDAY + 2 * SECOND)
    changes = [(c.who, c.before, c.after) for c in street.signals.operation.changes()]
    assert changes == [("anna", "adaptive", "released"), ("berta", "released", "adaptive")]


def test_an_order_that_changes_nothing_is_told_too() -> None:
    street = Street()
    street.tick(MONDAY)
    for n, who in enumerate(("anna", "berta")):
        street.signals.operation.order(X.id, Order("release", who, MONDAY + 100 * SECOND))
        street.tick(MONDAY + n * SECOND)
    street.tick(MONDAY + 9 * SECOND)
    changes = [(c.who, c.before, c.after) for c in street.signals.operation.changes()]
    assert changes == [("anna", "adaptive", "released"), ("berta", "released", "released")]


def test_held_phases_are_proposed_and_judged_by_the_rules() -> None:
    street = Street()
    other = next(s for s in X.stages() if not set(s) & set(street.shown))
    for s in range(40):
        street.tick(MONDAY + (s - 40) * SECOND)
    street.signals.operation.order(X.id, Order("hold", "anna", MONDAY + 100 * SECOND, serve=other))
    (decision,) = street.tick(MONDAY).decisions
    assert decision.command is not None
    assert (decision.mode, decision.command.strategy, decision.command.serve) == ("held", "operator", other)
    conflict = (street.shown[0], other[0])
    street.signals.operation.order(X.id, Order("hold", "anna", MONDAY + 100 * SECOND, serve=conflict))
    (decision,) = street.tick(MONDAY + SECOND).decisions
    assert decision.binding in ("conflict", "ring")


def test_blind_detectors_leave_it_to_the_cabinet_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    street = Street()
    controller = street.signals.controllers[X.id]
    real = controller.queues

    def blind(now_ns: int) -> Estimates:
        from msgspec.structs import replace

        return Estimates.of({name: replace(q, health="blind") for name, q in real(now_ns).items()})

    monkeypatch.setattr(controller, "queues", blind)
    modes = [street.tick(MONDAY + s * SECOND).decisions[0].mode for s in range(10)]
    assert modes[0] == "adaptive"
    assert modes[-1] == "local"
    (change,) = street.signals.operation.changes()
    assert (change.what, change.before, change.after) == ("ladder", "adaptive", "local")
    assert street.signals.operation.view(X.id)["step"] == "local"


def test_orders_for_nobody_or_nothing_are_refused_with_the_choices() -> None:
    operation = Operation([X])
    with pytest.raises(KeyError, match=f"no intersection 'x9'; there are: {X.id}"):
        operation.order("x9", Order("release", "anna", 1))
    with pytest.raises(ValueError, match="has no phases 77 to hold; there are: 1"):
        operation.order(X.id, Order("hold", "anna", 1, serve=(77,)))
    with pytest.raises(ValueError, match="no phases to hold"):
        operation.order(X.id, Order("hold", "anna", 1))


async def test_orders_come_from_the_boards_own_page_and_say_who(tmp_path: Path) -> None:
    given: list[tuple[Wish, str]] = []

    async def give(wish: Wish, who: str) -> None:
        if wish.intersection != "x1":
            raise KeyError("no intersection 'x9'; there are: x1")
        given.append((wish, who))

    board = FastAPI()
    install(board, open_here())
    add_operate(board, give)
    transport = httpx.ASGITransport(board)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8321") as client:
        wish = {"intersection": "x1", "kind": "hold", "serve": [2, 6], "seconds": 60}
        good = await client.post("/api/operate", json=wish, headers={"x-arterial-user": "anna"})
        unknown = await client.post("/api/operate", json={**wish, "intersection": "x9"})
        foreign = await client.post("/api/operate", json=wish, headers={"origin": "http://evil.example"})
        endless = await client.post("/api/operate", json={**wish, "seconds": 1e9})
    assert (good.status_code, foreign.status_code, endless.status_code) == (200, 403, 422)
    assert (unknown.status_code, unknown.json()["error"]) == (422, "no intersection 'x9'; there are: x1")
    assert [(w.serve, who.split()[0]) for w, who in given] == [((2, 6), "anna")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("hold", "x1", "two"), "'two' are no phases; for example 2,6"),
        (("mode", "x1", "auto"), "no mode 'auto'; there are: off, shadow, advisory, adaptive"),
        (("release", "x1", "--for", "soon"), "'soon' is no length of time"),
        (("resume", "x1", "--url", "http://127.0.0.1:1"), "no arterial answers at http://127.0.0.1:1"),
    ],
)
def test_a_command_that_cannot_be_given_is_explained(words: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(app, ["operate", *words])
    assert (done.exit_code, said in done.output) == (1, True), done.output
