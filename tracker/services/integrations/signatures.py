"""Who signs an acceptance and how they did: by default who answers for the whole, and the customer's decider."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from tracker.domain.acceptance import SignerFacts
from tracker.domain.errors import FieldError, Invalid
from tracker.domain.permissions import is_named, require, require_conductor
from tracker.domain.terms import EvidenceKind, MemberWhy, PartyKind
from tracker.services.access.voice import require_voice
from tracker.services.ground import fields
from tracker.services.ground.journal import Actor, record
from tracker.services.ground.uploads import upload_named
from tracker.services.integrations.members import join
from tracker.services.integrations.passports import find_integration
from tracker.tables import Evidence, Integration, Membership, Party, Person, Signature


def customers_decider(session: Session, project_id: int) -> int | None:
    """The customer's person who can decide: their lead first, then who came first."""
    query = (
        select(Membership.person_id, Party.lead_id)
        .join(Party, col(Party.id) == col(Membership.party_id))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(
            Membership.project_id == project_id,
            Party.kind == PartyKind.CUSTOMER,
            col(Membership.can_decide).is_(True),
            col(Membership.archived_at).is_(None),
            col(Party.archived_at).is_(None),
            col(Person.archived_at).is_(None),
        )
        .order_by(col(Membership.id))
    )
    found = session.exec(query).all()
    return next((person for person, lead in found if person == lead), found[0][0] if found else None)


def default_signers(accountable_id: int | None, decider_id: int | None) -> list[int | None]:
    """None stands for «the customer's decider», where nobody is one yet."""
    first = [] if accountable_id is None else [accountable_id]
    return [*first, *([] if decider_id is not None and decider_id in first else [decider_id])]


def signer_facts(
    accountable_id: int | None, decider_id: int | None, signatures: Sequence[Signature]
) -> list[SignerFacts]:
    """The named signers, else the default ones."""
    if signatures:
        return [SignerFacts(one.person_id, one.signed_at is not None) for one in signatures]
    return [SignerFacts(person, False) for person in default_signers(accountable_id, decider_id)]


def signatures_of(session: Session, integration_id: int) -> list[Signature]:
    query = (
        select(Signature)
        .where(Signature.integration_id == integration_id, col(Signature.removed_at).is_(None))
        .order_by(col(Signature.id))
    )
    return list(session.exec(query))


def signers_of(session: Session, integration: Integration) -> list[SignerFacts]:
    """Who has to sign this integration, and who did."""
    return signer_facts(
        integration.accountable_id,
        customers_decider(session, integration.project_id),
        signatures_of(session, integration.id),
    )


def set_signers(
    session: Session, actor: Actor, integration_id: int, person_ids: Sequence[int], *, now: datetime
) -> None:
    """Name the signers; an empty list goes back to the default ones. Whoever stays keeps their signature."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require_conductor(mine)
    wanted = list(dict.fromkeys(person_ids))
    errors: list[FieldError] = []
    for person_id in wanted:
        fields.member(session, errors, "signers", integration.project_id, person_id)
    fields.refuse(errors)
    old = [row.person_id for row in signatures_of(session, integration.id)]
    if old == wanted:
        return
    _name(session, actor, integration, wanted, now)
    record(session, actor, "integration.signers_named", integration, now=now, changes={"signers": (old, wanted)})


def _name(session: Session, actor: Actor, integration: Integration, wanted: Sequence[int], now: datetime) -> None:
    rows = {
        row.person_id: row for row in session.exec(select(Signature).where(Signature.integration_id == integration.id))
    }
    for person_id, row in rows.items():
        if person_id not in wanted and row.removed_at is None:
            _lift(row)
            row.removed_at = now
            session.add(row)
    for person_id in wanted:
        row = rows.get(person_id) or Signature(integration_id=integration.id, person_id=person_id, created_at=now)
        row.removed_at = None
        session.add(row)
        join(session, actor, integration, person_id, MemberWhy.GUEST, now=now)
    session.flush()


def sign(session: Session, actor: Actor, integration_id: int, *, now: datetime) -> Signature:
    """A named signer accepts: by their own tap, or in their words noted by the conductor (`actor.behalf_id`)."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    named = [signer.person for signer in signers_of(session, integration)]
    require(actor.mover_id in named and is_named(mine, actor.mover_id, actor.mover_id), "signer_only")
    require_voice(session, actor, mine)
    return _sign(session, actor, integration, actor.mover_id or 0, None, now)


def sign_by_letter(
    session: Session,
    actor: Actor,
    integration_id: int,
    person_id: int,
    *,
    url: str = "",
    upload_id: int | None = None,
    caption: str = "",
    now: datetime,
) -> Signature:
    """A vendor signs nobody's web page: their letter, a link or a file, stands for the signature."""
    integration, mine = find_integration(session, actor, integration_id, lock=True)
    require_conductor(mine)
    errors: list[FieldError] = []
    clean = fields.link(errors, "letter", url)
    words = fields.one_line(errors, "caption", caption)
    if not clean and upload_id is None:
        errors.append(FieldError("letter", "required"))
    if person_id not in [signer.person for signer in signers_of(session, integration)]:
        errors.append(FieldError("person", "not_a_signer"))
    fields.refuse(errors)
    upload_named(session, upload_id)
    letter = Evidence(
        project_id=integration.project_id,
        kind=str(EvidenceKind.LINK if upload_id is None else EvidenceKind.FILE),
        url=clean,
        upload_id=upload_id,
        caption=words,
        by_id=actor.person_id,
        way=str(actor.way),
        at=now,
    )
    session.add(letter)
    session.flush()
    return _sign(session, actor, integration, person_id, letter.id, now)


def _sign(
    session: Session, actor: Actor, integration: Integration, person_id: int, letter_id: int | None, now: datetime
) -> Signature:
    rows = {row.person_id: row for row in signatures_of(session, integration.id)}
    if not rows:
        # The first signature fixes the list: later changes of who decides at the customer's do not undo it.
        wanted = [signer.person for signer in signers_of(session, integration)]
        if None in wanted:
            raise Invalid(FieldError("signers", "no_customer_decider"))
        _name(session, actor, integration, [one for one in wanted if one is not None], now)
        rows = {row.person_id: row for row in signatures_of(session, integration.id)}
    row = rows[person_id]
    if row.signed_at is not None and letter_id is None:
        return row
    row.signed_at, row.way, row.letter_id = now, str(actor.way), letter_id
    row.noted_by_id = actor.person_id if actor.person_id != person_id else None
    session.add(row)
    record(session, actor, "integration.signed", integration, now=now, person=person_id, letter=letter_id)
    return row


def lift_signatures(session: Session, actor: Actor, integration: Integration, *, now: datetime) -> None:
    """The list of checks has changed: what was signed is not what would go live."""
    lifted = [row for row in signatures_of(session, integration.id) if row.signed_at is not None]
    for row in lifted:
        _lift(row)
        session.add(row)
    if lifted:
        record(
            session,
            actor,
            "integration.signatures_lifted",
            integration,
            now=now,
            persons=[row.person_id for row in lifted],
        )


def _lift(row: Signature) -> None:
    row.signed_at, row.way, row.noted_by_id, row.letter_id = None, "", None, None
