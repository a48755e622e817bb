"""Tokens and tenants: whoever asks is known, or gets nothing."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from application.access import Actor
from application.identity.accounts import SetMemberRoles
from tests.interfaces.http.answers import refused
from tests.support.api import a_unit

FOREIGN_KEY = generate_private_key(public_exponent=65537, key_size=2048)

SOMEBODY_ELSES = "b1e3d3a0-6c5e-4f0a-9d5f-3f2a6a0c7e11"


@pytest.fixture(scope="module")
def token(api):
    return api.coordinator.headers["authorization"].split()[1]


@pytest.fixture(scope="module")
def sign(api):
    """A token that is ours but for what is changed; None leaves a claim out."""
    key = api.core.tokens._key

    def make(private=None, headers=None, **changes):
        now = datetime.now(UTC)
        claims = {
            "iss": "opstream",
            "aud": "opstream",
            "sub": str(api.accounts["coordinator"]),
            "tid": str(api.tenant_id),
            "roles": ["coordinator"],
            "iat": now,
            "exp": now + timedelta(minutes=5),
            "jti": str(uuid4()),
        }
        claims = {name: c for name, c in {**claims, **changes}.items() if c is not None}
        headers = {"kid": key.kid, "typ": "at+jwt", **(headers or {})}
        return jwt.encode(claims, private or key.private, algorithm="RS256", headers=headers)

    return make


async def ask(api, *authorization, **headers):
    """GET /shifts with these Authorization headers, as they are."""
    pairs = [("Authorization", value) for value in authorization] + list(headers.items())
    return await api.nobody.get("/shifts", headers=httpx.Headers(pairs))


async def test_a_token_of_ours_is_known(api, sign):
    assert (await ask(api, f"Bearer {sign()}")).status_code == 200
    assert (await ask(api, f"bearer   {sign()} ")).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "{}",
        "Token {}",
        "Bearer {} {}",
        "Bearer{}",
        "Bearer \x00",
    ],
)
async def test_a_header_that_carries_no_token_is_none(api, token, header):
    response = await ask(api, header.format(token, token))
    refused(response, 401, "AuthenticationError")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        ".",
        "..",
        "a.b.c",
        "é",
        "x" * 10_000,
        "null",
        "eyJhbGciOiJub25lIn0.e30.",
        "\xff.\xff.\xff",
    ],
)
async def test_nonsense_is_no_token(api, text):
    response = await ask(api, f"Bearer {text}".encode("latin-1"))
    refused(response, 401, "AuthenticationError")


async def test_a_token_of_ten_kilobytes_is_not_looked_at(api, sign):
    response = await ask(api, f"Bearer {sign(padding='x' * 10_000)}")
    assert response.json()["message"] == "The token is not valid."
    refused(response, 401, "AuthenticationError")


def _unsigned(token, secret=None, **header):
    """The token's claims under another header, signed with a shared secret or not at all."""
    _, claims, _ = token.split(".")
    old = jwt.get_unverified_header(token)
    head = base64.urlsafe_b64encode(json.dumps({**old, **header}).encode()).rstrip(b"=").decode()
    signature = (
        b"" if secret is None else hmac.digest(secret, f"{head}.{claims}".encode(), "sha256")
    )
    return f"{head}.{claims}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None])
async def test_an_unsigned_token_is_none(api, sign, algorithm):
    refused(
        await ask(api, f"Bearer {_unsigned(sign(), alg=algorithm)}"), 401, "AuthenticationError"
    )


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "HS512"])
@pytest.mark.parametrize("encoding", ["pem", "der", "jwk"])
async def test_our_public_key_is_no_shared_secret(api, sign, algorithm, encoding):
    key = api.core.tokens._key
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    secret = {
        "pem": key.public.public_bytes(serialization.Encoding.PEM, form),
        "der": key.public.public_bytes(serialization.Encoding.DER, form),
        "jwk": json.dumps(key.as_jwk()).encode(),
    }[encoding]
    forged = _unsigned(sign(), secret, alg=algorithm)
    refused(await ask(api, f"Bearer {forged}"), 401, "AuthenticationError")


def _foreign_jwk():
    return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(FOREIGN_KEY.public_key()))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"kid": "foreign"},
        {"kid": ""},
        {"kid": "../../../../dev/null"},
        {"kid": "' UNION SELECT 'x"},
        {"jwk": _foreign_jwk()},
        {"jku": "http://127.0.0.1:1/jwks.json"},
        {"x5u": "http://127.0.0.1:1/x"},
    ],
)
async def test_no_key_but_ours_is_believed(api, sign, headers):
    foreign = sign(FOREIGN_KEY, headers)
    refused(await ask(api, f"Bearer {foreign}"), 401, "AuthenticationError")


