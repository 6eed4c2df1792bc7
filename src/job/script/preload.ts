/**
 * What runs in a script's process before the script. Arguments come through a pipe (file descriptor 3), so that `ps`
 * does not show them; when the pipe ends, the process that runs the job is gone, and the script ends with it.
 */

export const dataUrl = (source: string): string =>
  `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;

/**
 * A module hook: what a script does not find where it is, it finds where it comes from, and `dynaframe` where this
 * package is.
 */
const resolveFunction = (kind: "" | "async"): string => {
  const wait = kind === "async" ? "await" : "";
  return `${kind} function resolve(name, context, next) {
  try { return ${wait} next(name, context); } catch (error) {
    if (!/^(ERR_)?MODULE_NOT_FOUND$/.test(error.code) || /^[./]|^[a-z]+:/i.test(name)) throw error;
    try { return ${wait} next(name, { ...context, parentURL: data.script }); } catch { /* not there either */ }
    if (data.packages[name]) return { url: data.packages[name], shortCircuit: true };
    throw error;
  }
}`;
};

/**
 * Code that registers it; `data` is an object with `script`, the URL that imports count from, and `packages`, URLs by
 * name.
 */
const REGISTER_HOOK = `
  // hooks in this thread, of Node 22.15 and later, spare a thread, and each import its way there and back
  if (module.registerHooks) { ${resolveFunction("")} module.registerHooks({ resolve }); }
  else module.register(${JSON.stringify(dataUrl(`let data; export function initialize(given) { data = given; } export ${resolveFunction("async")}`))}, { data });
`;

/** ES module that registers the hook. */
export const hookModule = (data: {
  readonly script: string;
  readonly packages: { readonly [name: string]: string };
}): string => dataUrl(`import module from "node:module"; const data = ${JSON.stringify(data)};${REGISTER_HOOK}`);

/** ES module. `DYNAFRAME_SCRIPT_HOOK` is set where imports of the script must be looked for elsewhere too. */
export const NODE_PRELOAD = `
import { readSync } from "node:fs";
import module from "node:module";
import { Socket } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
// Node 22.1 and later keep what they have compiled; in a folder of the user's own, since code is read from it
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "dynaframe", "compiled"));
const bytes = [];
for (const one = Buffer.alloc(1);;) {
  let count;
  try { count = readSync(3, one, 0, 1, null); } catch (error) { if (error.code !== "EAGAIN") throw error; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); continue; }
  if (count === 0 || one[0] === 10) break;
  bytes.push(one[0]);
}
process.argv.push(...JSON.parse(Buffer.from(bytes).toString("utf8") || "[]"));
const pipe = new Socket({ fd: 3, readable: true, writable: false });
const alone = () => { try { process.kill(-process.pid, "SIGKILL"); } catch { process.exit(137); } };
pipe.on("end", alone).on("error", alone).resume().unref();
const hook = process.env.DYNAFRAME_SCRIPT_HOOK;
if (hook) {
  delete process.env.DYNAFRAME_SCRIPT_HOOK;
  const data = JSON.parse(hook);
${REGISTER_HOOK}}
`;

export const PYTHON_PRELOAD = `
import json, os, runpy, signal, sys, threading
pipe = os.fdopen(3, "rb", 0)
line = b""
while not line.endswith(b"\\n"):
    byte = pipe.read(1)
    if not byte: break
    line += byte
def alone():
    while pipe.read(1): pass
    os.killpg(os.getpgid(0), signal.SIGKILL)
threading.Thread(target=alone, daemon=True).start()
script = sys.argv[1]
sys.argv = [script] + json.loads(line or b"[]")
sys.path[0] = os.path.dirname(os.path.abspath(script))
runpy.run_path(script, run_name="__main__")
`;
