"""Which source does an entry of the city file make: a plain one, or one that reads on terms of its own?"""

from __future__ import annotations

from collectors.device_source import DeviceSource
from collectors.plugins import choose, decoders, formats
from collectors.source import Source
from collectors.terms import Terms


def declared(
    topic: str, format_: str, kind: str, site: str, terms: Terms, home: str
) -> Source | DeviceSource:
    """The source of one entry.

    Plain JSON and CBOR records without terms of their own go the short way. Otherwise `topic` may be empty,
    for the format's usual one, and `site` too, for `home`, the site of the city. Raises ValueError.
    """
    if format_ in formats() and terms.plain:
        if not topic:
            raise ValueError(f"topic is missing: format '{format_}' has no usual one")
        return Source(topic, format_, kind, site, terms.time_unit)
    decoder = choose("format", format_, {**formats(), **decoders()})
    topic = topic or decoder.topics[0]
    if not site and "{site}" not in topic.split("/"):
        site = home
    return DeviceSource(topic, format_, kind, site, terms)
