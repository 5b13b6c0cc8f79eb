"""`openoh serve` as somebody types it who set a service up wrongly: one sentence each, and nothing is started."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.conftest import CHECKOUT

KEY = "0123456789abcdef" * 4
SAFE = {
    "OPENOH_HOSTS": "support.example.org", "OPENOH_ADDRESS": "https://support.example.org", "OPENOH_PROXIES": "1",
    "OPENOH_MASTER_KEY": KEY, "OPENOH_NOTIFY": "notify", "DATABASE_URL": "postgresql:///nowhere",
}  # fmt: skip


def environment(tmp_path, changes: dict[str, str | None]) -> dict[str, str]:
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("OPENOH_", "DATABASE_"))
    }
    chosen = SAFE | {"OPENOH_VAR": str(tmp_path / "var")} | changes
    return plain | {"PYTHONPATH": str(CHECKOUT)} | {n: v for n, v in chosen.items() if v is not None}


def serve(tmp_path, changes: dict[str, str | None], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "openoh.cli", "serve", *arguments], env=environment(tmp_path, changes), cwd=tmp_path,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


UNSAFE = [
    ({"OPENOH_HOSTS": None}, "Set OPENOH_HOSTS"),
    ({"OPENOH_HOSTS": " , "}, "Set OPENOH_HOSTS"),
    ({"OPENOH_HOSTS": "*"}, "name each host in full"),
    ({"OPENOH_HOSTS": "support.example.org,.example.org"}, "name each host in full"),
    ({"OPENOH_PLAIN_HTTP": "1"}, "Remove OPENOH_PLAIN_HTTP"),
    ({"OPENOH_ADDRESS": None}, "beginning with https; it is “”"),
    ({"OPENOH_ADDRESS": "http://support.example.org"}, "beginning with https"),
    ({"OPENOH_ADDRESS": "support.example.org"}, "beginning with https"),
    ({"OPENOH_ADDRESS": "https://another.example.org"}, "leads to another.example.org"),
    ({"OPENOH_MASTER_KEY": None}, "There is no master key"),
    ({"OPENOH_MASTER_KEY": "secret"}, "must be 64 hexadecimal digits"),
    ({"OPENOH_MASTER_KEY": "11" * 32}, "The master key can be guessed"),
    ({"OPENOH_SECRET_KEY": ""}, "OPENOH_SECRET_KEY can be guessed"),
    ({"OPENOH_SECRET_KEY": "changeme"}, "OPENOH_SECRET_KEY can be guessed"),
    ({"OPENOH_SECRET_KEY": "x" * 60}, "OPENOH_SECRET_KEY can be guessed"),
    ({"OPENOH_DEMO": "1"}, "anybody signs in as anybody"),
    ({"OPENOH_PROXIES": "one"}, "OPENOH_PROXIES must be a number"),
    ({"OPENOH_NOTIFY": "pigeon"}, "OPENOH_NOTIFY is “pigeon”"),
]


@pytest.mark.parametrize(("changes", "words"), UNSAFE, ids=str)
def test_unsafe_settings_are_refused_with_one_sentence_and_nothing_is_made(tmp_path, changes, words):
    done = serve(tmp_path, changes)
    assert done.returncode == 2
    said = done.stderr.strip().splitlines()
    assert [line.startswith("REFUSED") for line in said] == [True, False], done.stderr
    assert words in said[0]
    assert said[1].startswith("Nothing was started.")
    assert not (tmp_path / "var").exists(), "no key, no database"


def test_a_key_file_that_others_can_read_is_refused(tmp_path):
    file = tmp_path / "master.hex"
    file.write_text(secrets.token_hex(32))
    file.chmod(0o644)
    done = serve(tmp_path, {"OPENOH_MASTER_KEY": None, "OPENOH_MASTER_KEY_FILE": str(file)})
    assert (done.returncode, f"chmod 600 {file}" in done.stderr) == (2, True)


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    done = serve(tmp_path, {"OPENOH_PLAIN_HTTP": "1", "OPENOH_MASTER_KEY": "x", "OPENOH_ADDRESS": None})
    assert done.stderr.count("REFUSED") == 3


def test_debug_is_refused(tmp_path):
    (tmp_path / "loose.py").write_text("from openoh.config.settings import *\nDEBUG = True\n")
    changes = {"DJANGO_SETTINGS_MODULE": "loose", "PYTHONPATH": f"{CHECKOUT}:{tmp_path}"}
    done = serve(tmp_path, changes)
    assert (done.returncode, "DEBUG on" in done.stderr) == (2, True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_safe_service_answers_and_says_who_receives_messages(committed_world, committed_database, tmp_path):
    port = free_port()
    chosen = environment(tmp_path, {"DATABASE_URL": committed_database, "OPENOH_NOTIFY": "file"})
    with (tmp_path / "said").open("w+") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "openoh.cli", "serve", "--port", str(port), "--workers", "1"], env=chosen,
            cwd=tmp_path, stdout=said, stderr=said,
        )  # fmt: skip
        try:
            secure = {"Host": "support.example.org", "X-Forwarded-Proto": "https"}
            assert answer(port, secure, server) == 200
            assert answer(port, secure | {"Host": "evil.example.org"}, server) == 400
        finally:
            server.terminate()
            server.wait(20)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, (
                "the server goes with the command that started it"
            )
        said.seek(0)
        words = said.read()
    assert "NOTE    Messages leave by “file”, so nobody receives them" in words
    assert "REFUSED" not in words


def answer(port: int, headers: dict[str, str], server: subprocess.Popen[bytes]) -> int:
    """The status of the sign-in page, as soon as the server listens."""
    for _ in range(900):
        assert server.poll() is None
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{port}/sign-in", headers=headers)
            return int(urllib.request.urlopen(request, timeout=10).status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer")


@pytest.fixture
def earlier_database(committed_database, cluster):
    """A database in which the newest migration of one package was never run."""
    name = urlsplit(committed_database).path.strip("/")
    with psycopg.connect(cluster.url("oh_owner", name)) as owner:
        owner.execute("DELETE FROM django_migrations WHERE app = 'organisations' AND name LIKE '0002%'")
    return committed_database


def test_nothing_runs_on_a_database_of_an_earlier_version(earlier_database, tmp_path):
    on_this = {"DATABASE_URL": earlier_database, "OPENOH_HOSTS": "localhost", "OPENOH_ADDRESS": None}
    for command in (["serve"], ["worker"], ["worker", "--once"]):
        ended = subprocess.run(
            [sys.executable, "-m", "openoh.cli", *command], env=environment(tmp_path, on_this), cwd=tmp_path,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ended.returncode == 2, command
        assert "lacks organisations.0002" in ended.stderr
        assert "run openoh migrate" in ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_database_that_does_not_answer_is_told_in_one_sentence(tmp_path):
    on_this = {
        "DATABASE_URL": f"postgresql://nobody@localhost:{free_port()}/none",
        "OPENOH_HOSTS": "localhost",
    }
    ended = serve(tmp_path, on_this | {"OPENOH_ADDRESS": None})
    assert ended.returncode == 2
    assert "The database does not answer" in ended.stderr
    assert "Traceback" not in ended.stderr
