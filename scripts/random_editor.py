"""Somebody at an editor, at random: opens, types, saves, closes, renames, deletes, changes flags, switches branches."""

import random
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from compare_places import HEADERS
from lspclient import Server
from playground import Entry, Playground, with_flags

FLAGS = ("-DGAME=1", "-DGAME=2", "-DNDEBUG", "-std=c++17", "-std=c++20", "-Wall")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', re.MULTILINE)
_WORD = re.compile(r"\b[A-Za-z_]\w{3,}\b")
_MOST_OPEN = 5
_MOST_STATES = 6
_CREATED, _CHANGED, _DELETED = 1, 2, 3


class Screen:
    """An open document: what is shown of it, what the editor last saw of it on disk, and what was shown before."""

    def __init__(self, text: str):
        self.text = text
        self.saved = text
        self.version = 1
        self.earlier: list[str] = []


class RandomEditor:
    """Plays in a playground, and tells the server what an editor tells. ``names``: identifiers to make use of.

    ``watches``: whether it tells of files that change on disk.
    """

    def __init__(
        self, ground: Playground, server: Server, chance: random.Random, names: Sequence[str], watches: bool
    ):
        self.ground = ground
        self.server = server
        self.chance = chance
        self.names = names
        self.watches = watches
        self.open: dict[str, Screen] = {}
        self.touched: set[str] = set()
        """Files that came, changed or went on disk since the last quiet point."""
        self.states = [ground.state()]
        self._number = 0
        self._acts: dict[Callable[[], str], int] = {
            self.open_one: 10,
            self.declare: 14,
            self.use: 8,
            self.shift: 6,
            self.respell: 4,
            self.delete_lines: 4,
            self.move_lines: 3,
            self.break_off: 2,
            self.undo: 10,
            self.save: 16,
            self.close: 5,
            self.add_include: 5,
            self.drop_include: 2,
            self.change_on_disk: 6,
            self.rename: 3,
            self.delete: 3,
            self.create: 3,
            self.change_flags: 3,
            self.switch_branch: 5,
        }

    def step(self) -> str:
        """Do one thing at random; what it was."""
        act = self.chance.choices(list(self._acts), list(self._acts.values()))[0]
        if not self.open and act not in (self.switch_branch, self.change_flags):
            act = self.open_one
        told = act()
        return f"{act.__name__} {told}".rstrip()

    def text(self, name: str) -> str | None:
        """What a file holds: on the screen, else on disk. None where it is not there, or is no text."""
        if name in self.open:
            return self.open[name].text
        try:
            return self.ground.texts[name].decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            return None

    # On the screen

    def open_one(self) -> str:
        """Open a unit, or a header that units read."""
        if len(self.open) >= _MOST_OPEN:
            return self.close()
        included = self._included()
        units = [name for name in self.ground.units() if name not in self.open]
        headers = [name for name in self._headers() if Path(name).name in included and name not in self.open]
        pool = headers if headers and self.chance.random() < 0.4 else units
        if not pool:
            return ""
        name = self.chance.choice(pool)
        text = self.text(name)
        if text is None or "\r" in text:
            return ""
        self.show(name)
        return name

    def show(self, name: str) -> None:
        """Open a file."""
        self.open[name] = Screen(self.ground.texts[name].decode("utf-8"))
        self.server.open(self.ground.path(name))

    def declare(self) -> str:
        """Declare something, between two lines of whatever it is."""
        self._number += 1
        line = self.chance.choice(
            (
                "int typed_{0}(int value);",
                "static int typed_{0}(int value) {{ return value; }}",
                "struct Typed{0} {{ int member_{0}; }};",
                "extern int typed_{0};",
                "#define TYPED_{0}(x) (x)",
                "using Typed{0} = int;",
            )
        ).format(self._number)
        return self._insert_line(line)

    def use(self) -> str:
        """Use a name that is known elsewhere, whether it can be used here or not."""
        return self._insert_line(
            self.chance.choice(("(void){0};", "{0}();", "{0};")).format(self.chance.choice(self.names))
        )

    def shift(self) -> str:
        """Move all down."""
        return self._insert_line(self.chance.choice(("", "// a line", "/* two\n   lines */")), at_top=True)

    def respell(self) -> str:
        """Type over an identifier, in one place."""
        name = self._document()
        text = self.open[name].text
        words = list(_WORD.finditer(text))
        if not words:
            return name
        word = self.chance.choice(words)
        new = self.chance.choice((word[0] + "x", word[0][:-1], self.chance.choice(self.names)))
        self._type(name, text[: word.start()] + new + text[word.end() :])
        return f"{name}: {word[0]} -> {new}"

    def delete_lines(self) -> str:
        """Delete a few lines."""
        name = self._document()
        lines = self.open[name].text.split("\n")
        at = self.chance.randrange(len(lines))
        del lines[at : at + self.chance.randint(1, 3)]
        self._type(name, "\n".join(lines))
        return f"{name}:{at + 1}"

    def move_lines(self) -> str:
        """Move a few lines elsewhere."""
        name = self._document()
        lines = self.open[name].text.split("\n")
        at = self.chance.randrange(len(lines))
        some = lines[at : at + self.chance.randint(1, 4)]
        del lines[at : at + len(some)]
        to = self.chance.randint(0, len(lines))
        self._type(name, "\n".join([*lines[:to], *some, *lines[to:]]))
        return f"{name}:{at + 1} -> {to + 1}"

    def break_off(self) -> str:
        """Type what is not finished."""
        return self._insert_line(self.chance.choice(("{", "}", "if (", "struct Unfinished {", '"', "#if 0")))

    def undo(self) -> str:
        """Undo the last changes."""
        name = self._document()
        earlier = self.open[name].earlier
        if earlier:
            at = max(len(earlier) - self.chance.randint(1, 4), 0)
            self._tell_text(name, earlier[at])
            del earlier[at:]
        return name

    def save(self) -> str:
        """Save what has been changed."""
        edited = [name for name in sorted(self.open) if self.is_edited(name)]
        name = self.chance.choice(edited) if edited else self._document()
        self._save(name)
        return name

    def close(self) -> str:
        """Close a file, saved or not."""
        name = self._document()
        self._close(name)
        return name

    def add_include(self) -> str:
        """Include another header, one that is not there now and then."""
        name = self._document()
        header = self.chance.choice(self._headers() or [name])
        included = _INCLUDE.findall(self.open[name].text)
        spelled = self.chance.choice((Path(header).name, header, "vector", "missing_header.h"))
        if included and self.chance.random() < 0.3:
            spelled = self.chance.choice(included)
        self._insert_line(f'#include "{spelled}"', at_top=True, name=name)
        return f"{name}: {spelled}"

    def drop_include(self) -> str:
        """Comment out an include directive."""
        name = self._document()
        text = self.open[name].text
        found = list(_INCLUDE.finditer(text))
        if found:
            one = self.chance.choice(found)
            self._type(name, text[: one.start()] + "// " + text[one.start() :])
            return f"{name}: {one[1]}"
        return name

    # On disk

    def change_on_disk(self) -> str:
        """Another program writes a file."""
        name = self.chance.choice([one for one in self._files() if self.text(one) is not None])
        text = self.ground.texts[name].decode("utf-8")
        if self.chance.random() < 0.6:
            self._number += 1
            text = f"int written_{self._number};\n{text}"
        else:
            lines = text.split("\n")
            del lines[self.chance.randrange(len(lines))]
            text = "\n".join(lines)
        self.ground.write(name, text.encode())
        self._told_changed({name: _CHANGED})
        return name

    def rename(self) -> str:
        """Rename a file on disk; who compiles it follows, and now and then who includes it."""
        name = self.chance.choice(self._files())
        self._number += 1
        path = Path(name)
        new = str(path.with_name(f"{path.stem}_{self._number}{path.suffix}"))
        if name in self.open:
            self._close(name)
        self.ground.write(new, self.ground.texts[name])
        self.ground.remove(name)
        changes = {name: _DELETED, new: _CREATED}
        if path.suffix in HEADERS and self.chance.random() < 0.7:
            for other in self._files():
                text = self.ground.texts[other]
                renamed = text.replace(f'{path.name}"'.encode(), f'{Path(new).name}"'.encode())
                if renamed != text:
                    self.ground.write(other, renamed)
                    changes[other] = _CHANGED
        self._told_changed(changes)
        self._compile_otherwise(self.ground.recompiled(name, new))
        return f"{name} -> {new}"

    def delete(self) -> str:
        """Delete a file; its compile command stays now and then."""
        name = self.chance.choice(self._files())
        if name in self.open:
            self._close(name)
        self.ground.remove(name)
        self._told_changed({name: _DELETED})
        if self.chance.random() < 0.7:
            commands = self.ground.commands_of(name)
            self._compile_otherwise([one for one in self.ground.entries if one not in commands])
        return name

    def create(self) -> str:
        """Write a new source that includes a header, and have it compiled as another one is."""
        units = self.ground.units()
        headers = self._headers()
        if not units or not headers:
            return ""
        self._number += 1
        like, header = self.chance.choice(units), self.chance.choice(headers)
        new = str(Path(like).with_name(f"created_{self._number}{Path(like).suffix}"))
        text = f'#include "{header}"\nint created_{self._number}() {{ return {self._number}; }}\n'
        self.ground.write(new, text.encode())
        self._told_changed({new: _CREATED})
        self._compile_otherwise([*self.ground.entries, *self.ground.commands_of(like, as_if=new)])
        return f"{new}: {header}"

    def change_flags(self) -> str:
        """Compile one unit, a few, or all otherwise."""
        count = self.chance.choice((1, 1, 3, len(self.ground.entries)))
        chosen = set(
            self.chance.sample(range(len(self.ground.entries)), min(count, len(self.ground.entries)))
        )
        flag = self.chance.choice(FLAGS)
        entries = self.ground.entries
        self._compile_otherwise(
            [with_flags(entry, [flag]) if at in chosen else entry for at, entry in enumerate(entries)]
        )
        return f"{flag} for {len(chosen)}"

    def switch_branch(self) -> str:
        """Have another state on disk: an earlier one, as often as not the first."""
        last = self.ground.state()
        at = 0 if self.chance.random() < 0.5 else self.chance.randrange(len(self.states))
        before = set(self.ground.texts)
        state = self.states[at]
        changed = self.ground.switch(state)
        self.states[1:] = [*self.states[1:], last][-_MOST_STATES:]
        self._told_changed(
            {
                name: _DELETED if name not in self.ground.texts else _CHANGED if name in before else _CREATED
                for name in changed
            }
        )
        self._compile_otherwise(state.entries)
        return f"{at}: {len(changed)} files"

    def settle(self) -> None:
        """Save or close all that is open: in the end nothing is."""
        for name in list(self.open):
            if self.chance.random() < 0.6 and self.is_edited(name):
                self._save(name)
            self._close(name)

    def is_edited(self, name: str) -> bool:
        """Whether there are changes that have not been saved."""
        return self.open[name].text != self.open[name].saved

    # Helpers

    def _document(self) -> str:
        return self.chance.choice(sorted(self.open))

    def _insert_line(self, line: str, *, at_top: bool = False, name: str = "") -> str:
        name = name or self._document()
        lines = self.open[name].text.split("\n")
        at = 0 if at_top else self.chance.randint(0, len(lines))
        self._type(name, "\n".join([*lines[:at], line, *lines[at:]]))
        return f"{name}:{at + 1}: {line}"

    def _type(self, name: str, text: str) -> None:
        self.open[name].earlier.append(self.open[name].text)
        self._tell_text(name, text)

    def _tell_text(self, name: str, text: str) -> None:
        screen = self.open[name]
        screen.text = text
        screen.version += 1
        self.server.change(self.ground.path(name), screen.version, text)

    def _save(self, name: str) -> None:
        screen = self.open[name]
        self.ground.write(name, screen.text.encode())
        screen.saved = screen.text
        self.server.save(self.ground.path(name))
        self._told_changed({name: _CHANGED})

    def _close(self, name: str) -> None:
        del self.open[name]
        self.server.close(self.ground.path(name))

    def _told_changed(self, changes: dict[str, int]) -> None:
        """Have the editor follow what has changed on disk, and tell of it if it watches."""
        self.touched.update(changes)
        for name in list(self.open):
            if name in changes and name not in self.ground.texts:
                self._close(name)
            elif name in changes and not self.is_edited(name):
                self._load_anew(name)
        if self.watches:
            self.server.changed_on_disk({self.ground.path(name): kind for name, kind in changes.items()})

    def _compile_otherwise(self, entries: Sequence[Entry]) -> None:
        before = self.ground.entries
        self.ground.write_entries(entries)
        if self.watches and self.ground.entries is not before:
            self.server.changed_on_disk({str(self.ground.database): _CHANGED})

    def _load_anew(self, name: str) -> None:
        text = self.ground.texts[name].decode("utf-8")
        screen = self.open[name]
        if screen.text != text:
            screen.saved = text
            self._tell_text(name, text)

    def _files(self) -> list[str]:
        """Files that the game is about: units, and headers that are included by their names."""
        included = self._included()
        return [*self.ground.units(), *(name for name in self._headers() if Path(name).name in included)]

    def _headers(self) -> list[str]:
        return sorted(name for name in self.ground.texts if Path(name).suffix in HEADERS)

    def _included(self) -> Collection[str]:
        """The names of files that units include, directly or by headers of theirs."""
        by_name: dict[str, list[str]] = {}
        for name in self.ground.texts:
            by_name.setdefault(Path(name).name, []).append(name)
        found: set[str] = set()
        left = list(self.ground.units())
        while left:
            text = self.ground.texts[left.pop()].decode("utf-8", "replace")
            new = {Path(one).name for one in _INCLUDE.findall(text)} - found
            found |= new
            left += [path for name in new for path in by_name.get(name, ())]
        return found
