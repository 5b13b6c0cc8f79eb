"""`openoh calc` for absence, charts, questionnaires, surveillance, disclosure and linkage."""

import datetime
import json

import pytest

from openoh import methods
from openoh.cli import main
from openoh.cli.calc.calculations import modules
from openoh.methods import (
    absence,
    disclosure,
    evaluation,
    immunity,
    instruments,
    noise,
    spc,
    spirometry,
    vibration,
)


@pytest.fixture
def calc(capsys, tmp_path):
    def call(*arguments, lines=None, form="--json"):
        if lines:
            path = tmp_path / "input.csv"
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            arguments = (*arguments[:2], str(path), *arguments[2:])
        status = main(["calc", *map(str, arguments), form])
        said = capsys.readouterr()
        assert status == 0, said.err
        return json.loads(said.out)["results"] if form == "--json" else said.out

    return call


def test_absence(calc):
    lines = ["unit,lost,available", "A,30,1000", "B,60,1000", "C,10,500", "D,50,900"]
    found = calc("absence", "rate", "--lost=lost", "--available=available", "--label=unit", lines=lines)
    assert [item["label"] for item in found] == ["A", "B", "C", "D"]
    assert found[0]["result"] == {"value": absence.rate(30, 1000)}
    (gain,) = calc(
        "absence", "quartile-gain", "--lost=lost", "--available=available", "--hours-per-fte=365", lines=lines
    )
    expected = absence.quartile_gain([30, 60, 10, 50], [1000, 1000, 500, 900], hours_per_fte=365)
    assert gain["gain"] == expected.gain
    spells = ["person,start,end", "P,2026-01-05,2026-01-09", "P,2026-01-08,2026-01-12", "Q,2026-03-02,"]
    found = calc(
        "absence", "bradford", "--start=start", "--end=end", "--as-of=2026-03-31", "--by=person", lines=spells
    )
    day = datetime.date
    score = absence.bradford(
        [(day(2026, 1, 5), day(2026, 1, 9)), (day(2026, 1, 8), day(2026, 1, 12))], as_of=day(2026, 3, 31)
    )
    assert score.factor == 8
    assert found[0]["result"]["factor"] == score.factor
    merged = calc("absence", "merge", "--start=start", "--end=end", lines=spells[:3])
    assert merged[0][0] == {"start": "2026-01-05", "end": "2026-01-12"}


def test_control_charts_and_funnels(calc, tmp_path):
    values = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
    lines = ["value", *map(str, values)]
    svg = tmp_path / "chart.svg"
    table = calc("spc", "xmr", "--values=value", "--svg", svg, lines=lines, form="--csv")
    chart = spc.xmr(values)
    assert len(table.splitlines()) == 19
    assert table.splitlines()[5].split(",")[5] == chart.special_cause[4]
    assert svg.read_text(encoding="utf-8").count("<path") == 4
    (kept,) = calc("spc", "xmr", "--values=value", "--keep-outliers", lines=lines)
    assert kept["upper"] == spc.xmr(values, screen_outliers=False).upper
    (counts,) = calc("spc", "shewhart", "--kind=c", "--numerator=value", lines=lines)
    assert counts["ucl"] == list(spc.shewhart("c", values).ucl)
    units = ["n,e", *(f"{n},{e}" for n, e in ((12, 10.5), (30, 14.2), (8, 9.9), (25, 24.0), (40, 38.5)))]
    (funnel,) = calc("spc", "funnel", "--numerator=n", "--denominator=e", lines=units)
    assert funnel["outside"] == list(spc.funnel([12, 30, 8, 25, 40], [10.5, 14.2, 9.9, 24.0, 38.5]).outside)


def test_questionnaires(calc):
    (alone,) = calc("instruments", "score", "--code=PHQ-2", "--answers=2,3")
    assert alone["total"] == instruments.score("PHQ-2", [2, 3]).total == 5
    found = calc("instruments", "score", "--code=PHQ-2", "--answers=a,b", lines=["a,b", "1,1", "3,3"])
    assert [item["result"]["total"] for item in found] == [2, 6]
    assert "PHQ-9" in calc("instruments", "catalogue", form="--csv")


