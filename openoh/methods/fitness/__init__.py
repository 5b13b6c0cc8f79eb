"""Fitness standards of posts: eyesight of drivers and police recruits, driver medicals, shuttle run."""

from openoh.methods.fitness.driving import MedicalDue, driver_medical
from openoh.methods.fitness.shuttle import ShuttleRun, shuttle_run
from openoh.methods.fitness.vision import Vision, VisionOutcome, acuity, driver_vision, police_recruit_vision

__all__ = [
    "MedicalDue",
    "ShuttleRun",
    "Vision",
    "VisionOutcome",
    "acuity",
    "driver_medical",
    "driver_vision",
    "police_recruit_vision",
    "shuttle_run",
]
