"""The settings: what is taken, what is refused and in which words."""

import stat
from pathlib import Path

import pytest

from tests.places import ROOT
from tracker.settings import CURES, BadSetting, Settings, load_settings, variables


@pytest.fixture
def folder(tmp_path: Path) -> dict[str, str]:
    return {"AUFTAKT_DATA_DIR": str(tmp_path / "var")}


def test_with_nothing_said_it_is_sqlite_in_the_data_folder_on_this_machine(folder, tmp_path):
    settings = load_settings(folder)
    assert settings.database_url == f"sqlite:///{tmp_path}/var/auftakt.db"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert (settings.language, settings.timezone, settings.demo) == ("ru", "Europe/Moscow", False)


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(folder, tmp_path):
    first = load_settings(folder).key
    assert load_settings(folder).key == first and len(first) >= 32
    file = tmp_path / "var" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in file.parent.iterdir()) == ["secret.key"]


def test_a_given_secret_key_makes_no_file(folder, tmp_path):
    load_settings({**folder, "AUFTAKT_SECRET_KEY": "k" * 32})
    assert list((tmp_path / "var").iterdir()) == []


def test_an_empty_variable_counts_as_unset(folder):
    assert load_settings({**folder, "AUFTAKT_PORT": "", "AUFTAKT_SMTP_URL": ""}).port == 8000


def test_settings_can_not_be_changed(folder):
    with pytest.raises(ValueError, match="frozen"):
        load_settings(folder).port = 1  # type: ignore[misc]


def test_the_environment_and_the_env_file_are_read_and_the_environment_wins(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("AUFTAKT_PORT=8123\nAUFTAKT_LANGUAGE=en\nSOMEBODY_ELSES=1\n")
    monkeypatch.setenv("AUFTAKT_LANGUAGE", "ru")
    settings = load_settings()
    assert (settings.port, settings.language) == (8123, "ru")


BAD = {
    "AUFTAKT_DATABASE_URL": ["mysql://x/y", "what", "sqlite:///:memory:"],
    "AUFTAKT_HOST": ["two words"],
    "AUFTAKT_PORT": ["0", "65536", "eight"],
    "AUFTAKT_PUBLIC_URL": ["auftakt.example", "https://auftakt.example/path", "ftp://auftakt.example"],
    "AUFTAKT_SECRET_KEY": ["short"],
    "AUFTAKT_JOURNAL_KEY": ["short", "a-key-that-is-long-enough-for-the-journal short"],
    "AUFTAKT_ANCHOR_FILE": ["anchors.jsonl", "/"],
    "AUFTAKT_DATA_DIR": ["/dev/null/var"],
    "AUFTAKT_DEMO": ["perhaps"],
    "AUFTAKT_CLOCK_OFFSET": ["P1D", "tomorrow"],
    "AUFTAKT_TELEGRAM_TOKEN": ["not-a-token"],
    "AUFTAKT_TELEGRAM_API_URL": ["api.telegram.org"],
    "AUFTAKT_TELEGRAM_PROXY": ["host:1080"],
    "AUFTAKT_TELEGRAM_MODE": ["pigeon", "webhook"],
    "AUFTAKT_TELEGRAM_WEBHOOK_SECRET": ["short", "with spaces between"],
    "AUFTAKT_SMTP_URL": ["mail.example:25"],
    "AUFTAKT_MAIL_FROM": ["nobody"],
    "AUFTAKT_TIMEZONE": ["Europe/Moskau"],
    "AUFTAKT_LANGUAGE": ["de"],
    "AUFTAKT_METRICS_TOKEN": ["short"],
}


def test_each_variable_has_a_bad_value_here_and_a_cure():
    assert set(BAD) == set(variables())
    assert set(CURES) == set(Settings.model_fields)


@pytest.mark.parametrize(("variable", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_names_its_variable_and_the_cure_and_never_the_value(folder, variable, value):
    with pytest.raises(BadSetting) as caught:
        load_settings({**folder, variable: value})
    assert caught.value.variable == variable
    assert "\n" not in str(caught.value)
    assert value not in str(caught.value) or value in caught.value.cure


def test_a_mail_server_needs_a_sender(folder):
    with pytest.raises(BadSetting, match="AUFTAKT_MAIL_FROM"):
        load_settings({**folder, "AUFTAKT_SMTP_URL": "smtp://mail.example:25"})


def test_a_webhook_needs_its_secret(folder):
    said = {"AUFTAKT_TELEGRAM_MODE": "webhook", "AUFTAKT_PUBLIC_URL": "https://auftakt.example"}
    with pytest.raises(BadSetting, match="AUFTAKT_TELEGRAM_WEBHOOK_SECRET"):
        load_settings({**folder, **said})


def test_secrets_are_not_shown(folder):
    settings = load_settings({**folder, "AUFTAKT_TELEGRAM_TOKEN": "123:abcdefgh"})
    assert "abcdefgh" not in repr(settings) and settings.key.decode() not in repr(settings)


def test_the_readme_names_every_setting():
    text = (ROOT / "README.md").read_text()
    assert [name for name in variables() if f"`{name}`" not in text] == []
