"""Does each topic find its source, and does nothing but readings or a refusal come out of it?"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.plugins import kinds
from collectors.reading import BadPayload, Reading, Reason
from collectors.registry import Devices
from collectors.source import Source, Sources
from collectors.topic import Topic

Look = Callable[[Callable[[], object]], BadPayload]

NOW_NS = 1_760_000_000_000_000_000
WATER = b'{"t":1754000000000,"volume_m3":12.5}'
CITY = Sources([Source(f"arterial/{{site}}/{kind}/{{device}}", "json", kind) for kind in kinds()])
TOPICS = [f"arterial/demo/{kind}/x1" for kind in kinds()]


def test_a_topic_names_site_and_device() -> None:
    source = Source(topic="arterial/{site}/water/{device}", format="json", kind="water")
    assert source.match("arterial/demo/water/w-0001") == {"site": "demo", "device": "w-0001"}
    (found,) = source.read("arterial/demo/water/w-0001", WATER, NOW_NS)
    assert (found.kind, found.site, found.device) == ("water", "demo", "w-0001")


@pytest.mark.parametrize(
    "topic", ["arterial/demo/gas/w-1", "arterial/demo/water", "arterial/demo/water/w/1", ""]
)
def test_another_topic_is_not_read(topic: str, refused: Look) -> None:
    source = Source("arterial/{site}/water/{device}", "json", "water")
    assert source.match(topic) is None
    assert refused(lambda: source.read(topic, WATER, NOW_NS)).reason is Reason.UNKNOWN_TOPIC


def test_a_topic_without_a_site_takes_it_from_the_source() -> None:
    source = Source("meters/+/{device}/up", "json", "water", site="harbour")
    (found,) = source.read("meters/7/w-1/up", WATER, NOW_NS)
    assert (found.site, found.device) == ("harbour", "w-1")
    assert source.shape.subscription == "meters/+/+/up"


@pytest.mark.parametrize(
    "topic", ["arterial/{site}/water", "a/{device}", "a/#/{device}", "{site}/{device}/{place}"]
)
def test_a_topic_of_no_use_is_refused_at_the_start(topic: str) -> None:
    with pytest.raises(ValueError, match="topic "):
        Topic(topic)


def test_a_format_or_kind_that_does_not_exist_is_answered_with_the_choices() -> None:
    with pytest.raises(ValueError, match="no format named 'jsn'; there are: .*json"):
        Source("{site}/{device}", "jsn", "water")
    with pytest.raises(ValueError, match=r"no kind named 'wate'; there are: .*decision, .*gas, .*water"):
        Source("{site}/{device}", "json", "wate")


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_kind_of_the_city_is_read_by_its_topic(kind: str) -> None:
    payload = msgspec.json.encode(kinds()[kind].example)
    assert {reading.kind for reading in CITY.read(f"arterial/demo/{kind}/x1", payload, NOW_NS)} == {kind}


def test_subscriptions_cover_every_source_once() -> None:
    assert len(CITY.subscriptions) == len(kinds())
    assert "arterial/+/hires/+" in CITY.subscriptions


def test_the_more_literal_topic_wins() -> None:
    sources = Sources(
        [
            Source("{site}/{device}/up", "json", "gas"),
            Source("north/{device}/up", "json", "water", site="north"),
        ]
    )
    assert sources.read("north/w-1/up", WATER, NOW_NS)[0].kind == "water"
    assert sources.read("south/g-1/up", WATER, NOW_NS)[0].kind == "gas"


def test_two_sources_for_the_same_topics_stop_the_start() -> None:
    with pytest.raises(ValueError, match="two sources read the same topics"):
        Sources([Source("{site}/{device}", "json", "gas"), Source("{site}/{device}", "json", "water")])


@pytest.mark.parametrize("device", ["", "w 1", "w\n1", 'w"1', "w,1", "ü", "w" * 65, "w=1", "$SYS"])
def test_an_id_that_no_store_could_keep_is_no_device(device: str, refused: Look) -> None:
    refusal = refused(lambda: CITY.read(f"arterial/demo/water/{device}", WATER, NOW_NS))
    assert refusal.reason is Reason.UNKNOWN_DEVICE
    assert refusal.detail.startswith("device: ")
    assert refused(lambda: CITY.read(f"arterial/{device}/water/w-1", WATER, NOW_NS)).detail.startswith(
        "site: "
    )


def test_a_device_nobody_listed_is_refused_undecoded(refused: Look) -> None:
    sources = Sources([Source("{site}/{device}", "json", "water")], Devices({"water": ["w-####"]}))
    assert sources.read("demo/w-0001", WATER, NOW_NS)
    refusal = refused(lambda: sources.read("demo/w-1", b"garbage", NOW_NS))
    assert refusal.reason is Reason.UNKNOWN_DEVICE
    assert refusal.detail == "water: 'w-1' is not listed; allowed: w-####"


@pytest.mark.parametrize(
    ("topic", "payload"),
    [("arterial/demo/water/w-1", b"[]"), ("arterial/demo/hires/x1", b'{"seq":1,"events":[]}')],
)
def test_a_message_without_readings_is_refused_as_empty(topic: str, payload: bytes, refused: Look) -> None:
    assert refused(lambda: CITY.read(topic, payload, NOW_NS)).reason is Reason.EMPTY


def test_one_bad_record_refuses_the_whole_message(refused: Look) -> None:
    payload = b"[" + WATER + b',{"t":1754000000000,"volume_m3":-1}]'
    assert (
        refused(lambda: CITY.read("arterial/demo/water/w-1", payload, NOW_NS)).reason is Reason.OUT_OF_RANGE
    )


def outcome(topic: str, payload: bytes) -> list[Reading] | BadPayload:
    """What `Sources.read` gives or raises; any other exception fails the test."""
    try:
        return CITY.read(topic, payload, NOW_NS)
    except BadPayload as refusal:
        return refusal


def in_order(found: list[Reading] | BadPayload) -> bool:
    """At least one reading of the declared schema, or a refusal that fits on a line of a screen."""
    if isinstance(found, BadPayload):
        return 0 < len(found.detail) < 300 and found.detail.isprintable()
    schemas = [(r, kinds()[r.kind]) for r in found]
    return all(r.fields.keys() <= s.fields.keys() and r.tags.keys() == set(s.tags) for r, s in schemas)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TOPICS) | st.text(), st.binary(max_size=200))
@example("arterial/demo/water/w-1", b"\x00")
def test_any_bytes_on_any_topic_are_readings_or_a_refusal(topic: str, payload: bytes) -> None:
    assert in_order(outcome(topic, payload))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=6,
)
NAMES = sorted({name for kind in kinds().values() for name in kind.example})


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(kinds())), st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4))
def test_any_json_value_in_any_place_is_readings_or_a_refusal(kind: str, changes: dict[str, object]) -> None:
    payload = msgspec.json.encode({**kinds()[kind].example, **changes})
    assert in_order(outcome(f"arterial/demo/{kind}/x1", payload))


def test_what_no_field_asks_for_is_kept_as_measurements() -> None:
    sources = Sources([Source("{site}/{device}", "json", "water")])
    payload = b'{"t":1760000000000,"volume_m3":1.5,"leak":true,"valve":{"open":3},"device":"w-1","z":null}'
    found = sources.read("demo/w-1", payload, NOW_NS)
    assert [r.kind for r in found] == ["water", "measurement", "measurement"]
    assert {r.tags["name"]: r.fields for r in found[1:]} == {
        "leak": {"state": True},
        "valve.open": {"value": 3.0},
    }
