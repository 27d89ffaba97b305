"""The incidents: one day of meters, bins, stores and broker, and half an hour of one intersection."""

from __future__ import annotations

from typing import Final

from tests.scenarios.incidents import (
    Incident,
    burning,
    dark,
    deaf,
    demand,
    distort,
    garbage,
    log,
    lost_commands,
    mute,
    program,
    refusing,
    shifted,
    store,
    tripped,
)

H: Final = 3600
X: Final = "main-1st"

_DEVICES = (
    (
        "a bin is not emptied",
        "bin_full",
        "b-003",
        2 * H,
        6 * H,
        7500,
        240,
        distort("waste", "b-003", fill=0.98),
    ),
    ("a bin burns", "bin_burning", "b-005", 3 * H, 3 * H + 1800, 360, 600, burning("b-005")),
    (
        "a meter's radio is dead",
        "device_silent",
        "w-0002",
        5 * H,
        5 * H + 1800,
        400,
        90,
        mute("w-0002", "water"),
    ),
    (
        "the gateway of all gas meters is down",
        "feed_silent",
        "demo:gas",
        2 * H,
        2 * H + 3600,
        300,
        180,
        mute("*", "gas"),
    ),
    (
        "a bin lies on its side",
        "bin_tipped",
        "b-007",
        4 * H,
        5 * H,
        600,
        240,
        distort("waste", "b-007", {"tilt_deg": 1}, tilt_deg=88),
    ),
    (
        "a battery ends",
        "battery_low",
        "w-0003",
        1 * H,
        4 * H,
        3700,
        120,
        distort("water", "w-0003", battery_v=2.8),
    ),
    ("a feeder is out", "supply_failed", "demo", 5 * H, 5 * H + 1200, 150, 240, dark(2)),
    (
        "a meter's clock is 50 s ahead",
        "clock_skew",
        "w-0004",
        6 * H,
        6 * H + 2400,
        1500,
        1500,
        shifted("water", "w-0004", 50_000),
    ),
    (
        "a device sends what is no reading",
        "refused_rate",
        "refused",
        7 * H,
        7 * H + 900,
        200,
        300,
        garbage("waste/b-009", 9),
    ),
    (
        "the store is away",
        "store_away",
        "store",
        1 * H,
        2 * H,
        70,
        20,
        store(state="down", why="connection refused"),
    ),
    ("the store is slow", "pipeline_lag", "store", 3 * H, 3 * H + 600, 70, 80, store(lag_s=120.0)),
    ("the spool fills", "spool_filling", "spool", 2 * H, 3 * H, 10, 50, program(spool_used=0.85)),
    ("a reading is lost", "books_open", "store", 4 * H, 4 * H + 300, 50, 30, store(balanced=False)),
    (
        "the broker is away",
        "broker_away",
        "broker",
        6 * H,
        6 * H + 300,
        50,
        30,
        program(broker_up=False, broker_why="refused"),
    ),
)

_STREETS = (
    ("a loop is dead", "detector_failed", f"{X}-21", 300, 800, 420, 300, deaf(21)),
    (
        "a fire engine's receiver is stuck",
        "preempt_long",
        f"{X}:1",
        60,
        420,
        310,
        10,
        log(X, (102, 105), (104, 111), 1),
    ),
    ("a bus never checks out", "priority_long", f"{X}:2", 100, 500, 310, 10, log(X, (112,), (115,), 2)),
    ("a button is jammed", "button_stuck", f"{X}:4", 120, 800, 610, 10, log(X, (90,), (89,), 4)),
    (
        "more come from the north than its lane holds",
        "spillback",
        "first_sb_0",
        200,
        600,
        350,
        300,
        demand("first_sb_0", 1800),
    ),
    ("commands are lost", "cabinet_backup", X, 900, 1010, 80, 50, lost_commands()),
    ("the cabinet refuses", "commands_refused", X, 1100, 1160, 60, 60, refusing(X)),
    ("the mains of a cabinet fail", "cabinet_power", X, 1240, 1260, 10, 40, log(X, (182,), (184,), 0)),
    ("the line to a cabinet is cut", "cabinet_silent", X, 1310, 1360, 40, 20, mute(X, "signal", "hires")),
    (
        "the police switch to flash",
        "cabinet_flash",
        X,
        1400,
        1430,
        10,
        20,
        distort("signal", X, mode="flash"),
    ),
    ("a conflict monitor trips", "conflict", X, 1460, 1530, 60, 20, tripped(X)),
)

_SPLITS = (
    (
        "an approach gets more than its split lets go",
        "split_failures",
        f"{X}:6",
        100,
        640,
        540,
        700,
        demand("main_wb_0", 950),
    ),
)

DEVICES: Final = tuple(Incident(*row[:-1], *row[-1]) for row in _DEVICES)
STREETS: Final = tuple(Incident(*row[:-1], *row[-1]) for row in _STREETS)
SPLITS: Final = tuple(Incident(*row[:-1], *row[-1]) for row in _SPLITS)
"""By itself: more traffic elsewhere changes whose green it is."""
