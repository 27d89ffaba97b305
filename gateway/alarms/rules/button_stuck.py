"""Is a push button stuck?"""

from __future__ import annotations

from gateway.alarms.lasting import lasting
from gateway.alarms.rule import Rule

RULE = Rule(
    name="button_stuck",
    code="A0101",
    title="A push button is stuck",
    priority=3,
    category="D",
    raise_at=600.0,
    clear_at=0.0,
    raise_after_s=0.0,
    clear_after_s=0.0,
    says="Button {subject} has been pressed for {level:.0f} s.",
    begin=lasting(on=(90,), off=(89,)),
    unit="s",
    causes=("cabinet_silent", "cabinet_flash", "conflict"),
    means="The call of people on foot never ends, so their green comes in every cycle.",
    check=("The button itself: jammed or vandalised.", "Wiring, water in the housing."),
    done="People are served in every cycle, as the button asks.",
)
