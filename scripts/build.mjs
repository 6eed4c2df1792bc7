#!/usr/bin/env node
// Builds the package: generated scanner modules, then dist/esm and dist/cjs. `--if-stale` does nothing when dist is
// newer than everything it is made of. The result is swapped in whole, so a reader never sees half a build.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const stamp = at("dist", "cjs", "package.json"); // written last, dated when the build began
const inputs = [
  "src",
  "scripts/build.mjs",
  "scripts/build-wasm.mjs",
  "tsconfig.json",
  "tsconfig.build.json",
  "tsconfig.cjs.json",
  "package.json",
];

function newest(path) {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return 0;
  if (!info.isDirectory()) return info.mtimeMs;
  // the folder's own time tells about removed files; generated modules are an output
  return readdirSync(path)
    .filter((name) => name !== "generated")
    .reduce((latest, name) => Math.max(latest, newest(join(path, name))), info.mtimeMs);
}

function run(script, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${script} ${args.join(" ")} ended with ${signal ?? code}`)),
    );
  });
}

/**
 * Puts the finished build in place; another build may be doing the same, so try again when its `dist` came in between.
 */
function swapIn(out) {
  const old = at(".cache", `old-${process.pid}`);
  for (let attempt = 1; ; attempt++) {
    try {
      if (existsSync(at("dist"))) renameSync(at("dist"), old);
      renameSync(out, at("dist"));
      break;
    } catch (error) {
      if (attempt === 5) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
}

/**
 * Packages of many small CommonJS files (DuckDB's API is 150, ajv 61, fast-glob with its own 57): joined into ours,
 * loading them takes a third.
 */
const JOINED = ["@duckdb/node-api", "ajv", "commander", "fast-glob", "fzstd", "ts-pattern"];

/**
 * White space, comments and names of variables go, names of functions and classes stay: Node parses two fifths less at
 * each start, and a stack trace reads as before. The maps beside the files have the lines. See
 * docs/decisions/0191-minified-with-names.md.
 */
const SHORTER = {
  compress: { keepNames: { function: true, class: true } },
  mangle: { toplevel: true, keepNames: { function: true, class: true } },
  codegen: { removeWhitespace: true, legalComments: "none" },
};

/**
 * Joins the ES modules and the packages above; declarations stay. What the library loads at once is one file (two,
 * where the command loads a part of it too), what is imported lazily stays apart. Loading 330 files took 160 ms of a
 * process that reads a 1 MB file in 300, and 80 chunks still 50 ms. See docs/decisions/0150-packages-joined.md.
 */
async function bundleModules(folder) {
  const { rolldown } = await import("rolldown");
  const bundled = `${folder}-bundled`;
  const entries = ["index", "testing/index", "cli/main"].filter((name) => existsSync(join(folder, `${name}.js`)));
  const input = Object.fromEntries(entries.map((name) => [name, join(folder, `${name}.js`)]));
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(at("package.json"), "utf8"));
  const outside = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !JOINED.includes(name));
  const files = new Set();
  const options = {
    platform: "node",
    external: (id) =>
      ![NATIVE, ...WHEN_USED, ...NODE_WHEN_USED].includes(id)
      && outside.some((name) => id === name || id.startsWith(`${name}/`)),
    checks: { ineffectiveDynamicImport: false }, // lazy for the command, at once for the library
    plugins: [
      nativeDuckdb,
      lazyDuckdb,
      whenUsed,
      nodeWhenUsed,
      {
        name: "files",
        moduleParsed: ({ id }) => {
          files.add(id);
        },
      },
    ],
  };
  const library = await loadedAtOnce(rolldown, options, input.index);
  const command = "cli/main" in input ? await loadedAtOnce(rolldown, options, input["cli/main"]) : new Set();
  const staging = await loadedAtOnce(rolldown, options, join(folder, "shapes", "shred", "shred-json.js"));
  const bundle = await rolldown({ ...options, input });
  await bundle.write({
    dir: bundled,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    minify: SHORTER,
    sourcemap: true,
    sourcemapPathTransform: (path, map) => relative(folder, resolve(dirname(map), path)),
    codeSplitting: {
      groups: [
        { name: "shared", test: (id) => library.has(id) && command.has(id) },
        { name: "library", test: (id) => library.has(id) },
        { name: "staging", test: (id) => staging.has(id) },
      ],
    },
  });
  await bundle.close();
  for (const name of readdirSync(bundled, { recursive: true }))
    if (name.endsWith(".js")) await toAscii(join(bundled, name));
  for (const name of readdirSync(folder, { recursive: true })) if (name.endsWith(".js")) rmSync(join(folder, name));
  cpSync(bundled, folder, { recursive: true });
  rmSync(bundled, { recursive: true, force: true });
  writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), licensesOf([...files]));
}

/**
 * Characters of a line of the built modules, about: Node shows the whole line that threw where nobody catches an error.
 */
const LINE = 120;

/**
 * Escapes what is not ASCII, in the source map too: a file with one such character is held and compiled as text of two
 * bytes a character.
 */
async function toAscii(file) {
  const { transform } = await import("esbuild");
  if (!existsSync(`${file}.map`)) return; // only names others
  const inline = `//# sourceMappingURL=data:application/json;base64,${readFileSync(`${file}.map`).toString("base64")}\n`;
  const { code, map } = await transform(readFileSync(file, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, inline), {
    charset: "ascii",
    format: "esm",
    legalComments: "none",
    lineLimit: LINE,
    minifyWhitespace: true,
    sourcemap: "external",
    target: "node20",
  });
  writeFileSync(file, `${code}//# sourceMappingURL=${basename(file)}.map\n`);
  writeFileSync(`${file}.map`, map);
}