def test_surveillance(calc):
    person = {"sex": "male", "age": 45.5, "height_cm": 178}
    options = ("--sex=male", "--age=45.5", "--height-cm=178")
    (predicted,) = calc("spirometry", "predict", "--measure=FEV1", *options)
    assert predicted["predicted"] == spirometry.predict("FEV1", **person).predicted
    (read,) = calc("spirometry", "interpret", "--fev1=2.1", "--fvc=4.2", *options)
    assert read["pattern"] == spirometry.interpret(2.1, 4.2, **person).pattern
    levels = [
        f"{hz}:{level}"
        for hz, level in ((500, 5), (1000, 10), (2000, 10), (3000, 45), (4000, 60), (6000, 50))
    ]
    (hearing,) = calc(
        "audiometry", "categorise", "--left", *levels, "--right", *levels, "--sex=male", "--age=40"
    )
    assert hearing["sums"]["left"] == 175
    assert calc("vibration", "a8", "--exposures", "4.0:45", "3.2:480") == [
        {"value": vibration.a8([(4, 45), (3.2, 480)]), "rule_version": "vibration/regulations-2005@1"}
    ]
    noisy = {"rule_version": "noise/regulations-2005@1"}
    assert calc("noise", "daily", "--exposures", "88:240") == [{"value": noise.lep_d([(88, 240)]), **noisy}]
    assert calc("noise", "weekly", "--daily", 90, 90) == [{"value": noise.lep_w([90, 90]), **noisy}]


def test_small_counts_are_hidden(calc):
    lines = ["a,b,c", "12,3,20", "15,22,18", "30,17,9"]
    table = calc("disclosure", "protect", "--table=a,b,c", lines=lines, form="--csv").splitlines()
    mask = disclosure.protect([[12, 3, 20], [15, 22, 18], [30, 17, 9]]).mask
    shown = [[cell == "*" for cell in line.split(",")[1:4]] for line in table[1:4]]
    assert shown == mask.tolist()
    assert shown[0][1]


def test_duplicates_are_found(calc):
    names = [("Ann", "Archer"), ("Ben", "Baker"), ("Cat", "Cooper"), ("Dan", "Draper"), ("Eve", "Eaton")]
    lines = ["id,first,last,born"]
    lines += [
        f"{number},{first},{last},19{70 + number}-03-0{number + 1}"
        for number, (first, last) in enumerate(names)
    ]
    lines.append("9,Ann,Archer,1970-03-01")
    found = calc("linkage", "deduplicate", "--key=id", "--on=first,last,born", lines=lines, form="--csv")
    assert found.splitlines()[1].startswith("link,0,9,")


def test_the_same_people_of_two_employers_are_found(calc, capsys):
    lines = ["id,employer,first,last,born"]
    for employer in ("trust", "force"):
        lines += [
            f"{employer[0]}{number},{employer},{first},{last},19{70 + number}-03-0{number + 1}"
            for number, (first, last) in enumerate(
                [("Ann", "Archer"), ("Ben", "Baker"), ("Cat", "Cooper"), (employer, employer)]
            )
        ]
    options = ("--key=id", "--side=employer", "--on=first,last,born")
    found = calc("linkage", "link", *options, lines=lines, form="--csv")
    linked = [line.split(",")[:3] for line in found.splitlines() if line.startswith("link,")]
    assert linked == [["link", f"t{number}", f"f{number}"] for number in range(3)]
    third = [*lines, "x9,region,Eve,Eaton,1980-01-01"]
    with pytest.raises(AssertionError, match="--side has 3 different values; it must have 2"):
        calc("linkage", "link", *options, lines=third)


def test_people_are_weighted_or_paired(calc):
    lines = ["after,given,age", *(f"{after},{given},{age}" for after, given, age in PEOPLE)]
    options = ("--outcome=after", "--treated=given", "--covariates=age")
    (weighted,) = calc("evaluation", "matched", *options, lines=lines)
    (paired,) = calc("evaluation", "matched", *options, "--method=nearest", "--replace", lines=lines)
    after, given, age = (list(column) for column in zip(*PEOPLE, strict=True))
    where = {"treated": given, "covariates": {"age": age}}
    assert weighted["estimate"] == evaluation.matched(after, **where).estimate
    expected = evaluation.matched(after, **where, method="nearest", replace=True)
    assert (paired["estimate"], paired["design"]) == (expected.estimate, expected.design)


PEOPLE = [(5, 1, 40), (6, 1, 50), (7, 1, 45), (3, 0, 35), (4, 0, 44), (5, 0, 47), (6, 0, 52), (9, 0, 60)]


