"""What does an intersection look like to its controller, and is that description sound?"""

from __future__ import annotations

from signal_control.model.city_file import intersections_in, on_city_time
from signal_control.model.intersection import Intersection
from signal_control.model.overlaps import Overlap
from signal_control.model.phases import Detector, Geometry, Joint, Lane, Model, Phase, PhaseNumber, Turn
from signal_control.model.plans import FREE, FREE_PATTERN, Plan, PlanChange, PlanStage, Split
from signal_control.model.week import DAYS, Clock, Day

__all__ = [
    "DAYS",
    "FREE",
    "FREE_PATTERN",
    "Clock",
    "Day",
    "Detector",
    "Geometry",
    "Intersection",
    "Joint",
    "Lane",
    "Model",
    "Overlap",
    "Phase",
    "PhaseNumber",
    "Plan",
    "PlanChange",
    "PlanStage",
    "Split",
    "Turn",
    "intersections_in",
    "on_city_time",
]
