"""The watched folder with real workers: what suppliers' systems do to it, and what becomes of every file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from openoh.cli import main
from openoh.exchange.hr_feed import folder as watched
from openoh.exchange.hr_feed import spool
from openoh.exchange.hr_feed.models import ImportRun
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from tests.faults.processes import Doomed

pytestmark = pytest.mark.faults
CHECKOUT = Path(__file__).resolve().parents[2]
HEAD = "number,given_name,family_name,birth_date,email,starts_on\n"
PLACE = "RNS/people/openoh-people"


def rows(first: int, count: int) -> str:
    return "".join(
        f"W{n:05},Given{n},Family{n},1980-01-{n % 28 + 1:02},w{n}@example.org,2020-01-01\n"
        for n in range(first, first + count)
    )


@pytest.fixture
def drop(committed_world, tmp_path, monkeypatch):
    """Put a file into the folder as a supplier does; the folder settles in a second here."""
    monkeypatch.setattr(watched, "whole", lambda name: 1)
    place = tmp_path / "watched"

    def put(name: str, text: str, where: str = PLACE) -> Path:
        path = place / where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return put


@pytest.fixture
def place(tmp_path) -> Path:
    made = tmp_path / "watched"
    made.mkdir()
    return made


@contextmanager
def worker(tmp_path: Path):
    """`openoh worker` in a process of its own, killed at the end."""
    environment = {
        **os.environ, "OPENOH_VAR": str(tmp_path / "var"), "OPENOH_WATCHED_FOLDER": str(tmp_path / "watched"),
        "PYTHONPATH": str(CHECKOUT),
    }  # fmt: skip
    with (tmp_path / "worker.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "openoh.cli", "worker"], env=environment, stdout=output, stderr=output
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def eventually(condition, tmp_path: Path, seconds: float = 40):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, (tmp_path / "worker.log").read_text()
        time.sleep(0.1)


def engagements(world) -> int:
    with within(world.as_worker.scope):
        return Engagement.objects.filter(number__startswith="W").count()


def runs(world) -> list[tuple[str, str, int]]:
    with within(world.as_worker.scope):
        return sorted(ImportRun.objects.filter(source="folder").values_list("file_name", "state", "rows_new"))


def files(place: Path) -> list[str]:
    return sorted(path.name.split("-", 5)[-1] for path in place.rglob("*") if path.is_file())


def test_a_file_that_grows_with_pauses_is_taken_once_and_whole(committed_world, drop, place, tmp_path):
    """Longer pauses than a file needs to settle: it is open all the while."""
    path = drop("slow.csv", "")
    with worker(tmp_path), path.open("w") as writing:
        writing.write(HEAD)
        for part in range(3):
            writing.write(rows(part * 100, 100))
            writing.flush()
            time.sleep(7)
        assert engagements(committed_world) == 0, "nothing is taken while somebody writes"
        writing.close()
        eventually(lambda: engagements(committed_world) == 300, tmp_path)
        eventually(lambda: files(place) == ["slow.csv"], tmp_path)
    assert runs(committed_world) == [("slow.csv", "done", 300)]


def test_two_workers_take_everything_once(committed_world, drop, place, tmp_path):
    for number in range(6):
        drop(f"part{number}.csv", HEAD + rows(number * 50, 50))
    with ExitStack() as both:
        for _ in range(2):
            both.enter_context(worker(tmp_path))
        eventually(lambda: len(list((place / "taken").glob("*"))) == 6, tmp_path)
    assert engagements(committed_world) == 300
    assert runs(committed_world) == [(f"part{number}.csv", "done", 50) for number in range(6)]


def test_a_worker_killed_again_and_again_loses_nothing_and_takes_nothing_twice(
    committed_world, drop, place, tmp_path
):
    for number in range(4):
        drop(f"part{number}.csv", HEAD + rows(number * 400, 400))
    for pause in (0, 0.05, 0.1, 0.2, 0.4):
        with worker(tmp_path) as process:
            seen = len(runs(committed_world))
            eventually(
                lambda seen=seen: len(runs(committed_world)) > seen or not files(place / "RNS"), tmp_path
            )
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
    with worker(tmp_path):
        eventually(lambda: len(list((place / "taken").glob("*"))) == 4, tmp_path)
    assert engagements(committed_world) == 1600
    assert [(name, state) for name, state, _ in runs(committed_world)] == [
        (f"part{number}.csv", "done") for number in range(4)
    ]
    assert files(place) == [f"part{number}.csv" for number in range(4)]


def collect(place: Path) -> list[ImportRun]:
    time.sleep(1.2)
    return watched.collect(place)


def test_a_file_that_is_renamed_in_or_copied_with_its_old_time_is_taken_when_it_is_whole(
    committed_world, drop, place, monkeypatch
):
    path = drop("a.csv.part", HEAD + rows(0, 5))
    assert collect(place) == []
    path = path.rename(path.with_name("a.csv"))
    os.utime(path, (0, 0))
    assert watched.collect(place) == [], "its content is old, its name is new"
    assert len(collect(place)) == 1
    assert engagements(committed_world) == 5


def test_files_of_one_name_keep_each_other_and_their_reasons(committed_world, drop, place):
    for text in ("not,a,table\n1,2,3\n", "another,bad,table\n1,2,3\n"):
        drop("staff.csv", text, "RNS/people/no-such-mapping")
        assert collect(place) == []
    kept = sorted(path.read_text() for path in (place / "waiting-for-you").glob("*staff.csv"))
    assert kept == ["another,bad,table\n1,2,3\n", "not,a,table\n1,2,3\n"]
    reasons = [path.read_text() for path in (place / "waiting-for-you").glob("*.why.txt")]
    assert len(reasons) == 2
    assert all("no-such-mapping" in reason for reason in reasons)


def test_a_file_that_comes_while_its_namesake_is_taken_is_not_lost(committed_world, drop, place, monkeypatch):
    path = drop("staff.csv", HEAD + rows(0, 5))
    run = watched.actions.run

    def slowly(**given):
        finished = run(**given)
        path.with_suffix(".new").write_text(HEAD + rows(5, 5))
        path.with_suffix(".new").replace(path)
        return finished

    monkeypatch.setattr(watched.actions, "run", slowly)
    assert len(collect(place)) == 1
    monkeypatch.setattr(watched.actions, "run", run)
    assert len(collect(place)) == 1
    assert engagements(committed_world) == 10
    assert files(place) == ["staff.csv"]


def test_a_file_that_is_written_to_while_it_is_read_is_taken_whole_later(
    committed_world, drop, place, monkeypatch
):
    path = drop("staff.csv", HEAD + rows(0, 5))
    receive = watched.actions.receive

    def meanwhile(**given):
        received = receive(**given)
        with path.open("a") as more:
            more.write(rows(5, 5))
        return received

    monkeypatch.setattr(watched.actions, "receive", meanwhile)
    assert collect(place) == []
    monkeypatch.setattr(watched.actions, "receive", receive)
    assert len(collect(place)) == 1
    assert engagements(committed_world) == 10


def test_what_cannot_be_taken_is_written_down_and_keeps_nothing_back(
    committed_world, drop, place, settings, tmp_path, capsys
):
    """Unknown employer, wrong kind, wrong place, a link out of the folder: before the good one in the alphabet."""
    secret = tmp_path / "master.hex"
    secret.write_text("a secret\n")
    drop("a.csv", HEAD + rows(0, 1), "AAA/people/openoh-people")
    drop("b.csv", HEAD + rows(0, 1), "RNS/holidays/openoh-people")
    drop("c.csv", HEAD + rows(0, 1), "RNS/people")
    drop("d.csv", HEAD + rows(0, 1), ".")
    (place / PLACE).mkdir(parents=True)
    (place / PLACE / "e.csv").symlink_to(secret)
    (place / "RNS" / "absence").mkdir()
    (place / "RNS" / "absence" / "openoh-absence").symlink_to(tmp_path)
    drop("z.csv", HEAD + rows(0, 3))
    assert len(collect(place)) == 1
    told = (place / "NOT-TAKEN.txt").read_text()
    assert "AAA/people/openoh-people/a.csv: there is no employer with the code AAA." in told
    assert "RNS/holidays/openoh-people/b.csv: holidays is no kind of file" in told
    assert "RNS/people/c.csv: it lies in the wrong place" in told
    assert "d.csv: it lies in the wrong place" in told
    assert "e.csv: it is a link" in told
    assert "RNS/absence/openoh-absence: it is a link" in told
    assert len(told.splitlines()) == 6
    assert secret.exists()
    settings.WATCHED_FOLDER = place
    assert main(["doctor", "--quiet"]) == 1
    said = capsys.readouterr().out
    assert (
        "WRONG AAA/people/openoh-people/a.csv in the watched folder is not taken: there is no employer"
        in said
    )
    for path, _ in watched.lying(place):
        path.unlink()
    watched.collect(place)
    assert not (place / "NOT-TAKEN.txt").exists()


def test_a_file_that_the_worker_may_not_read_stays_and_the_next_one_is_taken(
    committed_world, cluster, drop, place, tmp_path
):
    """Root may read everything, so the worker is the account here that the database belongs to."""
    unreadable = drop("a.csv", HEAD + rows(0, 1))
    drop("b.csv", HEAD + rows(1, 1))
    unreadable.chmod(0o600)
    for made in (*tmp_path.parents[:2], tmp_path, place, *place.rglob("*")):
        if made.is_dir():
            made.chmod(0o777)
    received = spool.folder()
    received.mkdir(parents=True, exist_ok=True)
    received.chmod(0o777)
    account = cluster.socket_folder.stat()
    watched.collect(place)  # loads whatever is needed, and takes nothing: it has not settled

    def as_an_ordinary_account(_) -> None:
        if os.geteuid() == 0:
            os.setgid(account.st_gid)
            os.setuid(account.st_uid)
        collect(place)

    assert Doomed(as_an_ordinary_account).ended() == 0
    assert engagements(committed_world) == 1
    assert "a.csv: the worker may not read it" in (place / "NOT-TAKEN.txt").read_text()
    assert unreadable.exists()


def test_a_file_that_breaks_something_of_ours_is_set_aside_and_the_next_one_is_taken(
    committed_world, drop, place, monkeypatch
):
    drop("a.csv", HEAD + rows(0, 1))
    drop("b.csv", HEAD + rows(1, 1))
    run = watched.actions.run
    monkeypatch.setattr(
        watched.actions, "run", lambda **given: 1 / 0 if given["run"].file_name == "a.csv" else run(**given)
    )
    assert [each.file_name for each in collect(place)] == ["b.csv"]
    (why,) = (place / "waiting-for-you").glob("*a.csv.why.txt")
    assert "through a fault of ours" in why.read_text()
