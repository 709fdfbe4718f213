"""An editor at random: whatever is typed, undone, saved and changed on disk, what is told is there on the screen.

``EDITING_SEEDS=2-9`` in the environment plays other games than that of every day.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from support.conversation import AnswerError
from support.editor import Project
from support.screen import WORD, Screen, tokens_of
from support.typist import Typist

Make = Callable[..., Project]

CODE = """\
// file: shape.h
#pragma once
#include <cstddef>
namespace geo {
/// A Größe 😀 of things.
using Size = std::size_t;
constexpr int kLimit = 17;
enum class Colour { Red, Grün, Blue };
#define SQUARE(x) ((x) * (x))
class Shape {
 public:
  explicit Shape(int sides) : sides_(sides) {}
  virtual ~Shape() {}
  virtual Size area() const { return 0; }
  int sides() const { return sides_; }  // größer 😀 sides

 private:
  int sides_;
  /* 😀 */ Colour colour_ = Colour::Grün;
};
template <typename Thing>
Thing twice(Thing thing) {
  return thing + thing;
}
}  // namespace geo
// file: box.h
#pragma once
#include "shape.h"
namespace geo {
class Box : public Shape {
 public:
  Box(int width, int height);
  Size area() const override;
  int width = 0;

 private:
  int height_ = 0;
};
int measure(const Shape& shape);
}  // namespace geo
// file: box.cc
#include "box.h"

namespace geo {

static int counter = 0;

Box::Box(int width, int height) : Shape(4), width(width), height_(height) { counter++; }

Size Box::area() const {
  int total = width * height_;
  if (total > kLimit) {
    total = SQUARE(total);
  }
  return static_cast<Size>(total);
}

int measure(const Shape& shape) {
  auto área = shape.area(); /* 😀 */ int zahl = shape.sides();
  for (int i = 0; i < zahl; ++i) {
    counter += i;
  }
  return static_cast<int>(área) + twice(zahl) + counter;
}

}  // namespace geo
// file: main.cc
#include "box.h"

