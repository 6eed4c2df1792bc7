// What every bench imports first: dist is built when the sources are newer, so that no figure is of an older build; and
// NODE_EXTRA_CA_CERTS, whose certificates Node parses at each start (60 to 90 ms for a system's whole bundle), is taken
// out of what the processes under test inherit.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const built = spawnSync(
  process.execPath,
  [fileURLToPath(new URL("../scripts/build.mjs", import.meta.url)), "--if-stale"],
  { stdio: ["ignore", "inherit", "inherit"] },
);
if (built.status !== 0) process.exit(1);
if (process.env.NODE_EXTRA_CA_CERTS !== undefined) {
  console.log("NODE_EXTRA_CA_CERTS is set here and taken out: its certificates are parsed at each start of Node");
  delete process.env.NODE_EXTRA_CA_CERTS;
}
