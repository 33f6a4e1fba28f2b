"""A lease has one holder, until it runs out or is given back."""

from datetime import UTC, datetime, timedelta

from tracker.services.house import leases

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)  # a Friday, 18:00 in Moscow


def test_a_lease_has_one_holder_until_it_runs_out(db):
    end = NOW + leases.TERM
    with db.writing() as session:
        assert leases.take(session, leases.CLOCK, "one", now=NOW)
        assert not leases.take(session, leases.CLOCK, "two", now=end - timedelta(seconds=1))
        assert leases.holder_of(session, leases.CLOCK, now=end - timedelta(seconds=1)) == "one"
        assert leases.holder_of(session, leases.CLOCK, now=end) is None
        assert leases.take(session, leases.CLOCK, "two", now=end)
        assert not leases.take(session, leases.CLOCK, "one", now=end)


def test_a_lease_is_renewed_and_given_back_by_its_holder_alone(db):
    with db.writing() as session:
        assert leases.take(session, leases.SERVER, "one", now=NOW)
        later = NOW + leases.TERM / 2
        assert leases.take(session, leases.SERVER, "one", now=later)
        assert leases.holder_of(session, leases.SERVER, now=NOW + leases.TERM) == "one"
        leases.release(session, leases.SERVER, "two")
        assert leases.holder_of(session, leases.SERVER, now=later) == "one"
        leases.release(session, leases.SERVER, "one")
        assert leases.take(session, leases.SERVER, "two", now=later)
