"""Texts that come from outside: names and addresses, in the form in which they are kept."""

from domain.shared.errors import Invalid

LONGEST_EMAIL = 254
"""Characters (RFC 5321, 4.5.3.1.3, without the angle brackets)."""
LONGEST_NAME = 200
LONGEST_TEXT = 1000


def normalized(email: str) -> str:
    """The form in which addresses are compared."""
    return email.strip().casefold()


def email_address(email: str) -> str:
    """The address in its normal form. Raises Invalid when it can't be one."""
    address = normalized(email)
    local, _, host = address.partition("@")
    if len(address) > LONGEST_EMAIL:
        wrong = f"has more than {LONGEST_EMAIL} characters"
    elif not local or not host or "@" in host:
        wrong = "must have one @, and something on both sides of it"
    elif " " in address or not address.isprintable():
        wrong = "contains blanks or characters that can't be printed"
    else:
        return address
    raise Invalid("This is not an e-mail address.", {"email": wrong})


def name_of(what: str, name: str, field: str = "name") -> str:
    """The name of `what`, such as an account. Raises Invalid when it can't be one."""
    stripped, wrong = _storable(name, LONGEST_NAME)
    if wrong:
        raise Invalid(f"The name of the {what} can't be used.", {field: wrong})
    return stripped


def text_of(what: str, text: str, field: str) -> str:
    """A text such as a reason. Raises Invalid when it is empty or can't be stored."""
    stripped, wrong = _storable(text, LONGEST_TEXT)
    if wrong:
        raise Invalid(f"The {what} can't be used.", {field: wrong})
    return stripped


def description_of(what: str, text: str, field: str = "description") -> str:
    """What is said of `what`; may be empty. Raises Invalid when it can't be stored."""
    return text_of(f"description of the {what}", text, field) if text.strip() else ""


def _storable(text: str, longest: int) -> tuple[str, str]:
    """Without blanks around it, and what is wrong with it, if anything."""
    stripped = text.strip()
    if not 0 < len(stripped) <= longest:
        return stripped, f"must have between 1 and {longest} characters"
    if "\x00" in stripped or any("\ud800" <= each <= "\udfff" for each in stripped):
        return stripped, "contains characters that can't be stored"
    return stripped, ""
