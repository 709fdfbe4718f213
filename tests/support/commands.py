"""A project whose compile commands would load, run, write or read what they should not, each by one spelling.

``{so}`` is a shared object that leaves a file when it is loaded, ``{run}`` a folder of programs that leave one when
they are run, ``{out}`` a path that is not there, ``{secret}`` a file outside the project; the first three are of each
entry alone.
"""

import json
import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cpplsp.worker.libclang import IndexerCallbacks
from cpplsp.worker.parse import Action
from support.cpp import libclang

SOURCE = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
__attribute__((constructor)) static void loaded(void) {
  Dl_info info;
  char path[4096];
  dladdr((void*)loaded, &info);
  snprintf(path, sizeof path, "%s.loaded", info.dli_fname);
  fclose(fopen(path, "w"));
}
"""
PROGRAM = '#!/bin/sh\n: > "$0.was-run"\n'
PROGRAMS = (
    "g++",
    "gcc",
    "cc",
    "c++",
    "clang++",
    "clang",
    "ccache",
    "sccache",
    "distcc",
    "env",
    "nice",
    "gdb",
    "as",
    "ld",
    "ld.lld",
    "cc1plus",
    "cc1",
    "cpp",
    "evil",
)

LOADED = """
    -fplugin={so}
    -Xclang -fplugin={so}
    -Xclang -load -Xclang {so}
    -Xclang -load -Xclang {so} -Xclang -add-plugin -Xclang evil
    -Xclang -load -Xclang {so} -Xclang -plugin -Xclang evil
    -mllvm -load={so}
    -mllvm --load={so}
    -Xclang -mllvm -Xclang -load={so}
    -fpass-plugin={so}
    -Xclang -fpass-plugin={so}
    -fplugin {so}
    --plugin={so}
    --plugin {so}
    -plugin {so}
    -load {so}
    -load={so}
    --load={so}
    -add-plugin evil
    -fplugin={so} -fplugin-arg-evil-key=value
    -fplugin={so} -fplugin-arg-evil-key
    -cc1 -load {so}
    -cc1 -fplugin={so}
    -Wp,-fplugin={so}
    -Wp,-load,{so}
    -Xpreprocessor -load -Xpreprocessor {so}
    -Wl,-plugin,{so}
    -Xlinker -plugin -Xlinker {so}
    -Wa,-load,{so}
    -Xassembler -load -Xassembler {so}
    -Xarch_host -fplugin={so}
    -Xarch_x86_64 -fplugin={so}
    -Xopenmp-target -fplugin={so}
    -Xclang=-load -Xclang={so}
    -Xanalyzer -load -Xanalyzer {so}
    -Xclang -analyzer-config -Xclang plugin={so}
    --config={run}/evil.cfg
    --config {run}/evil.cfg
    --config-user-dir={run} --config=evil.cfg
    --config-system-dir={run} --config=evil.cfg
    --target={run}/evil
    -target {run}/evil
    @{run}/outside.rsp
    @{run}/../{name}/outside.rsp
    @../secret -fplugin={so}
    @inside.rsp
    -D A -fplugin={so}
    -I -fplugin={so}
    -o x.o -fplugin={so} -c
    -fplugin=./{name}.so -fplugin={so}
    -- -fplugin={so}
""".strip().splitlines()  # fmt: skip
RUN = """
    -B {run}
    -B{run}
    -B={run}
    --prefix={run}
    -B {run} -no-integrated-cpp
    -B {run} -fno-integrated-as
    -wrapper {run}/gdb,--args
    -wrapper={run}/gdb,--args
    -specs={run}/evil.specs
    --specs={run}/evil.specs
    -specs {run}/evil.specs
    -fuse-ld={run}/ld
    -fuse-ld=evil -B {run}
    --ld-path={run}/ld
    -ccc-install-dir {run}
    -ccc-gcc-name {run}/gcc
    --gcc-toolchain={run}
    --gcc-install-dir={run}
    -gcc-toolchain {run}
    -resource-dir {run}
    --sysroot={run}
    -isysroot {run}
    -mmcu={run}/evil
    -mmcu=../../{name}
    -march={run}
    -fintegrated-cc1 -B {run}
    -fno-integrated-cc1 -B {run}
    -Wp,-B,{run}
    --ptxas-path={run}/evil --cuda-path={run}
    -fcas-plugin-path={so}
    -fdepscan=daemon -fdepscan-daemon={run}/evil
