"""What the client is asked to tell: files that change on disk, and settings that change."""

import os

from lsprotocol import types

from cpplsp.config import PROJECT_FILE
from cpplsp.lsp.client import SECTION

_CODE = "c,cc,cp,cpp,cppm,cxx,c++,C,h,hh,hp,hpp,hxx,h++,H,inc,inl,ipp,ixx,tcc,tpp,txx,m,mm,cu,cuh,def"
_PROJECT_FILES = ("compile_commands.json", "compile_flags.txt", ".clangd", PROJECT_FILE)

GLOBS = (f"**/*.{{{_CODE}}}", *(f"**/{name}" for name in _PROJECT_FILES))
"""What is watched: code, and what says how it is compiled."""


def file_watcher() -> types.Registration:
    """The request to be told of changed files."""
    watchers = [types.FileSystemWatcher(glob) for glob in GLOBS]
    options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
    return types.Registration("cpplsp-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)


def settings_watcher() -> types.Registration:
    """The request to be told of changed settings."""
    options = types.DidChangeConfigurationRegistrationOptions(SECTION)
    return types.Registration("cpplsp-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, options)


def changes_settings(path: str) -> bool:
    """Whether a file holds settings, so that more than the index depends on it."""
    return os.path.basename(path) == PROJECT_FILE
