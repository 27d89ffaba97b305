"""What do Sparkplug B edge nodes (Eclipse Sparkplug 3.0.0) say? Births name the metrics, data their aliases.

One source reads one group (`spBv1.0/Plant1/#`) or all of them (`spBv1.0/+/#`: then the group is part of the
name of each device). A device is called `node:device`, the edge node itself `node`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from collectors.formats.sparkplug.host import LIMIT_BYTES, Host
from collectors.observation import Decoder, Observe
from collectors.pattern import Pattern

__all__ = ["DECODER", "EXAMPLE", "LIMIT_BYTES"]

EXAMPLE: Final = bytes.fromhex(
    "088088b094863312120a056264536571188088b09486332004580012210a144e6f646520436f6e74726f6c2f52656269727468"
    "188088b0948633200b7000121c0a06766f6c756d651001188088b0948633200a69a245b6f3fd6289401800"
)
"""A birth: bdSeq 0, `Node Control/Rebirth` false, and `volume` 812.374 under alias 1."""


def _open(topics: Sequence[Pattern]) -> Observe:
    group = topics[0].text.split("/")[1]
    return Host(group_in_name=group[0] in "+{" and group != "{site}")


def _expand(topic: str) -> tuple[str, ...]:
    """`spBv1.0/{group}/#` stands for the topics of edge nodes and of their devices. Raises ValueError."""
    levels = topic.split("/")
    if len(levels) != 3 or levels[0] != "spBv1.0" or levels[2] != "#":
        raise ValueError(f"topic '{topic}': Sparkplug topics are spBv1.0/GROUP/#, where + is every group")
    base = f"spBv1.0/{levels[1]}/{{type}}/{{node}}"
    return base, f"{base}/{{part}}"


DECODER: Final = Decoder(
    ("spBv1.0/+/#",),
    _open,
    remembers=True,
    example_topic="spBv1.0/Plant1/NBIRTH/node1",
    expand=_expand,
)
