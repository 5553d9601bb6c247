import errno
import socket

import pytest

from clients.ground import free_port
from serinus.base.settings import Listen, Settings
from serinus.programs.ports import Place, explain_port, find_port_faults


def settings(**values: object) -> Settings:
    nothing: dict[str, object] = {"dns": (), "http": (), "https": ()}
    return Settings(console=f"127.0.0.1:{free_port()}", **(nothing | values))  # type: ignore[arg-type]


def test_free_ports_have_no_fault_and_are_free_afterwards() -> None:
    wanted = settings(dns=(f"127.0.0.1:{free_port()}",), http=(f"127.0.0.1:{free_port()}",))
    assert find_port_faults(wanted) == []
    assert find_port_faults(wanted) == []


def test_a_port_that_a_program_holds_on_udp_alone_is_found() -> None:
    port = free_port()
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", port))
        (fault,) = find_port_faults(settings(dns=(f"127.0.0.1:{port}",)))
    assert (fault.place.setting, fault.place.transport) == ("dns", "udp")
    assert "is taken by another program" in fault.wrong
    assert str(fault).endswith("another port.")


def test_every_address_collides_with_one_that_is_held() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        (fault,) = find_port_faults(settings(http=(f"0.0.0.0:{port}",)))
    assert f"TCP port {port} on 0.0.0.0" in fault.wrong


def test_one_port_that_two_settings_ask_for_is_found() -> None:
    where = f"127.0.0.1:{free_port()}"
    (fault,) = find_port_faults(settings(http=(where,), https=(where,)))
    assert fault.place.setting == "https"


def test_ipv4_and_ipv6_may_share_a_port() -> None:
    port = free_port()
    assert find_port_faults(settings(http=(f"0.0.0.0:{port}", f"[::]:{port}"))) == []


def test_an_address_of_another_machine_is_named() -> None:
    (fault,) = find_port_faults(settings(http=(f"192.0.2.1:{free_port()}",)))
    assert "192.0.2.1 is not an address of this machine" in str(fault)


@pytest.mark.parametrize(
    ("port", "number", "words"),
    [
        (53, errno.EADDRINUSE, "DNSStubListener=no"),
        (80, errno.EADDRINUSE, "`ss -lntup`"),
        (80, errno.EACCES, "ip_unprivileged_port_start=53"),
        (9, errno.EACCES, "ip_unprivileged_port_start=9"),
        (8080, errno.EACCES, "Permission denied"),
    ],
)
def test_each_fault_has_a_remedy_of_its_own(port: int, number: int, words: str) -> None:
    place = Place("http", "tcp", Listen("0.0.0.0", port))
    assert words in str(explain_port(place, OSError(number, "")))
