// Bundles the extension, and the tests that run in its host, into one CommonJS file each: what VS Code's host loads.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
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

const built = await build({ ...common, entryPoints: ["src/extension.ts"], outfile: "dist/extension.cjs", metafile: true });
writeFileSync("dist/THIRD-PARTY-NOTICES.txt", notices(Object.keys(built.metafile.inputs)));
if (isForTests) {
  await build({ ...common, entryPoints: ["test/host/index.ts"], outfile: "dist/host-tests.cjs" });
}

/** The licences of the packages that are in the bundle, as these ask for. */
function notices(inputs) {
  const packages = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []));
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`${folder} has no licence: it cannot be bundled`);
    return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
