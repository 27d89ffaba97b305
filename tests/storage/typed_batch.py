"""How does a test get a batch of typed records?"""

from __future__ import annotations

from collections.abc import Sequence

from collectors.batch import Batch, grouped
from collectors.plugins import kinds
from collectors.reading import Reading
from collectors.typed import route

NOW_NS = 1_760_000_000_000_000_000
T_MS = 1_759_999_999_000


def records(
    n: int, first: int = 0, kind: str = "water", plain: Sequence[Reading] = (), flags: Sequence[int] = ()
) -> Batch:
    """`n` records of three devices at two sites, every other with a second field; and `plain` readings."""
    shape = kinds()[kind].typed
    assert shape is not None
    one, two = shape.fields[:2]
    texts = [
        b'{"t":%d,"%b":0.25%d%b}'
        % (T_MS + i, one.encode(), i, b',"%b":-1e-7' % two.encode() if i % 2 else b"")
        for i in range(first, first + n)
    ]
    routes = [route(shape, f"s{i % 2}", f"d:{i % 3}") for i in range(first, first + n)]
    found = [shape.decode(text) for text in texts]
    return Batch(plain, grouped(routes, [NOW_NS + i // 4 for i in range(n)], found, flags))
