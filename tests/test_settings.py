"""The settings: what is taken, what is refused and in which words."""

import errno
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
    "AUFTAKT_HOSTS": ["https://auftakt.example", "auftakt.example:8000", "auf takt.example,*", "a.example/path"],
    "AUFTAKT_TRUSTED_PROXIES": ["proxy", "10.0.0.0/33", "10.0.0.1/8", "0.0.0.0/0", "::/0", "127.0.0.1, *"],
    "AUFTAKT_SECRET_KEY": ["short"],
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


def test_several_hosts_and_networks_stand_in_one_variable(folder):
    said = {"AUFTAKT_HOSTS": "Ауфтакт.рф, tracker.lan [2001:db8::1]", "AUFTAKT_TRUSTED_PROXIES": "10.0.0.0/8,fd00::/8"}
    settings = load_settings({**folder, **said})
    assert settings.hosts == ("xn--80aa4a4acch.xn--p1ai", "tracker.lan", "2001:db8::1")
    # A socket open to both versions tells 10.0.0.1 as ::ffff:10.0.0.1.
    assert list(map(str, settings.trusted_proxies)) == ["10.0.0.0/8", "fd00::/8", "::ffff:a00:0/104"]


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("[::1]", "http://[::1]:8000"),
        ("::", "http://[::1]:8000"),
        ("localhost", "http://localhost:8000"),
    ],
)
def test_every_address_to_listen_on_has_one_to_be_opened(folder, host, public):
    settings = load_settings({**folder, "AUFTAKT_HOST": host})
    assert settings.public_url == public
    assert settings.serves(settings.public_host)
    assert not settings.serves("0.0.0.0") and not settings.serves("::")


def test_a_folder_without_hard_links_keeps_a_key_too(folder, tmp_path, monkeypatch):
    def no_links(*_told):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    first = load_settings(folder).key
    assert load_settings(folder).key == first and len(first) >= 32
    file = tmp_path / "var" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


def test_two_starts_agree_on_one_key_without_hard_links(folder, tmp_path, monkeypatch):
    def beaten(*_told):
        (tmp_path / "var" / "secret.key").write_text("k" * 40)
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", beaten)
    assert load_settings(folder).key == b"k" * 40


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
