"""Arguments one by one: what becomes of each, and above all of those that could do harm."""

import shlex
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hostile import HOSTILE, HOSTILE_PAIRS

from cpplsp.project.arguments import ArgumentTable, Translation, spelled

# Each writes a file, or talks, when a compiler gets it: left out without a word.
SILENT = """
-o x.o | -ox.o | -c | -S | -E | -M | -MM | -MD | -MMD | -MP | -MG | -MF x.d | -MFx.d | -MT x | -MQ x
-MJ x.json | -save-temps | -save-temps=obj | --save-temps | -pipe | -v | -### | -H | -P | -dM | -dD | -Wall
-Wno-error | -Werror=x | -W | -w | -pedantic | -pedantic-errors | -Winvalid-pch | -Wa,--x | -Wl,-x,y
-Wp,-MD,x.d | -g | -g3 | -ggdb | -gdwarf-4 | -gsplit-dwarf | -gz | -p | -pg | --coverage | -ftest-coverage
-fprofile-arcs | -fprofile-generate=/tmp | -fprofile-use=x | -fprofile-instr-generate=x.profraw
-fcoverage-mapping | -l m | -lm | -L /x | -L/x | -Xlinker -x | -shared | -static | -rdynamic | -nostdlib
-nodefaultlibs | -s | -z now | -T x.ld | -u sym | -framework Cocoa | -rpath /x | -Xarch_host -x
-Xcompiler -fPIC | -gencode arch=x | --serialize-diagnostics x.dia | -serialize-diagnostics x.dia
-dependency-file x.d | -index-store-path /tmp/x | -ftime-trace | -ftime-trace=x.json | -ftime-report
-fproc-stat-report=x | -fcrash-diagnostics-dir=/tmp | -fdiagnostics-color=always | -fdiagnostics-show-option
-fno-diagnostics-color | -fmessage-length=0 | -fmax-errors=1 | -fsave-optimization-record
-foptimization-record-file=x | -fdump-tree-all | -fstack-usage | -fcallgraph-info | -aux-info x
--param max-x=1 | --param=max-x=1 | -dumpbase x | -dumpdir x | --analyze | -fanalyzer | -fsyntax-only
-fmodule_x_unknown | -fno-canonical-system-headers | -fconserve-stack | -fno-allow-store-data-races
-fno-ipa-sra | -ftree-vectorize | -fgnu-tm | -fabi-version=8 | -fno-var-tracking-assignments
-fno-strict-aliasing | -fno-common | -fomit-frame-pointer | -flto | -flto=auto | -fvisibility=hidden
-fvisibility-inlines-hidden | -ffunction-sections | -fdata-sections | -fstack-protector-strong
-fexec-charset=latin1 | -finput-charset=latin1 | -frecord-gcc-switches | -fnonsense | -march=../x | -fno-nonsense=1
-Onope-is-optimising | -fsanitize=leak | -fsanitize=bogus | -fno-sanitize-recover=all | -fsanitize-blacklist=x
-fsanitize-coverage=trace-pc | -I- | -resource-dir /x | -working-directory /x | -A x=y | -arch arm64
--nonsense | --nonsense=1 | -nonsense | - | a.cc | b.o
""".replace("\n", "|").split("|")


def translate(*words: str) -> Translation:
    return ArgumentTable().translate(words)


def kept(done: Translation) -> list[str]:
    """All that reaches libclang."""
    return [
        *done.meaning,
        *(part for option, folder in done.folders for part in (option, folder)),
        *done.forced,
        *done.machine,
        *done.other,
    ]


@pytest.mark.parametrize("word", HOSTILE)
def test_what_loads_runs_or_writes_is_left_out_and_named(word: str) -> None:
    done = translate("-DA", word, "-DB")
    assert kept(done) == ["-DA", "-DB"]
    assert done.dropped == [word]


@pytest.mark.parametrize(("words", "name"), HOSTILE_PAIRS.items())
def test_the_same_in_several_words(words: str, name: str) -> None:
    done = translate("-DA", *words.split(), "-DB")
    assert kept(done) == ["-DA", "-DB"]
    assert done.dropped == [name]


def test_a_plugin_by_four_words() -> None:
    done = translate(
        *["-Xclang", "-load", "-Xclang", "x.so", "-Xclang", "-add-plugin", "-Xclang", "x", "-DA"]
    )
    assert kept(done) == ["-DA"]
    assert done.dropped == ["-Xclang -load", "-Xclang x.so", "-Xclang -add-plugin", "-Xclang x"]


