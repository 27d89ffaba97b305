"""What is to be done about an alarm? Its runbook, from the rule's own file; docs/alarms.md holds them all."""

from __future__ import annotations

from typing import Final

from gateway.alarms.rule import Rule, rules

BEGIN: Final = "<!-- runbooks: written by `python -m gateway.alarms.runbook` -->"


def runbook(rule: Rule) -> str:
    """One rule as a section of the page: the heading is its name, so that links lead there."""
    worse = "or less" if rule.low_is_bad else "or more"
    unit = f" {rule.unit}" if rule.unit else ""
    clear = "or more" if rule.low_is_bad else "or less"
    after = f" for {_span(rule.raise_after_s)}" if rule.raise_after_s else ""
    gone = f" for {_span(rule.clear_after_s)}" if rule.clear_after_s else ""
    lines = [
        f"### {rule.name}",
        f"{rule.title}. Priority {rule.priority}, {rule.code}. "
        f"Raised at {rule.raise_at:g}{unit} {worse}{after}, over at {rule.clear_at:g}{unit} {clear}{gone}.",
        "",
        f"- What it means: {rule.means}",
        f"- Check: {' '.join(rule.check)}",
        f"- Arterial meanwhile: {rule.done}",
    ]
    if rule.causes:
        lines.append(f"- Held back by: {', '.join(f'[{c}](#{c})' for c in rule.causes)}")
    if rule.options:
        told = ", ".join(f"`{name}` = {value:g}" for name, value in rule.options.items())
        lines.append(f"- Options: {told}")
    return "\n".join(lines)


def all_runbooks() -> str:
    """Every rule's section, as the page ends."""
    return "\n\n".join([BEGIN, *(runbook(rule) for rule in rules().values())]) + "\n"


def _span(seconds: float) -> str:
    if seconds >= 7200:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds >= 120 else f"{seconds:g} s"


if __name__ == "__main__":
    print(all_runbooks(), end="")
