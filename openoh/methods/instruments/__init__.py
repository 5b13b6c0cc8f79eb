"""Questionnaires: items, scoring, bands, flags and change, each from versioned content with its source and
licence.
"""

from openoh.methods.instruments._catalogue import catalogue, instrument
from openoh.methods.instruments._change import Change, benchmark, change
from openoh.methods.instruments._model import Instrument, Item, Licence
from openoh.methods.instruments._scoring import Score, ScoreTable, score, score_many

__all__ = [
    "Change",
    "Instrument",
    "Item",
    "Licence",
    "Score",
    "ScoreTable",
    "benchmark",
    "catalogue",
    "change",
    "instrument",
    "score",
    "score_many",
]
