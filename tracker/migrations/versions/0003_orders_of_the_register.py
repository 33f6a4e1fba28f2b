"""Orders of the register, and what stands still"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


INDEXES = {
    "ix_task_counts": ["project_id", "archived_at", "status", "waiting_kind", "owner_id", "stalls_at"],
    "ix_task_needed_by": ["project_id", "needed_by", "number"],
    "ix_task_project_integration": ["project_id", "integration_id"],
    "ix_task_project_party": ["project_id", "party_id"],
    "ix_task_promised_on": ["project_id", "promised_on", "number"],
    "ix_task_stalls": ["project_id", "stalls_at"],
    "ix_task_title_key": ["project_id", "title_key", "number"],
}


def upgrade() -> None:
    # Plain ALTER and no rebuilt table: a rebuild on SQLite would lose the triggers of the journal.
    op.add_column("project_chain", sa.Column("structure", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("task", sa.Column("title_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""))
    fill_title_keys()
    op.drop_index("ix_task_stalls_at", table_name="task")
    for name, columns in INDEXES.items():
        op.create_index(name, "task", columns)


def fill_title_keys() -> None:
    """As `services.ground.search.title_key` makes them: the databases do not fold Cyrillic alike."""
    task = sa.table("task", sa.column("id"), sa.column("title"), sa.column("title_key"))
    rows = op.get_bind().execute(sa.select(task.c.id, task.c.title)).all()
    for row in rows:
        key = " ".join(row.title.casefold().replace("ё", "е").split())[:80]
        op.get_bind().execute(sa.update(task).where(task.c.id == row.id).values(title_key=key))


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="task")
    op.create_index("ix_task_stalls_at", "task", ["stalls_at"])
    op.drop_column("task", "title_key")
    op.drop_column("project_chain", "structure")
