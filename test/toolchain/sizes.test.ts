import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import glob from "fast-glob";

const root = join(__dirname, "..", "..");
const files = glob
  .sync("src/**/*.ts", { cwd: root, ignore: ["src/**/generated/**", "src/shapes/wasm/**"], absolute: true })
  .map((file) => ({ file: relative(root, file), lines: readFileSync(file, "utf8").split("\n").length - 1 }))
  .sort((a, b) => a.lines - b.lines);

test("no source file is longer than 480 lines", () => {
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter(({ lines }) => lines > 480)).toEqual([]);
});

test("95 of 100 source files have at most 300 lines", () => {
  const p95 = files[Math.ceil(files.length * 0.95) - 1];
  expect(p95?.lines).toBeLessThanOrEqual(300);
});

test("half of the source files have at most 120 lines", () => {
  expect(files[Math.floor(files.length / 2)]?.lines).toBeLessThanOrEqual(120);
});

test("files are named in kebab case, and for what they hold", () => {
  const wrong = files
    .map(({ file }) => file)
    .filter(
      (file) =>
        !/^(src(\/[a-z0-9-]+)*\/)[a-z0-9-]+(\.d)?\.ts$/.test(file)
        || /(utils?|helpers?|common|manager|impl)\.ts$/.test(file),
    );
  expect(wrong).toEqual([]);
});
