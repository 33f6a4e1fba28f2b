"""What pages show and what stands behind them."""

import re

from sqlmodel import select


def one(db, table, **where):
    with db.reading() as session:
        return session.exec(select(table).filter_by(**where)).one()


def said(answer, text):
    assert text in answer.text, answer.text[:3000]


def rows(db, table, **where):
    with db.reading() as session:
        return list(session.exec(select(table).filter_by(**where).order_by(table.id)))


def version_in(text):
    return re.search(r'name="version" value="(\d+)"', text)[1]