""".strip().splitlines()
WRITTEN = """
    -o {out}
    -o{out}
    --output={out}
    --output {out}
    -MD
    -MMD
    -MD -MF {out}
    -MD -MF{out}
    -MMD -MF {out} -MT x -MQ y
    -M -MF {out}
    -MJ {out}
    -MJ{out}
    -Wp,-MD,{out}
    -Wp,-MMD,{out}
    -Xpreprocessor -MD -Xpreprocessor {out}
    -dependency-file {out}
    -Xclang -dependency-file -Xclang {out} -Xclang -MT -Xclang x
    -Xclang -dependency-dot -Xclang {out}
    -Xclang -header-include-file -Xclang {out} -H
    -Xclang -sys-header-deps -Xclang -dependency-file -Xclang {out} -Xclang -MT -Xclang x
    -save-temps
    -save-temps=obj
    -save-temps=cwd
    -serialize-diagnostics {out}
    --serialize-diagnostics {out}
    -Xclang -serialize-diagnostic-file -Xclang {out}
    -Xclang -diagnostic-log-file -Xclang {out}
    -ftime-trace
    -ftime-trace={out}
    -Xclang -ftime-trace={out}
    -ftime-report
    -fmodules -fmodules-cache-path={out}
    -fmodules -fimplicit-module-maps -fmodules-cache-path={out}
    -fmodules -fmodules-cache-path={out} -fmodule-name=evil
    -fmodules -fcxx-modules -fmodules-cache-path={out}
    -fmodules -Xclang -fmodules-cache-path={out}
    -fmodules -fmodules-cache-path {out}
    -Xclang -fmodules -Xclang -fimplicit-module-maps -Xclang -fmodules-cache-path={out}
    -fmodules -fmodules-user-build-path {out} -fmodules-cache-path={out}
    -fmodules -fmodules-prune-interval=0 -fmodules-prune-after=0 -fmodules-cache-path={out}
    -fmodule-output={out}
    -std=c++20 -fmodules-ts -fmodule-mapper={run}/evil
    -std=c++20 -fmodules-ts -fmodule-mapper=|{run}/evil
    -std=c++20 --precompile -o {out}
    -index-store-path {out}
    -index-store-path={out} -index-unit-output-path x
    -fcrash-diagnostics-dir={out}
    -fcrash-diagnostics=all -fcrash-diagnostics-dir={out}
    -gen-reproducer
    -gen-reproducer=always
    -Xclang -o -Xclang {out}
    -Xclang -emit-obj -Xclang -o -Xclang {out}
    -Xclang -emit-llvm -Xclang -o -Xclang {out}
    -Xclang -emit-pch -Xclang -o -Xclang {out}
    -Xclang -emit-ast
    -Xclang -emit-html -o {out}
    -Xclang -ast-dump=json
    -Xclang -ast-dump-all
    -Xclang -print-stats
    -Xclang -stats-file={out}
    -Xclang -E -o {out}
    -Xclang -rewrite-macros -o {out}
    -Xclang -fixit
    -Xclang -fixit=fixed
    -Xclang -fixit-recompile
    -Xclang -remap-file -Xclang main.cc;{secret}
    -Xclang -emit-symbol-graph -o {out}
    -emit-ast -o {out}
    -emit-llvm -o {out}
    -emit-pch -o {out}
    -S -o {out}
    -E -o {out}
    -c -o {out}
    --analyze -o {out}
    --analyze -Xclang -analyzer-output=html -o {out}
    -extract-api -o {out}
    -fdump-tree-all
    -fdump-rtl-all={out}
    -fdump-class-hierarchy
    -fdump-lang-all={out}
    -fdump-ada-spec
    -fdump-record-layouts
    -fdump-vtable-layouts
    -dumpdir {out}
    -dumpbase {out} -fdump-tree-original
    -fsave-optimization-record
    -fsave-optimization-record -foptimization-record-file={out}
    -foptimization-record-file={out}
    -Xclang -opt-record-file -Xclang {out}
    -fproc-stat-report
    -fproc-stat-report={out}
    -fprofile-generate={out}
    -fprofile-instr-generate={out}
    -fprofile-dir={out} --coverage
    --coverage -fprofile-note={out}
    -ftest-coverage -fprofile-arcs
    -fcs-profile-generate={out}
    -gsplit-dwarf
    -gsplit-dwarf -dumpdir {out}
    -Xclang -split-dwarf-file -Xclang {out}
    -fcallgraph-info
    -fstack-usage
    -fstats-report={out}
    -save-stats
    -save-stats=obj
    -fthinlto-index={out}
    -flto -fthin-link-bitcode={out}
    -mllvm -time-passes -mllvm -info-output-file={out}
    -mllvm -stats -mllvm -info-output-file={out}
    -mllvm -debug-buffer-size=1 -mllvm -o={out}
    -Xclang -mllvm -Xclang -info-output-file={out} -Xclang -mllvm -Xclang -time-passes
    -fdiagnostics-format=sarif-file
    -fdiagnostics-format=json-file
    -fdiagnostics-add-output=sarif:file={out}
    -fdiagnostics-generate-patch
    -fself-test={out}
    -fcompare-debug
    -fdump-go-spec={out}
    -frandom-seed=1 -fgnat-encodings=all -auxbase-strip {out}
    -aux-info {out}
    -ivfsoverlay {run}/overlay.yaml
    -vfsoverlay {run}/overlay.yaml
    -working-directory {run} -MD
    -working-directory={run} -MD
    -frewrite-includes -o {out}
    -frewrite-map-file={secret}
    -fbuild-session-file={secret}
    -fbuild-session-file={secret} -fmodules-validate-once-per-build-session -fmodules -fmodules-cache-path={out}
    -fdebug-compilation-dir={out} -g
    -ffile-reproducible -fdebug-record-sysroot
    -fapinotes -fapinotes-cache-path={out}