@pytest.mark.parametrize("words", [words.strip() for words in SILENT if words.strip()])
def test_what_changes_no_meaning_is_left_out(words: str) -> None:
    done = translate("-DA", *words.split(), "-DB")
    assert kept(done) == ["-DA", "-DB"]
    assert not done.asked


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("-DX -D Y=1 -UZ -U Q", ["-DX", "-DY=1", "-UZ", "-UQ"]),
        ("--define-macro X --define-macro=Y --undefine-macro Z", ["-DX", "-DY", "-UZ"]),
        ("-fno-exceptions -fexceptions -fno-rtti", ["-fno-exceptions", "-fexceptions", "-fno-rtti"]),
        ("-fPIC -fshort-enums -funsigned-char", ["-fPIC", "-fshort-enums", "-funsigned-char"]),
        ("-pthread -pthreads -undef -trigraphs", ["-pthread", "-pthread", "-undef", "-trigraphs"]),
        ("-fopenmp=libgomp", ["-fopenmp"]),
        ("-ftemplate-depth=99 -ftemplate-depth=x", ["-ftemplate-depth=99"]),
        ("-fsanitize=address,leak,undefined", ["-fsanitize=address,undefined"]),
        ("-fno-sanitize=address,vptr", ["-fno-sanitize=address"]),
        ("-imacros m.h -imacrosn.h --imacros=o.h", ["-imacrosm.h", "-imacrosn.h", "-imacroso.h"]),
        ("-Wp,-DX=1,-UY,-MD,x.d", ["-DX=1", "-UY"]),
        ("-Wp,-D,X", ["-DX"]),
        ("-Xpreprocessor -DX", ["-DX"]),
        ("-Xclang -DX -Xclang -U -Xclang Y", ["-DX", "-UY"]),
        ("-DA -- -DB", ["-DA"]),
    ],
)
def test_what_changes_the_meaning_is_kept_in_order(words: str, meaning: list[str]) -> None:
    done = translate(*words.split())
    assert (kept(done), done.dropped) == (meaning, [])


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("-Ia -I b -isystem c -isystemd", ["-Ia", "-Ib", "-isystem", "c", "-isystem", "d"]),
        ("-iquote a -idirafterb -F c", ["-iquote", "a", "-idirafter", "b", "-Fc"]),
        ("--include-directory a --include-directory=b", ["-Ia", "-Ib"]),
        ("-Wp,-Ia,-I,b", ["-Ia", "-Ib"]),
        ("-Xclang -isystem -Xclang a", ["-isystem", "a"]),
    ],
)
def test_include_paths_are_kept_in_order(words: str, arguments: list[str]) -> None:
    done = translate(*words.split())
    assert spelled(done.folders) == arguments
    assert not done.meaning


def test_forced_includes() -> None:
    done = translate(
        *[
            "-include",
            "a.h",
            "-includeb.h",
            "--include",
            "c.h",
            "--include=d.h",
            "-Xclang",
            "-include",
            "-Xclang",
            "e.h",
        ]
    )
    assert done.forced == ["a.h", "b.h", "c.h", "d.h", "e.h"]


@pytest.mark.parametrize(
    "words",
    [
        # what CMake gives clang, and gcc
        "-Winvalid-pch -Xclang -include-pch -Xclang /b/pch.hxx.pch -Xclang -include -Xclang /b/pch.hxx",
        "-Winvalid-pch -include /b/pch.hxx",
        "-include-pch /b/pch.hxx.pch",
        "-include-pch /b/pch.hxx.gch",
    ],
)
def test_the_header_of_a_compilers_precompiled_one_is_read(words: str) -> None:
    done = translate(*words.split())
    assert done.forced == ["/b/pch.hxx"]
    assert done.dropped == []


def test_a_precompiled_header_of_unknown_origin_is_left_out() -> None:
    for word in ("-include-pch=x.pch", "-include-pch=x.cc.pch", "-include-pch=x.h"):
        assert translate(word).dropped == [word]


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("-x c", "c"),
        ("-xc++", "c++"),
        ("-x c -x c++-header", "c++"),
        ("-x none", ""),
        ("--language=c", "c"),
        ("", ""),
    ],
)
def test_the_language(words: str, language: str) -> None:
    assert translate(*words.split()).language == language


