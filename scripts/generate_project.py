#!/usr/bin/env python3
"""Write a C++ project of any size with its compile_commands.json, to measure on.

    scripts/generate_project.py OUT [--units 8389] [--megabytes 49.8] [--seed 1]

It is real C++ that parses: components, each with a header of classes, templates and inline functions (every fourth
leans on the heavier parts of the standard library) over those of other components, and units that include a few
headers and call each other. Command lines are as long as it takes to give the database its size: include paths that
exist, and macros, one of five sets of them. No compiler is needed to write it. The same arguments
and the same OUT give the same project.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

COMPONENTS = 40
PRODUCTS = 5
"""Sets of macros: so many ways in which a header is read."""
COMPILER = "/usr/bin/c++"
HEAVY = ("algorithm", "functional", "map", "regex", "sstream", "unordered_map", "variant")
LIGHT = ("cstdint", "memory", "optional", "string", "utility", "vector")

HEADER = """\
// Component {name}.
#pragma once

{includes}

namespace {name} {{

enum class Status {{ ok, missing, broken }};

/// One entry of a {name} table.
struct Record {{
  std::uint64_t id = 0;
  std::string key;
  std::vector<int> values;
  int total() const;
}};

inline int Record::total() const {{
  int sum = {number};
  for (int value : values) sum += value;
  return sum;
}}

class Reader {{
 public:
  virtual ~Reader() = default;
  virtual Status read(std::uint64_t id, Record& into) = 0;
  virtual std::string describe() const {{ return "{name}"; }}
}};

/// Values of any type by their place.
template <typename T>
class Table : public Reader {{
 public:
  void add(T item) {{ items_.push_back(std::move(item)); }}
  std::size_t size() const {{ return items_.size(); }}
  Status read(std::uint64_t id, Record& into) override {{
    if (id >= items_.size()) return Status::missing;
    into.id = id;
    into.key = this->describe();
    return Status::ok;
  }}
  template <typename F>
  int fold(F&& each, int start = 0) const {{
    for (const T& item : items_) start = each(start, item);
    return start;
  }}

 private:
  std::vector<T> items_;
}};

template <typename T>
std::optional<T> first_of(const std::vector<T>& items) {{
  if (items.empty()) return std::nullopt;
  return items.front();
}}

inline int mix(int value) {{
  Record record;
  record.values = {{value, {number}}};
  return record.total(){calls};
}}
{heavy}
}}  // namespace {name}
"""

HEAVY_PART = """
inline std::map<std::string, int> count_words(const std::string& text) {
  static const std::regex word("[a-z]+");
  std::map<std::string, int> counts;
  for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at) ++counts[at->str()];
  return counts;
}

using Value = std::variant<int, std::string, std::vector<int>>;

inline std::string show(const Value& value) {
  std::ostringstream out;
  std::visit([&out](const auto& held) { out << sizeof(held); }, value);
  return out.str();
}

inline int run_all(std::unordered_map<std::string, std::function<int(int)>> steps, int value) {
  std::vector<std::string> names;
  for (const auto& step : steps) names.push_back(step.first);
  std::sort(names.begin(), names.end());
  for (const auto& name : names) value = steps[name](value);
  return value;
}
"""

UNIT = """\
// Unit {number} of component {name}.
#include "{name}/units.h"
{includes}

namespace {name} {{
namespace {{

struct Step {{
  int weight;
  int apply(int value) const {{ return value * weight + {number}; }}
}};

int local_sum(const Table<Step>& steps, int value) {{
  return steps.fold([value](int sum, const Step& step) {{ return sum + step.apply(value); }});
}}

}}  // namespace

int unit_{number}(int value) {{
  Table<Step> steps;
  steps.add(Step{{{number} % 7}});
  steps.add(Step{{3}});
  Record record;
  if (steps.read(0, record) != Status::ok) return -1;
  int result = local_sum(steps, value) + record.total();
{calls}
  return result;
}}

}}  // namespace {name}
"""


def component(number: int) -> str:
    """The name of a component: a namespace and a folder."""
    return f"component_{number:02d}"


def write(path: Path, text: str) -> None:
    """Write a file, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def write_headers(out: Path, units: int, chance: random.Random) -> None:
    """The header of each component, over headers of components before it, and one that declares its units."""
    for number in range(COMPONENTS):
        name = component(number)
        is_heavy = number % 4 == 0
        below = sorted(chance.sample(range(number), min(number, 3)))
        standard = sorted((*LIGHT, *HEAVY)) if is_heavy else LIGHT
        includes = [f"#include <{header}>" for header in standard]
        includes += [f'#include "{component(other)}/{component(other)}.h"' for other in below]
        text = HEADER.format(
            name=name,
            number=number,
            includes="\n".join(includes),
            calls="".join(f" + {component(other)}::mix(value)" for other in below),
            heavy=HEAVY_PART if is_heavy else "",
        )
        write(out / "include" / name / f"{name}.h", text)
        declared = "\n".join(f"int unit_{unit}(int value);" for unit in range(number, units, COMPONENTS))
        units_header = f"#pragma once\n\nnamespace {name} {{\n{declared}\n}}  // namespace {name}\n"
        write(out / "include" / name / "units.h", units_header)


