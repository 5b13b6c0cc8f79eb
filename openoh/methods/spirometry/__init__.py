"""Spirometry: predicted values, interpretation, blow quality and decline over years.

Reference equations of the Global Lung Function Initiative: GLI Global 2022 (race-neutral, the default) and
GLI-2012 (by ethnic group). Sex is sex at birth, ages are decimal years, heights centimetres, volumes litres.
"""

from openoh.methods.spirometry.equations import Reference, ReferenceArrays, predict, predict_many
from openoh.methods.spirometry.interpretation import (
    Interpretation,
    InterpretationArrays,
    MeasureResult,
    interpret,
    interpret_many,
)
from openoh.methods.spirometry.longitudinal import Decline, Quality, decline, quality

__all__ = [
    "Decline",
    "Interpretation",
    "InterpretationArrays",
    "MeasureResult",
    "Quality",
    "Reference",
    "ReferenceArrays",
    "decline",
    "interpret",
    "interpret_many",
    "predict",
    "predict_many",
    "quality",
]
