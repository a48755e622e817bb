"""The signing key: made once, kept to its owner, or refused in one line."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa

from infrastructure.identity.keys import signing_key
from infrastructure.settings import Settings, WrongSettingsError


def kid_in(folder):
    return signing_key(Settings(data_dir=folder)).kid


def pem_of(key, encryption=None):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        encryption or serialization.NoEncryption(),
    ).decode()


def test_a_key_is_made_once(tmp_path):
    assert kid_in(tmp_path) == kid_in(tmp_path)
    assert kid_in(tmp_path) != kid_in(tmp_path / "elsewhere")


def test_all_who_start_at_once_use_the_same_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        kids = set(pool.map(kid_in, [tmp_path] * 8))
    assert len(kids) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["access-tokens.pem"]


def test_only_its_owner_can_read_it(tmp_path):
    kid_in(tmp_path)
    folder = tmp_path / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "access-tokens.pem").stat().st_mode) == 0o600


def test_a_key_of_the_settings_comes_first(tmp_path):
    key = rsa(public_exponent=65537, key_size=2048)
    found = signing_key(Settings(data_dir=tmp_path, jwt_private_key=pem_of(key)))
    assert found.public.public_numbers() == key.public_key().public_numbers()
    assert not list(tmp_path.iterdir())


def test_its_public_half_is_all_that_is_shown(tmp_path):
    jwk = signing_key(Settings(data_dir=tmp_path)).as_jwk()
    assert set(jwk) == {"kty", "key_ops", "n", "e", "kid", "use", "alg"}
    assert jwk["key_ops"] == ["verify"]


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        ("", "does not hold an RSA private key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----", "does not hold"),
        (pem_of(elliptic(SECP256R1())), "holds a key that is not RSA"),
        (pem_of(rsa(65537, 1024)), "holds an RSA key of less than 2048 bits"),
        (
            pem_of(rsa(65537, 2048), serialization.BestAvailableEncryption(b"x")),
            "does not hold an RSA private key in PEM",
        ),
    ],
    ids=["nothing", "nonsense", "elliptic", "short", "encrypted"],
)
def test_a_key_that_can_not_be_used_is_one_line(tmp_path, pem, words):
    with pytest.raises(WrongSettingsError, match=words) as told:
        signing_key(Settings(data_dir=tmp_path, jwt_private_key=pem))
    assert str(told.value).startswith("OPSTREAM_JWT_PRIVATE_KEY")
    assert "\n" not in str(told.value)
    path = tmp_path / "keys" / "access-tokens.pem"
    path.parent.mkdir()
    path.write_text(pem)
    with pytest.raises(WrongSettingsError, match=words) as told:
        kid_in(tmp_path)
    assert str(told.value).startswith(str(path))


def test_a_folder_that_can_not_be_used_is_one_line(tmp_path):
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(WrongSettingsError, match=r"access-tokens\.pem: "):
        kid_in(tmp_path)