@pytest.mark.parametrize(
    ("words", "standard"),
    [
        ("-std=c++11 -std=c++17", "c++17"),
        ("--std=c99", "c99"),
        ("--std c99", "c99"),
        ("-ansi", "ansi"),
        ("", ""),
    ],
)
def test_the_standard(words: str, standard: str) -> None:
    assert translate(*words.split()).standard == standard


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("", ""),
        ("-O0", ""),
        ("-O", "-O1"),
        ("-O2", "-O1"),
        ("-O3 -O0", ""),
        ("-O0 -O3", "-O1"),
        ("-Og", "-O1"),
        ("-Os", "-Os"),
        ("-Oz", "-Os"),
        ("-Ofast", "-Ofast"),
        ("-O99", "-O1"),
    ],
)
def test_of_optimisation_what_code_can_see(words: str, level: str) -> None:
    assert translate(*words.split()).optimised == level


def test_what_the_compiler_is_told_when_it_is_asked() -> None:
    words = """--sysroot=/s -isysroot /t --target=arm-none-eabi -m32 -mthumb -march=armv7 -mavx2 -stdlib=libc++
        -nostdinc -nostdinc++ --gcc-toolchain=/g -O2 -DX -Ia"""
    done = translate(*words.split())
    assert done.asked == [
        "--sysroot=/s",
        "-isysroot/t",
        "--target=arm-none-eabi",
        "-m32",
        "-mthumb",
        "-march=armv7",
        "-stdlib=libc++",
        "-nostdinc",
        "-nostdinc++",
        "--gcc-toolchain=/g",
    ]
    assert done.target == "arm-none-eabi"
    assert done.machine == ["-m32", "-mthumb", "-march=armv7", "-mavx2"]
    assert done.other == ["--sysroot=/s", "-isysroot/t"]


def test_overlays_and_concepts() -> None:
    done = translate("-ivfsoverlay", "x.yaml", "-fconcepts")
    assert done.other == ["-ivfsoverlay", "x.yaml"]
    assert done.needs_cxx20


@pytest.mark.parametrize(
    "word", ["-D", "-I", "-o", "-Xclang", "-include", "-isystem", "-x", "--sysroot", "-MF"]
)
def test_an_option_without_its_value_ends_the_command(word: str) -> None:
    done = translate("-DA", word)
    assert kept(done) == ["-DA"]


def test_a_value_may_look_like_anything() -> None:
    done = translate("-o", "-DA", "-D", "-I", "-MF", "-fplugin=x.so", "-I", "@x")
    assert done.meaning == ["-D-I"]
    assert done.folders == [("-I", "@x")]
    assert done.dropped == []


ALLOWED_BEGINNINGS = ("-D", "-U", "-f", "-imacros", "-undef", "-trigraphs", "-pthread")
WORDS = st.one_of(
    st.sampled_from([*HOSTILE, *shlex.split(" ".join(HOSTILE_PAIRS)), *" ".join(SILENT).split()]),
    st.text(string.printable, max_size=8).map(lambda text: "-" + text),
    st.text(max_size=12),
)


@given(st.lists(WORDS, max_size=12))
def test_nothing_gets_through_in_any_company(words: list[str]) -> None:
    done = translate(*words)
    for word in done.meaning:
        assert word.startswith(ALLOWED_BEGINNINGS)
        assert not word.startswith(("-fplugin", "-fpass-plugin", "-fmodule", "-fprofile", "-ftime", "-fsave"))
    assert {option for option, _ in done.folders} <= {
        "-I",
        "-F",
        "-isystem",
        "-iquote",
        "-idirafter",
        "-iframework",
    }
    # Of the machine's flags only those in a table go on: test_processor.
    assert all(word.startswith(("-m", "-fcf-protection")) or word in ("-EL", "-EB") for word in done.machine)
    assert all(not word.startswith("-mllvm") for word in done.machine)


def test_a_table_gives_the_same_answer_when_it_has_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpplsp.project.arguments._MOST_RULES", 2)
    words = ["-DA", "-I", "b", "-DC", "-o", "x", "-isystem", "d", "-fplugin=x", "-DA", "-std=c++17"]
    table = ArgumentTable()
    first = table.translate(words)
    assert table.translate(words) == first == translate(*words)
