"""Migrations: one line of them, equal to the tables; what each does to rows that are there. On both databases."""

from datetime import date

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from tracker.migrations import alembic_config, make_engine
from tracker.tables import Absence, Person

pytestmark = pytest.mark.own_database
PERSON = """
INSERT INTO person (id, name, search, salutation, language, timezone, is_role, may_found, opens, closes, weekdays,
    country, cadence, knows_bot, telegram_name, telegram_dead_reason, created_at, updated_at, version)
VALUES (:id, :name, '', '', 'ru', 'Europe/Moscow', false, false, '10:00:00', '18:00:00', '01234', 'RU', '', true, '',
    '', '2026-11-23 08:00:00', '2026-11-23 08:00:00', 1)
"""
"""As the schema was then."""


def test_there_is_one_newest_revision(database_url):
    assert len(ScriptDirectory.from_config(alembic_config(database_url)).get_heads()) == 1


def test_the_migrated_schema_is_that_of_the_tables(database_url):
    command.check(alembic_config(database_url))


def test_pauses_that_stood_as_absences_become_pauses(database_url):
    config = alembic_config(database_url)
    command.downgrade(config, "0003")
    engine = make_engine(sa.make_url(database_url))
    with engine.begin() as connection:
        for number in (1, 2):
            connection.execute(sa.text(PERSON), {"id": number, "name": f"Человек {number}"})
        for who, first, last, note in (
            (1, 20, 22, "Пауза бота"),
            (1, 23, 29, "Пауза бота"),
            (1, 25, 26, "отпуск"),
            (2, 1, 2, ""),
        ):
            given = {"person_id": who, "first": date(2026, 11, first), "last": date(2026, 11, last), "note": note}
            connection.execute(sa.insert(Absence).values(given))
    command.upgrade(config, "head")
    with engine.connect() as connection:
        paused = dict(connection.execute(sa.select(Person.id, Person.paused_until)).all())
        notes = connection.execute(sa.select(Absence.person_id, Absence.note).order_by(Absence.id)).all()
    engine.dispose()
    assert paused == {1: date(2026, 11, 29), 2: None}
    assert [tuple(row) for row in notes] == [(1, "отпуск"), (2, "")]
