"""Has a bus asked for priority and never left?"""

from __future__ import annotations

from gateway.alarms.lasting import lasting
from gateway.alarms.rule import Rule

RULE = Rule(
    name="priority_long",
    code="A9601",
    title="A request for priority does not end",
    priority=3,
    category="T",
    raise_at=300.0,
    clear_at=0.0,
    raise_after_s=0.0,
    clear_after_s=0.0,
    says="Request for priority {subject} has been on for {level:.0f} s.",
    begin=lasting(on=(112,), off=(115,)),
    unit="s",
    causes=("cabinet_silent", "cabinet_flash", "conflict"),
    means="A bus or tram has checked in and not out: its check-out was lost, or the detector is stuck.",
    check=("Check-out detector or radio of that approach.", "Does it happen with one vehicle only?"),
    done="Nothing: priority is the cabinet's.",
)