""".strip().splitlines()  # fmt: skip
READ = """
    -include-pch {secret}
    -include-pch={secret}
    -include-pch{secret}
    -Xclang -include-pch -Xclang {secret}
    -include {run}/evil.h -include-pch {secret}
    -fmodule-file={secret}
    -fmodule-file=evil={secret}
    -fmodule-file {secret}
    -fmodule-map-file={secret}
    -fmodule-map-file {secret}
    -fprebuilt-module-path={run}
    -fprofile-use={secret}
    -fprofile-use
    -fprofile-instr-use={secret}
    -fprofile-sample-use={secret}
    -fauto-profile={secret}
    -fprofile-list={secret}
    -fsanitize=address -fsanitize-ignorelist={secret}
    -fsanitize=address -fsanitize-blacklist={secret}
    -fsanitize=address -fsanitize-system-ignorelist={secret}
    -fsanitize-coverage-allowlist={secret} -fsanitize-coverage=edge
    -fsanitize-coverage-ignorelist={secret} -fsanitize-coverage=edge
    -fxray-instrument -fxray-always-instrument={secret}
    -fxray-instrument -fxray-attr-list={secret}
    -fmacro-prefix-map={secret}=x
    -frandomize-layout-seed-file={secret}
    -fembed-bitcode -fembed-offload-object={secret}
    -fthinlto-index={secret}
    -fcuda-include-gpubinary={secret}
    -Xclang -fcuda-include-gpubinary -Xclang {secret}
    -Xclang -foverride-record-layout={secret}
    -Xclang -token-cache -Xclang {secret}
    -Xclang -ast-merge -Xclang {secret}
    -Xclang -code-completion-at=main.cc:1:1
    -Xclang -verify
    -Xclang -disable-free
    -fcoverage-mapping -fprofile-instr-generate -fcoverage-prefix-map={secret}=x
    @{secret}
    @/proc/self/environ
    @/dev/zero
    @pipe.rsp
    @loop.rsp
    -x ir
    -x ast
    -x pcm
    -x c++-module
    -x assembler-with-cpp
    -x cuda
    -x c++-header
    -Xclang -x -Xclang ir
