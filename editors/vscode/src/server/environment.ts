/** The server's own environment: made beside the one that is in use, and put in its place when it works. */

import { lstat, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import * as path from "node:path";

import { installFailure, newEnough, PYTHONS } from "./python.ts";

/** In the environment: which wheel it was made from. */
const STAMP = "cpplsp-wheel.txt";
/** What lies beside the environment for so long is left from a run that was killed. */
const LEFT_AFTER_MS = 3_600_000;

/** Runs a program; its output. Rejects with an error that may have `stdout` and `stderr`. */
export type Run = (command: string, args: readonly string[], signal?: AbortSignal) => Promise<string>;

/** What could not be done; the text is for the person. */
export class InstallError extends Error {}

/** `say`: is told what is done next. `signal`: ends it. */
interface Making {
  run: Run;
  say: (message: string) => void;
  signal: AbortSignal;
}

/** Make an environment from a wheel, and have the link `own` lead to it. What was there works until then, and for good
 *  if it fails or is ended. Returns the folder that nobody needs any more, once what runs from it has ended. */
export async function makeEnvironment(own: string, wheel: string, making: Making): Promise<string | undefined> {
  const { run, say, signal } = making;
  await mkdir(path.dirname(own), { recursive: true });
  const before = await target(own);
  await removeLeft(own, before);
  say("looking for Python");
  const python = await findPython(run);
  // Its programs name it by its path: it is not moved.
  const made = await mkdtemp(`${own}-`);
  try {
    say("making an environment");
    await step(run, python, ["-m", "venv", made], signal);
    say("installing the server and libclang");
    const pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install", wheel];
    await step(run, path.join(made, "bin", "python"), pip, signal);
    await step(run, path.join(made, "bin", "cpplsp"), ["--version"], signal);
    await writeFile(path.join(made, STAMP), path.basename(wheel));
    const now = await target(own);
    if (now !== before && (await installedWheel(own)) === path.basename(wheel)) {
      await rm(made, { recursive: true }); // another window has done the same, and may run it
      return undefined;
    }
    signal.throwIfAborted();
    return await putInPlace(own, made, now);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
}

/** What a program wrote that failed, or why it did not run. */
export function outputOf(error: unknown): string {
  const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
  const output = `${stdout}\n${stderr}`.trim();
  return output === "" ? String(error) : output;
}

/** The wheel that the environment was made from. */
export async function installedWheel(own: string): Promise<string | undefined> {
  return await readFile(path.join(own, STAMP), "utf8").catch(() => undefined);
}

async function putInPlace(own: string, made: string, old: string | undefined): Promise<string | undefined> {
  const link = `${made}.link`;
  await symlink(path.basename(made), link);
  let replaced = old;
  if ((await lstat(own).catch(() => undefined))?.isDirectory() === true) {
    replaced = `${made}.old`; // a folder, where a link is now: as this extension made it at first
    await rename(own, replaced);
  }
  await rename(link, own);
  return replaced;
}

async function step(run: Run, command: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await run(command, args, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new InstallError(installFailure(outputOf(error)));
  }
}

/** The first Python that is new enough: `python3` is the one that most likely has all of its parts. */
async function findPython(run: Run): Promise<string> {
  for (const name of PYTHONS) {
    try {
      if (newEnough(await run(name, ["-c", "import sys; print(*sys.version_info[:2])"]))) return name;
    } catch {
      // There is none of this name, or it does not run: the next one.
    }
  }
  throw new InstallError("Python 3.11 or later is needed, and none is on the PATH. Install it, and try again.");
}

async function target(own: string): Promise<string | undefined> {
  return await realpath(own).catch(() => undefined);
}

async function removeLeft(own: string, used: string | undefined): Promise<void> {
  const folder = path.dirname(own);
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${path.basename(own)}-`));
  for (const left of names.map((name) => path.join(folder, name))) {
    const made = await lstat(left).catch(() => undefined);
    const isOld = made !== undefined && Date.now() - made.mtimeMs > LEFT_AFTER_MS;
    if (isOld && (await target(left)) !== used) await rm(left, { recursive: true, force: true });
  }
}
