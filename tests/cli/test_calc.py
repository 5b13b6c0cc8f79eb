"""`openoh calc` as a user runs it: a process, a file, flags, and what comes out."""

import csv
import importlib
import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from openoh.cli import main
from openoh.cli.calc.calculations import modules
from openoh.methods import change, equity, signals, value
from tests.outside_data import outside_data

OPENOH = str(Path(sys.executable).with_name("openoh"))


def calc(*arguments):
    return subprocess.run(
        [OPENOH, "calc", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )


def answer(*arguments):
    done = calc(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [item.get("result", item) for item in json.loads(done.stdout)["results"]]


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def wards(tmp_path):
    return write(tmp_path, "wards.csv", "ward,events,people\nA,12,300\nB,3,90\nC,30,410\n")


def test_flags_alone_give_one_answer_as_a_table():
    done = calc("equity", "rate", "--events", 65, "--exposure", 100, "--multiplier", 100)
    assert done.returncode == 0
    lines = dict(line.split(None, 1) for line in done.stdout.splitlines() if not line.startswith("rule"))
    assert lines["value"] == "65"
    assert lines["lower"] == "50.1632"
    assert lines["method"] == "Byar"
    assert "rule version  equity/intervals" in done.stdout


def test_a_file_gives_an_answer_for_every_line(wards):
    done = calc(
        "equity", "rate", wards, "--events", "events", "--exposure", "people", "--label", "ward", "--csv"
    )
    found = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["label"] for row in found] == ["A", "B", "C"]
    assert float(found[2]["value"]) == equity.crude_rate(30, 410).value
    assert [row["method"] for row in found] == ["Byar", "exact Poisson", "Byar"]


def test_a_table_of_lines_says_once_what_all_share(wards):
    done = calc("equity", "rate", wards, "--events", "events", "--exposure", "people", "--label", "ward")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["label", "value", "lower", "upper", "method"]
    assert [line.split()[0] for line in lines[1:4]] == ["A", "B", "C"]
    assert lines[4:] == ["confidence: 0.95", f"rule version: {equity.crude_rate(1, 1).rule_version}"]


def test_a_column_and_a_number_mix(wards):
    values = [
        item["value"] for item in answer("equity", "rate", wards, "--events", "events", "--exposure", 100)
    ]
    assert values == pytest.approx([equity.crude_rate(events, 100).value for events in (12, 3, 30)])


def test_groups_of_a_file(tmp_path):
    path = write(tmp_path, "bands.csv", "area,n,people,w\nX,10,1000,1\nX,20,1000,3\nY,30,500,1\nY,20,900,3\n")
    done = calc(
        "equity",
        "standardised-rate",
        path,
        "--events=n",
        "--population=people",
        "--weights=w",
        "--by=area",
        "--json",
    )
    found = json.loads(done.stdout)["results"]
    assert [item["label"] for item in found] == ["X", "Y"]
    assert found[0]["result"]["value"] == equity.standardised_rate([10, 20], [1000, 1000], [1, 3]).value


def test_named_weights(tmp_path):
    bands = "\n".join(f"{20 + i},{1000 + i}" for i in range(19))
    path = write(tmp_path, "named.csv", f"count,pop\n{bands}\n")
    names = ("equity", "standardised-rate", path, "--events=count", "--population=pop")
    (found,) = answer(*names, "--standard=esp2013")
    assert "weights" in found["rule_version"]
    done = calc(*names)
    assert (done.returncode, "give either --weights" in done.stderr) == (1, True)


@pytest.mark.parametrize("module", modules())
def test_every_calculation_has_help_and_names_a_public_function(module, capsys):
    public = importlib.import_module(f"openoh.methods.{module}")
    with pytest.raises(SystemExit) as left:
        main(["calc", module, "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    for calculation in modules()[module][1]:
        assert callable(getattr(public, calculation.function))
        assert calculation.name in text


def test_change_of_a_service(tmp_path):
    path = write(tmp_path, "scores.csv", "before,after\n18,6\n15,14\n21,9\n12,19\n16,\n")
    arguments = ("change", "reliable", path, "--before=before", "--after=after", "--reliability=0.86")
    arguments += ("--norm-mean=5", "--norm-sd=4")
    (found,) = answer(*arguments)
    assert found["category"] == ["recovered", "unchanged", "recovered", "deteriorated", "missing"]
    table = calc(*arguments, "--svg", tmp_path / "ends.svg").stdout
    assert [line.split()[-1] for line in table.splitlines()[1:6]] == found["category"]
    assert (tmp_path / "ends.svg").read_text(encoding="utf-8").count("<path") == 2
    (paired,) = answer("change", "paired", path, "--before=before", "--after=after")
    assert (paired["n"], paired["missing"]) == (4, 1)
    (yes,) = answer("change", "mcnemar", "--both=30", "--before-only=12", "--after-only=25", "--neither=40")
    assert yes["chi2"] == change.mcnemar(30, 12, 25, 40).chi2


def test_waiting_lists_of_an_outside_file(tmp_path):
    path = outside_data("waiting-list", "waiting_lists.csv")
    arguments = ("--referrals=referral", "--removals=removal", "--start=2024-01-01", "--end=2024-03-01")
    found = answer("queueing", "waiting-list", path, *arguments, "--target-wait=4", "--by=list_id")
    # Lists 3 and 6 cover these dates.
    assert (found[2]["queue_size"], found[5]["queue_size"]) == (379, 148)
    assert found[2]["pressure"] == pytest.approx(1.97116472)
    (servers,) = answer(
        "queueing", "servers", "--traffic=10", "--handling-time=180", "--target-wait=20", "--level=0.8"
    )
    assert servers == {"value": 14}


def test_returns_with_a_tornado(tmp_path):
    path = write(tmp_path, "years.csv", "costs,benefits\n1000,0\n0,1000\n0,1000\n")
    arguments = ("value", "roi", path, "--costs=costs", "--benefits=benefits", "--deadweight=0.1")
    ranges = ("--range-deadweight", "0", "0.3", "--range-costs", "0.9", "1.2", "--draws", "50", "--seed", "1")
    (found,) = answer(*arguments, *ranges)
    expected = value.roi(
        [1000, 0, 0], [0, 1000, 1000], deadweight=0.1,
        ranges={"deadweight": (0, 0.3), "costs": (0.9, 1.2)}, draws=50, seed=1,
    )  # fmt: skip
    assert found["npv"]["npv"] == expected.npv.npv
    assert [swing["assumption"] for swing in found["tornado"]] == [
        swing.assumption for swing in expected.tornado
    ]
    chart = tmp_path / "tornado.svg"
    table = calc(*arguments, *ranges, "--svg", chart).stdout
    assert "deadweight 0.3" in table
    assert ET.parse(chart).getroot().get("role") == "img"
    assert chart.read_text(encoding="utf-8").count("<circle") == 2


def test_hot_spots_in_a_tree_of_lines(tmp_path):
    path = write(
        tmp_path,
        "tree.csv",
        "node,parent,n,people\nTrust,,,\nWard,Trust,,\nA,Ward,14,200\nB,Ward,7,200\nC,Trust,3,800\n",
    )
    names = ("--node=node", "--parent=parent", "--observed=n", "--expected=people", "--permutations=99")
    done = calc("signals", "tree", path, *names, "--json")
    found = json.loads(done.stdout)["results"][0]
    expected = signals.scan_tree(
        {"A": 14, "B": 7, "C": 3}, {"A": 200, "B": 200, "C": 800},
        {"Trust": None, "Ward": "Trust", "A": "Ward", "B": "Ward", "C": "Trust"}, permutations=99,
    )  # fmt: skip
    assert [spot["where"] for spot in found] == [spot.where for spot in expected]
    assert [spot["p_value"] for spot in found] == [spot.p_value for spot in expected]


def test_rising_needs_and_changes_of_level_of_columns(tmp_path):
    lines = "\n".join(
        f"{4 + i % 2},{3 + i % 3 + (12 if i == 11 else 0)},{5 + i % 2 + (9 if i > 5 else 0)}"
        for i in range(12)
    )
    path = write(tmp_path, "months.csv", f"A,B,C\n{lines}\n")
    done = calc("signals", "emerging", path, "--groups=A,B", "--permutations=99", "--json")
    assert json.loads(done.stdout)["results"][0][0]["where"] == "B"
    chart = tmp_path / "level.svg"
    done = calc("signals", "change-points", path, "--values=C", "--svg", chart, "--csv")
    assert [row["line"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["7"]
    assert chart.read_text(encoding="utf-8").count("<path") == 2


def test_an_interrupted_series_of_an_outside_file():
    path = outside_data("evaluation", "sicily_smoking_ban.csv")
    names = ("--counts=aces", "--month=month", "--intervention=smokban", "--exposure=stdpop")
    (found,) = answer("evaluation", "time-series", path, *names)
    assert found["rate_ratio"] == pytest.approx(0.88507154724, rel=1e-6)
    table = calc("evaluation", "time-series", path, *names).stdout
    assert "Regression to the mean" in table


def test_the_choice_of_a_design():
    table = calc("evaluation", "choose", "--periods-before=36", "--periods-after=12").stdout
    assert "interrupted_time_series" in table


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rate", "--events=x", "--exposure=1"), "--events is 'x'; it must be a number"),
        (("rate", "--events=-1", "--exposure=1"), "events is -1.0; allowed: 0 or more"),
        (("rate", "none.csv", "--events=1", "--exposure=1"), "No such file"),
        (("rate", "{empty}", "--events=1", "--exposure=1"), "no line below its heading"),
        (("rate", "{uneven}", "--events=a", "--exposure=1"), "line 3 has 1 values"),
        (("rate", "{twice}", "--events=a", "--exposure=1"), "a heading twice"),
        (("rate", "{words}", "--events=a", "--exposure=1"), "line 2, column 'a' is 'many'"),
        (("mean", "{words}", "--values=b"), "no column 'b'; the file has a"),
        (("mean", "{short}", "--values=a"), "allowed: 2 or more"),
    ],
)
def test_unusable_input_is_one_sentence_and_status_one(tmp_path, capsys, arguments, words):
    files = {
        "empty": "a\n",
        "uneven": "a,b\n1,2\n3\n",
        "twice": "a,a\n1,2\n",
        "words": "a\nmany\n",
        "short": "a\n1\n",
    }
    paths = {name: write(tmp_path, f"{name}.csv", text) for name, text in files.items()}
    assert main(["calc", "equity", *(argument.format(**paths) for argument in arguments)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert len(said.err.splitlines()) == 1


def test_no_chart_of_a_single_number(tmp_path):
    done = calc("value", "discount-factor", "--year=1", "--svg", tmp_path / "none.svg")
    assert (done.returncode, "there is no chart of this" in done.stderr) == (1, True)
