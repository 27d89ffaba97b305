"""Is a long series thinned without changing what it says?"""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from storage.history import thinned
from storage.store import Series, whole_ms


def series(times, values):
    return Series(np.array(times, np.int64), np.array(values, np.float64))


def test_a_short_series_stays_as_it_is():
    short = series([1, 2], [5.0, 6.0])
    assert thinned(short, 2) is short


def test_means_stand_at_the_last_reading_of_their_span():
    thin = thinned(series([0, 1, 2, 3, 100], [1, 2, 3, 6, 9]), 2)
    assert thin.at_ns.tolist() == [3, 100]
    assert thin.value.tolist() == [3.0, 9.0]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=200, unique=True), st.integers(1, 20))
def test_a_constant_stays_constant_in_at_most_so_many_points(times, points):
    thin = thinned(series(sorted(times), [7.0] * len(times)), points)
    assert 0 < len(thin) <= max(points, 1)
    assert set(thin.value.tolist()) == {7.0}
    assert np.all(np.diff(thin.at_ns) > 0)
    assert thin.at_ns[-1] == max(times)


@given(st.integers(-(10**15), 10**15))
def test_a_bound_is_rounded_up_to_its_millisecond(at_ns):
    assert whole_ms(at_ns) % 1_000_000 == 0
    assert 0 <= whole_ms(at_ns) - at_ns < 1_000_000
