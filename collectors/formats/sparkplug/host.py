"""How does a host follow Sparkplug edge nodes: births, data, deaths, and what it must ask for?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from google.protobuf.message import DecodeError

from collectors.formats.sparkplug.metrics import GOOD, Known, known_of, quality_of, value_of
from collectors.formats.sparkplug.node import Node
from collectors.formats.sparkplug.schema import Payload
from collectors.observation import Message, Observation, Outgoing, check_size, wrong
from collectors.reading import BadPayload, Reason, shown
from collectors.times import Instant

LIMIT_BYTES: Final = 256 * 1024
METRICS: Final = 3000
"""Metrics in one message; more are refused."""
NODES: Final = 4096
"""Edge nodes of one source; more are refused."""
BOOLEAN: Final = 11
REBIRTH: Final = "Node Control/Rebirth"

_TYPES: Final = "NBIRTH, NDATA, NDEATH, NCMD with 4, DBIRTH, DDATA, DDEATH, DCMD with 5"
_HISTORICAL: Final = b"\x28\x01"
_QUALITY: Final = b"Quality"
"""What a payload contains when some metric is historical or has a quality; most have neither."""

_NOTHING: Final = Observation({})

_Key = tuple[str, str, str]
"""Group, edge node and device; "" is the node itself."""
_Pairs = list[tuple[Any, Known]]


class Host:
    """The memory of one source. Call it with each message; ask `outgoing` about once a second."""

    def __init__(self, group_in_name: bool) -> None:
        self._group_in_name = group_in_name
        self._nodes: dict[tuple[str, str], Node] = {}

    def __call__(self, message: Message) -> list[Observation]:
        """What a message says; nothing for commands and STATE. Raises BadPayload."""
        _, group, kind, name = message.levels[:4]
        device = message.levels[4] if len(message.levels) > 4 else ""
        if kind in ("NCMD", "DCMD") or group == "STATE":
            return []
        payload = _decoded(message.payload)
        key = (group, name, device)
        match kind, bool(device):
            case ("NDATA", False) | ("DDATA", True):
                return self._data(self._known(group, name), key, payload, message)
            case "NBIRTH", False:
                return self._node_birth(key, payload)
            case "DBIRTH", True:
                return self._device_birth(self._known(group, name), key, payload, message.received_ns)
            case "NDEATH", False:
                return self._node_death(key, payload)
            case "DDEATH", True:
                return self._device_death(self._known(group, name), key, payload, message.received_ns)
        raise wrong(f"message type {shown(kind)}, {len(message.levels)} levels; there are: {_TYPES}")

    def outgoing(self, now_ns: int) -> Sequence[Outgoing]:
        """The rebirths to ask for now."""
        due = [key for key, node in self._nodes.items() if node.due(now_ns)]
        return [(f"spBv1.0/{group}/NCMD/{name}", _rebirth(now_ns)) for group, name in due]

    def _node_birth(self, key: _Key, payload: Any) -> list[Observation]:
        group, name, _ = key
        node = self._nodes.get((group, name)) or Node()
        self._check_room(group, name)
        number = next((_bd_seq(metric) for metric in payload.metrics if metric.name == b"bdSeq"), None)
        metrics, aliases, pairs = _declared(payload, "")
        found, last = self._observed(payload, pairs, key, {})
        node.born(number, payload.seq % 256)
        node.declare("", metrics, aliases)
        node.last[""] = last
        self._nodes[group, name] = node
        return [Observation({"online": True}, _at(payload.timestamp), self._name(key)), *found]

    def _device_birth(self, node: Node, key: _Key, payload: Any, now_ns: int) -> list[Observation]:
        metrics, aliases, pairs = _declared(payload, key[2])
        found, last = self._observed(payload, pairs, key, {})
        node.follow(payload.seq, now_ns)
        node.declare(key[2], metrics, aliases)
        node.last[key[2]] = last
        return [Observation({"online": True}, _at(payload.timestamp), self._name(key)), *found]

    def _data(self, node: Node, key: _Key, payload: Any, message: Message) -> list[Observation]:
        node.follow(payload.seq, message.received_ns)
        device = key[2]
        metrics = node.births.get(device)
        if metrics is None:
            node.want_birth()
            raise wrong(f"device {shown(device)} has sent no birth yet; its edge node is asked for one")
        aliases, pairs = node.aliases, []
        for metric in payload.metrics:
            alias = metric.alias
            known = aliases.get(alias) if alias or not metric.name else _by_name(metric, metrics)
            if known is None or known.device != device:
                node.want_birth()
                what = f"alias {alias}" if alias else f"metric {shown(metric.name)}"
                raise wrong(f"{what} was in no birth; the edge node is asked for one")
            pairs.append((metric, known))
        found, _ = self._observed(payload, pairs, key, node.last[device], message.payload)
        return found

    def _node_death(self, key: _Key, payload: Any) -> list[Observation]:
        group, name, _ = key
        node = self._nodes.get((group, name))
        number = next((_bd_seq(metric) for metric in payload.metrics if metric.name == b"bdSeq"), None)
        if node is None or not node.online or number != node.bd_seq:
            return []
        node.online = False
        dead = {device: node.forget(device) for device in list(node.births)}
        return [
            Observation({"online": False, "stale": stale}, None, self._name((group, name, device)))
            for device, stale in dead.items()
        ]

    def _device_death(self, node: Node, key: _Key, payload: Any, now_ns: int) -> list[Observation]:
        node.follow(payload.seq, now_ns)
        if key[2] not in node.births:
            return []
        gone = {"online": False, "stale": node.forget(key[2])}
        return [Observation(gone, _at(payload.timestamp), self._name(key))]

    def _observed(
        self, payload: Any, pairs: _Pairs, key: _Key, last: dict[str, Any], raw: bytes = b""
    ) -> tuple[list[Observation], dict[str, Any]]:
        """One observation per instant, and the last values with those of now.

        `raw` spares looking at each metric for what stands nowhere in the bytes. Nothing is changed when a
        metric is at fault.
        """
        rare = not raw or _HISTORICAL in raw or _QUALITY in raw
        found: dict[int, Observation] = {}
        news: dict[str, Any] = {}
        name, sent_at = self._name(key), payload.timestamp
        at, said = -1, _NOTHING
        for metric, known in pairs:
            if known.control or not (known.plain or raw):
                continue
            if (when := metric.timestamp or sent_at) != at:
                at = when
                said = found.get(at) or found.setdefault(at, Observation({}, _at(at), name, {}, last))
            word = known.name
            value = getattr(metric, known.direct) if known.direct else None
            if not value:
                value = value_of(metric, known)
            if rare and (quality := quality_of(metric)) != GOOD:
                said.values[f"{word}.quality"] = quality
                news[word] = None
                continue
            said.values[word] = value
            if known.unit:
                said.units[word] = known.unit  # type: ignore[index]
            if not (rare and metric.is_historical):
                news[word] = value
        last.update(news)
        return list(found.values()), last

    def _name(self, key: _Key) -> str:
        group, node, device = key
        whole = f"{group}:{node}" if self._group_in_name else node
        return f"{whole}:{device}" if device else whole

    def _known(self, group: str, name: str) -> Node:
        """The node, which is asked for its birth when we have not seen it."""
        node = self._nodes.get((group, name))
        if node is None:
            self._check_room(group, name)
            node = self._nodes[group, name] = Node()
        if not node.online:
            node.want_birth()
            raise wrong(f"edge node {shown(name)} has sent no birth yet; it is asked for one")
        return node

    def _check_room(self, group: str, name: str) -> None:
        if (group, name) not in self._nodes and len(self._nodes) >= NODES:
            raise BadPayload(Reason.TOO_LARGE, f"more than {NODES} edge nodes")


def _decoded(raw: bytes) -> Any:
    check_size(raw, LIMIT_BYTES)
    try:
        payload = Payload.FromString(raw)
    except DecodeError as fault:
        raise BadPayload(Reason.MALFORMED, str(fault)[:200]) from fault
    if len(payload.metrics) > METRICS:
        raise BadPayload(Reason.TOO_LARGE, f"{len(payload.metrics)} metrics; allowed: {METRICS}")
    if payload.seq > 255:
        raise wrong(f"seq {payload.seq}; allowed: 0 to 255")
    return payload


def _declared(payload: Any, device: str) -> tuple[dict[str, Known], dict[int, Known], _Pairs]:
    """The metrics of a birth by name and by alias, in order; raises BadPayload for one declared twice."""
    metrics: dict[str, Known] = {}
    aliases: dict[int, Known] = {}
    pairs: _Pairs = []
    for metric in payload.metrics:
        known = known_of(metric, device)
        if known.name in metrics or (metric.HasField("alias") and metric.alias in aliases):
            raise wrong(f"metric {shown(known.name)} or its alias {metric.alias} is declared twice")
        metrics[known.name] = known
        if metric.HasField("alias"):
            aliases[metric.alias] = known
        pairs.append((metric, known))
    return metrics, aliases, pairs


def _by_name(metric: Any, metrics: dict[str, Known]) -> Known | None:
    try:
        return metrics.get(metric.name.decode())
    except UnicodeDecodeError:
        return None


def _bd_seq(metric: Any) -> int:
    number: int = metric.long_value or metric.int_value
    return number


def _at(milliseconds: int) -> Instant | None:
    return Instant(milliseconds * 1_000_000) if milliseconds else None


def _rebirth(now_ns: int) -> bytes:
    payload = Payload(timestamp=now_ns // 1_000_000)
    payload.metrics.add(
        name=REBIRTH.encode(), timestamp=now_ns // 1_000_000, datatype=BOOLEAN, boolean_value=True
    )
    raw: bytes = payload.SerializeToString()
    return raw
