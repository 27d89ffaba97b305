"""How do service messages reach a feed reader (RSS 2.0)?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from xml.etree import ElementTree

from gateway.messages.message import FeedSettings, Message, Version

ATOM: Final = "http://www.w3.org/2005/Atom"
CAP_TYPE: Final = "application/cap+xml"
MINUTES: Final = "1"


def rss(messages: Iterable[Message], feed: FeedSettings, now_ns: int) -> bytes:
    """The feed: an item a message, the newest version of each, with the CAP message enclosed."""
    ElementTree.register_namespace("atom", ATOM)
    root = ElementTree.Element("rss", {"version": "2.0"})
    channel = ElementTree.SubElement(root, "channel")
    _add(channel, "title", f"{feed.sender_name}: service messages")
    _add(channel, "link", f"{feed.url}/feed/messages.rss")
    _add(channel, "description", f"What {feed.sender_name} tells its citizens.")
    _add(channel, "language", feed.language)
    _add(channel, "lastBuildDate", _date(now_ns))
    _add(channel, "ttl", MINUTES)
    ElementTree.SubElement(
        channel,
        f"{{{ATOM}}}link",
        {"href": f"{feed.url}/feed/messages.rss", "rel": "self", "type": "application/rss+xml"},
    )
    for message in messages:
        _item(channel, message.newest, feed)
    told: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return told


def _item(channel: ElementTree.Element, version: Version, feed: FeedSettings) -> None:
    item, says = ElementTree.SubElement(channel, "item"), version.says
    link = f"{feed.url}/feed/cap/{version.identifier}.xml"
    over = "Over: " if version.kind == "Cancel" else ""
    _add(item, "title", f"{over}{says.headline}")
    _add(item, "link", link)
    _add(
        item,
        "description",
        "\n".join(part for part in (says.text, says.instruction) if part) or says.headline,
    )
    _add(item, "category", says.category)
    ElementTree.SubElement(item, "guid", {"isPermaLink": "false"}).text = version.identifier
    _add(item, "pubDate", _date(version.sent_ns))


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _date(at_ns: int) -> str:
    return format_datetime(datetime.fromtimestamp(at_ns // 1_000_000_000, UTC))
