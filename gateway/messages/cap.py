"""How is a version of a message said in the Common Alerting Protocol 1.2 (OASIS, 2010)?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Final
from xml.etree import ElementTree

from gateway.messages.message import FeedSettings, Message, Version, cap_time

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
RESPONSE: Final = {"Alert": "Monitor", "Update": "Monitor", "Cancel": "AllClear"}


def cap(message: Message, version: Version, feed: FeedSettings, zone: tzinfo) -> bytes:
    """One CAP message as XML, its elements in the order of the schema."""
    alert = ElementTree.Element("alert", {"xmlns": NAMESPACE})
    _add(alert, "identifier", version.identifier)
    _add(alert, "sender", feed.sender)
    _add(alert, "sent", cap_time(version.sent_ns, zone))
    _add(alert, "status", feed.status)
    _add(alert, "msgType", version.kind)
    _add(alert, "scope", "Public")
    _add(alert, "note", version.note)
    _add(alert, "references", _references(message, version, feed, zone))
    _info(alert, version, feed, zone)
    told: bytes = ElementTree.tostring(alert, encoding="utf-8", xml_declaration=True)
    return told


def _info(alert: ElementTree.Element, version: Version, feed: FeedSettings, zone: tzinfo) -> None:
    says, info = version.says, ElementTree.SubElement(alert, "info")
    _add(info, "language", feed.language)
    _add(info, "category", says.category)
    _add(info, "event", says.event)
    _add(info, "responseType", RESPONSE[version.kind])
    _add(info, "urgency", "Past" if version.kind == "Cancel" else says.urgency)
    _add(info, "severity", says.severity)
    _add(info, "certainty", says.certainty)
    _add(info, "effective", cap_time(version.sent_ns, zone))
    _add(info, "expires", cap_time(version.expires_ns, zone))
    _add(info, "senderName", feed.sender_name)
    _add(info, "headline", says.headline)
    _add(info, "description", says.text)
    _add(info, "instruction", says.instruction)
    area = ElementTree.SubElement(info, "area")
    _add(area, "areaDesc", says.area or feed.area)
    if says.circle is not None:
        latitude, longitude, radius_km = says.circle
        _add(area, "circle", f"{latitude:.6g},{longitude:.6g} {radius_km:g}")


def _references(message: Message, version: Version, feed: FeedSettings, zone: tzinfo) -> str:
    """The versions before this one (3.2.1): sender,identifier,sent, with spaces between."""
    before: Iterable[Version] = message.versions[: message.versions.index(version)]
    return " ".join(f"{feed.sender},{v.identifier},{cap_time(v.sent_ns, zone)}" for v in before)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    if text:
        ElementTree.SubElement(parent, name).text = text