def write_unit(out: Path, number: int, units: int, chance: random.Random) -> str:
    """One source file; the result is its path, relative to ``out``."""
    own = number % COMPONENTS
    others = sorted(chance.sample(range(COMPONENTS), chance.randint(1, 4)))
    included = sorted({own, *others})
    callees = [other for other in chance.sample(range(own, units, COMPONENTS), 1) if other != number]
    calls = [f"  result += {component(other)}::mix(result);" for other in others]
    calls += [f"  if (value > 0) result += unit_{callee}(value - 1);" for callee in callees]
    text = UNIT.format(
        name=component(own),
        number=number,
        includes="\n".join(f'#include "{component(other)}/{component(other)}.h"' for other in included),
        calls="\n".join(calls),
    )
    path = f"src/{component(own)}/unit_{number:05d}.cpp"
    write(out / path, text)
    return path


def folder(number: int) -> str:
    """An include path that is there and holds nothing, as most do for any one unit."""
    return f"third_party/library_number_{number:03d}/distribution/include"


def entry(out: Path, path: str, folders: int) -> str:
    """The database's entry of a unit, as CMake writes it, with so many include paths of others."""
    name = path.split("/")[1]
    product = int(name[-2:]) % PRODUCTS
    macros = [f"-DPROJECT_FEATURE_{number:02d}_ENABLED={number * product % 3}" for number in range(24)]
    macros.append(f'-DPROJECT_PRODUCT=\\"product-{product}\\"')
    paths = [f"-I{out}/include", *(f"-I{out}/{folder(number)}" for number in range(folders))]
    target = f"CMakeFiles/{name}.dir/{path}.o"
    command = [COMPILER, *macros, *paths, "-O2", "-g", "-Wall", "-Wextra", "-std=gnu++17", "-fPIC"]
    command += ["-o", target, "-c", f"{out}/{path}"]
    fields = {
        "directory": f"{out}/build",
        "command": " ".join(command),
        "file": f"{out}/{path}",
        "output": target,
    }
    return json.dumps(fields, indent=2)


def write_database(out: Path, paths: list[str], size_bytes: float) -> int:
    """Write the database with include paths enough to give it its size; the result is how many there are."""
    most = 0
    written = 0
    path_bytes = len(f" -I{out}/{folder(0)}")
    with (out / "build" / "compile_commands.json").open("w", encoding="utf-8") as stream:
        for index, path in enumerate(paths):
            room = size_bytes * (index + 1) / len(paths) - written - len(entry(out, path, 0))
            folders = max(round(room / path_bytes), 0)
            most = max(most, folders)
            written += stream.write(("[\n" if index == 0 else ",\n") + entry(out, path, folders))
        stream.write("\n]\n")
    return most


def main() -> int:
    """Write the project and say what it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path, help="folder to write to: a new one, or one written by this")
    parser.add_argument("--units", type=int, default=8389, help="source files (default: %(default)s)")
    parser.add_argument(
        "--megabytes", type=float, default=49.8, help="size of the database (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn by lot (default: %(default)s)")
    given = parser.parse_args()
    if given.units < 1:
        parser.error("--units: one at least")
    out: Path = given.out.resolve()
    if out.exists() and any(out.iterdir()) and not (out / "build" / "compile_commands.json").is_file():
        parser.error(f"{out} holds something else")
    started = time.monotonic()
    chance = random.Random(given.seed)
    (out / "build").mkdir(parents=True, exist_ok=True)
    write_headers(out, given.units, chance)
    paths = [write_unit(out, number, given.units, chance) for number in range(given.units)]
    most = write_database(out, paths, given.megabytes * 1e6)
    for number in range(most):
        (out / folder(number)).mkdir(parents=True, exist_ok=True)
    size = (out / "build" / "compile_commands.json").stat().st_size
    took_s = time.monotonic() - started
    print(f"{out}: {given.units} units, a database of {size / 1e6:.1f} MB, in {took_s:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
