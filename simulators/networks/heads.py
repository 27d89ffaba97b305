"""Which letters does SUMO need for an imported signal, and is any pair of them in conflict?"""

from __future__ import annotations

from simulators.lights import Lights
from simulators.networks.importer import Imported
from simulators.networks.netfile import NetFile
from simulators.networks.programs import GREEN


class Heads:
    """The heads of one imported signal.

    A green link yields (g) or not (G) as the program has it in the smallest stage that holds everything that
    shows green or yellow; beside groups that no stage of the program joins it yields.
    """

    def __init__(self, imported: Imported) -> None:
        self._stages = sorted(
            zip(imported.staged.stages, imported.staged.states, strict=True), key=lambda pair: len(pair[0])
        )
        self._group = imported.staged.group_of()
        self._walks = {n for n, cs in imported.links.items() if all(c.crossing for c in cs)}
        self._known: dict[Lights, str] = {}

    def state(self, lights: Lights) -> str:
        """SUMO's state string for these lights."""
        if lights not in self._known:
            self._known[lights] = self._state(lights)
        return self._known[lights]

    def _state(self, lights: Lights) -> str:
        moving = {*lights.greens, *lights.yellows}
        base = next((state for stage, state in self._stages if moving <= set(stage)), "")
        width = len(self._stages[0][1])
        return "".join(self._letter(link, base, lights) for link in range(width))

    def _letter(self, link: int, base: str, lights: Lights) -> str:
        group = self._group.get(link)
        if group is None:
            return base[link] if base else self._least(link)
        if link in self._walks:
            return "G" if group in lights.walks else "r"
        if group in lights.greens:
            return base[link] if base and base[link] in GREEN else self._least(link)
        if group in lights.yellows:
            return "y"
        return "s" if any(state[link] == "s" for _, state in self._stages) else "r"

    def _least(self, link: int) -> str:
        """What the link shows at most when it has to be careful."""
        letters = {state[link] for _, state in self._stages}
        return next((letter for letter in "gGsr" if letter in letters), "r")


class LinkConflicts:
    """Finds states in which two links that cross or merge both have the right of way (G).

    What the program itself shows together is not counted: its makers meant it.
    """

    def __init__(self, net: NetFile, imported: Imported) -> None:
        links = {n: cs[0] for n, cs in imported.links.items()}
        meant = {
            (a, b)
            for state in imported.staged.states
            for a in links
            for b in links
            if state[a] == "G" and state[b] == "G"
        }
        self._foes = [
            (a, b)
            for a in links
            for b in links
            if a < b
            and (a, b) not in meant
            and links[a].end != links[b].end
            and net.are_foes(links[a], links[b])
        ]
        self._known: dict[str, int] = {}

    def count(self, state: str) -> int:
        """How many pairs are in conflict."""
        if state not in self._known:
            self._known[state] = sum(state[a] == "G" and state[b] == "G" for a, b in self._foes)
        return self._known[state]