int main() {
  geo::Box box(2, 3);
  int result = geo::measure(box) + box.width;
  const char* text = "häßlich 😀"; int other = result + geo::kLimit;
  result += text[0] + other + SQUARE(result);
  return result;
}
"""
PADDING = "int {0}(int value) {{\n" + "  ;\n" * 60 + "  return value;\n}}\n"
"""A source has so much that is seldom edited, and not read while somebody types elsewhere in it (``live``)."""
NAMES = ("shape.h", "box.h", "box.cc", "main.cc")
IMPLICIT = ("Shape", "Box")
"""What is used without being spelled: constructors, by declarations."""
SIGNS = ("=", "<", ">", "+", "++", "+=", "*", "-", "new", "~")
STEPS = 100
_TRIES = 5


class Editor(Typist):
    """Holds each answer against what is on its screen."""

    def look(self) -> None:
        """Ask about everything, at a random place."""
        if not self.open:
            return
        name = self.random.choice(sorted(self.open))
        screen = self.open[name]
        directives = [line.lstrip("\ufeff \t").startswith("#") for line in screen.lines]
        words = [word for word in screen.words() if not directives[screen.position(word.start())["line"]]]
        if words:
            word = self.random.choice(words)
            at = self.random.choice((word.start(), word.start() + 1, word.end()))
            self._look_at(name, screen.position(min(at, word.end())), word)
        self._look_at_all(name, screen)

    def _look_at(self, name: str, position: dict[str, int], word: re.Match[str]) -> None:
        at = {"textDocument": {"uri": self.project.uri(name)}, "position": position}
        for link in self._ask("textDocument/definition", at):
            self._is_named(link["targetUri"], link["targetSelectionRange"], word[0])
            if "originSelectionRange" in link:
                self._is_named(at["textDocument"]["uri"], link["originSelectionRange"], word[0])
        context = {"context": {"includeDeclaration": True}}
        for place in self._ask("textDocument/references", {**at, **context}):
            self._is_named(place["uri"], place["range"], word[0])
        for place in self._ask("textDocument/documentHighlight", at):
            self._is_named(at["textDocument"]["uri"], place["range"], word[0])
        hover = self.talk.ask("textDocument/hover", at)
        if hover is not None:
            assert hover["contents"]["value"].strip()
            self._is_named(at["textDocument"]["uri"], hover["range"], word[0])
        for item in self._ask("textDocument/prepareCallHierarchy", at):
            self._check_item(item, word[0])
            for call in self._ask("callHierarchy/incomingCalls", {"item": item}):
                self._check_item(call["from"], None)
                for place in call["fromRanges"]:
                    self._is_named(call["from"]["uri"], place, word[0])
        for link in self._ask("textDocument/typeDefinition", at):
            self._is_named(link["targetUri"], link["targetSelectionRange"], None)
        self._look_at_rename(at, word)

    def _look_at_rename(self, at: dict[str, Any], word: re.Match[str]) -> None:
        try:
            found = self.talk.ask("textDocument/prepareRename", at)
        except AnswerError as refusal:
            self._is_refused(refusal)
            found = None
        if found is not None:
            self._is_named(at["textDocument"]["uri"], found["range"], word[0])
            assert found["placeholder"] == word[0]
        try:
            edit = self.talk.ask("textDocument/rename", {**at, "newName": "fresh_name"})
        except AnswerError as refusal:
            self._is_refused(refusal)
            return
        assert found is not None
        for document in edit["documentChanges"]:
            name = self._name(document["textDocument"]["uri"])
            version = document["textDocument"]["version"]
            assert version == (self.versions[name] if name in self.open else None)
            screen = self._screen(name)
            for one in document["edits"]:
                assert screen.spelled(one["range"]) == word[0]
                self._is_whole(screen, one["range"])
            screen.applied(document["edits"])

    def _is_refused(self, error: AnswerError) -> None:
        assert error.code == -32803, error

    def _look_at_all(self, name: str, screen: Screen) -> None:
        document = {"textDocument": {"uri": self.project.uri(name)}}
        for symbol in self._ask("textDocument/documentSymbol", document):
            self._check_outline(screen, symbol)
        for fold in self._ask("textDocument/foldingRange", document):
            begin = {"line": fold["startLine"], "character": fold["startCharacter"]}
            end = {"line": fold["endLine"], "character": fold["endCharacter"]}
            assert screen.offset(begin) < screen.offset(end)
        for link in self._ask("textDocument/documentLink", document):
            assert screen.spelled(link["range"])
        places = [screen.position(self._somewhere(screen)) for _ in range(2)]
        found = self._ask("textDocument/selectionRange", {**document, "positions": places})
        for place, selection in zip(places, found, strict=True):
            inner = screen.offset(place), screen.offset(place)
            while selection is not None:
                begin, end = (screen.offset(selection["range"][side]) for side in ("start", "end"))
                assert begin <= inner[0] <= inner[1] <= end
                inner, selection = (begin, end), selection.get("parent")
        self._check_colours(name, screen, document)

    def _check_colours(self, name: str, screen: Screen, document: dict[str, Any]) -> None:
        full = self.talk.ask("textDocument/semanticTokens/full", document)
        for _ in range(_TRIES if name in self.colours and self.is_idle else 0):
            if self.colours[name][1] == full["data"]:
                break
            self.look_at_delta()  # what was typed has been read meanwhile
            full = self.talk.ask("textDocument/semanticTokens/full", document)
        else:
            assert name not in self.colours or not self.is_idle, "what the delta made is not what there is"
        self.colours[name] = full["resultId"], full["data"]
        self._check_tokens(screen, full["data"])

    def look_at_delta(self) -> None:
        """Ask what changed in the colours of a document since they were asked for."""
        for name, (last, data) in sorted(self.colours.items()):
            document = {"textDocument": {"uri": self.project.uri(name)}}
            found = self.talk.ask(
                "textDocument/semanticTokens/full/delta", {**document, "previousResultId": last}
            )
            if "edits" in found:
                data = list(data)
                for edit in sorted(found["edits"], key=lambda edit: -edit["start"]):
                    data[edit["start"] : edit["start"] + edit["deleteCount"]] = edit["data"]
            else:
                data = found["data"]
            self._check_tokens(self.open[name], data)
            self.colours[name] = found["resultId"], data

    def _check_tokens(self, screen: Screen, data: list[int]) -> None:
        reached = (0, 0)
        lines = screen.lines
        for line, start, length, kind, _ in tokens_of(data):
            assert length > 0
            assert (line, start) >= reached, "tokens overlap"
            reached = line, start + length
            place = {
                "start": {"line": line, "character": start},
                "end": {"line": line, "character": start + length},
            }
            said = screen.spelled(place)
            if self.legend[kind] == "comment":
                assert said == lines[line].removeprefix("\ufeff")
            elif WORD.fullmatch(said):
                self._is_whole(screen, place)
            else:
                assert self.legend[kind] == "operator" or said in SIGNS, (
                    f"{said!r} has a colour: {self.legend[kind]}"
                )

    def _check_outline(self, screen: Screen, symbol: dict[str, Any]) -> None:
        whole, name = symbol["range"], symbol["selectionRange"]
        begin, start, stop, end = (
            screen.offset(one) for one in (whole["start"], name["start"], name["end"], whole["end"])
        )
        assert begin <= start <= stop <= end, symbol
        for child in symbol.get("children", ()):
            self._check_outline(screen, child)

    def _check_item(self, item: dict[str, Any], word: str | None) -> None:
        if self._name(item["uri"]) in self.stale - set(self.open):
            return
        screen = self._screen(self._name(item["uri"]))
        assert screen.spelled(item["selectionRange"]) in screen.spelled(item["range"])
        self._check_outline(screen, item)

    def _ask(self, method: str, params: Any) -> list[Any]:
        found: list[Any] = self.talk.ask(method, params) or []
        return found

    def _name(self, uri: str) -> str:
        return uri.removeprefix(self.project.folder.as_uri() + "/")

    def _screen(self, name: str) -> Screen:
        """What a file shows: the buffer, or what is on disk, without the mark that no editor shows."""
        if name in self.open:
            return self.open[name]
        path = (
            Path(unquote(name.removeprefix("file://")))
            if name.startswith("file:")
            else self.project.folder / name
        )
        return Screen(path.read_bytes().decode("utf-8-sig", "surrogatepass"), self.talk.encoding)

    def _is_named(self, uri: str, place: dict[str, Any], word: str | None) -> None:
        """See that a place is there, and has a name: this one."""
        name = self._name(uri)
        if name in self.stale and name not in self.open:
            return
        screen = self._screen(name)
        said = screen.spelled(place)
        if word in (None, "override") or (word in IMPLICIT and said.strip("~") != word):
            return
        assert said in (word, "~" + word), f"{said!r} is told of {word} in {name} at {place}"
        self._is_whole(screen, place)

    def _is_whole(self, screen: Screen, place: dict[str, Any]) -> None:
        begin, end = screen.offset(place["start"]), screen.offset(place["end"])
        around = screen.text[max(0, begin - 1) : begin], screen.text[end : end + 1]
        assert not any(WORD.fullmatch("a" + one) for one in around if one and one not in "~"), (
            f"a part of a word at {place}"
        )


def written(line: str, mark: str) -> bytes:
    """The project with these ends of lines, and with byte-order marks."""
    sections = CODE.split("// file: ")
    files = [section.split("\n", 1) for section in sections[1:]]
    padded = {
        name: text + PADDING.format(f"padded_{name[:-3]}") * name.endswith(".cc") for name, text in files
    }
    return "".join(
        f"// file: {name}\n{mark}{text.replace(chr(10), line)}" for name, text in padded.items()
    ).encode()


def edit(made: Project, encoding: str, seed: int, steps: int) -> None:
    """Edit at random for so many steps."""
    (made.folder / "sign.cc").write_text("int sign;\n")
    made.write_database()
    made.index()
    editor = Editor(made, NAMES, encoding, seed)
    done: list[str] = []
    try:
        for _ in range(steps):
            done.append(editor.step())
            editor.look_at_delta()
            editor.look()
        assert editor.talk.end() == 0
    except BaseException as error:
        error.add_note(f"seed {seed}, step {len(done)}: {', '.join(done[-12:])}\n{editor.talk.log[-3000:]}")
        raise
    finally:
        editor.talk.kill()
    assert "Traceback" not in editor.talk.log


def seeds() -> range:
    """One game, or as many as are asked for."""
    first, _, last = os.environ.get("EDITING_SEEDS", "1-1").partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.mark.parametrize("seed", seeds())
@pytest.mark.parametrize(
    ("encoding", "line", "mark"), [("utf-8", "\n", ""), ("utf-16", "\r\n", "\ufeff"), ("utf-16", "\n", "")]
)
def test_what_is_told_is_on_the_screen(project: Make, encoding: str, line: str, mark: str, seed: int) -> None:
    edit(project(written(line, mark)), encoding, seed, STEPS)
