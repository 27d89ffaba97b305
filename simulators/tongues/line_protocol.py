"""How does a meter sound behind Telegraf?"""

from __future__ import annotations

import random

from simulators.fleet import Report
from simulators.foreign import Wire
from simulators.plain_speaker import PlainSpeaker, number

SOURCE = """\
[[sources]]
format = "line_protocol"
kind = "water"
"""


def _say(name: str, report: Report) -> list[Wire]:
    fields = (
        f"volume_m3={report['volume_m3']},flow_m3_h={report['flow_m3_h']},battery_v={report['battery_v']}"
    )
    series = f"water,device={name},floor=cellar\\ 1"
    line = f'{series} {fields},state="all, well" {round(number(report, "t"))}000000\n'
    return [Wire(f"telegraf/{name}", line.encode())]


def speaker(number: int, rng: random.Random) -> PlainSpeaker:
    """The meter with this number."""
    return PlainSpeaker(f"telegraf-{number}", _say)