def test_immunity(calc):
    (mmr,) = calc(
        "immunity",
        "status",
        "--requirement=mmr",
        "--on=2025-01-02",
        "--born=1990-05-20",
        "--doses=mmr:2024-12-20",
    )
    assert (mmr["state"], mmr["due_on"]) == ("planned", "2025-01-17")
    lines = [
        "born,doses,tests,evidence,course",
        "1990-05-20,,varicella-igg:2024-12-01:positive,,varicella",
        "1990-05-20,,,chickenpox,varicella",
        "1990-05-20,"
        + " ".join(f"hepatitis-b:2024-0{month}-01" for month in (1, 2, 7))
        + ",anti-hbs:2024-09-01:250,,hepatitis-b",
    ]
    columns = ("--born=born", "--doses=doses", "--tests=tests", "--evidence=evidence", "--requirement=course")
    found = calc("immunity", "status", *columns, "--on=2025-01-02", lines=lines)
    assert [item["result"]["state"] for item in found] == ["immune", "immune", "immune"]
    (review,) = calc(
        "immunity", "doses", "--schedule=mmr", "--born=1990-05-20", "--doses=mmr:2024-03-01 mmr:2024-03-20"
    )
    assert (review["valid"], review["next_due"]) == (1, "2024-03-29")
    (decision,) = calc("immunity", "hepatitis-b", "--anti-hbs=5", "--doses=3")
    assert decision["state"] == immunity.hepatitis_b(5, 3).state == "non-responder pending"
    (untested,) = calc("immunity", "hepatitis-b", "--doses=3")
    assert untested["state"] == immunity.hepatitis_b(None, 3).state
    clear = ("--hbsag=negative", "--hcv-antibody=negative", "--hiv=negative", "--on=2025-01-02")
    (cleared,) = calc("immunity", "clearance", "--identified-sample", *clear)
    assert cleared["state"] == "cleared"
    (unidentified,) = calc("immunity", "clearance", *clear)
    assert unidentified["state"] == "not cleared"
    (load,) = calc("immunity", "viral-load", "--copies=450")
    assert load["state"] == "repeat"
    (plan,) = calc(
        "immunity",
        "exposure",
        "--exposed-on=2025-03-03",
        "--hours-since=2",
        "--doses=3",
        "--response=responder",
        "--source-hiv=positive",
    )
    assert (plan["hiv_prophylaxis"], plan["follow_up"][0]["due_on"]) == ("start at once", "2025-04-14")


def test_fitness(calc):
    lines = ["worker,better,worse,plate", "A,6/9,6/12,yes", "B,6/6,6/6,"]
    options = ("--better-eye=better", "--worse-eye=worse", "--reads-plate-at-20-m=plate", "--label=worker")
    found = calc("fitness", "driver-vision", "--group=2", *options, lines=lines)
    assert [item["result"]["outcome"] for item in found] == ["does not meet", "incomplete"]
    (recruit,) = calc("fitness", "police-vision", "--colour=monochromat", "--field-horizontal=120")
    assert recruit["outcome"] == "does not meet"
    assert "field_horizontal" not in recruit["missing"]
    (medical,) = calc(
        "fitness", "driver-medical", "--born=1980-05-01", "--last=2020-03-01", "--on=2024-01-01"
    )
    assert medical["due_on"] == "2025-05-01"
    (first,) = calc("fitness", "driver-medical", "--born=1980-05-01", "--on=2024-01-01")
    assert first["due_on"] == "2024-01-01"
    (run,) = calc("fitness", "shuttle-run", "--result=5:6", "--post=dog-handler")
    assert run["meets"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("immunity", "doses", "--schedule=mmr", "--born=1990-05-20", "--doses=mmr"), "has 2 parts"),
        (("immunity", "doses", "--schedule=mmr", "--born=", "--doses="), "born is blank"),
        (("immunity", "doses", "--schedule=mmr", "--born=1990", "--doses="), "dates are written"),
        (("fitness", "police-vision", "--reads-plate-at-20-m=perhaps"), "must be yes or no"),
        (("fitness", "driver-medical", "--born=", "--on=2024-01-01"), "born is blank"),
    ],
)
def test_unusable_facts_are_refused(arguments, message, capsys):
    assert main(["calc", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_every_method_has_its_calculations():
    assert set(modules()) == set(methods.__all__)
    for calculations in (found for _, found in modules().values()):
        assert calculations
