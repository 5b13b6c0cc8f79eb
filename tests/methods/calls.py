"""One good call of every public function of openoh.methods that takes numbers or dates.

``test_bad_input`` spoils each of their arguments in turn; a new function without a call here fails it.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from openoh.methods import (
    absence,
    audiometry,
    change,
    disclosure,
    equity,
    evaluation,
    fitness,
    immunity,
    instruments,
    linkage,
    noise,
    queueing,
    signals,
    spc,
    spirometry,
    value,
    vibration,
)

D = dt.date


class Call(NamedTuple):
    """A function with arguments that it accepts."""

    function: Callable[..., Any]
    arguments: Mapping[str, Any]

    def __call__(self, **changed: Any) -> Any:
        return self.function(**{**self.arguments, **changed})


def status(*, on: Any, born: Any, given: Any, tested: Any, level: Any) -> immunity.Immunity:
    tests = (immunity.LabTest("anti-hbs", tested, level),)
    facts = immunity.PersonFacts(born, (immunity.Dose("hepatitis-b", given),), tests)
    return immunity.status(facts, "hepatitis-b", on=on)


def dose_validity(*, born: Any, given: Any) -> immunity.DoseReview:
    return immunity.dose_validity(immunity.PersonFacts(born, (immunity.Dose("mmr", given),)), "mmr")


def epp_clearance(*, on: Any, loaded_on: Any, copies: Any, **facts: Any) -> immunity.EppClearance:
    loads = (immunity.ViralLoad(loaded_on, copies),)
    words = {"hbsag": "positive", "hcv_antibody": "positive", "hcv_rna": "negative", "hiv": "positive"}
    return immunity.epp_clearance(immunity.EppFacts(True, hiv_loads=loads, **words, **facts), on=on)


def driver_vision(*, group: Any, **measured: Any) -> fitness.VisionOutcome:
    return fitness.driver_vision(fitness.Vision(better_eye="6/6", worse_eye="6/9", **measured), group=group)


EAR = {250: 5, 500: 10, 1000: 10, 2000: 15, 3000: 25, 4000: 40, 6000: 35, 8000: 20}
TEST = {"left": EAR, "right": EAR}
SPELLS = [(D(2024, 1, 1), D(2024, 1, 5)), (D(2024, 2, 1), D(2024, 2, 3))]
SERIES = [5.0, 6, 5, 7, 6, 5, 6, 7, 5, 6, 7, 5, 6, 8]
BANDS = {"population": [100, 100], "reference_events": [20, 30], "reference_population": [1000, 1000]}
UNITS = {"numerator": [12, 30, 8, 25], "denominator": [10.5, 14.2, 9.9, 24.0]}
PERSON = {"sex": "male", "age": 50, "height_cm": 175}
PEOPLE = {"sex": ["male"], "age": [50], "height_cm": [175]}
PANEL = {
    "unit": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
    "period": [0, 1] * 6,
    "treated": [0] * 4 + [1] * 4 + [0] * 4,
    "post": [0, 1] * 6,
}
ADMISSIONS = [100, 98, 103, 99, 101, 97, 102, 100, 99, 101, 98, 100, 80, 81, 79, 82, 80, 78]
TREE = {"T": None, "A": "T", "B": "T", "C": "T"}

CALLS: dict[str, Call] = {
    "absence.bradford": Call(absence.bradford, {"spells": SPELLS, "as_of": D(2024, 6, 1), "days": 365}),
    "absence.bradford_factor": Call(absence.bradford_factor, {"spell_count": 3, "total_days": 6}),
    "absence.contracted_hours": Call(absence.contracted_hours, {"weekly_hours": 37.5, "months": 1}),
    "absence.fte_days": Call(
        absence.fte_days,
        {"spell": SPELLS[0], "fte_history": [(D(2020, 1, 1), 0.6)], "upto": D(2024, 6, 1)},
    ),
    "absence.fte_days_many": Call(
        absence.fte_days_many,
        {"person": [1], "start": [D(2024, 1, 1)], "end": [D(2024, 1, 5)], "history_person": [1],
         "history_since": [D(2020, 1, 1)], "history_fte": [0.6], "upto": D(2024, 6, 1)},
    ),
    "absence.hours_lost_per_person": Call(
        absence.hours_lost_per_person, {"hours_lost": 10.0, "headcount": 5}
    ),
    "absence.is_long_term": Call(
        absence.is_long_term, {"spell": SPELLS[0], "as_of": D(2024, 6, 1), "threshold": 28}
    ),
    "absence.merge_spells": Call(absence.merge_spells, {"spells": SPELLS}),
    "absence.merge_spells_many": Call(
        absence.merge_spells_many, {"person": [1], "start": [D(2024, 1, 1)], "end": [D(2024, 1, 5)]}
    ),
    "absence.quartile_gain": Call(
        absence.quartile_gain, {"lost": [40, 50, 60], "available": [1000] * 3, "hours_per_fte": 10}
    ),
    "absence.rate": Call(absence.rate, {"lost": 7.2, "available": 18.0}),
    "absence.rate of many": Call(absence.rate, {"lost": [7.2, 1], "available": [18.0, 3]}),
    "absence.reason_shares": Call(absence.reason_shares, {"lost_by_reason": {"S10": 3.0, "S99": 4}}),
    "absence.split_by_month": Call(
        absence.split_by_month, {"start": [D(2024, 1, 1)], "end": [D(2024, 1, 5)], "upto": D(2024, 6, 1)}
    ),
    "absence.triggers": Call(absence.triggers, {"spells": SPELLS, "as_of": D(2024, 6, 1)}),
    "audiometry.categorise": Call(
        audiometry.categorise,
        {"test": TEST, "sex": "male", "age": 36, "previous": TEST, "years_since_previous": 2},
    ),
    "audiometry.describe": Call(audiometry.describe, {"ear": EAR}),
    "audiometry.firearms": Call(audiometry.firearms, {"test": TEST}),
    "audiometry.hearing_grade": Call(audiometry.hearing_grade, {"test": TEST}),
    "change.mcnemar": Call(
        change.mcnemar,
        {"both": 10, "before_only": 5, "after_only": 3, "neither": 10, "confidence": 0.95},
    ),
    "change.paired": Call(
        change.paired,
        {"before": [1.9, 0.8, 1.1, 0.1], "after": [0.7, -1.6, -0.2, -1.2], "confidence": 0.95},
    ),
    "change.reliable": Call(
        change.reliable,
        {"before": 32.5, "after": 47.5, "reliability": 0.8, "higher_is_better": True, "norm": (60, 7.5),
         "before_mean": 40, "before_sd": 7.5},
    ),
    "disclosure.bounds": Call(
        disclosure.bounds,
        {"protected": disclosure.protect([[3, 20, 30], [12, 15, 18]]), "row": 0, "column": 0},
    ),
    "disclosure.differencing_risk": Call(
        disclosure.differencing_risk, {"earlier": [[20, 31]], "later": [[19, 31]], "threshold": 5}
    ),
    "disclosure.homogeneous_rows": Call(
        disclosure.homogeneous_rows, {"table": [[0, 12], [6, 6]], "sensitive": [0]}
    ),
    "disclosure.meets_minimum_base": Call(disclosure.meets_minimum_base, {"bases": [9, 10]}),
    "disclosure.protect": Call(
        disclosure.protect, {"table": [[3, 20, 30], [12, 15, 18]], "threshold": 5}
    ),
    "disclosure.published": Call(
        disclosure.published,
        {"cells": [[2, 18], [19, 14]], "row_totals": [20, 33], "column_totals": [21, 32], "total": 53,
         "threshold": 5},
    ),
    "disclosure.round_to": Call(disclosure.round_to, {"values": [1, 2, 8], "base": 5}),
    "disclosure.whole_percentage": Call(disclosure.whole_percentage, {"count": 5, "base": 16}),
    "equity.compare": Call(equity.compare, {"events": 10, "exposure": 100, "baseline": 0.05}),
    "equity.control_limits": Call(
        equity.control_limits, {"size": 100, "baseline": 0.05, "confidence": 0.95}
    ),
    "equity.crude_rate": Call(
        equity.crude_rate, {"events": 12, "exposure": 300, "multiplier": 1000, "confidence": 0.95}
    ),
    "equity.indirectly_standardised_rate": Call(
        equity.indirectly_standardised_rate, {"observed": [10, 12], **BANDS, "multiplier": 1000}
    ),
    "equity.inequality": Call(
        equity.inequality,
        {"values": [5.0, 6, 7], "population": [100] * 3, "se": [0.1] * 3, "multiplier": 1,
         "draws": 1024, "seed": 0},
    ),
    "equity.mean": Call(equity.mean, {"values": [1, 2, 3.0]}),
    "equity.proportion": Call(equity.proportion, {"k": 3, "n": 10}),
    "equity.relative_likelihood": Call(
        equity.relative_likelihood, {"a": 10, "n_a": 100, "b": 5, "n_b": 100}
    ),
    "equity.standard_errors": Call(equity.standard_errors, {"lower": [1.0], "upper": [2.0]}),
    "equity.standardised_rate": Call(
        equity.standardised_rate,
        {"events": [10, 12], "population": [100, 100], "weights": [1, 2], "minimum_events": 5,
         "count_variance": [10, 12]},
    ),
    "equity.standardised_ratio": Call(equity.standardised_ratio, {"observed": 22, **BANDS}),
    "evaluation.before_after": Call(
        evaluation.before_after, {"before": [5.1, 4.9, 5.3], "after": [4.6, 4.8, 4.5]}
    ),
    "evaluation.choose": Call(
        evaluation.choose,
        {"periods_before": 12, "periods_after": 4, "treated_units": 2, "comparison_units": 3,
         "treated_people": 40, "comparison_people": 50},
    ),
    "evaluation.difference_in_differences": Call(
        evaluation.difference_in_differences,
        {"y": [10, 12, 11, 13, 20, 18, 21, 19.5, 5, 7, 6.5, 7.5], **PANEL},
    ),
    "evaluation.interrupted_time_series": Call(
        evaluation.interrupted_time_series,
        {"counts": ADMISSIONS, "intervention": 12, "month": [*range(1, 13), *range(1, 7)],
         "harmonics": 1, "exposure": [10.0] * 18, "newey_west_lags": 2},
    ),
    "evaluation.matched": Call(
        evaluation.matched,
        {"outcome": [5, 6, 7, 3, 4, 5, 6, 9], "treated": [1, 1, 1, 0, 0, 0, 0, 0],
         "covariates": {"age": [40, 50, 45, 35, 44, 47, 52, 60]}},
    ),
    "evaluation.synthetic_control": Call(
        evaluation.synthetic_control,
        {"treated": [2, 3, 4, 2], "donors": {"A": [1, 2, 3, 4], "B": [3, 4, 5, 6], "C": [9, 9, 1, 9]},
         "pre": 3},
    ),
    "fitness.driver_medical": Call(
        fitness.driver_medical, {"born": D(1980, 5, 1), "last": D(2020, 3, 1), "on": D(2024, 1, 1)}
    ),
    "fitness.driver_vision": Call(
        driver_vision,
        {"group": 2, "field_horizontal": 160, "field_left": 70, "field_right": 70, "field_up": 30,
         "field_down": 30, "clear_centre": 30, "correction_dioptres": 2.0},
    ),
    "immunity.dose_validity": Call(dose_validity, {"born": D(1990, 1, 1), "given": D(2024, 1, 1)}),
    "immunity.epp_clearance": Call(
        epp_clearance,
        {"on": D(2025, 1, 1), "loaded_on": D(2024, 12, 1), "copies": 20.0, "hbv_dna_iu": 100.0,
         "hbv_dna_on": D(2024, 12, 1), "hcv_treated_weeks_ago": 20.0},
    ),
    "immunity.exposure_plan": Call(
        lambda **facts: immunity.exposure_plan(immunity.ExposureFacts(**facts)),
        {"exposed_on": D(2025, 3, 3), "hours_since": 2.0, "doses": 3, "last_dose_on": D(2020, 1, 1),
         "pep_stopped_on": D(2025, 4, 1)},
    ),
    "immunity.hepatitis_b": Call(
        immunity.hepatitis_b,
        {"anti_hbs": 50.0, "doses": 3, "doses_since_test": 0, "course_doses": 3,
         "tested_on": D(2024, 1, 1), "last_dose_on": D(2023, 1, 1)},
    ),
    "immunity.hiv_load": Call(immunity.hiv_load, {"copies": 450.0}),
    "immunity.status": Call(
        status,
        {"on": D(2025, 1, 1), "born": D(1990, 1, 1), "given": D(2024, 1, 1), "tested": D(2024, 2, 2),
         "level": 50.0},
    ),
    "instruments.benchmark": Call(
        instruments.benchmark,
        {"code": "HSE-MSIT", "subscale": "demands", "mean": 3.0, "respondents": 120},
    ),
    "instruments.change": Call(instruments.change, {"code": "PHQ-9", "before": 17, "after": 11}),
    "instruments.score": Call(instruments.score, {"code": "PHQ-9", "answers": [1] * 9}),
    "instruments.score_many": Call(
        instruments.score_many, {"code": "PHQ-9", "answers": [[1] * 9, [2] * 9]}
    ),
    "linkage.deduplicate": Call(
        linkage.deduplicate, {"records": [{"id": "A", "name": "Bo"}], "on": ("name",), "threshold": 0.9}
    ),
    "linkage.link": Call(
        linkage.link,
        {"left": [{"id": "A", "name": "Bo"}], "right": [{"id": "B", "name": "Bo"}], "on": ("name",),
         "threshold": 0.9},
    ),
    "noise.assess": Call(
        noise.assess, {"exposures": [(88.0, 240)], "peak_db": 130.0, "protection_db": 4.0}
    ),
    "noise.lep_d": Call(noise.lep_d, {"exposures": [(88.0, 240)]}),
    "noise.lep_w": Call(noise.lep_w, {"daily": [90.0, 90]}),
    "noise.points": Call(noise.points, {"exposures": [(88.0, 240)]}),
    "queueing.average_wait": Call(
        queueing.average_wait, {"traffic": 10, "servers": 14, "handling_time": 180}
    ),
    "queueing.clinical_hours": Call(
        queueing.clinical_hours,
        {"wte": 1, "hours_per_week": 37.5, "weeks_away": 10, "clinical_share": 0.7},
    ),
    "queueing.erlang_b": Call(queueing.erlang_b, {"traffic": 10, "servers": 14}),
    "queueing.erlang_c": Call(queueing.erlang_c, {"traffic": 10, "servers": 14}),
    "queueing.queue_load": Call(queueing.queue_load, {"demand": 30, "capacity": 27}),
    "queueing.relief_capacity": Call(
        queueing.relief_capacity,
        {"demand": 30, "queue_size": 1200, "target_queue_size": 390, "time_to_target": 26},
    ),
    "queueing.rostered_for": Call(queueing.rostered_for, {"servers": 14, "shrinkage": 0.3}),
    "queueing.servers_for": Call(
        queueing.servers_for, {"traffic": 10, "handling_time": 180, "target_wait": 20, "level": 0.8}
    ),
    "queueing.service_level": Call(
        queueing.service_level, {"traffic": 10, "servers": 14, "handling_time": 180, "target_wait": 20}
    ),
    "queueing.slots": Call(queueing.slots, {"hours": 1000, "slot_minutes": 45, "did_not_attend": 0.1}),
    "queueing.target_capacity": Call(
        queueing.target_capacity,
        {"demand": 30, "target_wait": 52, "factor": 3, "cv_demand": 1.1, "cv_capacity": 1.2},
    ),
    "queueing.target_mean_wait": Call(queueing.target_mean_wait, {"target_wait": 52, "factor": 4}),
    "queueing.target_queue_size": Call(
        queueing.target_queue_size, {"demand": 30, "target_wait": 52, "factor": 4}
    ),
    "queueing.waiting_list": Call(
        queueing.waiting_list,
        {"referrals": [D(2024, 1, 1), D(2024, 1, 4)], "removals": [D(2024, 1, 6), D(2024, 1, 8)],
         "start": D(2024, 1, 1), "end": D(2024, 1, 10), "target_wait": 4},
    ),
    "queueing.waiting_list_pressure": Call(
        queueing.waiting_list_pressure, {"mean_wait": 63, "target_wait": 52}
    ),
    "signals.change_points": Call(
        signals.change_points,
        {"values": [1, 2, 1, 2, 1, 2, 8, 9, 8, 9, 8.0], "permutations": 19, "seed": 0, "level": 0.05},
    ),
    "signals.emerging": Call(
        signals.emerging,
        {"counts_by_period": [[4, 3], [5, 4], [4, 5], [5, 15]], "exposure": [[10, 10]] * 4,
         "permutations": 19, "seed": 0},
    ),
    "signals.scan_circles": Call(
        signals.scan_circles,
        {"cases": [1, 2, 9], "population": [100, 100, 100], "x": [0, 1, 5.0], "y": [0, 1, 5.0],
         "largest": 0.5, "permutations": 19, "seed": 0},
    ),
    "signals.scan_tree": Call(
        signals.scan_tree,
        {"observed": {"A": 14, "B": 7, "C": 3}, "expected": {"A": 200, "B": 200, "C": 800},
         "parent": TREE, "permutations": 19, "seed": 0},
    ),
    "spc.control_limits": Call(spc.control_limits, {"points": [10, 20, 30.0], "target": 1.0}),
    "spc.funnel": Call(spc.funnel, {**UNITS, "target": 1.0, "trim": 0.1}),
    "spc.shewhart": Call(
        spc.shewhart,
        {"kind": "p", "numerator": [2, 3, 4, 2, 3, 1], "denominator": [20, 30, 25, 20, 30, 20]},
    ),
    "spc.shewhart of values": Call(
        spc.shewhart, {"kind": "i", "numerator": SERIES, "freeze": 12, "exclude": [3]}
    ),
    "spc.significance": Call(spc.significance, {**UNITS, "target": 1.0}),
    "spc.xmr": Call(
        spc.xmr, {"values": SERIES, "target": 5.0, "rebase": [7], "trend_n": 7, "shift_n": 7}
    ),
    "spc.xmr_many": Call(spc.xmr_many, {"values": [SERIES, SERIES], "fix_after": 12}),
    "spirometry.decline": Call(
        spirometry.decline, {"series": [(D(2020, 1, 1), 4.0), (D(2021, 1, 1), 3.9)]}
    ),
    "spirometry.interpret": Call(spirometry.interpret, {"fev1": 2.8, "fvc": 4.0, **PERSON}),
    "spirometry.interpret_many": Call(spirometry.interpret_many, {"fev1": [2.8], "fvc": [4.0], **PEOPLE}),
    "spirometry.predict": Call(spirometry.predict, {"measure": "FEV1", **PERSON}),
    "spirometry.predict_many": Call(spirometry.predict_many, {"measure": "FEV1", **PEOPLE}),
    "spirometry.quality": Call(
        spirometry.quality, {"fev1_blows": [3, 3.1, 3.0], "fvc_blows": [4, 4.1, 4.05]}
    ),
    "value.absence_cost": Call(
        value.absence_cost,
        {"fte_days": [10, 20], "annual_pay": [30_000, 40_000], "on_cost": 0.3, "replacement_hours": 10,
         "replacement_hourly_cost": 20},
    ),
    "value.discount_factor": Call(value.discount_factor, {"year": 3}),
    "value.npv": Call(value.npv, {"costs_by_year": [100, 0], "benefits_by_year": [0, 150]}),
    "value.presenteeism_cost": Call(
        value.presenteeism_cost, {"staff_affected": 10, "annual_pay": 30_000}
    ),
    "value.roi": Call(
        value.roi,
        {"costs": [100, 0], "benefits": [0, 150], "attribution": 0.9, "deadweight": 0.1, "dropoff": 0.1,
         "ranges": {"deadweight": (0, 0.3)}, "draws": 20, "seed": 0},
    ),
    "value.turnover_cost": Call(
        value.turnover_cost, {"leavers": 10, "annual_salary": 30_000, "attributable": 0.5}
    ),
    "vibration.a8": Call(vibration.a8, {"exposures": [(5.0, 120)]}),
    "vibration.assess": Call(vibration.assess, {"exposures": [(5.0, 120)]}),
    "vibration.points": Call(vibration.points, {"exposures": [(5.0, 120)]}),
}  # fmt: skip
