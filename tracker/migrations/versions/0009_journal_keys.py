"""A journal that is sealed with a key, and guards against replaced rows

The keys are not known here: `auftakt migrate` closes the old chains afterwards (`services.house.keying`).
"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQLITE = (
    # REPLACE removes the row that is in its way without asking the triggers of removal; this one is asked first.
    (
        "event_no_replace",
        "BEFORE INSERT ON event WHEN EXISTS (SELECT 1 FROM event WHERE id = NEW.id) "
        "OR EXISTS (SELECT 1 FROM event WHERE project_id = NEW.project_id AND seq = NEW.seq)",
    ),
    (
        "event_payload_no_replace",
        "BEFORE INSERT ON event_payload WHEN EXISTS (SELECT 1 FROM event_payload WHERE event_id = NEW.event_id)",
    ),
    (
        "chain_no_replace",
        "BEFORE INSERT ON project_chain WHEN EXISTS (SELECT 1 FROM project_chain WHERE project_id = NEW.project_id)",
    ),
    ("chain_no_way_back", "BEFORE UPDATE ON project_chain WHEN NEW.seq < OLD.seq OR NEW.project_id <> OLD.project_id"),
)
POSTGRESQL = (
    ("event_not_emptied", "event", "BEFORE TRUNCATE ON event FOR EACH STATEMENT"),
    ("event_payload_not_emptied", "event_payload", "BEFORE TRUNCATE ON event_payload FOR EACH STATEMENT"),
    ("chain_not_emptied", "project_chain", "BEFORE TRUNCATE ON project_chain FOR EACH STATEMENT"),
    (
        "chain_no_way_back",
        "project_chain",
        "BEFORE UPDATE ON project_chain FOR EACH ROW WHEN (NEW.seq < OLD.seq OR NEW.project_id <> OLD.project_id)",
    ),
)


def upgrade() -> None:
    # Plain ALTER and no rebuilt table: a rebuild on SQLite would lose the triggers of the journal.
    op.add_column("event", sa.Column("key_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("event", sa.Column("chained", sa.Text(), nullable=True))
    op.add_column(
        "project_chain", sa.Column("seal", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
    )
    if op.get_bind().dialect.name == "postgresql":
        for name, _table, when in POSTGRESQL:
            op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION journal_refuses()")
        return
    for name, when in SQLITE:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name, table, _when in POSTGRESQL:
            op.execute(f"DROP TRIGGER {name} ON {table}")
    else:
        for name, _when in SQLITE:
            op.execute(f"DROP TRIGGER {name}")
    op.drop_column("project_chain", "seal")
    op.drop_column("event", "chained")
    op.drop_column("event", "key_id")
