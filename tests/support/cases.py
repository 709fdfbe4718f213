"""Cases by name, for ``pytest.mark.parametrize``."""

from collections.abc import Mapping

import pytest


def cases(codes: Mapping[str, object], wrong: Mapping[str, str] | None = None) -> list[object]:
    """A parameter for each case; a tuple gives several. ``wrong``: why a case fails today; once it holds, it fails."""
    unknown = set(wrong or ()) - set(codes)
    assert not unknown, f"no such cases: {unknown}"
    parameters = []
    for name, code in codes.items():
        marks = [pytest.mark.xfail(strict=True, reason=wrong[name])] if wrong and name in wrong else []
        values = code if isinstance(code, tuple) else (code,)
        parameters.append(pytest.param(*values, id=name, marks=marks))
    return parameters
