"""What only a program can do wrong: refusals that no verb knows."""

from tracker.domain.errors import DomainError


class Unauthorized(DomainError):
    """No token, or one that opens nothing (401)."""

    def __init__(self) -> None:
        super().__init__("unauthorized")


class Malformed(DomainError):
    """The body is no JSON object (400)."""

    def __init__(self) -> None:
        super().__init__("malformed")


class VersionNeeded(DomainError):
    """A change has to say which version it was made on (428)."""

    def __init__(self) -> None:
        super().__init__("version_required")
