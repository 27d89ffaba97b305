"""What belongs to the control plane, and what is subscribed to."""

from __future__ import annotations

import pytest

from gateway import topics


@pytest.mark.parametrize("plane", ["command", "reply", "clock", "alarm"])
def test_the_control_plane_is_told_from_readings(plane: str) -> None:
    assert topics.control(f"arterial/demo/{plane}/x1", "demo") == (plane, "x1")


@pytest.mark.parametrize(
    "topic",
    [
        "arterial/demo/water/w-1",
        "arterial/other/reply/x1",
        "arterial/demo/reply/x1/y",
        "reply",
        "",
        "a/demo/reply/x1",
    ],
)
def test_everything_else_is_not_of_the_control_plane(topic: str) -> None:
    assert topics.control(topic, "demo") is None


def test_one_wide_filter_covers_the_site_so_that_stray_topics_are_seen() -> None:
    assert topics.filters("demo", ["arterial/+/water/+", "arterial/demo/hires/+"]) == ("arterial/demo/#",)


def test_sources_elsewhere_get_a_filter_of_their_own() -> None:
    wide = topics.filters("demo", ["arterial/+/water/+", "lora/+/up", "arterial/north/gas/+"])
    assert wide == ("arterial/demo/#", "arterial/north/gas/+", "lora/+/up")
