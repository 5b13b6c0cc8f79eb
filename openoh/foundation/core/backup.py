"""Back the whole database up into one encrypted file, and restore it into a new database, compared row by row.

The file is the server's own dump, encrypted in pieces (AES-256-GCM) under a key derived from the master key. Its
first line is a manifest: which master key opens it, and for every table the number of rows and a checksum, taken
in the snapshot that was dumped. A restore that does not agree with it is reported and removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import unquote, urlsplit

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg import sql

from openoh.foundation.core.errors import OpenOHError

PIECE = 1 << 20
TAG_BYTES = 16
FORMAT = 1
LONGEST_MANIFEST = 10_000_000
CUT = "The backup file is damaged or was cut short. Use another copy."


class BackupError(OpenOHError):
    """The backup cannot be made or read; the message says why and what to do."""


@dataclass(frozen=True)
class TableCheck:
    """How many rows a table had, and the order-free checksum of them."""

    rows: int
    checksum: str


def make(admin_url: str, path: Path, *, master_key: bytes, pg_dump: str = "pg_dump") -> dict[str, TableCheck]:
    """Write an encrypted backup to `path`; returns what was checked. Raises BackupError."""
    if path.exists():
        raise BackupError(f"{path} is there already. Choose another name: a backup replaces no other.")
    partial = path.with_suffix(path.suffix + ".partial")
    try:
        checks = _write(admin_url, partial, master_key=master_key, pg_dump=pg_dump)
        partial.rename(path)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}. Nothing was left behind.") from error
    finally:
        partial.unlink(missing_ok=True)
    return checks


def _write(admin_url: str, partial: Path, *, master_key: bytes, pg_dump: str) -> dict[str, TableCheck]:
    with _connected(admin_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        checks = table_checks(connection)
        if not checks:
            raise BackupError("This database has no tables: a backup of it would be empty.")
        salt = os.urandom(16)
        manifest = {
            "format": FORMAT,
            "salt": salt.hex(),
            "master_key": fingerprint(master_key),
            "tables": {name: [check.rows, check.checksum] for name, check in checks.items()},
        }
        url, environment = _without_password(admin_url)
        command = [pg_dump, "--format=custom", f"--snapshot={snapshot}", f"--dbname={url}"]
        with (
            os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
            tempfile.TemporaryFile() as complaints,
            _program(command, environment, stdout=subprocess.PIPE, stderr=complaints) as dump,
        ):
            file.write(json.dumps(manifest).encode() + b"\n")
            _encrypt(cast(IO[bytes], dump.stdout), file, _key(master_key, salt))
            file.flush()
            os.fsync(file.fileno())
            _must_succeed(dump, complaints, "The dump failed")
    return checks


def look(path: Path, *, master_key: bytes) -> None:
    """Whether the file is a backup that this key opens, before anything is made for it. Raises BackupError."""
    with _opened(path) as file:
        _must_open(_manifest(file), master_key)


def _must_open(manifest: dict[str, Any], master_key: bytes) -> None:
    if manifest["master_key"] != fingerprint(master_key):
        raise BackupError(
            f"This backup needs the master key {manifest['master_key']}; this installation has "
            f"{fingerprint(master_key)}. Put that key in place and try again."
        )


def restore(
    path: Path, target_url: str, *, master_key: bytes, pg_restore: str = "pg_restore"
) -> dict[str, TableCheck]:
    """Restore `path` into the empty database of `target_url` and compare every table. Raises BackupError."""
    with _opened(path) as file:
        manifest = _manifest(file)
        _must_open(manifest, master_key)
        cipher = _key(master_key, bytes.fromhex(str(manifest["salt"])))
        url, environment = _without_password(target_url)
        command = [pg_restore, "--exit-on-error", f"--dbname={url}"]
        with (
            tempfile.TemporaryFile() as complaints,
            _program(command, environment, stdin=subprocess.PIPE, stderr=complaints) as loading,
        ):
            # When the restore ends early its pipe breaks; its own words say why.
            with suppress(BrokenPipeError), cast(IO[bytes], loading.stdin) as pipe:
                for piece in _decrypt(file, cipher):
                    pipe.write(piece)
            _must_succeed(loading, complaints, "The restore failed")
    with psycopg.connect(target_url) as connection:
        found = table_checks(connection)
    expected = {name: TableCheck(*check) for name, check in manifest["tables"].items()}
    if wrong := sorted(name for name in expected | found if expected.get(name) != found.get(name)):
        raise BackupError(f"These tables differ from the backup: {', '.join(wrong)}")
    return found


def table_checks(connection: psycopg.Connection) -> dict[str, TableCheck]:
    """For every table: rows, and a checksum that does not depend on their order."""
    names = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    ).fetchall()
    checks = {}
    for (name,) in names:
        statement = sql.SQL(
            "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {} t"
        ).format(sql.Identifier(name))
        row = connection.execute(statement).fetchone()
        if row is not None:
            checks[name] = TableCheck(row[0], str(row[1]))
    return checks


def fingerprint(master_key: bytes) -> str:
    """A name for a master key that reveals nothing of it."""
    return hashlib.sha256(b"fingerprint" + master_key).hexdigest()[:16]


def _must_succeed(process: subprocess.Popen[bytes], complaints: IO[bytes], words: str) -> None:
    if process.wait() != 0:
        complaints.seek(0)
        raise BackupError(f"{words}: {complaints.read().decode(errors='replace').strip()}")


def _encrypt(source: IO[bytes], target: IO[bytes], cipher: AESGCM) -> None:
    """Piece by piece, numbered, the last one marked, so that a file cut short or re-ordered is noticed."""
    number, piece = 0, source.read(PIECE)
    while True:
        following = source.read(PIECE)
        target.write(cipher.encrypt(_nonce(number), piece, b"more" if following else b"last"))
        if not following:
            return
        number, piece = number + 1, following


def _decrypt(source: IO[bytes], cipher: AESGCM) -> Iterator[bytes]:
    number, piece = 0, source.read(PIECE + TAG_BYTES)
    if not piece:
        raise BackupError(CUT)
    while piece:
        following = source.read(PIECE + TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(number), piece, b"more" if following else b"last")
        except InvalidTag:
            raise BackupError(CUT) from None
        number, piece = number + 1, following


def _manifest(file: IO[bytes]) -> dict[str, Any]:
    try:
        manifest = json.loads(file.readline(LONGEST_MANIFEST))
    except (ValueError, RecursionError):
        raise BackupError("This is not a backup that OpenOH made.") from None
    if not isinstance(manifest, dict) or "format" not in manifest:
        raise BackupError("This is not a backup that OpenOH made.")
    if manifest["format"] != FORMAT:
        raise BackupError(
            f"This backup is of format {manifest['format']}, and this version reads format {FORMAT}. Restore it with "
            "the version of OpenOH that made it, then run openoh migrate with this one."
        )
    try:
        bytes.fromhex(manifest["salt"])
        [TableCheck(*check) for check in manifest["tables"].values()]
        str(manifest["master_key"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BackupError(CUT) from None
    return manifest


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from None


def _connected(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(url, connect_timeout=10)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        said = str(error).strip().splitlines()[-1]
        raise BackupError(
            f"The administrator's database does not answer (OPENOH_ADMIN_URL): {said}"
        ) from None


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    """The address for a command line, which everybody on the machine can read, and its password for the environment."""
    parts = urlsplit(url)
    if not parts.password:
        return url, {}
    bare = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@", 1))
    return bare.geturl(), {"PGPASSWORD": unquote(parts.password)}


def _program(command: list[str], environment: dict[str, str], **streams: Any) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, env={**os.environ, **environment}, **streams)
    except OSError as error:
        raise BackupError(
            f"{command[0]} cannot be run: {error.strerror}. Install PostgreSQL's programs."
        ) from None


def _key(master_key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"backup").derive(master_key))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _one(connection: psycopg.Connection, statement: str) -> str:
    row = connection.execute(statement).fetchone()
    if row is None:
        raise BackupError("The database did not answer.")
    return str(row[0])
