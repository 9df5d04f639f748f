"""What a scene's configuration names and both servers share: keys, JWTs, hashes, certificates, the environment.

All of it is made at run time. Each thing has a name; `{name}` in commands and configuration files stands for its
value, and values that servers show are read as their names again.
"""
from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from harness.jwt import Account, CurveKey, Key, Operator
from harness.pki import Authority

_OIDS = {"O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "CN": NameOID.COMMON_NAME,
         "DC": NameOID.DOMAIN_COMPONENT}


def _bcrypt(password: str) -> str:
    """A hash of the lowest cost, by the system's crypt(3)."""
    crypt = ctypes.CDLL(ctypes.util.find_library("crypt")).crypt
    crypt.restype = ctypes.c_char_p
    salt = os.urandom(16).hex()[:21]
    return crypt(password.encode(), f"$2a$04${salt}e".encode()).decode()


def _distinguished(name: str) -> x509.Name:
    pairs = (part.split("=", 1) for part in name.split(","))
    return x509.Name([x509.NameAttribute(_OIDS[kind], value) for kind, value in pairs])


class Things:
    def __init__(self, dir: Path):
        self.dir = dir
        self.values: dict[str, str] = {"pki": str(dir / "pki")}
        self.objects: dict[str, Any] = {}
        self.env: dict[str, str] = {}

    # -- names and values ---------------------------------------------------------------------------------------
    def fill(self, text: str) -> str:
        for name, value in self.values.items():
            text = text.replace("{" + name + "}", value)
        return text

    def show(self, text: str) -> str:
        for name, value in sorted(self.values.items(), key=lambda row: -len(row[1])):
            text = text.replace(value, "{" + name + "}")
        return text

    def _keep(self, name: str, thing: Any) -> None:
        self.objects[name] = thing
        key = thing if isinstance(thing, (Key, CurveKey)) else thing.key
        self.values[name] = key.public
        if key is thing:
            self.values[name + ".seed"] = key.seed
        else:
            self.values[name + ".jwt"] = thing.jwt
            self.objects[name + ".key"] = key

    # -- commands -----------------------------------------------------------------------------------------------
    def setenv(self, name: str, value: str) -> None:
        self.env[name] = value

    def bcrypt(self, name: str, password: str) -> None:
        self.values[name] = _bcrypt(password)

    def secret(self, name: str) -> None:
        self.values[name] = "s" + os.urandom(12).hex()

    def nkey(self, name: str, kind: str = "U") -> None:
        self._keep(name, CurveKey() if kind == "X" else Key(kind))

    def operator(self, name: str, claims: str = "{}") -> None:
        options = json.loads(claims)
        if "signer" in options:
            options["signer"] = self.objects[options["signer"]]
        self._keep(name, Operator(**options))
        self._keep("SYS", self.objects[name].system)
        self.operator_name = name

    def account(self, name: str, claims: str = "{}") -> None:
        options = json.loads(claims)
        limits = options.pop("limits", None)
        account = Account(self.objects[self.operator_name], name, **options)
        if limits:
            account.changed(limits=limits)
        self._keep(name, account)

    def change(self, name: str, claims: str) -> None:
        self.objects[name].changed(**json.loads(claims))
        self._keep(name, self.objects[name])

    def user(self, name: str, account: str, claims: str = "{}") -> None:
        options = json.loads(claims)
        account = self.objects[account]
        if "expires_in" in options:
            options["expires"] = int(time.time()) + options.pop("expires_in")
        if "scope" in options:
            user = account.scoped_user(name, self.objects[options.pop("scope")], **options)
        else:
            issuer = self.objects[options.pop("issuer")] if "issuer" in options else None
            user = account.user(name, issuer=issuer, **options)
        self._keep(name, user)

    def revoke(self, account: str, user: str) -> None:
        """Revokes all that was issued to the user until now."""
        revoked = self.objects[account].claims.get("revocations", {})
        self.change(account, json.dumps({"revocations": {**revoked, self.values[user]: int(time.time())}}))

    def activation(self, name: str, exporter: str, importer: str, subject: str, kind: str) -> None:
        self.values[name] = self.objects[exporter].activation(self.objects[importer], subject, kind)

    def cert(self, name: str, *words: str) -> None:
        """cert NAME [SUBJECT] [email=ADDRESS] [ca=AUTHORITY]; the first makes the authority, and one for servers."""
        options = dict(word.split("=", 1) for word in words if word.startswith(("email=", "ca=")))
        subjects = [word for word in words if not word.startswith(("email=", "ca="))]
        authority = self._authority(options.get("ca", "ca"))
        email = (options["email"],) if "email" in options else ()
        files = authority.issue(name, subject=_distinguished(subjects[0]) if subjects else None, dns=(), ip=(),
                                email=email, server=False)
        self.objects[name] = files
        spki = x509.load_pem_x509_certificate(files[0].read_bytes()).public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.values[name + ".pin"] = hashlib.sha256(spki).hexdigest()

    def _authority(self, name: str) -> Authority:
        if name not in self.objects:
            dir = self.dir / "pki" if name == "ca" else self.dir / name
            self.objects[name] = Authority(dir)
            self.objects[name].issue("server", client=False)
        return self.objects[name]

    def context(self, cert: str | None) -> Any:
        """What a client that trusts the servers' authority uses for TLS."""
        return self._authority("ca").client_context(self.objects[cert] if cert else None)
