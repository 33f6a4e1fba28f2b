"""What `serve` refuses."""


def test_several_workers_need_postgresql(shell, tmp_path):
    empty = f"sqlite:///{tmp_path}/empty.db"
    shell.run("migrate", AUFTAKT_DATABASE_URL=empty)
    assert "PostgreSQL" in shell.says("serve", "--workers", "2", status=2, AUFTAKT_DATABASE_URL=empty)
