-- The index of one project: what was compiled how (unit), what was read (file, version, reading), and
-- what stands where (declaration, occurrence, relation, include).
--
-- Lines and columns are 0-based; columns count bytes of UTF-8 (facts.py). Symbol ids are signed 64-bit
-- hashes (worker/identity.py): the same symbol has the same id in every file, so facts of two files meet
-- without looking each other up. Nothing refers to a symbol table: a symbol is what its declarations say.
--
-- A fact belongs to a *shard*: what one reading of one content of one file found. Two ways of reading a header
-- (contexts) that find the same share one shard. Facts are replaced by putting a new shard in place of an
-- old one, in one transaction: no reader sees half of a file.

-- What is remembered between runs, by name (store/units.py and store/totals.py say which).
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Every file that was read. Paths are relative to a named root, so that a cache can move (paths.py).
CREATE TABLE file (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: who remembers one does not meet another file
  root     TEXT NOT NULL,       -- 'project', 'database' (folder of the compile database), 'resource' (clang's headers), 'system' (/)
  path     TEXT NOT NULL,       -- relative to that root, '/' as separator
  -- What the file looked like on disk when its content was last hashed: avoids hashing, proves nothing.
  -- All NULL: hash it at the next look.
  size     INTEGER,
  mtime_ns INTEGER,
  inode    INTEGER,
  current  INTEGER,             -- the version that the disk then had; NULL: gone, or never looked at
  UNIQUE (root, path)
);

-- A content that a file was seen to have.
CREATE TABLE version (
  id      INTEGER PRIMARY KEY,
  file    INTEGER NOT NULL,
  content BLOB NOT NULL,        -- BLAKE2b, 16 bytes
  guarded INTEGER NOT NULL DEFAULT 0,  -- 1: a guard makes including it a second time mean nothing
  UNIQUE (file, content)
);

-- A translation unit: a file, and what libclang is given to read it. Streamed from the compile database and never
-- held whole in memory. A unit with other arguments is another unit.
CREATE TABLE unit (
  id             INTEGER PRIMARY KEY,
  file           INTEGER NOT NULL,  -- its main file
  arguments_hash BLOB NOT NULL,     -- BLAKE2b-16 of directory and arguments, roots replaced: a moved project keeps it
  ordinal        INTEGER NOT NULL,  -- place in the compile database: the order of indexing
  directory      TEXT NOT NULL,     -- with placeholders for roots (paths.Roots.generalise)
  arguments      BLOB NOT NULL,     -- zlib of the arguments, each ended by U+0000 U+0001, with placeholders for roots
  context        TEXT NOT NULL,     -- the way of reading: language, standard, target, macros
  seen           INTEGER NOT NULL,  -- which reading of the database last had it
  adopted        INTEGER NOT NULL DEFAULT 0,  -- 1: not in the database, read by itself as its neighbours are (store/adoption.py)
  state          INTEGER NOT NULL DEFAULT 0,  -- facts.UnitState
  error          TEXT NOT NULL DEFAULT '',    -- the first error (a missing header before others), or why it could not be read
  errors         INTEGER NOT NULL DEFAULT 0,
  cpu_s          REAL,
  peak_bytes     INTEGER,           -- unshared memory of the worker in it
  unfit          TEXT NOT NULL DEFAULT '',  -- why it was read without the prelude of its context
  dependencies   BLOB,              -- zlib of uint32 version ids: all it was made from; NULL: never read
  shapes         BLOB,              -- zlib of uint32 shape ids: of which files it skipped what
  UNIQUE (file, arguments_hash)
);

-- Headers that units of one context share, precompiled: the files are in the folder preludes/ beside the index.
CREATE TABLE prelude (
  context TEXT PRIMARY KEY,
  name    TEXT NOT NULL,        -- of its files, without an ending; '' where the units go without
  reason  TEXT NOT NULL,        -- why they go without, or which headers were left out
  choice  BLOB NOT NULL,        -- BLAKE2b-16 of what it was made of: if that changes, it is worth another try
  maker   TEXT NOT NULL,        -- which headers were wanted, and by what it was built: others are of no use
  headers INTEGER NOT NULL,     -- how many files it holds
  bytes   INTEGER NOT NULL,     -- on disk
  cpu_s   REAL NOT NULL,        -- of building it
  known   INTEGER NOT NULL,     -- of how many units it was known what they read
  facts   INTEGER NOT NULL DEFAULT 0,  -- of the sample's main files, without it
  lost    INTEGER NOT NULL DEFAULT 0,  -- of these, with it
  gained  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- What a unit's preprocessor skipped of a content of a file of the project: no row where that is nothing.
CREATE TABLE shape (
  id      INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  skipped BLOB NOT NULL,          -- ranges of byte offsets (shapes.py)
  UNIQUE (version, skipped)
);

-- What a reading of a file found.
CREATE TABLE shard (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,  -- it keeps it when it is put away and back
  file    INTEGER NOT NULL,
  version INTEGER NOT NULL,
  digest  BLOB NOT NULL,          -- BLAKE2b-16 of the facts: equal readings share a shard; empty for partial ones
  wide    BLOB NOT NULL DEFAULT x'',  -- characters outside ASCII (columns.py)
  UNIQUE (file, version, digest)
);

-- Which shard holds for a file read in a context, in a shape: it is served until others take its place. No reading
-- of a file in a context has compiled all that another has. (Its key comes first: SQLite 3.40 mistakes one column for
-- another when it checks a table WITHOUT ROWID that has them in another order, and finds fault with every row.)
CREATE TABLE reading (
  file    INTEGER NOT NULL,
  context TEXT NOT NULL,          -- '' for partial shards (files outside the project)
  shape   INTEGER NOT NULL DEFAULT 0,  -- 0: nothing was skipped
  shard   INTEGER NOT NULL,
  teller  INTEGER NOT NULL DEFAULT 0,  -- the unit that told it, negative when that is in doubt (store/doubts.py); 0: no one unit
  PRIMARY KEY (file, context, shape)
) WITHOUT ROWID;
CREATE INDEX reading_by_shard ON reading (shard);

CREATE TABLE declaration (
  shard        INTEGER NOT NULL,
  line         INTEGER NOT NULL,  -- of the name
  col          INTEGER NOT NULL,
  symbol       INTEGER NOT NULL,
  name         TEXT NOT NULL,
  kind         INTEGER NOT NULL,  -- facts.Kind
  definition   INTEGER NOT NULL,
  begin_line   INTEGER NOT NULL,  -- of the whole declaration, end exclusive
  begin_col    INTEGER NOT NULL,
  end_line     INTEGER NOT NULL,
  end_col      INTEGER NOT NULL,
  scope        TEXT NOT NULL,     -- qualified name of what it stands in
  container    INTEGER NOT NULL,  -- symbol id of what it stands in, 0: the file
  local        INTEGER NOT NULL,  -- in a function's body or parameter list
  type         TEXT NOT NULL,     -- of a value; what a function returns; what an alias stands for
  value        TEXT NOT NULL,     -- of an enumerator or a constant
  type_symbol  INTEGER NOT NULL,  -- symbol id of what the type is made of, 0: none
  traits       INTEGER NOT NULL,  -- facts.Trait
  PRIMARY KEY (shard, line, col, symbol)
) WITHOUT ROWID;
CREATE INDEX declaration_by_symbol ON declaration (symbol);
-- Symbols by name: each that is no local, once (store/candidates.py). It is what a search chooses from.
CREATE TABLE candidate (
  id     INTEGER PRIMARY KEY,     -- from 0 in the order of finding: the symbol's place in the bits below
  symbol INTEGER NOT NULL,
  name   TEXT NOT NULL,
  scope  TEXT NOT NULL,
  base   INTEGER NOT NULL         -- what speaks against it, its use left aside; -1: nobody searches for it
);
CREATE UNIQUE INDEX candidate_by_symbol ON candidate (symbol);
CREATE INDEX candidate_by_name ON candidate (name);

-- Which candidates have a feature (store/features.py), a bit each: what has several is the intersection of a few blobs.
CREATE TABLE feature (
  id   INTEGER PRIMARY KEY,       -- 4096 * the feature's number + a block: 0 are the first 32,000 candidates
  bits BLOB NOT NULL              -- the lowest id first, from the lowest bit of a byte; zeros at the end are left out
);

CREATE TABLE occurrence (
  shard     INTEGER NOT NULL,
  line      INTEGER NOT NULL,
  col       INTEGER NOT NULL,
  symbol    INTEGER NOT NULL,
  length    INTEGER NOT NULL,     -- bytes; an occurrence never spans lines
  roles     INTEGER NOT NULL,     -- facts.Role
  enclosing INTEGER NOT NULL,     -- symbol id of what it stands in (facts.Occurrence), 0: the file
  PRIMARY KEY (shard, line, col, symbol)
) WITHOUT ROWID;
CREATE INDEX occurrence_by_symbol ON occurrence (symbol);

CREATE TABLE relation (
  shard    INTEGER NOT NULL,
  subject  INTEGER NOT NULL,
  relation INTEGER NOT NULL,      -- facts.Relation
  object   INTEGER NOT NULL,
  PRIMARY KEY (shard, subject, relation, object)
) WITHOUT ROWID;
CREATE INDEX relation_by_object ON relation (object);

CREATE TABLE include (
  shard  INTEGER NOT NULL,
  line   INTEGER NOT NULL,
  target INTEGER NOT NULL,        -- file
  PRIMARY KEY (shard, line, target)
) WITHOUT ROWID;
CREATE INDEX include_by_target ON include (target);

-- What was, and may be again: a branch and back, a stash. store/history.py writes it and keeps it within bounds,
-- store/kept.py packs and unpacks facts, store/revival.py puts back what holds again. Nobody else asks for it.

-- How units fared before, with the same arguments, on other contents.
CREATE TABLE past (
  id             INTEGER PRIMARY KEY,  -- the highest is the latest
  file           INTEGER NOT NULL,
  arguments_hash BLOB NOT NULL,
  context        TEXT NOT NULL,
  state          INTEGER NOT NULL,     -- this and what follows: as in unit
  error          TEXT NOT NULL,
  errors         INTEGER NOT NULL,
  cpu_s          REAL,
  peak_bytes     INTEGER,
  unfit          TEXT NOT NULL,
  dependencies   BLOB NOT NULL,
  shapes         BLOB,
  -- zlib of uint32, shape and shard in turns: the readings in its context of the files that it read. One content says
  -- other things on other headers. NULL: still to be noted, as long as they are all in place.
  readings       BLOB,
  is_open        INTEGER NOT NULL DEFAULT 0  -- 1: the unit is as it was, but what tells of its headers may be replaced
);
CREATE INDEX past_by_unit ON past (file, arguments_hash);
CREATE INDEX past_open ON past (id) WHERE is_open = 1;

-- Readings of each version that no longer hold, the last ones. The shard is in place, if another reading holds it, or
-- in kept.
CREATE TABLE kept_reading (
  version INTEGER NOT NULL,
  context TEXT NOT NULL,
  shape   INTEGER NOT NULL,
  shard   INTEGER NOT NULL,
  PRIMARY KEY (version, context, shape)
) WITHOUT ROWID;

-- Shards that no reading held any longer.
CREATE TABLE kept (
  id      INTEGER PRIMARY KEY,    -- of the shard
  version INTEGER NOT NULL,
  digest  BLOB NOT NULL,
  wide    BLOB NOT NULL,
  used    INTEGER NOT NULL,       -- the lowest was needed longest ago
  UNIQUE (version, digest)
);
CREATE INDEX kept_by_use ON kept (used);
CREATE TABLE kept_facts (
  kept  INTEGER NOT NULL,
  facts BLOB NOT NULL             -- zlib of a kept.Part in msgpack: some of the shard's rows
);
CREATE INDEX kept_facts_by_kept ON kept_facts (kept);

-- Triggers, so that no place that deletes a unit or a reading has to think of it.
CREATE TRIGGER unit_goes BEFORE DELETE ON unit WHEN OLD.dependencies IS NOT NULL AND OLD.state IN (1, 2)
AND NOT EXISTS (SELECT 1 FROM past WHERE file = OLD.file AND arguments_hash = OLD.arguments_hash
                AND context = OLD.context AND dependencies = OLD.dependencies) BEGIN
  INSERT INTO past (file, arguments_hash, context, state, error, errors, cpu_s, peak_bytes, unfit, dependencies, shapes)
  VALUES (OLD.file, OLD.arguments_hash, OLD.context, OLD.state, OLD.error, OLD.errors, OLD.cpu_s, OLD.peak_bytes,
          OLD.unfit, OLD.dependencies, OLD.shapes);
END;
-- What a unit with errors told (store/doubts.py).
CREATE TRIGGER unit_with_errors_goes BEFORE DELETE ON unit WHEN OLD.state = 2 BEGIN
  UPDATE reading SET teller = -OLD.id WHERE teller = OLD.id;
END;
-- What is there is no past. (Only the end of a unit writes its dependencies.)
CREATE TRIGGER unit_ends AFTER UPDATE OF dependencies ON unit WHEN NEW.dependencies IS NOT NULL BEGIN
  DELETE FROM past WHERE file = NEW.file AND arguments_hash = NEW.arguments_hash AND context = NEW.context
  AND dependencies = NEW.dependencies;
  UPDATE past SET is_open = 0 WHERE file = NEW.file AND arguments_hash = NEW.arguments_hash AND is_open = 1;
END;
-- What a unit with errors told is kept with that unit's outcome only.
CREATE TRIGGER reading_goes BEFORE DELETE ON reading WHEN OLD.context <> '' AND OLD.teller >= 0
AND NOT EXISTS (SELECT 1 FROM unit WHERE id = OLD.teller AND state = 2) BEGIN
  INSERT OR REPLACE INTO kept_reading (version, context, shape, shard)
  SELECT version, OLD.context, OLD.shape, OLD.shard FROM shard WHERE id = OLD.shard;
END;
CREATE TRIGGER reading_changes BEFORE UPDATE OF shard ON reading WHEN OLD.context <> '' AND OLD.teller >= 0
AND NOT EXISTS (SELECT 1 FROM unit WHERE id = OLD.teller AND state = 2) BEGIN
  INSERT OR REPLACE INTO kept_reading (version, context, shape, shard)
  SELECT version, OLD.context, OLD.shape, OLD.shard FROM shard WHERE id = OLD.shard;
END;
