"""Own words in front of a message that is only foreseen"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "foreword",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("tasks", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_foreword_project_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_foreword_person_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_foreword_message_id")),
        sa.ForeignKeyConstraint(["written_by_id"], ["person.id"], name=op.f("fk_foreword_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreword")),
    )
    op.create_index("ix_foreword_person_id", "foreword", ["person_id"])
    op.create_index("ix_foreword_message_id", "foreword", ["message_id"])


def downgrade() -> None:
    op.drop_table("foreword")
