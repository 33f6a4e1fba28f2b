"""A pause of one's own, and the orders of the wait ledger"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOTES = ("Пауза бота", "A pause of the bot")
"""How a pause was told from other absences until now."""


def upgrade() -> None:
    # Plain ALTER and no rebuilt table: a rebuild on SQLite would lose the triggers of the journal.
    op.add_column("person", sa.Column("paused_until", sa.Date(), nullable=True))
    op.create_index("ix_stretch_started", "stretch", ["project_id", "started_at", "id"])
    op.create_index("ix_stretch_ended", "stretch", ["project_id", "ended_at"])
    absences_become_pauses()


def absences_become_pauses() -> None:
    """Days that the person asked for by `/pause`: they quiet the bot, and no longer stop the ledger."""
    absence = sa.table(
        "absence", sa.column("person_id", sa.Integer), sa.column("last", sa.Date), sa.column("note", sa.String)
    )
    person = sa.table("person", sa.column("id", sa.Integer), sa.column("paused_until", sa.Date))
    connection = op.get_bind()
    last = sa.select(absence.c.person_id, sa.func.max(absence.c.last).label("last")).where(absence.c.note.in_(NOTES))
    for row in connection.execute(last.group_by(absence.c.person_id)).all():
        connection.execute(sa.update(person).where(person.c.id == row.person_id).values(paused_until=row.last))
    connection.execute(sa.delete(absence).where(absence.c.note.in_(NOTES)))


def downgrade() -> None:
    op.drop_index("ix_stretch_ended", table_name="stretch")
    op.drop_index("ix_stretch_started", table_name="stretch")
    op.drop_column("person", "paused_until")
