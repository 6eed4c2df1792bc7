import { printError } from "../../../src/cli/print/error.js";
import { colorStyle, plainStyle } from "../../../src/cli/print/style.js";
import { DynaframeError } from "../../../src/types/error.js";

const error = new DynaframeError("TRUNCATED", "the gzip stream ends early", {
  file: "/data/a.json.gz",
  offset: 1234567,
  hint: "copy the file again",
});

test("code, message, place and hint, without a stack", () => {
  expect(printError(error, plainStyle, false)).toBe(
    "error TRUNCATED: the gzip stream ends early\n  at /data/a.json.gz, byte 1,234,567\n  hint: copy the file again\n",
  );
});

test("the stack and the cause only when asked for", () => {
  const wrapped = new DynaframeError("X", "outer", { cause: new Error("inner") });
  expect(printError(wrapped, plainStyle, false)).not.toContain("inner");
  expect(printError(wrapped, plainStyle, true)).toMatch(
    /error X: outer\n[\s\S]*error\.test\.ts[\s\S]*caused by Error: inner/,
  );
});

test("an error of the system keeps its code, any other is INTERNAL", () => {
  expect(printError(Object.assign(new Error("no room"), { code: "ENOSPC" }), plainStyle, false)).toBe(
    "error ENOSPC: no room\n",
  );
  expect(printError(new TypeError("bug"), plainStyle, false)).toBe("error INTERNAL: bug\n");
});

test("colours only from the style", () => {
  expect(printError(error, colorStyle, false)).toContain("\u001b[31m");
});