""".strip().splitlines()
COMPILERS = """
    {run}/g++
    {run}/evil
    {run}/ccache g++
    {run}/env X=1 g++
    {run}/nice -n 5 {run}/g++
    ccache {run}/g++
    sccache {run}/evil g++
    env PATH={run} g++
    env LD_PRELOAD={so} g++
    env COMPILER_PATH={run} GCC_EXEC_PREFIX={run}/ g++
    LD_PRELOAD={so} g++
    sh -c {run}/evil
    bash -c {run}/evil g++
    python3 {run}/evil g++
    {run}/../{name}/g++
    ./runs/{name}/g++
    runs/{name}/g++
    g++;{run}/evil
    $({run}/evil)
    `{run}/evil`
    g++|{run}/evil
    /usr/bin/../..{run}/g++
    /usr/bin/env {run}/g++
    xargs {run}/evil
    clang++ --driver-mode=g++ -fplugin={so}
    -fplugin={so} g++
    @inside.rsp
""".strip().splitlines()

UNNAMED = frozenset(
    line.strip()
    for line in """
    -Wl,-plugin,{so}
    -Xlinker -plugin -Xlinker {so}
    -Wa,-load,{so}
    -Xarch_host -fplugin={so}
    -I -fplugin={so}
    -- -fplugin={so}
    --gcc-toolchain={run}
    --gcc-install-dir={run}
    -gcc-toolchain {run}
    -resource-dir {run}
    --sysroot={run}
    -isysroot {run}
    -mmcu={run}/evil
    -mmcu=../../{name}
    -march={run}
""".strip().splitlines()
)
"""Left out without a word: ordinary builds have them, for a linker or an assembler, or they only name a folder."""

HONOURED = frozenset(
    line.strip()
    for line in """
    --config={run}/evil.cfg
    --config {run}/evil.cfg
    --config-user-dir={run} --config=evil.cfg
    --config-system-dir={run} --config=evil.cfg
    -MD
    -MMD
    -MD -MF {out}
    -MD -MF{out}
    -MMD -MF {out} -MT x -MQ y
    -M -MF {out}
    -MJ {out}
    -MJ{out}
    -Wp,-MD,{out}
    -Wp,-MMD,{out}
    -Xclang -dependency-file -Xclang {out} -Xclang -MT -Xclang x
    -Xclang -dependency-dot -Xclang {out}
    -Xclang -header-include-file -Xclang {out} -H
    -Xclang -sys-header-deps -Xclang -dependency-file -Xclang {out} -Xclang -MT -Xclang x
    -fmodules -fmodules-cache-path={out}
    -fmodules -fimplicit-module-maps -fmodules-cache-path={out}
    -fmodules -fcxx-modules -fmodules-cache-path={out}
    -fmodules -Xclang -fmodules-cache-path={out}
    -Xclang -fmodules -Xclang -fimplicit-module-maps -Xclang -fmodules-cache-path={out}
    -fmodules -fmodules-user-build-path {out} -fmodules-cache-path={out}
    -fmodules -fmodules-prune-interval=0 -fmodules-prune-after=0 -fmodules-cache-path={out}
    -working-directory {run} -MD
    -working-directory={run} -MD
    -fbuild-session-file={secret} -fmodules-validate-once-per-build-session -fmodules -fmodules-cache-path={out}
