"""Does a preemption not end?"""

from __future__ import annotations

from gateway.alarms.lasting import lasting
from gateway.alarms.rule import Rule

RULE = Rule(
    name="preempt_long",
    code="A0008",
    title="A preemption does not end",
    priority=2,
    category="T",
    raise_at=300.0,
    clear_at=0.0,
    raise_after_s=0.0,
    clear_after_s=0.0,
    says="Preemption {subject} has been on for {level:.0f} s.",
    begin=lasting(on=(102, 105), off=(104, 111)),
    unit="s",
    causes=("cabinet_silent", "cabinet_flash", "conflict"),
    means="A train, bridge or emergency call holds the signals; by now it is rather a stuck relay.",
    check=("Is there a train, or a fire engine?", "The input: stuck receiver, wiring, gate switch."),
    done="The cabinet decides; commands are taken again when it ends.",
)