/**
 * The usual place of DuckDB's native part at once. Its package looks first whether the system is built on musl, for
 * which it loads `node:child_process`: a tenth of the time to a first result. Where the usual file is missing or does
 * not load, the package decides.
 */
const NATIVE = "@duckdb/node-bindings";
const nativeDuckdb = {
  name: "native-duckdb",
  resolveId: (id) => (id === NATIVE ? "\0duckdb-native.cjs" : undefined),
  load: (id) =>
    id === "\0duckdb-native.cjs"
      ? `
    let native;
    try { native = require("${NATIVE}-" + process.platform + "-" + process.arch + "/duckdb.node"); } catch { native = require("${NATIVE}/duckdb.js"); }
    module.exports = native;`
      : undefined,
};

/**
 * Modules of DuckDB's package are run when something of them is used: of its 150, a session needs 40 (its index names
 * what each has, so that asking for one does not run the others). The package is CommonJS as its compiler writes it:
 * `const X_1 = require("./X")`, used as `X_1.name`.
 */
const LAZY = /node_modules\/@duckdb\/node-api\/lib\/.*\.js$/;
const lazyDuckdb = {
  name: "lazy-duckdb",
  transform: {
    filter: { id: LAZY },
    handler(code, id) {
      const namesIn = createRequire(id);
      // whole and in its own order: its modules need each other, and not every one can be the first
      namesIn("@duckdb/node-api");
      const found = [];
      const lazy = code
        .replace(
          /^__exportStar\(require\("(\.[^"]+)"\), exports\);$/gm,
          (_, path) =>
            `for (const name of ${JSON.stringify(Object.keys(namesIn(path)))}) Object.defineProperty(exports, name, { configurable: true, enumerable: true, get: () => require("${path}")[name] });`,
        )
        .replace(/^const (\w+_\d+) = require\("(\.[^"]+)"\);$/gm, (_, name, path) => {
          found.push(name);
          return `const ${name} = () => require("${path}");`;
        });
      // no line moves: the map of before holds
      return {
        code: found.reduce(
          (text, name) => text.replaceAll(new RegExp(`\\b${name}\\.(\\w+)`, "g"), `(${name}().$1)`),
          lazy,
        ),
        map: null,
      };
    },
  },
};

/**
 * Packages that only synchronous calls use, so that no `import()` can bring them: required from where they are
 * installed when something of them is used first. croner is needed by schedules only and is a thirtieth of what the
 * library would load at once.
 */
