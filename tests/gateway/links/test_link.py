"""Does a topic filter cover what MQTT says it covers?"""

from __future__ import annotations

import pytest

from gateway.links.link import matches


@pytest.mark.parametrize(
    ("pattern", "topic", "covered"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/b/c", "a/b", False),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/+", "a/", True),
        ("+/+", "/finance", True),
        ("+", "/finance", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("#", "a/b", True),
        ("#", "$SYS/uptime", False),
        ("+/uptime", "$SYS/uptime", False),
        ("$SYS/#", "$SYS/uptime", True),
        ("arterial/+/water/+", "arterial/demo/power/p-1", False),
    ],
)
def test_filters_match_as_in_the_standard(pattern: str, topic: str, covered: bool) -> None:
    assert matches(pattern, topic) is covered
