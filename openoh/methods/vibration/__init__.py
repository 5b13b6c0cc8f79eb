"""Hand-arm vibration: daily exposure and points, and staging of hand-arm vibration syndrome."""

from openoh.methods._figure import Figure
from openoh.methods.vibration.exposure import VibrationExposure, a8, assess, points
from openoh.methods.vibration.staging import HandStage, griffin_score, notation, stage

__all__ = [
    "Figure",
    "HandStage",
    "VibrationExposure",
    "a8",
    "assess",
    "griffin_score",
    "notation",
    "points",
    "stage",
]
