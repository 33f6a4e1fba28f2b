"""The settings: every `AUFTAKT_*` variable, from the environment or a `.env` file, checked before anything starts."""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from tracker.owner_only import private_folder, tighten

PREFIX = "AUFTAKT_"


class BadSetting(Exception):
    """A value that can't be taken: `variable`, and `cure`, an English sentence known to the catalogs."""

    def __init__(self, variable: str, cure: str) -> None:
        super().__init__(f"{variable}: {cure}")
        self.variable = variable
        self.cure = cure


def N_(text: str) -> str:
    """Marks a text for the catalogs; it is said later, in the language that the settings ask for."""
    return text


CURES = {
    "database_url": N_("write sqlite:////absolute/path.db or postgresql://user:password@host/name"),
    "host": N_("write the address to listen on, such as 127.0.0.1 or 0.0.0.0"),
    "port": N_("write a number from 1 to 65535"),
    "public_url": N_("write the address people open, such as https://auftakt.example, with no path after it"),
    "secret_key": N_("write at least 32 random characters, or leave it out to have one made in the data folder"),
    "journal_key": N_("write at least 32 random characters, former keys behind them, or leave it out to have one made"),
    "anchor_file": N_("write the path of a file that can be appended to, such as /var/lib/auftakt/anchors.jsonl"),
    "data_dir": N_("write a folder that can be written to"),
    "demo": N_("write 1 or 0"),
    "clock_offset": N_("write an ISO 8601 duration such as P1DT2H, together with AUFTAKT_DEMO=1"),
    "telegram_token": N_("write the token as @BotFather gave it: digits, a colon, letters"),
    "telegram_api_url": N_("write the root of a Bot API server, such as https://api.telegram.org"),
    "telegram_proxy": N_("write an address such as socks5://host:1080 or http://host:3128"),
    "telegram_mode": N_("write polling, webhook or off; webhook needs an https AUFTAKT_PUBLIC_URL"),
    "telegram_webhook_secret": N_("write 16 to 256 letters, digits, _ or -; the mode webhook needs it"),
    "smtp_url": N_("write smtp://user:password@host:587 or smtps://user:password@host:465"),
    "mail_from": N_("write the sender's address, such as auftakt@company.example; AUFTAKT_SMTP_URL needs it"),
    "timezone": N_("write a zone such as Europe/Moscow"),
    "language": N_("write ru or en"),
    "metrics_token": N_("write at least 16 characters"),
}
"""What to do about a bad value of each variable."""


