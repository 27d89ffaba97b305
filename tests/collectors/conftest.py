"""What do the tests of the collectors share? A fixed clock, and a way to look at a refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collectors.reading import BadPayload

NOW_NS = 1_760_000_000_000_000_000
"""2025-10-09T08:53:20Z: when every message of these tests arrives."""


@pytest.fixture
def now_ns() -> int:
    return NOW_NS


@pytest.fixture
def refused() -> Callable[[Callable[[], object]], BadPayload]:
    """Call what must be refused, and get the refusal."""

    def look(call: Callable[[], object]) -> BadPayload:
        with pytest.raises(BadPayload) as caught:
            call()
        return caught.value

    return look
