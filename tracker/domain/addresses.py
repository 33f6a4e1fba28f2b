"""Hosts and network addresses: the name in a Host header, which of them are this machine, which network one is of."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"{LABEL}(\.{LABEL})*")
WITH_PORT = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:]+)(:\d{1,5})?")

EVERYWHERE = frozenset({"0.0.0.0", "::"})
"""Addresses to listen on that are none to connect to."""

HOUSEHOLDS = {4: (24,), 6: (64, 48)}
"""What one guesser has for the asking, by version: bits of the network that counts as one address, then of the network
that a provider gives away whole."""


def host_of(header: str) -> str:
    """The host that a Host header names, lower-cased, without port and brackets; empty for none and for nonsense."""
    found = WITH_PORT.fullmatch(header.strip().lower())
    return named_host(found[1].strip("[]")) if found else ""


def host_in(url: str) -> str:
    """The host that an address of the web leads to; empty for none and for nonsense."""
    try:
        return named_host(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def named_host(text: str) -> str:
    """A host as it is compared: an address in its short form, a name in the letters that browsers send; else empty."""
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        pass
    try:
        name = text.lower().rstrip(".").encode("idna").decode()
    except UnicodeError:
        return ""
    return name if NAME.fullmatch(name) else ""


def in_address(host: str) -> str:
    """The host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def reachable(host: str) -> str:
    """Where something that listens on `host` answers on this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    address = address_of(host)
    return address is not None and address.is_loopback


def address_of(text: str) -> Address | None:
    """The address that is meant: a socket open to both versions tells 192.0.2.1 as ::ffff:192.0.2.1."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def networks_of(text: str) -> tuple[str, ...]:
    """The networks of an address, the narrowest first; one for all that tell none."""
    address = address_of(text)
    if address is None:
        return ("unknown",)
    return tuple(str(ip_network((address, bits), strict=False)) for bits in HOUSEHOLDS[address.version])
