"""What can be asked of an evaluation on the command line?"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from simulators.networks.layouts import LAYOUTS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `evaluate`."""
    add = parser.add_argument
    add_street_arguments(parser)
    add("--strategies", default="local,max_pressure,lookahead", help="with commas; the first is the base")
    add("--seeds", default="1-5", help="1-5, or 1,2,7; another seed is another day")
    add("--ray", metavar="ADDRESS", help="run on this Ray cluster (`auto`, ray://host:10001, or `local`)")
    add("--csv", type=Path, help="write one line per run")
    add("--html", type=Path, help="write a report with plots")
    add("--json", type=Path, help="write means, intervals and differences for another program")
    add("--progress", type=Path, help="keep the share that is done (0 to 1) in this file")
    add("--against", type=Path, help="results (CSV) of like runs to compare with")


def add_tune_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `tune`."""
    add = parser.add_argument
    add_street_arguments(parser)
    add("--strategy", dest="strategies", default="local", help="whose delay is to become less")
    add("--parameters", default="", help="of cycle, splits, offsets, max_green; default: what matters to it")
    add("--trials", type=int, default=40, help="sets of parameters to try at most")
    add("--seeds", default="1-3", help="days that the search sees")
    add("--judge-seeds", default="101-106", help="days on which gain and risk are measured")
    add("--out", type=Path, default=Path("candidate.toml"), help="where the candidate goes")


def add_street_arguments(parser: argparse.ArgumentParser) -> None:
    """What runs: street, demand, intersections, detectors, and on how many processes."""
    add = parser.add_argument
    add("scenario", type=Path, nargs="?", help="a SUMO configuration (.sumocfg)")
    add("--config", type=Path, help="city file of a drawn street, instead of a scenario")
    add("--street", type=Path, help="folder that `build` wrote, with --config")
    add("--seconds", type=float, default=None, help="length of the window; default: the scenario's, or 3600")
    add("--intersections", type=Path, help="city file whose intersections take the place of imported ones")
    add("--scale", type=float, default=1.0, help="demand times so much")
    add("--jitter", type=float, default=0.0, help="shift each departure by up to so many seconds")
    add("--failures", default="", help="dead, stuck, missing or swapped detectors, as in dead:0.1")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    add("--quiet", action="store_true", help="no progress bar")
    add_intersection_arguments(parser)


def add_import_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `import`."""
    parser.add_argument("net", type=Path, help="a SUMO network (.net.xml)")
    parser.add_argument("--junction", action="append", default=[], help="this signal; may be repeated")
    parser.add_argument("--out", type=Path, help="write to this file instead of the terminal")
    add_intersection_arguments(parser)


def add_intersection_arguments(parser: argparse.ArgumentParser) -> None:
    """How signals are imported: detectors, and intervals in place of the program's own."""
    add = parser.add_argument
    add("--layout", default="loops", choices=sorted(LAYOUTS), help="which detectors the lanes have")
    add("--yellow", type=float, help="seconds of yellow instead of the program's")
    add("--all-red", type=float, help="seconds of red clearance instead of the program's")
    add("--min-green", type=float, help="seconds of minimum green instead of the program's")
    add("--max-green", type=float, help="seconds of maximum green instead of 90")
