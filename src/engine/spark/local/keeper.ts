/**
 * The keeper: a small process that holds the local server, so that it outlives the script that started it and is shared
 * by those that follow. It ends the server when no living process holds a lease for a while. Given to `node -e`, since
 * this package is also bundled and has no file of its own then. Environment: KEEPER (JSON: folder, java, args, port,
 * idle).
 */
export const KEEPER_SOURCE = `
const fs = require("node:fs"), path = require("node:path"), net = require("node:net"), { spawn } = require("node:child_process");
const { folder, java, args, port, idle } = JSON.parse(process.env.KEEPER);
delete process.env.KEEPER;
const log = fs.openSync(path.join(folder, "server.log"), "w", 0o600);
const server = spawn(java, args, { stdio: ["ignore", log, log] });
const state = path.join(folder, "server.json");
let ended = false;
const end = () => {
  if (ended) return;
  ended = true;
  try { fs.rmSync(state, { force: true }); } catch {}
  server.kill("SIGTERM");
  setTimeout(() => { server.kill("SIGKILL"); process.exit(0); }, 5000).unref();
};
server.on("error", (error) => { fs.writeSync(log, String(error)); try { fs.rmSync(state, { force: true }); } catch {} process.exit(1); });
server.on("exit", () => { try { fs.rmSync(state, { force: true }); } catch {} process.exit(0); });
process.on("SIGTERM", end);
process.on("SIGINT", end);
const alive = (pid) => { try { process.kill(pid, 0); return true; } catch (error) { return error.code === "EPERM"; } };
const write = (ready) => {
  fs.writeFileSync(state + ".new", JSON.stringify({ keeper: process.pid, server: server.pid, port, ready, token: process.env.SPARK_CONNECT_AUTHENTICATE_TOKEN }), { mode: 0o600 });
  fs.renameSync(state + ".new", state);
};
write(false);
const probe = () => {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("connect", () => { socket.destroy(); write(true); });
  socket.on("error", () => { if (!ended) setTimeout(probe, 100); });
};
probe();
let since = Date.now();
setInterval(() => {
  let held = false;
  for (const name of fs.readdirSync(folder)) {
    const pid = /^lease-(\\d+)-/.exec(name)?.[1];
    if (pid === undefined) continue;
    if (alive(Number(pid))) held = true;
    else fs.rmSync(path.join(folder, name), { force: true });
  }
  if (held) since = Date.now();
  else if (Date.now() - since > idle) end();
}, 1000);
`;
