"""The delay of both kinds of control is told apart honestly."""

from __future__ import annotations

from typing import Any

from collectors.reading import Reading
from gateway.panels.delay import DelayPanel

S = 1_000_000_000


def summary(device: str, at_s: int, delay_s: float | None) -> Reading:
    fields: dict[str, Any] = {"window_s": 300.0, "trips": 10}
    if delay_s is not None:
        fields["delay_s"] = delay_s
    return Reading("street", "demo", device, at_s * S, fields)


def view(panel: DelayPanel, at_s: int) -> dict[str, Any]:
    found = panel.view(at_s * S)
    assert found is not None
    return found


def test_before_a_street_reports_there_is_no_panel() -> None:
    assert DelayPanel().view(0) is None


def test_street_and_twin_are_shown_side_by_side() -> None:
    panel = DelayPanel()
    panel.control("adaptive", 0)
    panel.observe(summary("twin", 10, 40.0))
    panel.observe(summary("main", 10, 25.0))
    found = view(panel, 11)
    assert (found["adaptive"]["mean_s"], found["adaptive"]["live"]) == (25.0, True)
    assert (found["fixed_time"]["mean_s"], found["fixed_time"]["source"]) == (40.0, "twin")
    assert found["series"] == [[10_000, 25.0, 40.0]]


def test_after_a_switch_the_window_must_clear_before_the_street_counts_for_the_new_control() -> None:
    panel = DelayPanel()
    panel.control("fixed_time", 0)
    panel.observe(summary("main", 100, 40.0))
    panel.control("adaptive", 100 * S)
    panel.observe(summary("main", 200, 39.0))
    assert view(panel, 200)["adaptive"]["mean_s"] is None
    panel.observe(summary("main", 401, 20.0))
    assert view(panel, 401)["adaptive"]["mean_s"] == 20.0


def test_a_figure_that_is_no_longer_measured_is_not_called_live() -> None:
    panel = DelayPanel()
    panel.control("adaptive", 0)
    panel.observe(summary("main", 10, 25.0))
    panel.control("fixed_time", 20 * S)
    panel.observe(summary("main", 60, 30.0))
    assert view(panel, 60)["adaptive"] == {"mean_s": 25.0, "at_ms": 10_000, "live": False, "source": "street"}


def test_with_a_twin_the_main_street_never_stands_for_fixed_time() -> None:
    panel = DelayPanel()
    panel.control("fixed_time", 0)
    panel.observe(summary("twin", 10, 40.0))
    panel.observe(summary("main", 10, 10.0))
    assert view(panel, 10)["fixed_time"]["mean_s"] == 40.0


def test_a_street_without_a_finished_trip_has_no_delay() -> None:
    panel = DelayPanel()
    panel.control("adaptive", 0)
    panel.observe(summary("main", 1, None))
    assert view(panel, 1)["adaptive"]["mean_s"] is None
