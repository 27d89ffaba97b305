"""Which alarms are there now? Sightings in, what happens to alarms out; pure, time is an argument."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from gateway.alarms.alarm import Alarm, Happening, Suspension, What
from gateway.alarms.quiet import Quiet, Silence, with_one_more
from gateway.alarms.rule import Rule, Sighting
from gateway.alarms.settings import AlarmSettings, Tuned, tuned
from gateway.alarms.track import Track, is_bad, step

TRACKS: Final = 20_000
"""What is bad and followed at most; more is counted, not followed."""
HISTORY: Final = 500
ABSORB_NS: Final = 120_000_000_000
"""An alarm raised so long before its cause is a part of it."""
FORGET_NS: Final = 7 * 86_400_000_000_000
"""An alarm of which nothing has been seen for so long is given up."""
JUMP_NS: Final = 300_000_000_000
"""A clock that goes on by more, or back at all, was set: delays go on from where they were."""
_S: Final = 1_000_000_000

Key = tuple[str, str]
"""Rule and subject."""


class Kept(msgspec.Struct, frozen=True):
    """What outlives a restart."""

    tracks: list[Track] = []
    suspensions: list[Suspension] = []
    history: list[Alarm] = []


class Engine:
    """Follows every rule at every subject. `sight` and `tick` are all that makes alarms come and go."""

    def __init__(
        self,
        rules: Mapping[str, Rule],
        wanted: tuple[AlarmSettings, ...],
        quiet: Quiet,
        kept: Kept | None = None,
    ) -> None:
        kept = kept or Kept()
        self._rules, self._wanted, self._quiet = rules, wanted, quiet
        self._usual = {name: tuned(rule, "", wanted) for name, rule in rules.items()}
        self._special = {entry.rule for entry in wanted if entry.subjects}
        self._fresh: dict[Key, Sighting] = {}
        self._tracks: dict[Key, Track] = {(t.rule, t.subject): t for t in kept.tracks}
        self.suspensions: list[Suspension] = list(kept.suspensions)
        self.history: deque[Alarm] = deque(kept.history, HISTORY)
        self._last_ns: int | None = None
        self.overflow = 0
        """Sightings that were not followed for want of room."""

    def sight(self, rule: str, sighting: Sighting) -> None:
        """Take a sighting in; the newest of a subject counts at the next tick. The hot path."""
        key = (rule, sighting.subject)
        if key in self._tracks or is_bad(sighting.level, self._bounds(key)):
            self._fresh[key] = sighting

    def tick(self, now_ns: int) -> list[Happening]:
        """What happens at `now_ns`, causes before what they cause."""
        self._follow_clock(now_ns)
        for key, sighting in self._fresh.items():
            self._follow(key, sighting, now_ns)
        self._fresh.clear()
        found: list[Happening] = []
        for key in sorted(self._tracks, key=self._order):
            found += self._move(key, self._tracks[key], now_ns)
        return found

    def alarms(self) -> list[Alarm]:
        """Every active alarm, the most urgent first and of those the newest."""
        found = [track.alarm for track in self._tracks.values() if track.alarm is not None]
        return sorted(found, key=lambda a: (a.priority, -a.raised_ns, a.id))

    def bounds_of(self, alarm: Alarm) -> Tuned:
        """The bounds by which an alarm was raised."""
        return self._bounds((alarm.rule, alarm.subject))

    def acknowledge(self, id: str, who: str, now_ns: int) -> list[Happening]:
        """Somebody cares for it: no reminders any more. Raises KeyError with the choices."""
        track, alarm = self._find(id)
        if alarm.acknowledged:
            return []
        return [self._now(track, now_ns, "acknowledged", who, acknowledged_by=who, acknowledged_ns=now_ns)]

    def suspend(self, rule: str, subject: str, until_ns: int, who: str, why: str, now_ns: int) -> None:
        """Tell nobody of what the patterns match until then; a time that is past ends an earlier one."""
        one = Suspension(rule, subject, until_ns, who, why)
        self.suspensions = with_one_more(self.suspensions, one, now_ns)

    def kept(self) -> Kept:
        """What outlives a restart, as it is now."""
        copies = [replace(track) for track in self._tracks.values()]
        return Kept(copies, list(self.suspensions), list(self.history))

    def _follow_clock(self, now_ns: int) -> None:
        before_ns, self._last_ns = self._last_ns, now_ns
        if before_ns is None or before_ns <= now_ns <= before_ns + JUMP_NS:
            return
        by_ns = now_ns - before_ns
        for track in self._tracks.values():
            track.since_ns += by_ns
            track.good_ns += by_ns if track.good_ns else 0

    def _bounds(self, key: Key) -> Tuned:
        return (
            tuned(self._rules[key[0]], key[1], self._wanted)
            if key[0] in self._special
            else self._usual[key[0]]
        )

    def _order(self, key: Key) -> tuple[int, str, str]:
        rule = self._rules.get(key[0])
        return (len(rule.causes) if rule else 0, *key)

    def _follow(self, key: Key, sighting: Sighting, now_ns: int) -> None:
        track = self._tracks.get(key)
        if track is None:
            if not self._bounds(key).enabled:
                return
            if len(self._tracks) >= TRACKS:
                self.overflow += 1
                return
            subject, level, groups, detail = sighting
            self._tracks[key] = Track(key[0], subject, groups, level, detail, now_ns, now_ns)
            return
        track.level, track.groups, track.seen_ns = sighting.level, sighting.groups, now_ns
        track.detail = sighting.detail or track.detail

    def _move(self, key: Key, track: Track, now_ns: int) -> Iterator[Happening]:
        """What happens to one track, if anything."""
        rule, alarm = self._rules.get(key[0]), track.alarm
        if rule is None or not self._bounds(key).enabled:
            yield from self._end(key, track, now_ns, "The city file has no such alarm any more.")
            return
        bounds = self._bounds(key)
        cause = self._cause(rule, track)
        move = step(track, bounds, now_ns)
        if alarm is None and cause is not None and move != "forget":
            track.since_ns = now_ns if cause.alarm is not None else track.since_ns
        elif move == "raise":
            yield from self._raise(rule, track, bounds, now_ns)
        elif move == "forget":
            del self._tracks[key]
        elif move == "clear":
            yield from self._end(key, track, now_ns, "")
        elif alarm is not None and now_ns - track.seen_ns > FORGET_NS:
            yield from self._end(key, track, now_ns, "Nothing was seen of it for seven days.")
        elif alarm is not None:
            yield from self._insist(track, bounds, now_ns)

    def _cause(self, rule: Rule, track: Track) -> Track | None:
        """What is the reason for this, followed or raised already."""
        pairs = ((cause, group) for cause in rule.causes for group in track.groups)
        return next((found for pair in pairs if (found := self._tracks.get(pair)) is not None), None)

    def _raise(self, rule: Rule, track: Track, bounds: Tuned, now_ns: int) -> Iterator[Happening]:
        id = f"{rule.name}:{track.subject}:{now_ns // 1_000_000}"
        text = rule.says.format(subject=track.subject, level=track.level, detail=track.detail).strip()
        silence = self._silence(track, now_ns)
        alarm = Alarm(
            id,
            rule.name,
            track.subject,
            rule.code,
            rule.title,
            bounds.priority,
            rule.category,
            now_ns,
            track.level,
            text,
            track.groups,
            0 if silence else now_ns,
            0 if silence else now_ns,
            suspended_until_ns=silence.until_ns if silence else 0,
            suspended_why=silence.why if silence else "",
        )
        track.alarm, track.good_ns = alarm, 0
        yield Happening("raised", now_ns, alarm, aloud=silence is None)
        yield from self._absorb(alarm, now_ns)

    def _absorb(self, cause: Alarm, now_ns: int) -> Iterator[Happening]:
        """Alarms that were raised shortly before their cause are a part of it; nobody need care for them."""
        for track in self._tracks.values():
            alarm, rule = track.alarm, self._rules.get(track.rule)
            if alarm is None or rule is None or cause.rule not in rule.causes or alarm.cause:
                continue
            if cause.subject in track.groups and now_ns - alarm.raised_ns <= ABSORB_NS:
                why = f"It is a part of '{cause.title}' at {cause.subject}."
                yield self._now(track, now_ns, "suspended", why=why, aloud=False, cause=cause.id)

    def _end(self, key: Key, track: Track, now_ns: int, why: str) -> Iterator[Happening]:
        del self._tracks[key]
        if track.alarm is None:
            return
        happening = self._now(track, now_ns, "cleared", why=why, cleared_ns=now_ns)
        alarm = happening.alarm
        self.history.append(alarm)
        told = bool(alarm.told_ns) and not alarm.quiet and not alarm.suspended(now_ns)
        yield replace(happening, aloud=told)

    def _insist(self, track: Track, bounds: Tuned, now_ns: int) -> Iterator[Happening]:
        """Suspend and resume; remind and escalate what nobody has acknowledged."""
        alarm, silence = track.alarm, self._silence(track, now_ns)
        assert alarm is not None
        if alarm.cause and alarm.cause not in {a.id for a in self.alarms()}:
            why = "What it was a part of is over."
            yield self._now(
                track, now_ns, "resumed", why=why, aloud=False, cause="", heard_ns=now_ns, told_ns=now_ns
            )
            return
        until_ns = silence.until_ns if silence else 0
        if bool(until_ns) != bool(alarm.suspended_until_ns):
            what, why = ("suspended", silence.why) if silence else ("resumed", "")
            told_ns = alarm.told_ns if silence or alarm.acknowledged else now_ns
            yield self._now(
                track,
                now_ns,
                what,  # type: ignore[arg-type]
                why=why,
                aloud=not silence and not alarm.acknowledged and not alarm.quiet,
                suspended_until_ns=until_ns,
                suspended_why=why,
                heard_ns=told_ns,
                told_ns=told_ns,
            )
        elif silence:
            track.alarm = replace(alarm, suspended_until_ns=until_ns, suspended_why=silence.why)
        elif not alarm.acknowledged and not alarm.quiet:
            yield from self._unanswered(track, alarm, bounds, now_ns)

    def _unanswered(self, track: Track, alarm: Alarm, bounds: Tuned, now_ns: int) -> Iterator[Happening]:
        age_ns, told_ns = now_ns - alarm.heard_ns, now_ns - alarm.told_ns
        if bounds.escalate_after_s and not alarm.escalated and age_ns >= bounds.escalate_after_s * _S:
            why = f"Nobody has acknowledged it for {bounds.escalate_after_s / 60:g} min."
            yield self._now(track, now_ns, "escalated", why=why, escalated=True, told_ns=now_ns)
        elif bounds.remind_s and told_ns >= bounds.remind_s * _S:
            yield self._now(track, now_ns, "reminded", told_ns=now_ns)

    def _silence(self, track: Track, now_ns: int) -> Silence | None:
        names = (track.subject, *track.groups)
        return self._quiet.at(track.rule, names, now_ns, self.suspensions)

    def _now(
        self,
        track: Track,
        now_ns: int,
        what: What,
        who: str = "arterial",
        why: str = "",
        aloud: bool = True,
        **changes: object,
    ) -> Happening:
        """Change the alarm of a track, and say so."""
        assert track.alarm is not None
        level = {} if what == "cleared" else {"level": track.level}
        track.alarm = replace(track.alarm, **level, **changes)
        return Happening(what, now_ns, track.alarm, who, why, aloud)

    def _find(self, id: str) -> tuple[Track, Alarm]:
        """An alarm by its id, or by rule and subject (`bin_full:b-017`)."""
        for track in self._tracks.values():
            alarm = track.alarm
            if alarm is not None and id in (alarm.id, f"{alarm.rule}:{alarm.subject}"):
                return track, alarm
        raise KeyError(f"no active alarm '{id}'; there are: {_some(a.id for a in self.alarms())}")


def _some(ids: Iterable[str]) -> str:
    there = list(ids)
    return ", ".join(there[:5]) + (f" and {len(there) - 5} more" if len(there) > 5 else "") or "none"
