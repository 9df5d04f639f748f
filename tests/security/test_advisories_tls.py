"""Advisories about TLS (13 §2)."""
import socket
import ssl

import pytest

from harness.accounts import HEAD
from harness.pki import Authority

HELLO = b'CONNECT {"verbose":false}\r\nPING\r\n'


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    a = Authority(tmp_path_factory.mktemp("a"), "CA A")
    a.server = a.issue("server")
    a.other = Authority(tmp_path_factory.mktemp("b"), "CA B")
    a.user, a.other.user = a.issue("alice"), a.other.issue("bob")
    return a


def talk(port: int, tls: ssl.SSLContext, session=None):
    """The session of a connection, and what the server answered to PING."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.recv(65536)
        said, kept = b"", None
        try:
            with tls.wrap_socket(raw, server_hostname="localhost", session=session) as secure:
                secure.sendall(HELLO)
                secure.settimeout(2)
                while b"PONG" not in said and (data := secure.recv(65536)):
                    said += data
                kept = secure.session
        except OSError:
            pass
        return kept, b"PONG" in said


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_advisory_2026_01_a_session_does_not_outlive_the_authority_that_vouched_for_it(start, ca, version):
    def block(trust):
        return f'tls {{ cert_file: "{ca.server[0]}", key_file: "{ca.server[1]}", ca_file: "{trust.ca_file}", verify: true }}\n'

    def client(cert):
        tls = ca.client_context(cert)
        tls.minimum_version = tls.maximum_version = version
        return tls

    s = start(HEAD + block(ca), wait="log")
    alice, bob = client(ca.user), client(ca.other.user)
    session, is_in = talk(s.port, alice)
    assert is_in and not talk(s.port, bob)[1]
    s.reload(HEAD + block(ca.other))
    assert not talk(s.port, alice, session)[1]
    assert talk(s.port, bob)[1]


def ciphers(port: int) -> set[str]:
    out = set()
    for name in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
                 "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA"):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
        tls.set_ciphers(name + ":@SECLEVEL=0")
        if talk(port, tls)[1]:
            out.add(name)
    return out


def test_advisory_2021_03_tls_by_flags_offers_what_tls_by_file_offers(start, ca):
    by_file = start(HEAD + f'tls {{ cert_file: "{ca.server[0]}", key_file: "{ca.server[1]}" }}\n', wait="log")
    by_flags = start(HEAD, ["--tls", "--tlscert", str(ca.server[0]), "--tlskey", str(ca.server[1])], wait="log")
    want = ciphers(by_file.port)
    assert want and ciphers(by_flags.port) == want
    assert "ECDHE-ECDSA-AES128-SHA256" not in want