class _Wrong(ValueError):
    """Found wrong by a rule over several variables; names the one to mend."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _database(url: str) -> str:
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise ValueError("not an address") from error
    if backend not in ("sqlite", "postgresql", "postgres") or url in ("sqlite://", "sqlite:///:memory:"):
        # A database in memory would be another one in each thread.
        raise ValueError("neither a SQLite file nor PostgreSQL")
    return url


def _site(url: str) -> str:
    parts = urlsplit(url.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ValueError("not the root of a site")
    return url.rstrip("/")


def _root(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an http address")
    return url.rstrip("/")


def _scheme_of(*schemes: str) -> AfterValidator:
    def check(url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError("another kind of address")
        return url

    return AfterValidator(check)


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("no such zone")
    return name


def _file(path: str) -> str:
    if not Path(path).is_absolute() or Path(path).is_dir():
        raise ValueError("not the path of a file")
    return path


def _shaped(pattern: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not re.fullmatch(pattern, value.get_secret_value()):
            raise ValueError("another shape")
        return value

    return AfterValidator(check)


class Settings(BaseSettings):
    """What the installation was told. `port` is the variable `AUFTAKT_PORT`; an empty variable counts as unset."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=False,  # an empty default means "unset", which is no value of its kind
    )

    data_dir: Annotated[Path, Field(description="folder for the SQLite file, the secret key and the uploads")] = Path(
        "var"
    )
    database_url: Annotated[
        str, AfterValidator(_database), Field(description="`sqlite:////abs/path.db` or `postgresql://…`")
    ] = ""
    host: Annotated[str, Field(min_length=1, pattern=r"^\S+$", description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="port to listen on")] = 8000
    public_url: Annotated[
        str, AfterValidator(_site), Field(description="address that people open; links in messages begin with it")
    ] = ""
    secret_key: Annotated[
        SecretStr,
        _shaped(r"\S{32,}"),
        Field(description="what private addresses are derived from; made once into the data folder if unset"),
    ] = SecretStr("")
    journal_key: Annotated[
        SecretStr,
        _shaped(r"\S{32,}(\s+\S{32,})*"),
        Field(description="seals the journal; former keys behind it, after spaces; made once if unset"),
    ] = SecretStr("")
    anchor_file: Annotated[
        str,
        AfterValidator(_file),
        Field(description="where the journal's heads are written down, outside the database"),
    ] = ""
    demo: Annotated[bool, Field(description="1: demo data and, without a token, the Telegram emulator")] = False
    clock_offset: Annotated[timedelta, Field(description="ISO 8601 duration added to the clock, demo only")] = (
        timedelta(0)
    )
    telegram_token: Annotated[SecretStr, _shaped(r"\d+:[\w-]+"), Field(description="the bot's token")] = SecretStr("")
    telegram_api_url: Annotated[str, AfterValidator(_root), Field(description="root of the Bot API server")] = (
        "https://api.telegram.org"
    )
    telegram_proxy: Annotated[
        SecretStr,
        _scheme_of("http", "https", "socks5", "socks5h"),
        Field(description="proxy on the way to the Bot API"),
    ] = SecretStr("")
    telegram_mode: Annotated[
        Literal["polling", "webhook", "off"], Field(description="how the bot hears: polling, webhook or off")
    ] = "polling"
    telegram_webhook_secret: Annotated[
        SecretStr, _shaped(r"[A-Za-z0-9_-]{16,256}"), Field(description="what Telegram proves its webhook calls with")
    ] = SecretStr("")
    smtp_url: Annotated[
        SecretStr, _scheme_of("smtp", "smtps"), Field(description="mail server; unset: no mail is sent")
    ] = SecretStr("")
    mail_from: Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+$", description="sender of the mail")] = ""
    timezone: Annotated[str, AfterValidator(_zone), Field(description="zone of new projects and people")] = (
        "Europe/Moscow"
    )
    language: Annotated[Literal["ru", "en"], Field(description="language of new projects, people and sign-in")] = "ru"
    metrics_token: Annotated[SecretStr, _shaped(r"\S{16,}"), Field(description="opens the metrics; unset: closed")] = (
        SecretStr("")
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.clock_offset and not self.demo:
            raise _Wrong("clock_offset")
        if self.smtp_url.get_secret_value() and not self.mail_from:
            raise _Wrong("mail_from")
        if self.telegram_mode == "webhook":
            if not self.public_url.startswith("https://"):
                raise _Wrong("telegram_mode")
            if not self.telegram_webhook_secret.get_secret_value():
                raise _Wrong("telegram_webhook_secret")
        return self

    @property
    def key(self) -> bytes:
        """The secret key as the services take it."""
        return self.secret_key.get_secret_value().encode()

    @property
    def journal_words(self) -> list[str]:
        """The journal's keys, the newest first: as given, else the one in the data folder, made when first asked for.

        Raises BadSetting for a file that holds no key.
        """
        given = self.journal_key.get_secret_value()
        try:
            return (given or _kept_key(self.data_dir, "journal_key")).split()
        except OSError:
            raise _bad("data_dir") from None

    @property
    def is_journal_key_made(self) -> bool:
        """It stands in the data folder of this machine alone."""
        return not self.journal_key.get_secret_value()

    @property
    def anchors(self) -> Path:
        return Path(self.anchor_file) if self.anchor_file else self.data_dir / "anchors.jsonl"

    @property
    def uploads(self) -> Path:
        return self.data_dir / "uploads"

    @property
    def is_secure(self) -> bool:
        """Whether people come by https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")


class _Given(Settings):
    """Settings of the given values only: neither environment nor `.env`."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def variables() -> dict[str, tuple[str, str]]:
    """Every variable, with what it is for and its default: the README's table."""
    defaults = {
        "database_url": "`auftakt.db` in the data folder", "public_url": "`http://HOST:PORT`",
        "anchor_file": "`anchors.jsonl` in the data folder",
    }  # fmt: skip
    rows = {}
    for name, field in Settings.model_fields.items():
        default = "" if isinstance(field.default, SecretStr) or not field.default else f"`{field.default}`"
        rows[f"{PREFIX}{name.upper()}"] = (str(field.description), defaults.get(name, default))
    return rows


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process (or of `environ` alone). Makes the data folder and the secret key where missing.

    Raises BadSetting at the first value that can't be taken.
    """
    try:
        if environ is None:
            settings: Settings = Settings()
        else:
            names = {name: f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
            given: dict[str, Any] = {name: environ[said] for name, said in names.items() if environ.get(said)}
            settings = _Given(**given)
    except ValidationError as error:
        first = error.errors()[0]
        wrong = first.get("ctx", {}).get("error")
        name = wrong.name if isinstance(wrong, _Wrong) else str(first["loc"][0]).lower().removeprefix(PREFIX.lower())
        raise _bad(name) from None
    return _completed(settings)


def _bad(name: str) -> BadSetting:
    return BadSetting(f"{PREFIX}{name.upper()}", CURES[name])


def _completed(settings: Settings) -> Settings:
    """Fill in what follows from other settings or from the data folder."""
    folder = settings.data_dir.expanduser().absolute()
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    derived: dict[str, Any] = {"data_dir": folder}
    try:
        private_folder(folder)
        if not settings.secret_key.get_secret_value():
            derived["secret_key"] = SecretStr(_kept_key(folder, "secret_key"))
    except OSError:
        raise _bad("data_dir") from None
    if not settings.database_url:
        derived["database_url"] = f"sqlite:///{folder / 'auftakt.db'}"
    if not settings.public_url:
        derived["public_url"] = f"http://{host}:{settings.port}"
    return settings.model_copy(update=derived)


def _kept_key(folder: Path, name: str) -> str:
    """The key in the data folder, made at the first start. Two processes that start together agree on one."""
    file = folder / f"{name.removesuffix('_key')}.key"
    tighten(file)
    if not file.exists():
        handle, name = tempfile.mkstemp(dir=folder, prefix=".secret-")  # mode 0600 from the first moment
        try:
            with os.fdopen(handle, "w") as whole:
                whole.write(secrets.token_urlsafe(48))
            os.link(name, file)
        except FileExistsError:
            pass
        finally:
            os.unlink(name)
    key = file.read_text().strip()
    if min(map(len, key.split()), default=0) < 32:
        raise _bad(name)
    return key
