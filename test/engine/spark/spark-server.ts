/** The server that the tests of the Spark engine share: the one at DYNAFRAME_SPARK, or one of this machine. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, EngineSession } from "../../../src/engine/index.js";
import { sparkEngine, sparkLocalEngine } from "../../../src/engine/spark/index.js";
import { requireJava } from "../../../src/engine/spark/local/java.js";
import { sparkJars } from "../../../src/engine/spark/local/spark-jars.js";
import { fileStorage } from "../../../src/storage/file.js";
import { DynaframeError } from "../../../src/types/error.js";

/** As `GlueContext.open` takes it. */
export const sparkAddress = process.env["DYNAFRAME_SPARK"] ?? "spark-local";

export const sparkUnderTest: Engine = sparkAddress.startsWith("sc://") ? sparkEngine(sparkAddress) : sparkLocalEngine;

/** `describe` where there is a Spark to test with; one loud line where there is none. In CI there must be one. */
export const describeSpark: (name: string, tests: () => void) => void = (() => {
  const why = absent();
  if (why === undefined || process.env["CI"] === "true") return describe;
  return (name: string, tests: () => void) => {
    process.stderr.write(`SKIPPED ${name}: ${why}\n`);
    describe.skip(name, tests);
  };
})();

function absent(): string | undefined {
  if (sparkAddress.startsWith("sc://")) return undefined;
  try {
    requireJava();
    sparkJars();
    return undefined;
  } catch (error) {
    return error instanceof DynaframeError ? `${error.message} Run npm run provision.` : String(error);
  }
}

export type OpenedSpark = {
  readonly session: EngineSession;
  readonly directory: string;
  readonly close: () => Promise<void>;
};

export async function openSpark(): Promise<OpenedSpark> {
  const directory = await mkdtemp(join(tmpdir(), "dynaframe-spark-"));
  const session = await sparkUnderTest.open({
    storage: fileStorage(),
    stagingDirectory: join(directory, "staging"),
    threads: 2,
  });
  return {
    session,
    directory,
    close: async () => {
      await session.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
