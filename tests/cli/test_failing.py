"""An end that is not well: one line and a status."""


def test_a_bad_setting_ends_in_one_line_with_status_2(shell):
    said = shell.says("verify", status=2, AUFTAKT_PORT="eighty")
    assert said == "AUFTAKT_PORT: write a number from 1 to 65535"
    assert shell.says("verify", status=2, AUFTAKT_PORT="eighty", AUFTAKT_LANGUAGE="ru").startswith(
        "AUFTAKT_PORT: укажите"
    )


def test_a_dead_database_ends_in_one_line_with_status_1(shell):
    said = shell.says("project", "list", status=1, AUFTAKT_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert said.startswith("The database does not answer")


def test_an_old_schema_ends_with_the_cure(shell, tmp_path):
    empty = f"sqlite:///{tmp_path}/empty.db"
    for command in (["project", "list"], ["serve"], ["tick"]):
        assert "auftakt migrate" in shell.says(*command, status=1, AUFTAKT_DATABASE_URL=empty)
    assert shell.json("migrate", AUFTAKT_DATABASE_URL=empty)["from"] is None
    first = shell.json("migrate", AUFTAKT_DATABASE_URL=empty)
    assert first["from"] == first["to"]
    assert shell.json("project", "list", AUFTAKT_DATABASE_URL=empty) == []
