"""`openoh calc` for absence, charts, questionnaires, surveillance, disclosure and linkage."""

import datetime
import json

import pytest

from openoh.cli import main
from openoh.methods import absence, disclosure, instruments, noise, spc, spirometry, vibration


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
        {"value": vibration.a8([(4, 45), (3.2, 480)])}
    ]
    assert calc("noise", "daily", "--exposures", "88:240") == [{"value": noise.lep_d([(88, 240)])}]
    assert calc("noise", "weekly", "--daily", 90, 90) == [{"value": noise.lep_w([90, 90])}]


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
