"""Immunity of healthcare and emergency workers: requirements, dose validity, hepatitis B, exposure.

Facts go in as dated records, decisions come out with state, due date, reason and rule version. They support a
registered clinician, who owns every decision.
"""

from openoh.methods.immunity.doses import DoseCheck, DoseReview, Schedule, Step, dose_validity
from openoh.methods.immunity.epp import EppClearance, EppFacts, LoadAction, ViralLoad, epp_clearance, hiv_load
from openoh.methods.immunity.exposure import ExposureFacts, ExposurePlan, FollowUp, exposure_plan
from openoh.methods.immunity.facts import Dose, LabTest, PersonFacts
from openoh.methods.immunity.hepatitis import HepatitisB, hepatitis_b
from openoh.methods.immunity.requirements import Immunity, status

__all__ = [
    "Dose",
    "DoseCheck",
    "DoseReview",
    "EppClearance",
    "EppFacts",
    "ExposureFacts",
    "ExposurePlan",
    "FollowUp",
    "HepatitisB",
    "Immunity",
    "LabTest",
    "LoadAction",
    "PersonFacts",
    "Schedule",
    "Step",
    "ViralLoad",
    "dose_validity",
    "epp_clearance",
    "exposure_plan",
    "hepatitis_b",
    "hiv_load",
    "status",
]
