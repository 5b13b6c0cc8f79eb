"""Pure-tone audiometry: the HSE categories of hearing surveillance, police firearms limits and descriptors.

A test is ``{"left": {hz: dB}, "right": {hz: dB}}``: frequencies in Hz, hearing levels in dB HL.
"""

from openoh.methods.audiometry.audiogram import Audiogram, Descriptor, describe
from openoh.methods.audiometry.categories import Change, Ears, Hearing, HearingTable, categorise
from openoh.methods.audiometry.standards import FirearmsHearing, HearingGrade, firearms, hearing_grade

__all__ = [
    "Audiogram",
    "Change",
    "Descriptor",
    "Ears",
    "FirearmsHearing",
    "Hearing",
    "HearingGrade",
    "HearingTable",
    "categorise",
    "describe",
    "firearms",
    "hearing_grade",
]