const WHEN_USED = ["croner"];
const whenUsed = {
  name: "when-used",
  resolveId: (id, importer) =>
    !WHEN_USED.includes(id)
      ? undefined
      : importer?.startsWith("\0when-used:")
        ? { id, external: true }
        : `\0when-used:${id}.cjs`,
  load: (id) => {
    const name = /^\0when-used:(.*)\.cjs$/.exec(id)?.[1];
    if (name === undefined) return undefined;
    const exported = Object.keys(createRequire(import.meta.url)(name)).filter((of) => of !== "default");
    return exported
      .map(
        (of) =>
          `Object.defineProperty(exports, ${JSON.stringify(of)}, { enumerable: true, get: () => require("${name}")[${JSON.stringify(of)}] });`,
      )
      .join("\n");
  },
};

/**
 * Modules of Node that no first result needs, and that take others with them: crypto and zlib all streams. Their
 * functions get the module when they are called. Classes and constants are not given by name, so that importing one
 * fails the build.
 */
const NODE_WHEN_USED = ["node:crypto", "node:zlib"];
const nodeWhenUsed = {
  name: "node-when-used",
  resolveId: (id) => (NODE_WHEN_USED.includes(id) ? `\0${id}-when-used.mjs` : undefined),
  load: (id) => {
    const name = NODE_WHEN_USED.find((of) => id === `\0${of}-when-used.mjs`);
    if (name === undefined) return undefined;
    const functions = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name))).filter(
      ([of, { value }]) => typeof value === "function" && /^[a-z]/.test(of),
    );
    return [
      `const whenUsed = () => process.getBuiltinModule("${name}");`,
      ...functions.map(([of]) => `export const ${of} = (...given) => whenUsed().${of}(...given);`),
      "export default new Proxy({}, { get: (_, name) => whenUsed()[name] });",
    ].join("\n");
  },
};

/** The modules that an entry imports, and these in turn, without those behind `import()`. */
async function loadedAtOnce(rolldown, options, entry) {
  const found = new Set();
  const bundle = await rolldown({
    ...options,
    input: entry,
    plugins: [
      ...options.plugins,
      {
        name: "loaded-at-once",
        buildEnd() {
          const waiting = [entry];
          for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
            if (found.has(id)) continue;
            found.add(id);
            waiting.push(...(this.getModuleInfo(id)?.importedIds ?? []));
          }
        },
      },
    ],
  });
  await bundle.generate({ format: "esm" });
  await bundle.close();
  return found;
}

/** The licence texts of the packages whose files were joined; a package without one fails the build. */
function licensesOf(files) {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  return [...folders]
    .sort()
    .map((folder) => {
      const name = readdirSync(folder).find((file) => /^licen[sc]e/i.test(file));
      if (name === undefined) throw new Error(`${folder} has no licence file; it cannot be joined`);
      const { name: of, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      return `${of} ${version}\n\n${readFileSync(join(folder, name), "utf8").trim()}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

async function build() {
  const started = Date.now() / 1000;
  await run(at("scripts", "build-wasm.mjs"));
  mkdirSync(at(".cache"), { recursive: true });
  const out = at(".cache", `dist-${process.pid}`);
  const tsc = at("node_modules", "typescript", "bin", "tsc");
  try {
    await Promise.all([
      run(tsc, "-p", at("tsconfig.build.json"), "--outDir", join(out, "esm")),
      run(tsc, "-p", at("tsconfig.cjs.json"), "--outDir", join(out, "cjs")),
    ]);
    rmSync(join(out, "cjs", "cli"), { recursive: true, force: true }); // the command is ESM only
    await bundleModules(join(out, "esm"));
    const cli = join(out, "esm", "cli", "main.js");
    if (existsSync(cli)) chmodSync(cli, 0o755);
    writeFileSync(join(out, "cjs", "package.json"), '{ "type": "commonjs" }\n');
    utimesSync(join(out, "cjs", "package.json"), started, started);
    swapIn(out);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const built = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const fresh =
  built > Math.max(...inputs.map((input) => newest(at(input))))
  && [["shapes"], ["dynamicframe", "udf"]].every((folder) => existsSync(at("src", ...folder, "generated")));
if (!(process.argv.includes("--if-stale") && fresh)) {
  try {
    await build();
  } catch (error) {
    console.error(`build failed: ${error.message}`);
    process.exitCode = 1;
  }
}
