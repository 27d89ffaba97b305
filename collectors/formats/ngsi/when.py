"""When was an NGSI entity observed, and over which period?"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from collectors.formats.ngsi.entity import Attribute

_OBSERVED: Final = (
    *("dateObservedTo", "dateObserved", "dateObservedFrom"),
    *("timeInstant", "TimeInstant", "binLoggedTime"),
)
_LATER: Final = ("dateModified", "modifiedAt")
"""When the broker changed the entity: better than nothing."""
_ZONED = re.compile(r".{10,32}(?:Z|z|[+-][0-9]{2}:?[0-9]{2})")


def entity_time(attributes: dict[str, Attribute]) -> str | None:
    """The time of those attributes that have none; takes the words it uses out of `attributes`.

    Of an interval the end counts; where the entity has no time of its own, the latest of its attributes. A
    time without a zone is only taken, and will be refused, when there is no other: nobody knows what it is.
    """
    told = [_end(attributes.pop(word).value) for word in _OBSERVED if word in attributes]
    later = [_end(attributes.pop(word).value) for word in _LATER if word in attributes]
    texts = [text for text in told if text]
    texts = texts or sorted(said.at for said in attributes.values() if said.at)[-1:]
    texts = texts or [text for text in later if text]
    return next((text for text in texts if _ZONED.fullmatch(text)), texts[0] if texts else None)


def interval_s(attributes: dict[str, Attribute]) -> float | None:
    """Seconds from dateObservedFrom to dateObservedTo, where both are times with a zone."""
    ends = [attributes[word].value for word in ("dateObservedFrom", "dateObservedTo") if word in attributes]
    if len(ends) != 2 or not all(isinstance(end, str) and _ZONED.fullmatch(end) for end in ends):
        return None
    try:
        begin, end = (datetime.fromisoformat(text.upper()) for text in ends)
        return (end - begin).total_seconds()
    except (ValueError, OverflowError, TypeError):
        return None


def _end(value: object) -> str | None:
    return value.rpartition("/")[2] if isinstance(value, str) and value else None