""".strip().splitlines()
)
"""Those by which libclang 18.1.1 writes a file if it is given them as they are. It loads no plugin by any spelling."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One compile command. ``name``: of its unit, without an ending; ``words``: with placeholders."""

    name: str
    words: str
    is_whole: bool = False

    def spelled(self, root: Path) -> list[str]:
        """Its words in a project."""
        given = self.words.format(
            name=self.name,
            so=root / "objects" / f"{self.name}.so",
            run=root / "runs" / self.name,
            out=root / "out" / self.name,
            secret=root.parent / "secret",
        )
        words = given.split(" ")
        return words if self.is_whole else ["g++", *words]


def _entries() -> list[Entry]:
    kinds = {"load": LOADED, "run": RUN, "write": WRITTEN, "read": READ, "compiler": COMPILERS}
    return [
        Entry(f"{kind}{number}", words.strip(), kind == "compiler")
        for kind, lines in kinds.items()
        for number, words in enumerate(lines)
    ]


ENTRIES = _entries()


def write_project(root: Path) -> None:
    """A unit for each entry, and all that its command would load, run and read."""
    for folder in ("objects", "runs", "out"):
        (root / folder).mkdir(parents=True)
    (root.parent / "secret").write_text("-DSECRET --secret\n")
    (root / "evil.h").write_text("#pragma once\nstruct Evil {};\n")
    (root / "module.modulemap").write_text('module evil { header "evil.h" }\n')
    (root / "loop.rsp").write_text("@loop.rsp @loop.rsp\n")
    (root / "inside.rsp").write_text("-fplugin=objects/load0.so -MD -MF out/inside\n")
    os.mkfifo(root / "pipe.rsp")
    (root.parent / "plugin.c").write_text(SOURCE)
    shared = root.parent / "plugin.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shared, root.parent / "plugin.c", "-ldl"], check=True)
    content = shared.read_bytes()
    database = []
    for entry in ENTRIES:
        so = root / "objects" / f"{entry.name}.so"
        so.write_bytes(content)
        runs = root / "runs" / entry.name
        runs.mkdir()
        for name in PROGRAMS:
            (runs / name).write_text(PROGRAM)
            (runs / name).chmod(0o755)
        for name in ("evil.cfg", "outside.rsp"):
            (runs / name).write_text(f"-fplugin={so} -MD -MF {root / 'out' / entry.name}\n")
        (runs / "evil.specs").write_text(
            f"%rename cpp old\n*cpp:\n%(old) -B {runs}\n*cc1plus:\n-fplugin={so}\n"
        )
        (runs / "evil.h").write_text("")
        (root / f"{entry.name}.cc").write_text(f'#include "evil.h"\nEvil {entry.name};\n')
        words = [*entry.spelled(root), "-c", f"{entry.name}.cc"]
        database.append({"directory": str(root), "file": f"{entry.name}.cc", "arguments": words})
    (root / "compile_commands.json").write_text(json.dumps(database))


def names(folder: Path) -> set[str]:
    """Paths of every file and folder."""
    return {
        os.path.join(where, one) for where, folders, files in os.walk(folder) for one in (*folders, *files)
    }


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder: when it was changed, and what is in it."""
    found = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        found[str(path.relative_to(folder))] = (status.st_mtime_ns, content)
    return found


def give_libclang(root: Path, entry: Entry) -> None:
    """Have libclang read a unit with the words of its command as they are, in a process that this may kill."""
    library = libclang()  # not in each child: that would take most of the time
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.chdir(root)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        arguments = [*entry.spelled(root)[1:], "-c"]
        Action(library).run(str(root / f"{entry.name}.cc"), arguments, IndexerCallbacks())
    finally:
        os._exit(0)
