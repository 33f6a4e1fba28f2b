"""A reminder that the conductor asks for, a preview that was read, and the conductor's own message"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SEEN_BY = "fk_project_preview_seen_by_id_person"


def upgrade() -> None:
    # Plain ALTER and no rebuilt table: a rebuild on SQLite would lose the triggers of the journal.
    op.add_column("task", sa.Column("reminder_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("person", sa.Column("podium_on", sa.Date(), nullable=True))
    op.add_column("project", sa.Column("preview_seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    # In words, since Alembic would add the foreign key by a second statement, which SQLite does not know.
    op.execute(f"ALTER TABLE project ADD COLUMN preview_seen_by_id INTEGER CONSTRAINT {SEEN_BY} REFERENCES person (id)")
    op.create_index("ix_membership_role", "membership", ["role", "project_id"])


def downgrade() -> None:
    op.drop_index("ix_membership_role", table_name="membership")
    with op.batch_alter_table("project") as batch:
        batch.drop_column("preview_seen_by_id")
        batch.drop_column("preview_seen_at")
    op.drop_column("person", "podium_on")
    op.drop_column("task", "reminder_at")
