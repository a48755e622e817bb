"""The key that signs checkpoints: made once, kept to its owner, and its public half given away."""

import json
import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa

from infrastructure.sealing.keys import checkpoint_key, known_key, trusted_keys
from infrastructure.settings import Settings, WrongSettingsError
from tests.support.sealing import ANOTHER, KEY


def pem_of(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def kept(folder, key):
    path = folder / f"{key.id}.json"
    path.write_text(json.dumps(key.as_jwks()))
    return path


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    settings = Settings(data_dir=tmp_path)
    assert known_key(settings) is None
    assert checkpoint_key(settings).id == checkpoint_key(settings).id == known_key(settings).id
    assert stat.S_IMODE((tmp_path / "keys" / "checkpoints.pem").stat().st_mode) == 0o600


def test_a_key_of_the_settings_comes_first(tmp_path):
    settings = Settings(data_dir=tmp_path, checkpoint_private_key=pem_of(KEY.private))
    assert checkpoint_key(settings).id == known_key(settings).id == KEY.id
    assert not list(tmp_path.iterdir())


def test_its_public_half_is_all_that_is_shown():
    (key,) = KEY.as_jwks()["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}
    assert key["kid"] == KEY.id


@pytest.mark.parametrize(
    ("pem", "words"),
    [("nonsense", "does not hold an Ed25519"), (pem_of(rsa(65537, 2048)), "is not Ed25519")],
    ids=["nonsense", "RSA"],
)
def test_a_key_that_can_not_be_used_is_one_line(tmp_path, pem, words):
    with pytest.raises(WrongSettingsError, match=words) as told:
        checkpoint_key(Settings(data_dir=tmp_path, checkpoint_private_key=pem))
    assert str(told.value).startswith("OPSTREAM_CHECKPOINT_PRIVATE_KEY")


def test_without_kept_keys_ours_is_trusted(tmp_path):
    settings = Settings(data_dir=tmp_path)
    assert trusted_keys(settings) == {}
    assert set(trusted_keys(settings)) == set()
    own = checkpoint_key(settings)
    assert set(trusted_keys(settings)) == {own.id}


def test_kept_keys_are_trusted_instead_of_ours(tmp_path):
    settings = Settings(data_dir=tmp_path)
    checkpoint_key(settings)
    trusted = trusted_keys(settings, [kept(tmp_path, KEY), kept(tmp_path, ANOTHER)])
    assert set(trusted) == {KEY.id, ANOTHER.id}
    assert trusted[KEY.id].public_bytes_raw() == KEY.public.public_bytes_raw()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"keys": [{}]}',
        '{"keys": [{"kty": "RSA", "crv": "Ed25519", "x": ""}]}',
        '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]}',
    ],
)
def test_a_file_without_keys_is_one_line(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(WrongSettingsError, match=r"keys\.json holds no keys"):
        trusted_keys(Settings(data_dir=tmp_path), [path])


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(WrongSettingsError, match="No such file"):
        trusted_keys(Settings(data_dir=tmp_path), [tmp_path / "keys.json"])
