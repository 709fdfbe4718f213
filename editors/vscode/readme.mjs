// The README as it is shipped, with its pictures in it: node readme.mjs TO
//
// VS Code's page of an installed extension shows pictures from the web and such as stand in the text, but none that lie
// beside it; and these are on no server yet.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const folder = import.meta.dirname;
const [to] = process.argv.slice(2);
const text = readFileSync(resolve(folder, "README.md"), "utf8");
const shipped = text.replaceAll(/(!\[[^\]]*\]\()([^)]+\.png)\)/g, (_whole, before, picture) => {
  return `${before}data:image/png;base64,${readFileSync(resolve(folder, picture)).toString("base64")})`;
});
writeFileSync(to, shipped);
