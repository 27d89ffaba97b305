"""Meters and bins at a glance: sums of what reports, and what is missing."""

from __future__ import annotations

from typing import Any

from collectors.quality import Flag, with_flag
from collectors.reading import Reading
from gateway.panels.utilities import UtilitiesPanel

S = 1_000_000_000


def water(device: str, at_s: int, flow: float, volume: float) -> Reading:
    return Reading("water", "demo", device, at_s * S, {"flow_m3_h": flow, "volume_m3": volume})


def waste(device: str, fill: float) -> Reading:
    return Reading("waste", "demo", device, 0, {"fill": fill})


def test_rates_add_up_over_what_reports_and_counters_over_all() -> None:
    panel = UtilitiesPanel()
    panel.observe(water("w-1", 0, 9.0, 100.0))
    panel.observe(water("w-2", 400, 0.5, 50.0))
    found: dict[str, Any] = panel.utilities(400 * S)["water"]  # type: ignore[assignment]
    assert (found["devices"], found["reporting"]) == (2, 1)
    assert (found["total"], found["counter"]) == (0.5, 150.0)


def test_a_late_reading_does_not_replace_a_newer_one() -> None:
    panel = UtilitiesPanel()
    panel.observe(water("w-1", 60, 2.0, 11.0))
    panel.observe(water("w-1", 0, 1.0, 10.0))
    assert panel.utilities(60 * S)["water"]["total"] == 2.0  # type: ignore[index]


def test_a_device_whose_clock_was_ahead_is_not_stuck_in_the_future() -> None:
    panel = UtilitiesPanel()
    panel.observe(with_flag(water("w-1", 36_000, 2.0, 11.0), Flag.CLOCK))
    panel.observe(water("w-1", 60, 3.0, 12.0))
    assert panel.utilities(60 * S)["water"]["total"] == 3.0  # type: ignore[index]


def test_a_kind_without_devices_has_no_total_rather_than_zero() -> None:
    assert UtilitiesPanel().utilities(0)["gas"]["total"] is None  # type: ignore[index]


def test_bins_are_counted_by_fill_and_the_fullest_named() -> None:
    panel = UtilitiesPanel()
    for n, fill in enumerate([0.0, 0.05, 0.79, 0.8, 1.0]):
        panel.observe(waste(f"b-{n}", fill))
    found = panel.waste(0)
    assert found["histogram"] == [2, 0, 0, 0, 0, 0, 0, 1, 1, 1]
    assert found["over_80"] == 2
    assert found["fullest"][0] == {"device": "b-4", "fill": 1.0}  # type: ignore[index]
