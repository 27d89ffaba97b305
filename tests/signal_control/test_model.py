"""Does a description of an intersection with a mistake say what is wrong with it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from signal_control.model import Intersection, Lane


def _lane(**changes: Any) -> dict[str, Any]:
    return {
        "id": "x1_eb_1",
        "link": "x1_eb",
        "phases": [2, 5],
        "turns": ["left"],
        "length_m": 90,
        "service": {2: 0.6},
        **changes,
    }


def test_a_lane_tells_how_well_a_phase_serves_it() -> None:
    assert Lane.model_validate(_lane()).service == {2: 0.6}


def test_the_service_of_a_phase_that_does_not_serve_the_lane_is_refused(
    make_intersection: Callable[..., Intersection],
) -> None:
    with pytest.raises(ValueError, match=r"lane x1_eb_1 tells the service of phase 4.*its phases are: 2, 5"):
        make_intersection(lanes=[_lane(service={4: 0.6})], detectors=[])


@pytest.mark.parametrize("share", [0.0, 1.5])
def test_a_share_of_the_saturation_flow_lies_between_0_and_1(share: float) -> None:
    with pytest.raises(ValueError, match="service"):
        Lane.model_validate(_lane(service={2: share}))
