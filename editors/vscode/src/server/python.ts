/** What is to be known of Python to install the server: pure. */

/** Programs that may be a Python, in the order of trying: the machine's own first, then the newest. */
export const PYTHONS = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/** Whether `3 11`, as `sys.version_info` begins, is a version that the server runs on. */
export function newEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.trim().split(/\s+/).map(Number);
  return major > 3 || (major === 3 && minor >= 11);
}

/** What went wrong, in a line, by what `venv` or `pip` wrote. */
export function installFailure(output: string): string {
  if (/ensurepip is not available|No module named '?(venv|ensurepip)/.test(output)) {
    return "Python cannot make virtual environments here. On Debian and Ubuntu: apt install python3-venv";
  }
  if (output.includes("No space left on device")) return "the disk is full.";
  if (/NewConnectionError|Could not fetch URL|Temporary failure in name resolution/.test(output)) {
    return "the package index cannot be reached. pip's own configuration (index-url, proxy) holds here, too.";
  }
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== "");
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "it said nothing.").trim();
}
