"""Do the heads of an imported signal show what the program shows, and are conflicts seen?"""

from __future__ import annotations

from simulators.lights import Lights
from simulators.networks.heads import Heads, LinkConflicts
from simulators.networks.importer import Imported, import_signals
from simulators.networks.netfile import NetFile


def imported(net: NetFile) -> Imported:
    return import_signals(net, "loops")[0][0]


def test_each_stage_shows_the_state_of_the_program(net: NetFile) -> None:
    found = imported(net)
    heads = Heads(found)
    for stage, state in zip(found.staged.stages, found.staged.states, strict=True):
        assert heads.state(Lights(greens=stage)) == state


def test_a_group_of_both_stages_goes_on_as_it_was_while_the_other_clears(net: NetFile) -> None:
    found = imported(net)
    both = next(stage for stage in found.staged.stages if len(stage) == 2)
    left = next(stage for stage in found.staged.stages if len(stage) == 1 and set(stage) < set(both))
    through = (set(both) - set(left)).pop()
    shown = Heads(found).state(Lights(greens=left, yellows=(through,)))
    yielding = {shown[link] for link in found.staged.groups[left[0] - 1].links}
    assert yielding == {"g"}
    assert {shown[link] for link in found.staged.groups[through - 1].links} == {"y"}
    assert "G" not in shown


def test_a_state_of_the_program_is_no_conflict_and_all_green_is(net: NetFile) -> None:
    found = imported(net)
    conflicts = LinkConflicts(net, found)
    assert [conflicts.count(state) for state in found.staged.states] == [0] * len(found.staged.states)
    assert conflicts.count("G" * len(found.staged.states[0])) > 4
