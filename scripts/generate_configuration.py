#!/usr/bin/env python3
"""Write the options in docs/configuration.md, from where they are declared: ``cpplsp/config.py``.

``--check`` writes nothing, and ends with 1 if the page is not what it would write.
"""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from cpplsp.config import Option, Settings, editor_name, environment_name, flag_name, options

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"
_BEGIN = "<!-- options: written by scripts/generate_configuration.py from cpplsp/config.py -->\n"
_END = "<!-- end of options -->\n"


def written(page: str) -> str:
    """The page with its options as they are declared now."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise SystemExit(f"{PAGE}: the lines {_BEGIN.strip()} and {_END.strip()} are missing")
    defaults = {field.name: field.default for field in fields(Settings)}
    sections = [_section(name, option, defaults[name]) for name, option in options()]
    return f"{before}{begin}\n{''.join(sections)}{end}{after}"


def _section(name: str, option: Option, default: object) -> str:
    short = f" (`{option.short_flag}`)" if option.short_flag else ""
    environment = _also([environment_name(one) for one in option.synonyms])
    editor = _also([editor_name(one) for one in option.synonyms])
    in_files = (
        f"; in files also {', '.join(f'`{one}`' for one in option.synonyms)}" if option.synonyms else ""
    )
    stands_for = option.default or (f"`{default}`" if default else "none")
    lines = [
        f"## `{name}`",
        " ".join(filter(None, (option.doc, option.more))),
        f"flag `{flag_name(name)} {option.value}`{short}; environment `{environment_name(name)}`{environment}; "
        f"editor `cpplsp.{editor_name(name)}`{editor}{in_files}.\nDefault: {stands_for}.",
    ]
    if option.person_only:
        lines.append("*Taken from you only, not from a project's own file.*")
    return "\n\n".join(lines) + "\n\n"


def _also(names: list[str]) -> str:
    return f" (also {', '.join(f'`{name}`' for name in names)})" if names else ""


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if the page is not up to date")
    is_check = parser.parse_args().check
    page = PAGE.read_text("utf-8")
    new = written(page)
    if is_check and new != page:
        print(f"{PAGE}: not up to date: run scripts/generate_configuration.py", file=sys.stderr)
        return 1
    if not is_check:
        PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
