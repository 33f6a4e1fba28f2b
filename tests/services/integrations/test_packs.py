"""Acceptance packs: complete in both languages, plain enough to be read by anybody, added once."""

import pytest
from sqlmodel import select

from tests.worlds.integrations import NOW, by
from tracker.domain.errors import Forbidden, Invalid, NotFound
from tracker.services.integrations.checks import checks_of
from tracker.services.integrations.packs import LANGUAGES, add_pack, packs
from tracker.tables import Check, Integration, Project


@pytest.mark.parametrize("key", sorted(packs()))
def test_each_line_says_everything_in_both_languages(key):
    pack = packs()[key]
    assert set(pack.name) == set(LANGUAGES)
    assert len(pack.lines) >= 10
    for line in pack.lines:
        for texts in (line.section, line.title, line.plain, line.method, line.expected):
            assert set(texts) == set(LANGUAGES)
            assert all(text.strip() == text and text for text in texts.values())
        assert all(len(text) <= 160 for text in line.plain.values())
        assert all("!" not in text for texts in line[:5] for text in texts.values())
    assert any(line.required for line in pack.lines)
    assert len({line.title["ru"] for line in pack.lines}) == len(pack.lines)


def test_there_are_packs_for_a_form_and_for_1c():
    assert set(packs()) == {"form-crm", "1c-site"}


@pytest.mark.parametrize(("language", "first"), [(None, "Поля"), ("en", "Fields")])
def test_a_pack_is_added_in_the_projects_language_and_once(db, world, language, first):
    with db.writing() as session:
        add_pack(session, by(world.anna), world.form, "form-crm", language=language, tester=world.gleb, now=NOW)
    with db.writing() as session:
        assert add_pack(session, by(world.anna), world.form, "form-crm", language="ru", now=NOW) == []
        checks = checks_of(session, world.form)
        assert [one.position for one in checks] == list(range(1, len(packs()["form-crm"].lines) + 1))
        assert (checks[0].section, checks[0].tester_id, checks[0].required) == (first, world.gleb, True)
        add_pack(session, by(world.anna), world.form, "1c-site", now=NOW)
        assert len(session.exec(select(Check)).all()) == sum(len(packs()[key].lines) for key in ("form-crm", "1c-site"))


def test_who_may_not_add_one(db, world):
    with db.writing() as session:
        for actor, integration, key, refusal in (
            (by(world.ira), world.form, "form-crm", Forbidden),
            (by(world.vera), world.form, "form-crm", Forbidden),
            (by(world.lena), world.form, "form-crm", NotFound),
            (by(world.stas), world.form, "form-crm", NotFound),
            (by(world.anna), 9999, "form-crm", NotFound),
            (by(world.anna), world.form, "../demo", NotFound),
        ):
            with pytest.raises(refusal):
                add_pack(session, actor, integration, key, now=NOW)
        with pytest.raises(Invalid):
            add_pack(session, by(world.anna), world.form, "form-crm", language="de", now=NOW)


def test_a_project_of_another_language_gets_them_in_english(db, world):
    with db.writing() as session:
        integration = session.get_one(Integration, world.form)
        session.get_one(Project, integration.project_id).language = "de"
        add_pack(session, by(world.anna), world.form, "form-crm", now=NOW)
        assert checks_of(session, world.form)[0].section == "Fields"
    assert packs()["form-crm"].name_in("de") == packs()["form-crm"].name["en"]
