// Bundles the extension, and the tests that run in its host, into one CommonJS file each: what VS Code's host loads.
import { build } from "esbuild";

const isForTests = process.argv.includes("--tests");

const common = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20", // of VS Code 1.93
  external: ["vscode"],
  // The client library's own builds: its package names the CommonJS one last.
  mainFields: ["module", "main"],
  sourcemap: isForTests ? "inline" : false,
  minify: !isForTests,
  logLevel: "warning",
  logOverride: { "empty-import-meta": "error" },
};

await build({ ...common, entryPoints: ["src/extension.ts"], outfile: "dist/extension.cjs" });
if (isForTests) {
  await build({ ...common, entryPoints: ["test/host/index.ts"], outfile: "dist/host-tests.cjs" });
}
