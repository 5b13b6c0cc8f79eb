"""`openoh doctor` and `openoh check content`: what is wrong, what is only still to do, and what to do about it."""

from __future__ import annotations

from openoh.cli import main
from openoh.foundation.core import clock, keys
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import RiskCover


def test_what_a_service_must_still_confirm_is_to_do_and_a_service_without_cover_is_wrong(
    committed_world, capsys
):
    name = committed_world.provider.name
    assert main(["doctor"]) == 0, "an installation is well before its services have confirmed everything"
    said = capsys.readouterr().out
    assert "WRONG" not in said
    assert f"content files to confirm before {name} goes live: openoh check content" in said
    assert main(["check", "content"]) == 1, "what stands before going live fails its own check"
    assert name in capsys.readouterr().out

    with within(committed_world.as_worker.scope):
        RiskCover.objects.filter(provider=committed_world.provider).update(ended_at=clock.now())
    assert main(["doctor", "--quiet"]) == 1
    assert (
        f"WRONG no risk cover declared, so these services cannot go live and ask nobody about risk: ['{name}']"
        in (capsys.readouterr().out)
    )


def test_an_empty_installation_is_told_how_to_begin_and_one_that_has_begun_what_is_still_to_do(
    committed_database, tmp_path, capsys
):
    main(["doctor"])
    assert "TO DO no service yet: openoh begin --example shows how to begin" in capsys.readouterr().out
    practices = [
        f'[[employers]]\ncode = "G{n}"\nname = "Practice {n}"\nkind = "practice"\n'
        f'[[contracts]]\nprovider = "OHN"\nemployer = "G{n}"\nstarts_on = 2026-01-01\n'
        f'services = ["nurse"]\nagreed_with = "A"\n'
        for n in range(1, 6)
    ]  # fmt: skip
    file = tmp_path / "begin.toml"
    file.write_text('[[providers]]\ncode = "OHN"\nname = "North OH"\n' + "".join(practices))
    assert main(["begin", str(file)]) == 0
    main(["doctor"])
    said = capsys.readouterr().out
    assert "TO DO nobody runs North OH: name somebody with openoh begin" in said
    assert (
        "nobody brings in the people of Practice 1, Practice 2, Practice 3 and 2 more: give an HR officer"
        in said
    )


def test_another_master_key_than_the_records_were_sealed_with_is_found(committed_world, capsys, monkeypatch):
    main(["doctor"])
    assert "the records" not in capsys.readouterr().out, "nothing was sealed yet"
    world = committed_world
    with within(world.as_worker.scope):
        keys.seal("words", owner=world.amara.pk, provider=world.provider.pk, field="cases.note")
    main(["doctor"])
    assert "ok    the master key opens the records" in capsys.readouterr().out
    monkeypatch.setenv("OPENOH_MASTER_KEY", "0123456789abcdef" * 4)
    assert main(["doctor"]) == 1
    assert "WRONG the master key does not open the records" in capsys.readouterr().out
