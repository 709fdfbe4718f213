"""Somebody who types, pastes, undoes, saves, closes and changes files on disk, at random."""

import random
from collections.abc import Sequence
from typing import Any

from support.conversation import Conversation
from support.editor import Project
from support.screen import Screen

SAID = ("{", "}", "\n", "(", ";", "x", "int y = 1;", "😀", "ä", "// ", "/*", '"', "#if 0\n", "geo::", " ")


def capabilities(encoding: str) -> dict[str, Any]:
    """What a client can do that can do all."""
    return {
        "general": {"positionEncodings": [encoding]},
        "window": {"workDoneProgress": True},
        "workspace": {"workspaceEdit": {"documentChanges": True}},
        "textDocument": {
            "definition": {"linkSupport": True},
            "typeDefinition": {"linkSupport": True},
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
            "hover": {"contentFormat": ["markdown"]},
        },
    }


class Typist:
    """Edits the files of a project that have these names, at random; knows what is on the screen and on disk."""

    def __init__(self, project: Project, names: Sequence[str], encoding: str, seed: int):
        self.random = random.Random(seed)
        self.project = project
        self.names = names
        self.talk = Conversation(project, capabilities(encoding))
        self.legend = self.talk.initialized["capabilities"]["semanticTokensProvider"]["legend"]["tokenTypes"]
        self.open: dict[str, Screen] = {}
        self.undone: dict[str, list[str]] = {}
        self.versions: dict[str, int] = {}
        self.colours: dict[str, tuple[str, list[int]]] = {}
        self.stale: set[str] = set()
        """Files that changed on disk, and are not known to be indexed since."""
        self.number = 0
        self.is_idle = False
        """Nothing is being indexed."""

    def step(self) -> str:
        """Do one thing at random; what it was."""
        acts = [self.type, self.type, self.type, self.delete, self.respell, self.move_lines, self.copy_lines]
        acts += [self.paste, self.undo, self.save, self.close, self.change_on_disk, self.open_one, self.wait]
        act = self.random.choice(acts) if self.open else self.open_one
        name = self.random.choice(
            self.names if act in (self.open_one, self.change_on_disk) else sorted(self.open)
        )
        act(name)
        return f"{act.__name__} {name}"

    def open_one(self, name: str) -> None:
        if name in self.open:
            return
        text = self._disk(name)
        if self.random.random() < 0.5:
            text = text.removeprefix("\ufeff")
        self.open[name] = Screen(text, self.talk.encoding)
        self.undone[name] = []
        self.versions[name] = 1
        item = {"uri": self.project.uri(name), "languageId": "cpp", "version": 1, "text": text}
        self.talk.tell("textDocument/didOpen", {"textDocument": item})

    def type(self, name: str) -> None:
        at = self._somewhere(self.open[name])
        self._change(name, at, at, self.random.choice(SAID).replace("\n", self._newline(name)))

    def delete(self, name: str) -> None:
        screen = self.open[name]
        begin = self._somewhere(screen)
        self._change(name, begin, screen.snapped(begin + self.random.choice((1, 2, 10, 80))), "")

    def respell(self, name: str) -> None:
        words = self.open[name].words()
        if words:
            word = self.random.choice(words)
            new = self.random.choice((word[0] + "x", "x" + word[0], word[0][:-1], "naïve", word[0].upper()))
            self._change(name, word.start(), word.end(), new)

    def move_lines(self, name: str) -> None:
        self._rearrange(name, is_copy=False)

    def copy_lines(self, name: str) -> None:
        self._rearrange(name, is_copy=True)

    def _rearrange(self, name: str, *, is_copy: bool) -> None:
        newline = self._newline(name)
        lines = self.open[name].text.split(newline)
        begin = self.random.randrange(len(lines))
        some = lines[begin : begin + self.random.randint(1, 4)]
        if not is_copy:
            del lines[begin : begin + len(some)]
        to = self.random.randint(0, len(lines))
        text = newline.join([*lines[:to], *some, *lines[to:]])
        self._change(name, 0, len(self.open[name].text), text)

    def paste(self, name: str) -> None:
        if self.random.random() < 0.3:
            text = self._disk(self.random.choice(self.names)).removeprefix("\ufeff")
            self._change(name, 0, len(self.open[name].text), text)

    def undo(self, name: str) -> None:
        for _ in range(self.random.randint(1, 8)):
            if self.undone[name]:
                text = self.undone[name].pop()
                self._tell(name, [{"text": text}])
                self.open[name].text = text

    def save(self, name: str) -> None:
        self._write(name, self.open[name].text)
        self.talk.tell("textDocument/didSave", {"textDocument": {"uri": self.project.uri(name)}})

    def close(self, name: str) -> None:
        del self.open[name]
        self.colours.pop(name, None)
        self.talk.tell("textDocument/didClose", {"textDocument": {"uri": self.project.uri(name)}})

    def change_on_disk(self, name: str) -> None:
        """Another program writes a file, from the project as it was or by adding a line; an editor may load it anew."""
        text = self.project.marked.files[name].decode()
        if self.random.random() < 0.5:
            self.number += 1
            text = f"int line_{self.number};{self._newline(name)}" + text.removeprefix("\ufeff")
        self._write(name, text)
        if name in self.open and self.random.random() < 0.5:
            self._change(name, 0, len(self.open[name].text), text.removeprefix("\ufeff"))

    def wait(self, _name: str) -> None:
        """Wait until all that is on disk is indexed."""
        self.number += 1
        sign = f"sign_{self.number}"
        (self.project.folder / "sign.cc").write_text(f"int {sign};\n")
        self._tell_written("sign.cc")
        while not self.talk.ask("workspace/symbol", {"query": sign}):
            self.talk.listen()
        self.talk.until_idle()
        self.stale.clear()
        self.is_idle = True

    def _write(self, name: str, text: str) -> None:
        (self.project.folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
        self.stale.add(name)
        self._tell_written(name)

    def _tell_written(self, name: str) -> None:
        self.is_idle = False
        changes = [{"uri": self.project.uri(name), "type": 2}]
        self.talk.tell("workspace/didChangeWatchedFiles", {"changes": changes})

    def _change(self, name: str, begin: int, end: int, new: str) -> None:
        screen = self.open[name]
        self.undone[name].append(screen.text)
        self._tell(name, [screen.replace(begin, end, new)])

    def _tell(self, name: str, changes: list[dict[str, Any]]) -> None:
        self.versions[name] += 1
        document = {"uri": self.project.uri(name), "version": self.versions[name]}
        self.talk.tell("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def _somewhere(self, screen: Screen) -> int:
        words = screen.words()
        if words and self.random.random() < 0.5:
            word = self.random.choice(words)
            return self.random.choice((word.start(), word.end()))
        return screen.snapped(self.random.randint(0, len(screen.text)))

    def _newline(self, name: str) -> str:
        return "\r\n" if b"\r\n" in self.project.marked.files[name] else "\n"

    def _disk(self, name: str) -> str:
        return (self.project.folder / name).read_bytes().decode("utf-8", "surrogatepass")
