"""Names, addresses and zones, as they come from outside."""

import pytest

from domain.shared.errors import Invalid
from domain.shared.keeping import KEPT, kept_or
from domain.shared.texts import email_address, name_of
from domain.shared.zones import zone_name


@pytest.mark.parametrize(
    "email",
    [
        *("", "ana", "@", "ana@", "@demo.test", "a@b@c", f"{'a' * 250}@b.cd"),
        *("a na@demo.test", "a\n@demo.test", "a\x00@demo.test", "a\udcff@demo.test"),
    ],
)
def test_what_can_not_be_an_address_is_refused_by_name(email):
    with pytest.raises(Invalid) as told:
        email_address(email)
    assert set(told.value.data["fields"]) == {"email"}


def test_the_longest_address_is_one():
    assert email_address(f" {'A' * 249}@b.cd") == f"{'a' * 249}@b.cd"


@pytest.mark.parametrize("name", ["", "  ", "a\x00", "\udcff", "a" * 201])
def test_what_can_not_be_a_name_is_refused_by_name(name):
    with pytest.raises(Invalid) as told:
        name_of("account", name)
    assert set(told.value.data["fields"]) == {"name"}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "Asia/Kathmandu"])
def test_a_zone_is_one_by_its_name(zone):
    assert zone_name(zone) == zone


@pytest.mark.parametrize("zone", ["", "Europe", "europe/berlin", "../../etc/passwd", "UTC\x00"])
def test_what_can_not_be_a_zone_is_refused_by_name(zone):
    with pytest.raises(Invalid) as told:
        zone_name(zone)
    assert set(told.value.data["fields"]) == {"zone"}


def test_what_is_kept_is_what_was_and_nothing_is_a_value():
    assert kept_or("old", KEPT) == "old"
    assert kept_or("old", "new") == "new"
    assert kept_or("old", None) is None
