"""Which source does an entry of the city file make: a plain one, or one that reads on terms of its own?"""

from __future__ import annotations

from collectors.device_source import DeviceSource
from collectors.mapping import MEASUREMENT
from collectors.plugins import choose, decoders, formats
from collectors.source import Source
from collectors.terms import Terms


def declared(
    topic: str, format_: str, kind: str, site: str, terms: Terms, home: str, register: bool = False
) -> Source | DeviceSource:
    """The source of one entry.

    Plain JSON and CBOR records of a kind, without terms of their own, go the short way. Otherwise `topic` may
    be empty, for the format's usual one. Where neither `site` nor the topic names a site, it is `home`, the
    city's. With `register` only devices of the registry may speak. Raises ValueError.
    """
    usual = choose("format", format_, {**formats(), **decoders()})
    if format_ in formats() and terms.plain and kind != MEASUREMENT:
        if not topic:
            raise ValueError(f"topic is missing: format '{format_}' has no usual one")
        return Source(topic, format_, kind, site or _home(topic, home), terms.time_unit, register)
    topic = topic or usual.topics[0]
    return DeviceSource(topic, format_, kind, site or _home(topic, home), terms, register)


def _home(topic: str, home: str) -> str:
    return "" if "{site}" in topic.split("/") else home
