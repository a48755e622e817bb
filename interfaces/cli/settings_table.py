"""The table of settings, as the README shows it."""

from infrastructure.settings import Settings


def markdown(settings: type[Settings]) -> str:
    """One row per setting: name, default, meaning."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append(f"| `OPSTREAM_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)
