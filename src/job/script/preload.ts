/**
 * What runs in a script's process before the script. Arguments come through a pipe (file descriptor 3), so that `ps` does not show them; when
 * the pipe ends, the process that runs the job is gone, and the script ends with it.
 */

/** ES module. `DYNAFRAME_SCRIPT_HOOK` is set where imports of the script must be looked for elsewhere too. */
export const NODE_PRELOAD = `
import { readSync } from "node:fs";
import { register } from "node:module";
import { Socket } from "node:net";
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
if (hook) { delete process.env.DYNAFRAME_SCRIPT_HOOK; const { url, data } = JSON.parse(hook); register(url, { data }); }
`;

/** A module hook: what a script does not find where it is, it finds where it comes from, and \`dynaframe\` where this package is. */
export const RESOLVE_HOOK = `
let data;
export async function initialize(given) { data = given; }
export async function resolve(name, context, next) {
  try { return await next(name, context); } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND" || /^[./]|^[a-z]+:/i.test(name)) throw error;
    try { return await next(name, { ...context, parentURL: data.script }); } catch { /* not there either */ }
    if (data.packages[name]) return { url: data.packages[name], shortCircuit: true };
    throw error;
  }
}
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

export const dataUrl = (source: string): string => `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;
