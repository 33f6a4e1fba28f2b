"""Hosts and network addresses: which name is meant, what is this machine, and whose network one is of."""

import pytest

from tracker.domain.addresses import host_in, host_of, in_address, is_this_machine, named_host, networks_of, reachable


@pytest.mark.parametrize(
    ("header", "host"),
    [
        (" Auftakt.Example:8000 ", "auftakt.example"),
        ("auftakt.example.", "auftakt.example"),
        ("[2001:DB8:0::1]:443", "2001:db8::1"),
        ("192.0.2.1", "192.0.2.1"),
        ("Пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("", ""),
        ("a.example:123456", ""),
        ("a.example:80:80", ""),
        ("a.example/path", ""),
        ("-a.example", ""),
        ("a..example", ""),
    ],
)
def test_a_header_names_one_host_or_none(header, host):
    assert host_of(header) == host


def test_an_address_of_the_web_leads_to_the_host_that_a_header_would_name():
    assert host_in("https://u:p@Auftakt.example:8443/x?y") == host_of("auftakt.example:8443") == "auftakt.example"
    assert (host_in("http://[::1]:8000/"), host_in("nonsense"), host_in("http://[::1/")) == ("::1", "", "")


def test_a_host_stands_in_an_address_as_it_can_be_read_back():
    for host in ("auftakt.example", "192.0.2.1", "2001:db8::1"):
        assert host_in(f"http://{in_address(host)}:8000/") == named_host(host) == host


def test_what_listens_everywhere_answers_on_this_machine():
    assert [reachable(host) for host in ("0.0.0.0", "::", "192.0.2.1")] == ["127.0.0.1", "::1", "192.0.2.1"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_a_loop_back_is_this_machine(host):
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "localhost.example", "::ffff:192.0.2.1", ""])
def test_nothing_else_is(host):
    assert not is_this_machine(host)


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("192.0.2.77", ("192.0.2.0/24",)),
        ("::ffff:192.0.2.77", ("192.0.2.0/24",)),
        ("2001:db8:1:2:3::4%eth0", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("a unix socket", ("unknown",)),
    ],
)
def test_a_guesser_has_a_network_for_the_asking(address, networks):
    assert networks_of(address) == networks
