#!/usr/bin/env node
// Packs the tarball as npm would publish it and checks it: publint, arethetypeswrong, what is inside, that both builds
// load from the unpacked copy alone, and how many packages an installation brings.
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const limits = { packages: 60, megabytes: 160 };
const root = dirname(dirname(fileURLToPath(import.meta.url)));
mkdirSync(join(root, ".cache"), { recursive: true });
// inside the root, so that the copy finds its dependencies
const folder = mkdtempSync(join(root, ".cache", "package-"));
const failures = [];

function step(name, check) {
  try {
    const note = check();
    console.log(`ok      ${name}${note ? `: ${note}` : ""}`);
  } catch (error) {
    failures.push(name);
    console.log(`FAILED  ${name}: ${[error.message, error.stdout, error.stderr].filter(Boolean).join("\n").trim()}`);
  }
}

function run(command, args, cwd = root) {
  return execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
}
const node = (args, cwd) => run(process.execPath, args, cwd);

/** Bytes below a path. */
function bytes(path) {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return 0;
  return info.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + bytes(join(path, name)), 0) : info.size;
}

/** Installed production dependencies, other platforms' binaries left out as npm leaves them out. */
function productionPackages() {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== "" && !entry.dev && !entry.devOptional && existsSync(join(root, path)))
    .map(([path]) => path);
}

try {
  const [packed] = JSON.parse(run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder]));
  const tarball = join(folder, packed.filename);
  const installed = join(folder, "node_modules", "dynaframe");
  mkdirSync(installed, { recursive: true });
  run("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));

  step("contents", () => {
    const names = packed.files.map((file) => file.path);
    for (const wanted of [
      "package.json",
      "README.md",
      "LICENSE",
      "CHANGELOG.md",
      "dist/cjs/package.json",
      "dist/esm/THIRD-PARTY-LICENSES.txt",
      manifest.bin.dynaframe.replace("./", ""),
    ]) {
      if (!names.includes(wanted)) throw new Error(`${wanted} is not in the tarball`);
    }
    const stray = names.filter(
      (name) =>
        !/^(dist\/(esm|cjs)\/.*\.(js|d\.ts|json)|dist\/esm\/.*\.js\.map|dist\/esm\/THIRD-PARTY-LICENSES\.txt|package\.json|[A-Z]+(\.md)?)$/.test(
          name,
        ),
    );
    if (stray.length > 0) throw new Error(`not expected in the tarball: ${stray.join(", ")}`);
    return `${names.length} files, ${(packed.size / 1e6).toFixed(2)} MB packed`;
  });
  step("publint", () => {
    const output = node([join(root, "node_modules/publint/src/cli.js"), "run", tarball, "--strict"]);
    if (/\b(Errors|Warnings|Suggestions):/.test(output)) throw new Error(output);
  });
  step("types (arethetypeswrong)", () => {
    node([join(root, "node_modules/@arethetypeswrong/cli/dist/index.js"), tarball]);
  });
  const entries = Object.keys(manifest.exports)
    .filter((entry) => !entry.endsWith(".json"))
    .map((entry) => `dynaframe${entry.slice(1)}`);
  for (const entry of entries) {
    step(`import and require of ${entry} name the same things`, () => {
      const list =
        "console.log(JSON.stringify(Object.keys(m).filter((k) => k !== 'default' && k !== '__esModule' && k !== 'module.exports').sort()))";
      const esm = node(["--input-type=module", "-e", `import * as m from "${entry}"; ${list}`], folder);
      const cjs = node(["--input-type=commonjs", "-e", `const m = require("${entry}"); ${list}`], folder);
      if (esm !== cjs) throw new Error(`import gives ${esm}require gives ${cjs}`);
      if (JSON.parse(esm).length === 0) throw new Error("nothing is exported");
      return `${JSON.parse(esm).length} exports`;
    });
  }
  step("the script of docs/api-tour.md, typed and run, as a module and as CommonJS", () => {
    const [script, printed] = [
      ...readFileSync(join(root, "docs", "api-tour.md"), "utf8").matchAll(/^```(?:ts)?\n(.*?)^```$/gms),
    ].map(([, block]) => block);
    const tour = join(folder, "tour");
    for (const year of ["2023", "2024"])
      cpSync(join(root, "fixtures", "drifting-orders"), join(tour, "data", "orders", `year=${year}`), {
        recursive: true,
        filter: (path) => !path.endsWith("case.json"),
      });
    for (const name of ["tour.mts", "tour.cts"]) writeFileSync(join(tour, name), script);
    writeFileSync(
      join(tour, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noUncheckedIndexedAccess: true,
          exactOptionalPropertyTypes: true,
          module: "NodeNext",
          target: "ES2022",
          types: ["node"],
          skipLibCheck: false,
        },
        files: ["tour.mts", "tour.cts"],
      }),
    );
    // the types of other packages are theirs
    const { stdout } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], {
      cwd: tour,
      encoding: "utf8",
    });
    const ours = stdout.split("\n").filter((line) => /^(tour\.|.*node_modules\/dynaframe\/).*error TS/.test(line));
    if (ours.length > 0) throw new Error(ours.join("\n"));
    for (const name of ["tour.mjs", "tour.cjs"]) {
      const found = node([name, "--JOB_NAME", `of-${name}`, "--target", `./out-${name}`], tour);
      if (found !== printed) throw new Error(`${name} prints\n${found}`);
      rmSync(join(tour, ".dynaframe"), { recursive: true });
    }
  });
  step("command prints its version", () => {
    const printed = node([join(installed, manifest.bin.dynaframe), "--version"], folder).trim();
    if (printed !== manifest.version)
      throw new Error(`--version prints ${printed}, package.json says ${manifest.version}`);
    return printed;
  });
  step("an error that nobody catches is printed readably", () => {
    const line = "import { GlueContext } from 'dynaframe'; await GlueContext.open({ engin: 'duckdb' });";
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", line], {
      cwd: folder,
      encoding: "utf8",
    });
    const widest = Math.max(...stderr.split("\n").map((one) => one.length));
    if (!stderr.includes("has no option engin") || widest > 400)
      throw new Error(`Node prints lines of up to ${widest} characters:\n${stderr.slice(0, 600)}`);
  });
  step("size of an installation", () => {
    const packages = productionPackages();
    const size = (packages.reduce((sum, path) => sum + bytes(join(root, path)), 0) + bytes(installed)) / 1e6;
    const found = `${packages.length + 1} packages, ${size.toFixed(0)} MB`;
    if (packages.length + 1 > limits.packages || size > limits.megabytes)
      throw new Error(`${found}; the limits are ${limits.packages} and ${limits.megabytes}`);
    return found;
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failures.length > 0) {
  console.log(`${failures.length} checks of the package failed`);
  process.exitCode = 1;
}