@pytest.mark.parametrize("kid", ["foreign", 1, ["a"], {}, None])
async def test_a_key_is_named_by_its_id_alone(api, sign, kid):
    text = _unsigned(sign(), b"x", kid=kid, alg="RS256")
    refused(await ask(api, f"Bearer {text}"), 401, "AuthenticationError")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "others"},
        {"aud": None},
        {"iss": "others"},
        {"iss": None},
        {"sub": None},
        {"sub": "me"},
        {"tid": None},
        {"tid": "here"},
        {"jti": None},
        {"iat": None},
        {"exp": None},
        {"exp": "never"},
        {"nbf": datetime.now(UTC) + timedelta(hours=1)},
        {"roles": 1},
        {"headers": {"typ": "JWT"}},
        {"headers": {"typ": None}},
        {"headers": {"crit": ["x"], "x": 1}},
    ],
)
async def test_a_token_says_all_that_it_must(api, sign, changes):
    refused(await ask(api, f"Bearer {sign(**changes)}"), 401, "AuthenticationError")


async def test_a_token_expires(api, sign):
    gone = datetime.now(UTC) - timedelta(seconds=1)
    response = await ask(api, f"Bearer {sign(exp=gone)}")
    refused(response, 401, "AuthenticationError")
    assert response.json()["message"] == "The token has expired."


async def test_a_token_that_was_changed_is_none(api, sign):
    head, claims, signature = sign().split(".")
    changed = base64.urlsafe_b64encode(
        base64.urlsafe_b64decode(claims + "==").replace(b"coordinator", b"admin")
    ).decode()
    text = f"{head}.{changed.rstrip('=')}.{signature}"
    refused(await ask(api, f"Bearer {text}"), 401, "AuthenticationError")


@pytest.mark.parametrize("roles", [["root", "system"], ["admin"], []])
async def test_the_roles_in_a_token_are_not_what_counts(api, sign, roles):
    token = sign(roles=roles)
    assert (await ask(api, f"Bearer {token}")).status_code == 200
    async with api.client(token) as client:
        refused(await client.post("/units", json={}), 403, "PermissionError")


async def test_a_token_for_a_tenant_one_is_not_in_is_none(api, sign):
    for changed in ({"tid": str(uuid4())}, {"sub": str(uuid4())}):
        refused(await ask(api, f"Bearer {sign(**changed)}"), 401, "AuthenticationError")


async def test_a_token_in_the_query_is_not_looked_at(api, sign):
    response = await api.nobody.get("/shifts", params={"token": sign(), "access_token": sign()})
    refused(response, 401, "AuthenticationError")


async def test_a_member_asks_for_another_tenant(api):
    """The stranger is an admin elsewhere; here it becomes a coordinator."""
    here = {"X-Tenant-Id": str(api.tenant_id)}
    refused(await api.stranger.get("/units", headers=here), 403, "PermissionError")
    command = SetMemberRoles(api.accounts["stranger"], ("coordinator",))
    await api.run(command, Actor.system(api.tenant_id))
    api.core.members._known.clear()
    unit = await a_unit(api)
    listed = (await api.stranger.get("/units", headers=here)).json()["items"]
    assert unit in [item["id"] for item in listed]
    assert unit not in (await api.stranger.get("/units")).text
    body = {"name": "Ward", "zone": "Europe/Berlin"}
    refused(await api.stranger.post("/units", json=body, headers=here), 403, "PermissionError")
    me = (await api.stranger.get("/me", headers=here)).json()
    assert (me["tenant"]["name"], me["roles"]) == ("ours", ["coordinator"])


@pytest.mark.parametrize(
    "wanted",
    ["", "x", SOMEBODY_ELSES, "00000000-0000-0000-0000-000000000000", "é", "'", "a" * 9999],
)
async def test_a_tenant_that_is_not_ones_own_is_refused(api, wanted):
    response = await api.admin.get("/units", headers={"X-Tenant-Id": wanted.encode("latin-1")})
    refused(response, 403, "PermissionError")


async def test_ones_own_tenant_may_be_named(api):
    headers = {"X-Tenant-Id": str(api.tenant_id).upper()}
    assert (await api.admin.get("/units", headers=headers)).status_code == 200


async def test_a_member_who_has_left_is_nobody(api, sign):
    stranger = sign(sub=str(uuid4()))
    response = await api.client(stranger).get("/me")
    refused(response, 401, "AuthenticationError")
